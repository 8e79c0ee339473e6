"""The last lines of a report: what there was to judge, what was found, what was not read and what could not be told."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Final

from gracekeeper.reports.style import Mark, one_line
from gracekeeper_policies.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gracekeeper.reports.report import Report
    from gracekeeper.reports.style import Style
    from gracekeeper_policies.verdict import Judged, Untold

_NAMED: Final = 3
_AT_ONE_GLANCE: Final = 20  # findings
_WOULD_TELL: Final = (
    "give --dockerfile IMAGE=PATH or --image-archive PATH, or write the command in the manifest, or declare "
    "gracekeeper.dev/shutdown-seconds"
)


_ALL_READ: Final = "Everything was read, and what runs in every main container was told."
_WOULD_JUDGE: Final = "To have it judged, declare gracekeeper.dev/shutdown-seconds."


def summary(report: Report, style: Style, *, shortened: int = 0, verbose: bool = False) -> Iterator[str]:
    """Write the summary; a run without findings and without anything left out takes two lines.

    `shortened` counts the findings that stand above it without all that could be said of them.
    """
    yield from (style.paint(line, _mark(report)) for line in style.wrap(counts(report), "", "  "))
    for note in (*_by_rule(report), *_in_short(shortened), *_policies(report)):
        yield from style.wrap(note, "", "  ")
    for note in notes(report, verbose=verbose) or [_ALL_READ]:
        yield from style.wrap(note, "", "  ")


def notes(report: Report, *, verbose: bool = False) -> list[str]:
    """Whatever kept a verdict from being whole, or a finding from counting: a sentence each."""
    return [
        *_unread_policy(report),
        *_not_read(report),
        *left_open(report, verbose=verbose),
        *_silenced(report, verbose=verbose),
        *_gone(report),
    ]


def left_open(report: Report, *, verbose: bool = False) -> list[str]:
    """What was left out, and what could not be told or decided; names that stand apart are indented."""
    return [*_skipped(report, verbose=verbose), *_not_told(report, verbose=verbose), *_undecided(report)]


def count(number: int, noun: str) -> str:
    """`1 error`, `2 errors`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def listed(names: Iterable[str], *, all_of_them: bool) -> str:
    """Names in a row, without `all_of_them` the first few and how many more."""
    names = list(dict.fromkeys(names))
    if all_of_them or len(names) <= _NAMED + 1:
        return ", ".join(names)
    return f"{', '.join(names[:_NAMED])} and {len(names) - _NAMED} more"


def counts(report: Report) -> str:
    """What there was to judge and what was found, in one sentence."""
    verdict = report.verdict
    judged = f"{count(len(verdict.judged), 'workload')} in {count(verdict.documents, 'document')}"
    if not report.policies:
        return f"{count(verdict.documents, 'document')}: nothing was judged."
    if not verdict.judged and not report.found:
        return f"{judged}: nothing to judge."
    if not report.found:
        return f"{judged}: no findings under {count(report.rules, 'rule')} of {_asked(report)}."
    found = [
        count(report.count(severity), severity.label)
        for severity in sorted(Severity, reverse=True)
        if report.count(severity)
    ]
    faulty = len({ruling.judged for ruling in report.found if ruling.judged})
    others = len({ruling.document for ruling in report.found if ruling.judged is None})
    where = [*([count(faulty, "workload")] if faulty else []), *([count(others, "exception")] if others else [])]
    return f"{judged}: {', '.join(found)} in {' and '.join(where)}{_clean(len(verdict.judged) - faulty)}."


def _asked(report: Report) -> str:
    if not report.policy_files and len(report.policies) == 1:
        return f"profile {report.policies[0].profile.label}"
    noun = "policy" if len(report.policies) == 1 else "policies"
    return f"{noun} {_names(report)}"


def _names(report: Report) -> str:
    return ", ".join(sorted(one_line(policy.name) for policy in report.policies))


def _policies(report: Report) -> Iterator[str]:
    if report.policy_files and report.policies:
        noun = "policy" if len(report.policies) == 1 else "policies"
        yield f"Judged by {noun} {_names(report)} of {', '.join(map(one_line, report.policy_files))}."


def _unread_policy(report: Report) -> Iterator[str]:
    if not report.policies:
        yield "Not judged: the policy could not be read, and under another one the verdict would mislead."


def _undecided(report: Report) -> Iterator[str]:
    if report.verdict.undecided:
        names = listed(map(one_line, report.verdict.undecided), all_of_them=False)
        yield (
            f"Not decided: what policies ask of the namespaces {names}, whose labels no Namespace document shows; "
            "they were judged as if it held."
        )


def _by_rule(report: Report) -> Iterator[str]:
    """What to mend first: where there are many findings, how many each rule has."""
    if len(report.found) <= _AT_ONE_GLANCE:
        return
    for severity in sorted(Severity, reverse=True):
        counted = Counter(ruling.rule.id for ruling in report.found if ruling.severity is severity)
        rules = [f"{rule} {number}" for rule, number in counted.most_common()]
        if rules:
            yield f"{severity.label.capitalize()}s: {', '.join(rules)}."


def _in_short(shortened: int) -> Iterator[str]:
    if shortened:
        yield f"Told in short: {count(shortened, 'finding')}; --verbose tells each at length."


def _clean(number: int) -> str:
    return f", {number} clean" if number else ""


def _mark(report: Report) -> Mark | None:
    if report.count(Severity.ERROR):
        return Mark.CUT
    return Mark.WARNING if report.found else Mark.SPARE


def _not_read(report: Report) -> Iterator[str]:
    if report.problems:
        files = listed((problem.file for problem in report.problems), all_of_them=False)
        yield f"Not read: {count(len(report.problems), 'problem')} in {files}; standard error says what and where."


def _skipped(report: Report, *, verbose: bool) -> Iterator[str]:
    by_reason: dict[str, list[str]] = defaultdict(list)
    for skipped in report.skipped:
        by_reason[skipped.reason].append(skipped.file)
    for reason, files in by_reason.items():
        counted = f"{len(files)} paths: " if len(files) > 1 and not verbose else ""
        yield from _naming(f"Left out: {counted}", files, f": {reason}.", verbose=verbose)
    if report.not_kubernetes:
        yield f"Left out: {count(report.not_kubernetes, 'file')} without Kubernetes objects."
    if report.verdict.unmeant and report.policies:
        unmeant = [one_line(str(each.identity)) for each in report.verdict.unmeant]
        counted = "" if verbose else f"{count(len(unmeant), 'workload')}: "
        yield from _naming(f"Left out, since no policy means it: {counted}", unmeant, ".", verbose=verbose)
    if report.verdict.out_of_scope:
        names = [one_line(str(each.identity)) for each in report.verdict.out_of_scope]
        counted = "" if verbose else f"{count(len(names), 'workload')}: "
        yield from _naming(f"Left out, since not Python: {counted}", names, ".", verbose=verbose)


def _naming(before: str, names: Sequence[str], behind: str, *, verbose: bool) -> Iterator[str]:
    """A sentence around names: the first few of them, or with `verbose` all, one a line below it."""
    names = list(dict.fromkeys(names))
    if not verbose or len(names) <= _NAMED:
        yield f"{before}{listed(names, all_of_them=verbose)}{behind}"
        return
    yield f"{before}the {len(names)} below{behind}"
    yield from (f"  {name}" for name in names)


def _not_told(report: Report, *, verbose: bool) -> Iterator[str]:
    whose: dict[str, list[str]] = defaultdict(list)
    unjudged: dict[str, list[str]] = defaultdict(list)
    for judged in report.verdict.judged:
        for untold in judged.untold:
            container = f" ({untold.container})" if untold.container else ""
            name = one_line(f"{judged.identity}{container}")
            if untold.program:
                unjudged[one_line(untold.program)].append(name)
            else:
                whose[_why(report, judged, untold)].append(name)
    yield from _untold(whose, verbose=verbose)
    yield from _unjudged(unjudged, verbose=verbose)


def _why(report: Report, judged: Judged, untold: Untold) -> str:
    where = f" ({report.place(judged.document, untold.at)})" if untold.at else ""
    return one_line(untold.reason + where)


def _unjudged(whose: dict[str, list[str]], *, verbose: bool) -> Iterator[str]:
    if whose:
        programs = listed(sorted(whose), all_of_them=verbose)
        before = f"Not judged: the shutdown of {programs}, which was never measured, in "
        names = [name for names in whose.values() for name in names]
        yield from _naming(before, names, f". {_WOULD_JUDGE}", verbose=verbose)


def _untold(whose: dict[str, list[str]], *, verbose: bool) -> Iterator[str]:
    told_apart: Sequence[tuple[str, list[str]]] = sorted(whose.items(), key=lambda item: (-len(item[1]), item[0]))
    shown = told_apart if verbose else told_apart[:_NAMED]
    for reason, names in shown:
        yield from _naming("Not told: what runs in ", names, f": {reason}.", verbose=verbose)
    rest = sum(len(names) for _, names in told_apart[len(shown) :])
    if rest:
        yield f"Not told: what runs in {count(rest, 'more container')}; --verbose names them."
    if told_apart:
        yield f"To have that told, {_WOULD_TELL}."


def _silenced(report: Report, *, verbose: bool) -> Iterator[str]:
    if report.suppressed:
        more = "." if verbose else "; --verbose lists them."
        yield f"Silenced: {count(len(report.suppressed), 'finding')} by {_silencers(report)}{more}"


def _silencers(report: Report) -> str:
    return " and ".join(sorted({_silencer(str(ruling.suppressed)) for ruling in report.suppressed}))


def _silencer(suppressed: str) -> str:
    kind = suppressed.partition(" ")[0]
    return {"annotation": "exemptions", "baseline": "the baseline"}.get(kind, "exceptions")


def _gone(report: Report) -> Iterator[str]:
    known = report.baseline
    if known and known.gone:
        yield (
            f"Mended: {count(known.gone, 'finding')} of {one_line(known.file)} that the input no longer has; "
            f"--prune-baseline takes {'it' if known.gone == 1 else 'them'} out."
        )
