"""What of a finding's remedies can be written into the text as they stand."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gracekeeper_policies.document import value_at
from gracekeeper_policies.finding import Argument, Remove, Set, clause

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gracekeeper.reports.report import Places, Report
    from gracekeeper.sources.edits import Edit
    from gracekeeper_policies.document import Document, Path
    from gracekeeper_policies.finding import Remedy
    from gracekeeper_policies.verdict import Ruling

_OPTION: Final = re.compile(r"(?P<flag>--?[A-Za-z][\w-]*)[ =](?P<value>\S+)\Z")


@dataclass(frozen=True)
class Fix:
    """A remedy as an edit of the text that holds `document`."""

    text: str
    document: Document
    edit: Edit


def fixes(ruling: Ruling, report: Report) -> Iterator[Fix]:
    """The remedies that are edits, each an alternative to the others, the smallest change first."""
    for remedy in ruling.finding.remedies:
        document = (remedy.document if isinstance(remedy, Set) else None) or ruling.document
        edit = _edit(remedy, document, report.places)
        # Where a secret had to be left out, what is left is not what would have to be written.
        if edit is not None and ruling.elision(edit.text) == edit.text:
            yield Fix(clause(remedy), document, edit)


def _edit(remedy: Remedy, document: Document, places: Places) -> Edit | None:
    passage = places.passage(document) if isinstance(remedy, Set | Remove | Argument) else None
    if passage is None:
        return None
    if isinstance(remedy, Set):
        value = list(remedy.value) if isinstance(remedy.value, tuple) else remedy.value
        return passage.put((*document.base, *remedy.path), value)
    if isinstance(remedy, Remove):
        return passage.drop((*document.base, *remedy.path))
    word = _word(remedy, document) if isinstance(remedy, Argument) else None
    return passage.put((*document.base, *_path(remedy)), word) if word else None


def _path(remedy: Remedy) -> Path:
    return getattr(remedy, "path", None) or ()


def _word(remedy: Argument, document: Document) -> str | None:
    """The word to write at the remedy's path: an option's value, with its flag where they are one word there."""
    option, path = _OPTION.match(remedy.text), remedy.path
    written = value_at(document.values, path) if path else None
    if option is None or not path or not isinstance(written, str) or " " in written:
        return None
    if written.startswith(f"{option['flag']}="):
        return f"{option['flag']}={option['value']}"
    *way, last = path
    before = value_at(document.values, (*way, last - 1)) if isinstance(last, int) and last else None
    return option["value"] if before == option["flag"] else None
