"""What COPY and ADD bring into an image: which paths, from where."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Final

from e2b_dockerfile_utils import chomp_heredoc_content
from msgspec import Struct

from gracekeeper.images.dockerfile.paths import below, joined_path
from gracekeeper_policies.provenance import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from e2b_dockerfile_utils import DockerfileHeredoc, DockerfileInstruction

    from gracekeeper.images.dockerfile.variables import Value, Variables

_REMOTE: Final = ("http://", "https://", "git@", "ssh://")
_ARCHIVES: Final = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".txz", ".tar.zst")


WRITTEN: Final = "<<"
"""The origin of a file whose content the Dockerfile holds."""


class Copy(Struct, frozen=True):
    """One source and where it comes to lie, both cleaned.

    `source` is a path of the build's context, or of the stage or image `origin`; `text` is there instead where a
    here-document holds the content. `into` says that the target is a folder; otherwise it may be one.
    """

    source: str
    target: str
    into: bool = False
    origin: str = ""
    text: str | None = None
    keeps_parents: bool = False

    def origins(self, path: str) -> Iterator[str]:
        """The paths whose content may lie at `path` of the image: as a file, and in a folder."""
        name = self.source if self.keeps_parents else posixpath.basename(self.source)
        as_file = f"{self.target.rstrip('/')}/{name.lstrip('/')}"
        if path == as_file or (path == self.target and not self.into):
            yield self.source
        inside = below(path, as_file if self.keeps_parents else self.target)
        if inside:
            yield posixpath.join(self.source, inside)

    def place(self, path: str) -> str:
        """Where a file of the context most likely comes to lie: the source itself, or a file below it."""
        if self.keeps_parents:
            return posixpath.join(self.target, path)
        if path != self.source:
            return posixpath.join(self.target, path[len(self.source) :].lstrip("/"))
        renamed = not self.into and posixpath.splitext(self.target)[1] == posixpath.splitext(path)[1]
        return self.target if renamed else posixpath.join(self.target, posixpath.basename(path))


def copies(instruction: DockerfileInstruction, variables: Variables, working_dir: Value) -> Iterator[Copy]:
    """Each source of one instruction, as far as it can be told."""
    line, flags = instruction.start_line, instruction.flags
    *sources, last = (variables.expand(each, line) for each in instruction.args)
    target = joined_path(working_dir, last)
    if isinstance(target, Unknown) or isinstance(last, Unknown) or any(each.startswith("--exclude") for each in flags):
        return
    into = len(sources) > 1 or last.endswith(("/", "/.")) or last in {".", ".."}
    documents = {f"<<{'-' if each.chomp else ''}{each.name}": each for each in instruction.heredocs}
    origin = next((each.partition("=")[2] for each in flags if each.startswith("--from=")), "")
    for source in sources:
        if isinstance(source, Unknown):
            continue
        if source.startswith(_REMOTE):
            yield Copy(posixpath.basename(source), target, into, source)
            continue
        if source in documents:
            yield _written(documents[source], target, variables, line, into=into)
        elif not (instruction.name == "ADD" and source.endswith(_ARCHIVES)):
            yield Copy(_relative(source), target, into, origin, keeps_parents="--parents" in flags)


def _written(document: DockerfileHeredoc, target: str, variables: Variables, line: int, *, into: bool) -> Copy:
    content = chomp_heredoc_content(document.content) if document.chomp else document.content
    text = variables.expand_text(content, line) if document.expand else content
    return Copy(document.name, target, into, text=None if isinstance(text, Unknown) else text, origin=WRITTEN)


def _relative(source: str) -> str:
    """A source as seen from the root of its context, out of which nothing leads."""
    return posixpath.normpath(f"/{source}").lstrip("/")
