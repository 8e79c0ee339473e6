"""What docs/precision.md counts is what is found in the real manifests, and of each rule enough was read."""

from __future__ import annotations

import os
import re
from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from gracekeeper.sources.input import read
from gracekeeper_policies.catalog import RULES
from gracekeeper_policies.container import Role
from gracekeeper_policies.finding import Severity
from gracekeeper_policies.judge import judge
from gracekeeper_policies.neighbours import neighbours_among
from gracekeeper_policies.policy import GracePolicy, Profile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.verdict import Ruling, Untold, Verdict

UPDATE: Final = "GRACEKEEPER_UPDATE_EXPECTED"
PAGE: Final = Path(__file__).parents[2] / "docs" / "precision.md"
TODAY: Final = date(2026, 11, 23)
ENOUGH: Final = 10
LEAST: Final = 0.95
ROW: Final = re.compile(r"\| \[`([\w-]+)`\][^|]*\|" + r"([^|]*)\|" * 10)
REGION: Final = "<!-- counted: {} -->\n(.*?)<!-- end of counted -->\n"
UNTOLD: Final = (
    (r"its command stands in the image", "The command stands in the image", "the image's configuration"),
    (
        r"the program stands in the image",
        "The program stands in the image, its arguments in the manifest",
        "the image's configuration",
    ),
    (
        r".*(?:is a program that the manifest does not show|which is not in sight)",
        "A script or a program of the image's own",
        "the script, or an annotation that declares what it does",
    ),
    (r"the script starts", "A script that starts several programs, or none that stays", "one program per container"),
)
BY_NAME: Final = ("A Python program known by its name, not by what it does at a signal", "a table of that program")


@dataclass(frozen=True)
class Reading:
    """How many findings of a rule were read against their manifests, and what came of it; kept by hand in the page.

    `doubted` counts the suspected ones that do not hold, `false` the others. `mended` counts those whose sentence,
    remedy or certainty was wrong when they were read and is right now.
    """

    read: int = 0
    true: int = 0
    false: int = 0
    doubted: int = 0
    mended: int = 0

    @property
    def unclear(self) -> int:
        """How many could not be decided."""
        return self.read - self.true - self.false - self.doubted

    @property
    def precision(self) -> float | None:
        """The share of those that could be decided; None where there are none."""
        decided = self.read - self.unclear
        return self.true / decided if decided else None

    @property
    def cells(self) -> tuple[int, ...]:
        """What the page holds of it, as it is read back."""
        return self.read, self.true, self.false, self.doubted, self.mended


@pytest.fixture(scope="module")
def verdicts(corpus: Path) -> dict[Profile, Verdict]:
    """The real manifests under the standard and the strict profile."""
    documents = read([str(corpus)]).documents
    neighbours, _ = neighbours_among(documents)
    return {
        profile: judge(
            documents, policies=[GracePolicy(profile=profile)], rules=RULES, neighbours=neighbours, now=TODAY
        )
        for profile in (Profile.STANDARD, Profile.STRICT)
    }


@pytest.fixture(scope="module")
def readings() -> dict[str, Reading]:
    """What the page says was read, by rule."""
    rows = ROW.findall(PAGE.read_text(encoding="utf-8"))
    return {rule: Reading(*(int(cell) for cell in cells[3:8])) for rule, *cells in rows}


def found(verdict: Verdict, rule: str) -> list[Ruling]:
    """What a rule finds."""
    return [ruling for ruling in verdict.rulings if ruling.rule.id == rule]


def weight(rulings: list[Ruling]) -> str:
    """How findings weigh: `error 2, warning 3, suspected 13`."""
    counted = Counter(
        "suspected" if ruling.finding.doubt else ruling.severity.name.lower()
        for ruling in sorted(rulings, key=lambda each: (bool(each.finding.doubt), -each.severity))
    )
    return ", ".join(f"{name} {number}" for name, number in counted.items())


def rows(verdicts: Mapping[Profile, Verdict], readings: Mapping[str, Reading]) -> Iterator[str]:
    """The table of the rules that find something, in the catalogue's order."""
    yield "| rule | weighs | standard | strict | read | true | false | doubted | mended | unclear | precision |"
    yield "| --- | --- | --: | --: | --: | --: | --: | --: | --: | --: | --: |"
    for rule in RULES:
        standard, strict = (found(verdicts[profile], rule.id) for profile in (Profile.STANDARD, Profile.STRICT))
        if not strict:
            continue
        of = readings.get(rule.id, Reading())
        share = "–" if of.precision is None else f"{of.precision:.0%}"
        cells = (len(standard), len(strict), *of.cells, of.unclear, share)
        yield f"| [`{rule.id}`](rules/{rule.id}.md) | {weight(strict)} | {' | '.join(map(str, cells))} |"


def silent(verdict: Verdict) -> Iterator[str]:
    """The rules that find nothing."""
    heard = {ruling.rule.id for ruling in verdict.rulings}
    names = [f"`{rule.id}`" for rule in RULES if rule.id not in heard]
    yield f"{len(names)} rules find nothing in these manifests: {', '.join(names)}."


def size(corpus: Path, verdict: Verdict) -> Iterator[str]:
    """How much was read."""
    projects = sum(entry.is_dir() for entry in corpus.iterdir())
    yield (
        f"Read on {TODAY:%Y-%m-%d}: {verdict.documents} manifests of {projects} projects. {len(verdict.judged)} are "
        f"workloads that are Python or may be, {len(verdict.out_of_scope)} are workloads that are not."
    )


def kind(untold: Untold) -> tuple[str, str]:
    """What kept a container's process from being told, and what would tell it."""
    if untold.program:
        return BY_NAME
    kinds = ((what, told_by) for pattern, what, told_by in UNTOLD if re.match(pattern, untold.reason))
    return next(kinds, ("Something else", "–"))


def unknown(verdict: Verdict) -> Iterator[str]:
    """The table of what stayed unknown."""
    containers = sum(process.container.role is Role.MAIN for judged in verdict.judged for process in judged.processes)
    kinds = Counter(kind(untold) for judged in verdict.judged for untold in judged.untold)
    yield f"| of {containers} main containers | | what would tell |"
    yield "| --- | --: | --- |"
    for (what, told_by), number in kinds.most_common():
        yield f"| {what} | {number} | {told_by} |"


def programs(verdict: Verdict) -> Iterator[str]:
    """The table of what main containers were recognised as."""
    main = [each for judged in verdict.judged for each in judged.processes if each.container.role is Role.MAIN]
    known = Counter(each.server.name for each in main if each.server)
    named = Counter(each.name for each in main if each.name and not each.server)
    yield "| recognised as | containers | what is known of it |"
    yield "| --- | --: | --- |"
    yield from (f"| {name} | {number} | its table |" for name, number in sorted(known.items()))
    yield from (f"| `{name}` | {number} | its name |" for name, number in sorted(named.items()))
    rest = len(main) - known.total() - named.total()
    yield f"| *nothing* | {rest} | why, in the table above |"


def renewed(page: str, name: str, lines: Iterator[str]) -> str:
    """The page with one of its counted regions written anew."""
    region = re.search(REGION.format(name), page, re.DOTALL)
    assert region is not None, name
    return page[: region.start(1)] + "\n".join(lines) + "\n" + page[region.end(1) :]


def test_the_page_counts_what_is_found(
    corpus: Path, verdicts: dict[Profile, Verdict], readings: dict[str, Reading]
) -> None:
    """Counts, weights and shares are today's; the variable UPDATE writes them anew."""
    page = written = PAGE.read_text(encoding="utf-8")
    page = renewed(page, "size", size(corpus, verdicts[Profile.STRICT]))
    page = renewed(page, "rules", rows(verdicts, readings))
    page = renewed(page, "silent", silent(verdicts[Profile.STRICT]))
    page = renewed(page, "unknown", unknown(verdicts[Profile.STRICT]))
    page = renewed(page, "programs", programs(verdicts[Profile.STRICT]))
    if os.environ.get(UPDATE):
        PAGE.write_text(page, encoding="utf-8", newline="\n")
        written = page
    assert written == page, f"{UPDATE}=1 writes docs/precision.md anew"


def test_of_each_rule_enough_was_read(verdicts: dict[Profile, Verdict], readings: dict[str, Reading]) -> None:
    """Ten findings, or all; each of them one that is there."""
    counts = Counter(ruling.rule.id for ruling in verdicts[Profile.STRICT].rulings)
    few = {
        rule: reading
        for rule, number in counts.items()
        if not min(number, ENOUGH) <= (reading := readings.get(rule, Reading())).read <= number
    }
    assert few == {}, "read them against their manifests, and write down in docs/precision.md what came of it"


def test_an_error_is_right(verdicts: dict[Profile, Verdict], readings: dict[str, Reading]) -> None:
    """Of the findings that deny something, nineteen of twenty are true."""
    rulings = verdicts[Profile.STRICT].rulings
    denying = sorted({ruling.rule.id for ruling in rulings if ruling.severity is Severity.ERROR})
    wrong = {rule: readings[rule] for rule in denying if readings[rule].false > (1 - LEAST) * readings[rule].true}
    assert wrong == {}
