"""Pre-stop hooks: what stops the server before anything was waited for, and what an image cannot run."""

from __future__ import annotations

import shlex

import pytest

from gracekeeper_policies.process.hook import needs_tools, signals_and_waits, stops_first
from gracekeeper_policies.process.image import ImageReference


@pytest.mark.parametrize(
    ("line", "stops"),
    [
        ("kill 1", True),
        ("/bin/kill -TERM 1", True),
        ("kill -s QUIT 1", True),
        ("kill -SIGINT 1", True),
        ("pkill gunicorn", True),
        ("pkill -f gunicorn", True),
        ("killall -TERM gunicorn", True),
        ("sh -c 'kill -15 1'", True),
        ("sh -c 'kill -TERM 1; sleep 10'", True),
        ("bash -c 'kill 1 && while true; do sleep 1; done'", True),
        ("sh -c 'sleep 10; kill 1'", False),
        ("sh -c 'sleep 10 && kill -TERM 1'", False),
        ("kill -0 1", False),
        ("kill -HUP 1", False),
        ("kill 12", False),
        ("pkill nginx", False),
        ("sh -c 'echo kill 1'", False),
        ("sh -c 'kill \"1'", False),
        ("sh /stop.sh", False),
        ("sleep 5", False),
        ("", False),
    ],
)
def test_a_hook_may_stop_the_server_itself(line: str, stops: bool) -> None:
    """Only its first command counts: behind a sleep the endpoints are gone."""
    assert stops is stops_first(shlex.split(line), "gunicorn")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("kill 1", ("SIGTERM", 0.0)),
        ("killall -INT gunicorn", ("SIGINT", 0.0)),
        ("sh -c 'kill -TERM 1; sleep 10'", ("SIGTERM", 10.0)),
        ("sh -c 'sleep 5; kill -15 1; sleep 1m && sleep 1'", ("SIGTERM", 61.0)),
        ("sh -c 'sleep 5; kill 1'", ("SIGTERM", 0.0)),
        # It waits for the end, and no second signal finds anybody.
        ("sh -c 'kill -TERM 1; while kill -0 1; do sleep 1; done'", None),
        ("sh -c 'kill -TERM 1; /app/wait-for-the-end'", None),
        ("sh -c 'kill -TERM 1; sleep $DELAY'", None),
        ("sh -c 'echo \"a; kill 1\"'", None),
        ("kill -HUP 1", None),
        ("sleep 5", None),
    ],
)
def test_a_hook_may_signal_the_server_and_wait(line: str, told: tuple[str, float] | None) -> None:
    """What the hook does behind its signal is the time until the kubelet's own."""
    assert told == signals_and_waits(shlex.split(line), "gunicorn")


@pytest.mark.parametrize(
    ("image", "line", "missing"),
    [
        ("gcr.io/distroless/python3-debian12", "sh -c 'sleep 5'", True),
        ("gcr.io/distroless/python3-debian12:nonroot", "sleep 5", True),
        ("gcr.io/distroless/python3-debian12:debug", "sleep 5", False),
        ("cgr.dev/chainguard/python:latest", "/bin/sleep 5", True),
        ("cgr.dev/chainguard/python:latest-dev", "sleep 5", False),
        ("gcr.io/distroless/python3-debian12", "python -c 'import time; time.sleep(5)'", False),
        ("python:3.12-slim", "sleep 5", False),
        ("{{ image }}", "sleep 5", False),
    ],
)
def test_an_image_may_lack_a_shell(image: str, line: str, missing: bool) -> None:
    """By its name: the debugging variants have one."""
    reference = ImageReference.parse(image)
    bare = reference is not None and reference.is_distroless
    assert missing is (bare and needs_tools(shlex.split(line)))
