"""Writes a verdict for whoever asked the API server: a denial, kubectl's warnings, the audit event's annotations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from gracekeeper.reports.style import Style, one_line, shorten
from gracekeeper_policies.document import render_path
from gracekeeper_policies.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gracekeeper_policies.boundary import Misread
    from gracekeeper_policies.verdict import Ruling

WARNINGS: Final = 16
"""How many warnings one request gets at most; the last of them counts the rest."""

WARNING_WIDTH: Final = 120
"""How long a warning may be: beyond that the API server allows itself to cut."""

AUDITED: Final = 64
"""How many findings an audit event names."""

_PLAIN: Final = Style()
_LEAST_FACT: Final = 24
_LONGEST_WORD: Final = 16
_HELP: Final = (
    "See it drawn: gracekeeper explain FILE  ·  Not to be mended yet: a GraceException, or the annotation "
    "gracekeeper.dev/exempt"
)


def denial(denying: Sequence[Ruling], policies: Sequence[str]) -> str:
    """Say what denies a request: each finding with its remedy; `policies` are the names of those that mean it."""
    lines = [_headline(denying, policies)]
    lines += (f"{number:>2}. {_at_length(ruling)}" for number, ruling in enumerate(denying, 1))
    return _PLAIN.finish("\n".join([*lines, _HELP]))


def _headline(denying: Sequence[Ruling], policies: Sequence[str]) -> str:
    rules = len({ruling.rule.id for ruling in denying})
    broken = "a rule" if rules == 1 else f"{rules} rules"
    names = ", ".join(f'"{one_line(name)}"' for name in policies)
    noun = "policy" if len(policies) == 1 else "policies"
    return f"{one_line(str(denying[0].identity))} breaks {broken} of {noun} {names}:"


def _at_length(ruling: Ruling) -> str:
    remedy = one_line(ruling.finding.remedy)
    mended = f" {remedy[0].upper()}{remedy[1:]}." if remedy else ""
    return f"{_name(ruling)}: {one_line(ruling.finding.message)}{mended}"


def warnings(rulings: Iterable[Ruling], misread: Iterable[Misread] = ()) -> tuple[str, ...]:
    """What kubectl prints beside its answer: one line each, in the order of the rulings, and how many more there are.

    What could not be read comes first: somebody believes that it does something. Notes are left out.
    """
    lines = [*map(_unread, misread), *(_in_short(each) for each in rulings if each.severity >= Severity.WARNING)]
    lines = list(dict.fromkeys(line if line.isprintable() else _PLAIN.finish(line) for line in lines))
    if len(lines) <= WARNINGS:
        return tuple(lines)
    more = len(lines) - WARNINGS + 1
    return (*lines[: WARNINGS - 1], f"and {more} more findings: gracekeeper check tells them all")


def _unread(misread: Misread) -> str:
    place = str(misread.path[-1]) if misread.path else ""
    return shorten(one_line(f"{place}: {misread.message}" if place else misread.message), WARNING_WIDTH)


def _in_short(ruling: Ruling) -> str:
    """The rule, the first clause of what happens, and the first remedy, as far as they fit on a line."""
    head, fact, remedy = f"{_name(ruling)}: ", _first_clause(ruling.finding.message), _first_remedy(ruling)
    room = WARNING_WIDTH - len(head) - len(remedy)
    if remedy and (len(fact) <= room or room >= _LEAST_FACT):
        return f"{head}{_cut(fact, room)}{remedy}"
    return _cut(head + fact, WARNING_WIDTH)


def _cut(text: str, width: int) -> str:
    """Cut a text that is too long, between words if they are not too long either."""
    if len(text) <= width:
        return text
    end = text.rfind(" ", width - _LONGEST_WORD, width)
    return text[:end] + "…" if end > 0 else shorten(text, width)


def _first_clause(message: str) -> str:
    return one_line(message).partition(": ")[0].partition(". ")[0].rstrip(".")


def _first_remedy(ruling: Ruling) -> str:
    first = one_line(ruling.finding.remedy).partition("; or ")[0].partition(" (")[0]
    return f"; {first}" if first else ""


def _name(ruling: Ruling) -> str:
    container = ruling.container_name
    return ruling.rule.id if container is None else f"{ruling.rule.id} [{one_line(container)}]"


def audit(verdict: str, rulings: Sequence[Ruling]) -> dict[str, str]:
    """The verdict for machines: one word, and the findings that count, the worst first."""
    if not rulings:
        return {"verdict": verdict}
    findings = msgspec.json.encode([_audited(ruling) for ruling in rulings[:AUDITED]])
    return {"verdict": verdict, "findings": findings.decode()}


def _audited(ruling: Ruling) -> dict[str, str | None]:
    return {
        "rule": ruling.rule.id,
        "severity": ruling.severity.label,
        "mode": ruling.mode.value,
        "certainty": ruling.finding.certainty.value,
        "container": ruling.container_name,
        "path": render_path(ruling.finding.at),
    }
