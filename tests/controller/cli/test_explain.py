"""`gracekeeper explain`, as people call it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    Run = Callable[..., Any]


def test_workload_is_explained(run: Run, bad: str) -> None:
    """Whoever asks what runs gets both timelines, and status 0 whatever is wrong with the workload."""
    ran = run("explain", bad)

    assert ran.status == 0
    assert ran.out.startswith("Deployment shop/web, 2 replicas")
    assert "PID 1  gunicorn --bind=0.0.0.0:8000 --workers=2 --graceful-timeout=30 app:app" in ran.out
    assert "✖ SIGKILL at 20" in ran.out


def test_one_workload_is_chosen_by_kind_and_name(run: Run, good: str) -> None:
    """Kinds may be written small."""
    assert run("explain", good, "--workload", "deployment/web").out == run("explain", good).out


def test_unknown_workload_is_status_2(run: Run, good: str) -> None:
    """A mistyped name is answered with the nearest."""
    ran = run("explain", good, "--workload", "Deployment/wev")

    assert (ran.status, ran.out) == (2, "")
    assert ran.err == "gracekeeper: there is no workload Deployment/wev in the input. Near: Deployment/web.\n"


def test_unreadable_input_is_status_2(run: Run, folder: Path, broken: str) -> None:
    """What can be read is explained all the same."""
    ran = run("explain", broken)
    last_line = len((folder / broken).read_text().splitlines())

    assert ran.status == 2
    assert ran.err.startswith(f"broken.yaml:{last_line}:5: ")
    assert "Deployment shop/web" in ran.out
