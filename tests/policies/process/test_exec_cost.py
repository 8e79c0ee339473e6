"""Exec probes: what their command costs before it asks anything."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gracekeeper_policies.process.exec_cost import ExecCost, cost_of


@pytest.mark.parametrize(
    ("line", "name", "seconds"),
    [
        ("python -c pass", "python", 0.025),
        ("python3.12 -c 'import urllib.request as r; r.urlopen(1)'", "python with urllib.request", 0.12),
        ("/usr/bin/python3 -c 'import httpx'", "python with httpx", 0.365),
        ("python -c 'open(\"/tmp/http_requests_total\")'", "python", 0.025),
        ("python /app/alive.py", "python", 0.025),
        ("python manage.py check", "manage.py check", 0.675),
        ("./manage.py check --deploy", "manage.py check", 0.675),
        ("celery -A shop inspect ping", "celery inspect", 2.0),
        ("celery -A shop inspect ping -t 5", "celery inspect", 6.0),
        ("celery -A shop inspect ping --timeout=0.5", "celery inspect", 1.5),
        ("celery inspect ping -A shop -d celery@web", "celery inspect", 1.0),
        ("celery -A shop inspect ping --destination celery@web", "celery inspect", 1.0),
        ("celery -A shop status", "celery status", 2.0),
        ("python -m celery -A shop inspect ping", "celery inspect", 2.0),
        ("sh -c 'cd /app && celery -A shop inspect ping -d celery@$HOSTNAME | grep OK'", "celery inspect", 1.0),
        ("uv run celery -A shop status", "celery status", 2.0),
        ("rq info -u redis://x", "rq info", 0.505),
        ("arq --check shop.WorkerSettings", "arq --check", 0.47),
    ],
)
def test_a_command_that_starts_python_has_a_measured_cost(line: str, name: str, seconds: float) -> None:
    """Its imports, and the second in which celery collects answers unless it knows whom to ask."""
    cost = cost_of(shlex.split(line), {})
    assert cost is not None
    assert name == cost.name
    assert cost.seconds(1) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "line",
    ["", "cat /tmp/alive", "curl localhost", "sh -c 'find /tmp/alive | grep .'", "./healthcheck", "celery -A a report"],
)
def test_other_commands_cost_nothing_that_is_known(line: str) -> None:
    """What was not measured is not claimed."""
    assert cost_of(shlex.split(line), {}) is None


@given(st.floats(0, 10), st.floats(0, 10), st.floats(0.001, 64))
def test_fewer_cores_never_make_it_faster(cpu: float, waits: float, cores: float) -> None:
    """And more than one make a single start no faster; waiting takes no CPU."""
    cost = ExecCost("x", cpu, waits)
    assert cost.seconds(64) <= cost.seconds(cores)
    assert cost.seconds(1) == cost.seconds(64) == cpu + waits
