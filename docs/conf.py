"""How `make docs` builds the documentation site: its pages are the Markdown files of this folder, as they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "Gracekeeper"
copyright = "The Gracekeeper authors"
extensions = ["myst_parser", "sphinx_copybutton"]
exclude_patterns = ["_build"]
root_doc = "index"
source_suffix = {".md": "markdown"}
myst_heading_anchors = 4
# What is quoted is quoted to the letter: no dash is made of `--`.
smartquotes = False
highlight_language = "text"
nitpicky = True

html_theme = "furo"
html_title = "Gracekeeper"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
pygments_style = "friendly"
pygments_dark_style = "github-dark"
copybutton_prompt_text = "$ "
copybutton_only_copy_prompt_lines = True

_CATALOGUES = ("rules/README", "servers/README")
_CONTENTS = "\n```{toctree}\n:hidden:\n:glob:\n\n*\n```\n"


def setup(app: Sphinx) -> None:
    """Put each rule and each server below its catalogue."""
    app.connect("source-read", _add_contents)


def _add_contents(_: Sphinx, page: str, source: list[str]) -> None:
    # Where Markdown is read as it stands, such a directive would be in the way.
    if page in _CATALOGUES:
        source[0] += _CONTENTS
