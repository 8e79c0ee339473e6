"""The page's templates, and what may run in it: its own style and script, by their hashes, and nothing else."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from gracekeeper.reports.style import printable

if TYPE_CHECKING:
    from gracekeeper.reports.html.timelines import Drawn

_PACKAGE: Final = "gracekeeper.reports.html"
_QUOTED: Final = re.compile(r"`([^`]+)`")
_ICON: Final = "img-src data:"  # the page's own, written in its head


@cache
def environment() -> Environment:
    """Templates that escape whatever is put into them."""
    found = Environment(
        loader=PackageLoader(_PACKAGE, ""),
        autoescape=True,
        finalize=_printable,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    found.filters["prose"] = _prose
    found.filters["timeline"] = _timeline
    found.globals = {"style": asset("page.css"), "script": asset("page.js")}
    return found


@cache
def asset(name: str) -> Markup:
    """A file of our own, as it stands in the page."""
    return Markup(files(_PACKAGE).joinpath(name).read_text(encoding="utf-8"))  # noqa: S704 - ours, no manifest's


def content_security_policy(*, script: str = "page.js") -> str:
    """What the browser is to allow the page, whatever a manifest smuggled in: its own style and script alone."""
    style, code = (_hash(asset(name)) for name in ("page.css", script))
    return f"default-src 'none'; style-src {style}; script-src {code}; {_ICON}; base-uri 'none'; form-action 'none'"


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@lru_cache(maxsize=1 << 10)  # as many as are drawn once for all that start and stop alike
def _timeline(drawn: Drawn) -> Markup:
    return Markup(environment().get_template("timeline.html").render(drawn=drawn))  # noqa: S704 - escaped there


def _prose(text: str) -> Markup:
    """A sentence whose words in backticks are code."""
    return Markup(_QUOTED.sub(r"<code>\1</code>", str(escape(_printable(text)))))  # noqa: S704 - escaped before


def _printable(value: object) -> object:
    """A text without control characters, and without characters that UTF-8 cannot write."""
    if type(value) is not str or (value.isascii() and value.isprintable()):
        return value
    return printable(value).encode("utf-8", "replace").decode()
