"""The line of a manifest that a finding is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gracekeeper.reports.snippet import passage, snippet, way_to
from gracekeeper.reports.style import Style

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper.reports.report import Report
    from gracekeeper_policies.document import Path

CONTAINER: Path = ("spec", "template", "spec", "containers", 0)


def _shown(report: Report, *path: str | int, width: int = 100) -> tuple[str, ...]:
    workload = report.verdict.judged[0].workload
    return snippet(report.places, Style(width), workload, (*CONTAINER, *path))


def test_value_is_underlined_with_its_key(reported: Callable[..., Report], deployment: Callable[..., str]) -> None:
    """What is written is shown with its line number."""
    report = reported(web=deployment("containers:\n- name: web\n  image: shop/web:1\n"))

    assert _shown(report, "image") == (
        "   11 │         image: shop/web:1",
        "      │         ‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾",
    )


def test_default_is_shown_where_it_would_stand(reported: Callable[..., Report], deployment: Callable[..., str]) -> None:
    """What nobody wrote is named below the nearest line that is written."""
    report = reported(web=deployment("containers:\n- name: web\n  resources: {}\n"))

    assert _shown(report, "resources", "limits", "memory") == (
        "   11 │         resources: {}",
        "      │         ‾‾‾‾‾‾‾‾‾‾‾‾‾ limits.memory is not set",
    )


def test_script_is_shown_by_its_last_line(reported: Callable[..., Report], deployment: Callable[..., str]) -> None:
    """Of a script in a block, the command that stays is underlined."""
    spec = "containers:\n- name: web\n  args:\n  - |\n    cd /app\n    gunicorn app:app\n"

    assert _shown(reported(web=deployment(spec)), "args", 0) == (
        "   12 │         - |",
        "   14 │           gunicorn app:app",
        "      │           ‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾",
    )


def test_folded_script_keeps_its_first_line(reported: Callable[..., Report], deployment: Callable[..., str]) -> None:
    """Where the lines of a value are not those of the file, only the first is shown."""
    spec = "containers:\n- name: web\n  args:\n  - >\n    cd /app &&\n    gunicorn app:app\n"

    assert _shown(reported(web=deployment(spec)), "args", 0)[0] == "   12 │         - >"


def test_long_line_is_cut_around_the_place(reported: Callable[..., Report], deployment: Callable[..., str]) -> None:
    """The place that is meant stays in sight."""
    report = reported(web=deployment("containers: [{name: " + "x" * 300 + ", image: meant}]"))
    line, below = _shown(report, "image")

    assert "image: meant" in line
    assert max(len(line), len(below)) <= 100
    assert line.index("image: meant") == below.index("‾")


def test_text_that_is_gone_shows_nothing(reported: Callable[..., Report], deployment: Callable[..., str]) -> None:
    """A file that was deleted meanwhile costs the line, not the report."""
    report = reported(web=deployment("containers: [{name: web}]"))
    workload = report.verdict.judged[0].workload

    class Gone:
        def locate(self, *_: object) -> None:
            return None

        def passage(self, *_: object) -> None:
            return None

        def line_text(self, *_: object) -> str:
            return ""

    assert snippet(Gone(), Style(), workload, CONTAINER) == ()


def _way(report: Report, *path: str | int) -> list[tuple[int, str]]:
    workload = report.verdict.judged[0].workload
    [line, *_] = passage(report.places, workload, (*CONTAINER, *path))
    return [(line.number, line.text) for line in way_to(report.places, workload, line)]


def test_lines_lead_from_the_top_to_a_value(reported: Callable[..., Report], deployment: Callable[..., str]) -> None:
    """Each stands further to the left than the next; what stands beside them is left out."""
    report = reported(web=deployment("# a comment\ncontainers:\n  - name: web\n\n    image: shop/web:1\n"))

    assert _way(report, "image") == [
        (4, "spec:"),
        (6, "  template:"),
        (8, "    spec:"),
        (10, "      containers:"),
        (11, "        - name: web"),
    ]


def test_list_is_below_its_key_where_it_stands_no_further_right(
    reported: Callable[..., Report], deployment: Callable[..., str]
) -> None:
    """As most people write lists."""
    report = reported(web=deployment("containers:\n- name: web\n  image: shop/web:1\n"))

    assert _way(report, "image")[-2:] == [(9, "      containers:"), (10, "      - name: web")]


def test_lines_of_another_document_lead_nowhere(
    reported: Callable[..., Report], deployment: Callable[..., str]
) -> None:
    """The document's own first line is the furthest."""
    report = reported(
        web=f"kind: x\napiVersion: v1\nmetadata:\n  name: a\n---\n{deployment('containers: [{name: a}]')}"
    )

    assert _way(report, "name")[0] == (9, "spec:")


def test_lines_that_lead_to_a_value_show_no_secret(
    reported: Callable[..., Report], deployment: Callable[..., str]
) -> None:
    """Left out as from the line that is meant."""
    spec = "containers:\n- {name: web, env: [{name: DB_PASSWORD, value: Kanar1en}],\n   image: shop/web:1}\n"

    assert _way(reported(web=deployment(spec)), "image")[-1] == (
        10,
        "      - {name: web, env: [{name: DB_PASSWORD, value: …}],",
    )
