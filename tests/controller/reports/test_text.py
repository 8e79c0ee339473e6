"""The report for people, as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gracekeeper.reports.style import Style
from gracekeeper.reports.text import text

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Expected = Callable[[str, str], None]
    Reported = Callable[..., Any]
    Deployment = Callable[..., str]

CUT = """
    containers:
    - name: web
      image: shop/web:1
      command: [gunicorn, --bind=0.0.0.0:8000, --workers=2, --graceful-timeout=60, "app:app"]
      lifecycle: {preStop: {sleep: {seconds: 15}}}
"""
FINE = """
    containers:
    - name: web
      image: shop/web:1
      command: [gunicorn, --graceful-timeout=20, "app:app"]
      resources: {limits: {memory: 512Mi}}
"""
UNTOLD = """
    containers:
    - {name: web, image: "shop/web:1", resources: {limits: {memory: 512Mi}}}
"""
SERVICE = """
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec:
  selector: {app: web}
  ports: [{port: 80}]
"""
OTHER = """
    containers:
    - {name: web, image: nginx:1.27}
"""


@pytest.mark.parametrize("width", [60, 100])
def test_findings_with_picture_and_remedies(
    width: int, reported: Reported, deployment: Deployment, expected: Expected
) -> None:
    """One workload with an error, a warning and a suspicion."""
    report = reported(web=f"{deployment(CUT)}---{SERVICE}")

    expected(f"text/findings-{width}.txt", text(report, Style(width)))


def test_ascii(reported: Reported, deployment: Deployment, expected: Expected) -> None:
    """The same without UTF-8."""
    expected("text/findings-ascii.txt", text(reported(web=deployment(CUT)), Style(100, unicode=False)))


def test_colours_change_nothing_but_colours(reported: Reported, deployment: Deployment) -> None:
    """Without its colour codes, the coloured report is the plain one."""
    report = reported(web=f"{deployment(CUT)}---{SERVICE}")
    coloured = text(report, Style(colour=True))

    for code in ("0", "1", "2", "31", "32", "33", "36"):
        coloured = coloured.replace(f"\x1b[{code}m", "")
    assert coloured.split() == text(report, Style()).split()


def test_clean_run_is_two_lines(reported: Reported, deployment: Deployment, expected: Expected) -> None:
    """Nothing to mend, nothing left out."""
    expected("text/clean.txt", text(reported(web=deployment(FINE)), Style()))


def test_repeated_findings_are_told_once(reported: Reported, deployment: Deployment, expected: Expected) -> None:
    """The same words about six workloads stand once, and name the others."""
    files = {f"file{number}": deployment(CUT, name=f"web-{number}") for number in range(6)}

    expected("text/repeated.txt", text(reported(**files), Style()))


def test_four_hundred_workloads_with_one_finding_are_one_screen(reported: Reported, deployment: Deployment) -> None:
    """However many repeat it, a finding is told once, with their number, the first names and each rule's count."""
    files = {f"file{number:03}": deployment(CUT, name=f"web-{number:03}") for number in range(400)}
    lines = text(reported(**files), Style()).splitlines()

    assert len(lines) < 35
    assert "   and in 399 more: Deployment shop/web-001, Deployment shop/web-002, Deployment shop/web-003 and" in lines
    assert lines[-5:] == [
        "400 workloads in 400 documents: 400 errors, 400 warnings in 400 workloads.",
        "Errors: too-short 400.",
        "Warnings: limit-missing 400.",
        "Told in short: 798 findings; --verbose tells each at length.",
        "Everything was read, and what runs in every main container was told.",
    ]


def test_what_is_told_again_with_other_numbers_is_told_in_short(
    reported: Reported, deployment: Deployment, expected: Expected
) -> None:
    """From a rule's fourth finding on, the sentence and the first remedy are enough."""
    files = {
        f"file{number}": deployment(CUT.replace("=60", f"={60 + number}"), name=f"web-{number}") for number in range(5)
    }

    expected("text/in-short.txt", text(reported(**files), Style()))


def test_repeats_say_when_their_values_differ(reported: Reported, deployment: Deployment) -> None:
    """One sentence about many workloads does not pretend that one value mends them all."""
    small, large = (
        deployment(FINE.replace("limits", f"requests: {{memory: {size}}}, limits"), name=size.lower())
        for size in ("1Gi", "2Gi")
    )
    report = reported(
        small=small.replace("limits: {memory: 512Mi}", ""), large=large.replace("limits: {memory: 512Mi}", "")
    )

    assert "and in 1 more: Deployment shop/1gi, with other values to write" in text(report, Style())


def test_repeated_findings_are_told_each_time_on_demand(reported: Reported, deployment: Deployment) -> None:
    """`--verbose` collapses nothing."""
    files = {f"file{number}": deployment(CUT, name=f"web-{number}") for number in range(6)}

    assert text(reported(**files), Style(), verbose=True).count("error  too-short") == 6


def test_what_was_not_read_or_told_is_said(reported: Reported, deployment: Deployment, expected: Expected) -> None:
    """Nothing is skipped in silence: broken files, other programs, unknown programs, other files."""
    report = reported(
        broken="a: b: c\napiVersion: v1\nkind: Pod\n",
        notes="just: a note\n",
        other=deployment(OTHER, name="proxy"),
        untold=deployment(UNTOLD),
    )

    expected("text/not-told.txt", text(report, Style()))


def test_what_was_left_out_or_not_told_is_named_line_by_line_on_demand(
    reported: Reported, deployment: Deployment, expected: Expected
) -> None:
    """`--verbose` names each workload on a line of its own, so that a long list can be read and searched."""
    others = {f"other{number}": deployment(OTHER, name=f"proxy-{number}") for number in range(5)}
    untold = {f"untold{number}": deployment(UNTOLD, name=f"web-{number}") for number in range(5)}

    expected("text/named.txt", text(reported(**others, **untold), Style(), verbose=True))


def test_silenced_findings_are_listed_on_demand(reported: Reported, deployment: Deployment, expected: Expected) -> None:
    """An exemption silences, and `--verbose` names what and why."""
    metadata = ', annotations: {gracekeeper.dev/exempt: "too-short: drained by the mesh; limit-missing: a batch node"}'
    report = reported(web=deployment(CUT, metadata=metadata))

    expected("text/silenced.txt", text(report, Style(), verbose=True))
    assert "Silenced: 2 findings by exemptions" in text(report, Style())


def test_names_cannot_forge_lines(reported: Reported, deployment: Deployment) -> None:
    """A name with line breaks and escape sequences stays on its line, without powers."""
    report = reported(web=deployment(CUT).replace("- name: web", r'- name: "web\n  error  forged\e[2J"'))
    rendered = text(report, Style())

    assert "\x1b" not in rendered
    assert "\n  error  forged" not in rendered


def test_long_lines_are_cut_around_the_place(reported: Reported, deployment: Deployment) -> None:
    """A line that is wider than the terminal is shown around the place that is meant."""
    flow = deployment("containers: [{name: " + "x" * 300 + ', image: a, command: [gunicorn, "app:app"]}]')
    rendered = text(reported(web=flow), Style())

    assert max(len(line) for line in rendered.splitlines()[2:]) <= 100
    assert "…" in rendered
