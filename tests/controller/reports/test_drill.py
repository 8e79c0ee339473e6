"""What is told of a drill: two pictures on one scale, the requests, and what went otherwise than predicted."""

from __future__ import annotations

import json
import re
import textwrap
from typing import TYPE_CHECKING, Final

import pytest

from gracekeeper.drill.observed import Answer, InFlight, Observed
from gracekeeper.drill.plan import Asked, Plan, plan_of
from gracekeeper.reports.drill import drill_text
from gracekeeper.reports.drill_json import drill_json
from gracekeeper.reports.drill_verdict import differences
from gracekeeper.reports.html.drill import drill_html
from gracekeeper.reports.style import Style

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gracekeeper_policies.verdict import Judged

    Planned = Callable[..., Plan]
    Expected = Callable[[str, str], None]

GUNICORN: Final = """
    containers:
    - name: web
      image: shop/web:1
      command: [gunicorn, --workers=4, --graceful-timeout=20, "app:app"]
      lifecycle: {preStop: {sleep: {seconds: 5}}}
"""
UVICORN: Final = """
    containers: [{name: web, image: "shop/web:1", command: [uvicorn, --workers=2, "app:app"]}]
"""
WAITRESS: Final = """
    containers: [{name: web, image: "shop/web:1", command: [waitress-serve, "app:app"]}]
"""
DAPHNE: Final = """
    containers: [{name: web, image: "shop/web:1", command: [daphne, "app:app"]}]
"""
CONSUMER: Final = """
    containers: [{name: web, image: "shop/web:1", command: [python, consumer.py]}]
"""
HOOKED: Final = """
    containers:
    - name: web
      image: shop/web:1
      command: [gunicorn, --graceful-timeout=20, "app:app"]
      lifecycle: {preStop: {exec: {command: [sleep, "5"]}}}
"""
UNTOLD: Final = """
    containers:
    - name: web
      image: shop/web:1
      command: [gunicorn, --graceful-timeout=20, "app:app"]
      lifecycle: {preStop: {exec: {command: [/bin/deregister]}}}
"""

_HANG: Final = "hang until the workers are gone and are then reset"
DRILLS: Final = {
    "it stops as predicted": (
        GUNICORN,
        Observed(
            ready=0.84,
            hook=5.004,
            signalled=5.008,
            ended=8.13,
            code=0,
            in_flight=InFlight(finished=4, lost=1, served=1, answered=12, statuses=(200,), over=8.0),
            connections=(Answer.HANGS,),
        ),
    ),
    "SIGKILL cuts requests": (
        UVICORN,
        Observed(
            ready=1.2,
            signalled=0.0,
            killed=30.0,
            ended=30.02,
            code=137,
            in_flight=InFlight(finished=1, cut=1, statuses=(200, 404), over=3.0, first_cut=30.0),
            connections=(Answer.SERVED, Answer.REFUSED),
        ),
    ),
    "it ends though it was predicted to go on": (
        WAITRESS,
        Observed(ready=0.5, signalled=0.0, ended=0.04, code=7, in_flight=InFlight(cut=1, first_cut=0.03)),
    ),
    "nothing is in flight": (
        DAPHNE,
        Observed(ready=0.5, signalled=0.0, ended=0.3, code=0, in_flight=InFlight(answered=57, turned_away=1)),
    ),
    "its own code decides": (CONSUMER, Observed(ready=None, signalled=0.0, ended=1.26, code=143)),
    "the hook ends it": (
        UNTOLD,
        Observed(ready=0.5, hook=1.71, ended=1.7, code=0, in_flight=InFlight(finished=1, over=1.6)),
    ),
    "the hook fails": (
        HOOKED,
        Observed(
            ready=0.5,
            hook=0.1,
            trouble="it ended with 127: sleep:\n not found",
            signalled=0.1,
            ended=0.4,
            code=0,
            in_flight=InFlight(finished=1, over=0.3),
        ),
    ),
}


@pytest.fixture
def planned(pod: Callable[[str], Judged], tmp_path: Path) -> Planned:
    """Plans the drill of a pod's specification, in a Deployment `shop/web`, where every program is at hand."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("daphne", "gunicorn", "python", "uvicorn", "waitress-serve"):
        (programs / name).touch()
        (programs / name).chmod(0o755)

    def plan(spec: str) -> Plan:
        return plan_of(pod(textwrap.dedent(spec)).timelines[0], "pod", Asked("/slow"), {"PATH": str(programs)})

    return plan


def _name(caption: str) -> str:
    return caption.replace(" ", "-")


@pytest.mark.parametrize("caption", DRILLS)
def test_drill_as_text(caption: str, planned: Planned, expected: Expected) -> None:
    """What was predicted and what was seen stand on the same seconds, in 100 columns."""
    spec, observed = DRILLS[caption]

    expected(f"drill/{_name(caption)}.txt", drill_text(planned(spec), observed, Style(100)))


@pytest.mark.parametrize("caption", ["it stops as predicted", "SIGKILL cuts requests"])
def test_drill_as_json(caption: str, planned: Planned, expected: Expected) -> None:
    """A program reads the same."""
    spec, observed = DRILLS[caption]

    expected(f"drill/{_name(caption)}.json", drill_json(planned(spec), observed))


def test_drill_as_page(planned: Planned) -> None:
    """Both pictures on the same seconds, the sentences, and no script; what a manifest smuggles in stays text."""
    spec, observed = DRILLS["SIGKILL cuts requests"]
    plan = planned(spec.replace("uvicorn, ", 'uvicorn, "--log-config=<script>alert(1)</script>", '))

    page = drill_html(plan, observed)

    assert page.count("<svg role=") == 2
    assert (
        re.findall(r'<text class="axis" x="[\d.]+%" y="12">(\d+)</text>', page)
        == ["5", "10", "15", "20", "25", "30"] * 2
    )
    assert "SIGKILL at 30, 1 request cut" in page
    assert "<p>SIGKILL is needed at 30 s, and 1 of 2 requests in flight is cut.</p>" in page
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_ascii_draws_the_same(planned: Planned) -> None:
    """A terminal without UTF-8 gets plain characters in the same columns."""
    spec, observed = DRILLS["it stops as predicted"]
    plan = planned(spec)
    text, plain = (drill_text(plan, observed, Style(100, unicode=each)) for each in (True, False))

    assert plain.isascii()
    assert [line.find("exits with 0") for line in text.splitlines()] == [
        line.find("exits with 0") for line in plain.splitlines()
    ]


def test_no_secret_of_the_manifest_is_shown(planned: Planned) -> None:
    """Neither the command nor what a hook says shows one."""
    plan = planned("""
        containers:
        - name: web
          image: shop/web:1
          command: [gunicorn, --env=DB_PASSWORD=Kanar1en, "app:app"]
          env: [{name: DB_PASSWORD, value: Kanar1en}]
          lifecycle: {preStop: {exec: {command: [deregister, --password, Kanar1en]}}}
    """)
    observed = Observed(ready=1, hook=0.1, trouble="it ended with 1: bad Kanar1en", signalled=0.1, ended=1.0, code=0)

    for told in (drill_text(plan, observed, Style(100)), drill_json(plan, observed), drill_html(plan, observed)):
        assert "Kanar1en" not in told
    assert json.loads(drill_json(plan, observed))["observed"]["preStopTrouble"] == "it ended with 1: bad …"


@pytest.mark.parametrize(
    ("spec", "observed", "difference"),
    [
        (GUNICORN, Observed(ready=1, hook=5.0, signalled=5.0, ended=25.1, code=0), ""),
        (
            GUNICORN,
            Observed(ready=1, hook=5.0, signalled=5.0, ended=38.0, code=0),
            "it ends at 38 s, and was predicted to end by 25",
        ),
        (
            GUNICORN,
            Observed(ready=1, hook=5.0, signalled=5.0, killed=30.0, ended=30.0, code=137),
            "SIGKILL is needed at 30 s, though its end was predicted by 25",
        ),
        (
            GUNICORN,
            Observed(
                ready=1,
                hook=5.0,
                signalled=5.0,
                ended=7.0,
                code=0,
                in_flight=InFlight(finished=1, cut=1, first_cut=6.0),
            ),
            "a request is cut at 6 s, though requests were predicted to have until 25",
        ),
        (
            GUNICORN,
            Observed(ready=1, hook=5.0, signalled=5.0, ended=25.0, code=0, in_flight=InFlight(cut=1, first_cut=24.9)),
            "",
        ),
        (
            GUNICORN,
            Observed(ready=1, hook=1.0, signalled=1.0, ended=3.0, code=0),
            "the pre-stop hook takes 1 s, predicted were 5",
        ),
        (
            GUNICORN,
            Observed(ready=1, hook=2.0, ended=2.0, code=0),
            "it is gone before the stop signal, 2 s after the pre-stop hook began",
        ),
        (
            GUNICORN,
            Observed(
                ready=1,
                hook=5.0,
                signalled=5.0,
                ended=9.0,
                code=0,
                in_flight=InFlight(finished=1),
                connections=(Answer.SERVED,),
            ),
            f"new connections are served, and it was predicted that they {_HANG}",
        ),
        (
            WAITRESS,
            Observed(
                ready=1,
                signalled=0.0,
                killed=30.0,
                ended=30.0,
                code=137,
                in_flight=InFlight(finished=1),
                connections=(Answer.SERVED,),
            ),
            "",
        ),
        (
            WAITRESS,
            Observed(
                ready=1,
                signalled=0.0,
                killed=30.0,
                ended=30.0,
                code=137,
                in_flight=InFlight(finished=1),
                connections=(Answer.HANGS,),
            ),
            "",
        ),
        (
            WAITRESS,
            Observed(
                ready=1,
                signalled=0.0,
                killed=30.0,
                ended=30.0,
                code=137,
                in_flight=InFlight(finished=1),
                connections=(Answer.REFUSED,),
            ),
            "new connections are refused, and it was predicted to go on serving",
        ),
        (
            DAPHNE,
            Observed(ready=1, signalled=0.0, ended=6.0, code=0),
            "daphne ends 6 s after the signal, and was predicted to end at once",
        ),
        (UVICORN, Observed(ready=1, signalled=0.0, killed=30.0, ended=30.0, code=137), ""),
    ],
)
def test_what_went_otherwise_is_named(planned: Planned, spec: str, observed: Observed, difference: str) -> None:
    """A clause for each; nothing where it went as it was said."""
    assert differences(planned(spec), observed) == ((difference,) if difference else ())
