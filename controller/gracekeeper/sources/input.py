"""Reads everything that is named on a command line, and remembers where it stood."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, BinaryIO, Final

from gracekeeper.jobs import ALONE, Jobs
from gracekeeper.sources.encodings import decode, decode_leniently
from gracekeeper.sources.files import File, Found, UnreadableError, find, find_in, read_bytes
from gracekeeper.sources.kustomize_patches import patches
from gracekeeper.sources.limits import MAX_BYTES, TOO_LARGE
from gracekeeper.sources.objects import Contents, contents, problem
from gracekeeper.sources.packed import packed
from gracekeeper.sources.problems import MalformedError, Problem, Skipped
from gracekeeper.sources.texts import Texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gracekeeper.sources.edits import Passage
    from gracekeeper.sources.exclusion import Globs
    from gracekeeper.sources.files import Tree
    from gracekeeper.sources.positions import Span
    from gracekeeper.sources.rendered import Rendered
    from gracekeeper_policies.document import Document, Path

STANDARD_INPUT: Final = "-"
"""How standard input is named, on the command line and in what is printed."""

REVISION: Final = "git:"
"""How a path of a git revision starts: `git:REV:PATH`."""


RENDERED: Final = " (rendered)"
"""What is added to a file's name where it is read both as it stands and as a tool rendered it."""


def file_of(origin: str) -> str:
    """The file that an origin names, whatever revision it was read from and whether a tool rendered it."""
    path = origin.split(":", 2)[-1] if origin.startswith(REVISION) else origin
    return path.removesuffix(RENDERED)


@dataclass(frozen=True)
class Input:
    """All that was read. Everything is sorted by file and place, and the same at every run.

    `documents` are Kubernetes objects, lists taken apart. `problems` are what could not be read; `empty` are the files
    named by the user that hold no document at all. `skipped` was left out for a reason. `not_kubernetes` counts the
    files met in directories that hold no Kubernetes object and nothing that looks like one.
    """

    documents: tuple[Document, ...]
    problems: tuple[Problem, ...]
    empty: tuple[Problem, ...]
    skipped: tuple[Skipped, ...]
    not_kubernetes: int
    texts: Texts = field(repr=False, compare=False)
    rendered: Mapping[str, Rendered] = field(default_factory=dict, repr=False, compare=False)

    def locate(self, document: Document, path: Path = ()) -> Span | None:
        """Where a value of a document stands, or its deepest ancestor that does; None when the file is gone or changed.

        `path` starts at the document's own object, also where that is an item of a List. What was rendered stands
        where its source does.
        """
        locator = self.texts.locator(document.origin, document.index)
        if locator is None:
            return None
        rendered = self.rendered.get(document.origin)
        whole = (*document.base, *path)
        return rendered.locate(locator.find, whole) if rendered else locator.find(whole)

    def passage(self, document: Document) -> Passage | None:
        """The text of a document, to change it; None when the file is gone or changed, or a tool made the text."""
        return None if document.origin in self.rendered else self.texts.passage(document.origin, document.index)

    def line_text(self, origin: str, line: int) -> str:
        """Give a line (from 1) of a file without its newline; empty when there is none."""
        rendered = self.rendered.get(origin)
        lines = rendered.lines if rendered else self.texts.lines(origin)
        return lines[line - 1] if 0 < line <= len(lines) else ""


def read(
    paths: Iterable[str],
    *,
    stdin: BinaryIO | None = None,
    exclude: Iterable[Globs] = (),
    jobs: Jobs = ALONE,
    trees: Iterable[Tree] = (),
    rendered: Iterable[Rendered] = (),
    problems: Iterable[Problem] = (),
) -> Input:
    """Read files, directories (recursively) and, where `-` is among the paths, `stdin`. Never raises for what it reads.

    What git ignores and what `exclude` names is left out of directories and `trees`. `jobs` share the files. `problems`
    were met by whoever fetched and rendered.
    """
    wanted = set(paths)
    exclude = tuple(exclude)
    found = find(wanted - {STANDARD_INPUT}, exclude)
    for tree in trees:
        found = found.joined(find_in(tree, exclude))
    reader = _Reader(problems)
    if STANDARD_INPUT in wanted:
        reader.take_stdin(stdin)
    apart = {file.shown for file in found.files}
    for each in rendered:
        reader.take_rendered(each.beside(apart))
    aside = patches(found.files)
    for other in jobs.share(partial(_read, aside=aside), found.files, "Reading"):
        reader.learn(other)
    return reader.result(found)


def _read(files: Sequence[File], aside: Mapping[str, str]) -> _Reader:
    reader = _Reader()
    for file in files:
        reader.take_file(file, aside.get(file.real))
    return reader


class _Reader:
    """Gathers what files hold."""

    def __init__(self, problems: Iterable[Problem] = ()) -> None:
        self._documents: list[Document] = []
        self._problems = list(problems)
        self._empty: list[Problem] = []
        self._skipped: list[Skipped] = []
        self._not_kubernetes = 0
        self._texts = Texts()
        self._rendered: dict[str, Rendered] = {}

    def learn(self, other: _Reader) -> None:
        """Add what another one gathered from files that come later."""
        self._documents += other._documents
        self._problems += other._problems
        self._empty += other._empty
        self._skipped += other._skipped
        self._not_kubernetes += other._not_kubernetes
        self._texts.learn(other._texts)

    def take_stdin(self, stdin: BinaryIO | None) -> None:
        """Read standard input to its end, within the limit for a file."""
        data = stdin.read(MAX_BYTES + 1) if stdin else b""
        if len(data) > MAX_BYTES:
            self._problems.append(Problem(STANDARD_INPUT, 0, 0, TOO_LARGE))
        else:
            self._take(File(STANDARD_INPUT, "", named=True, real=""), data)

    def take_rendered(self, rendered: Rendered) -> None:
        """Read what a tool made; its own mistakes are told by the lines it printed."""
        found = contents(rendered.shown, rendered.text)
        self._texts.add(rendered.shown, rendered.text, found.extents)
        self._rendered[rendered.shown] = rendered
        self._documents += map(packed, found.documents)
        self._problems += (*found.problems, *found.foreign)

    def take_file(self, file: File, overlay: str | None) -> None:
        """Read a file, unless it is a patch of an overlay."""
        if overlay is not None:
            self._skipped.append(Skipped(file.shown, _patch(overlay)))
            return
        try:
            data = read_bytes(file.path)
        except UnreadableError as error:
            self._problems.append(Problem(file.shown, 0, 0, str(error)))
        else:
            self._take(file, data)

    def _take(self, file: File, data: bytes) -> None:
        try:
            text = decode(data)
        except MalformedError as fault:
            self._problems.append(problem(file.shown, decode_leniently(data), fault))
            return
        if file.named or ("apiVersion" in text and "kind" in text):
            found = contents(file.shown, text)
            self._texts.add(file.shown, text, found.extents, file.path)
            self._sort_in(file, found)
        else:
            self._not_kubernetes += 1  # whatever it is, it need not even be YAML

    def _sort_in(self, file: File, found: Contents) -> None:
        """What is no Kubernetes object is a fault in a file named by the user, and among such objects."""
        self._documents += map(packed, found.documents)
        self._problems += found.problems
        if file.named or found.documents:
            self._problems += found.foreign
        elif not found.problems:
            self._not_kubernetes += 1
        if file.named and not found.extents:
            self._empty.append(Problem(file.shown, 1, 1, "is empty, expected at least one Kubernetes object"))

    def result(self, found: Found) -> Input:
        """All that was read, and what could not even be found."""
        return Input(
            documents=tuple(self._documents),
            problems=tuple(sorted((*found.problems, *self._problems))),
            empty=tuple(sorted(self._empty)),
            skipped=tuple(sorted((*found.skipped, *self._skipped))),
            not_kubernetes=self._not_kubernetes,
            texts=self._texts,
            rendered=self._rendered,
        )


def _patch(kustomization: str) -> str:
    folder = kustomization.rpartition("/")[0] or "."
    return f"a patch of {kustomization}, which means nothing alone; judge `gracekeeper check --kustomize {folder}`"
