"""What each server is told about its stop: one command line, and the rules of shutdown that speak, proven or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper_policies.verdict import Verdict

DELAY = "drain-delay-missing?"
CONTAINERS = """
    containers:
    - name: web
      image: shop/web:1.4.2
      command: {command}
"""


def told(verdict: Verdict, concern: str = "shutdown") -> set[str]:
    """The rules of a concern that find something; a suspicion ends in a question mark."""
    return {
        ruling.rule.id + ("?" if ruling.finding.doubt else "")
        for ruling in verdict.rulings
        if ruling.rule.concern == concern
    }


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("fastapi run", {"shutdown-unbounded", DELAY}),
        ("fastapi dev --host 0.0.0.0", {"development-server"}),
        ("fastapi run --reload", {"development-server", "shutdown-unbounded", DELAY}),
        ("hypercorn -b :80 a:a", {DELAY}),
        ("hypercorn -b :80 -w 4 a:a", {"server-cannot-drain", DELAY}),
        ("hypercorn -c a.toml a:a", {DELAY}),
        ("granian a:a", {"shutdown-unbounded", DELAY}),
        ("granian --workers-kill-timeout 20s a:a", {DELAY}),
        ("granian --workers-kill-timeout 60s a:a", {"grace-period-too-short", DELAY}),
        ("daphne a:a", {"server-cannot-drain", DELAY}),
        ("waitress-serve a:a", {"stop-signal-ignored"}),
        ("tini -- waitress-serve a:a", {"server-cannot-drain", DELAY}),
        ("dumb-init --rewrite 15:2 waitress-serve a:a", {DELAY}),
        ("uwsgi --http :80 --master", {"stop-signal-mismatch"}),
        ("uwsgi --http :80 --master --die-on-term", {"server-cannot-drain", DELAY}),
        ("uwsgi --http :80", {"server-cannot-drain", DELAY}),
        ("uwsgi --ini app.ini", {"server-cannot-drain?", DELAY}),
        ("uwsgi --ini app.ini --master", {"stop-signal-mismatch?"}),
        ("uwsgi --http :80 --py-autoreload=2", {"development-server", "server-cannot-drain", DELAY}),
        ("flask run", {"development-server", "stop-signal-ignored"}),
        ("flask run --debug", {"development-server"}),
        ("tini -- flask run", {"development-server"}),
        ("python manage.py runserver", {"development-server"}),
        ("locust -f load.py", {"server-cannot-drain", DELAY}),
        ("locust -f load.py --master --stop-timeout 60", set()),
        ("locust -f load.py --headless", set()),
        ("locust -f load.py --worker", set()),
        ("env LOCUST_HEADLESS=true locust -f load.py", set()),
        ("python -m http.server 8080", {"development-server", "stop-signal-ignored"}),
        ("celery -A a flower", {"server-cannot-drain", DELAY}),
        ("python manage.py runserver --noreload", {"development-server", "stop-signal-ignored?"}),
        ("gunicorn --reload --graceful-timeout 20 a:a", {"development-server", "request-outlives-drain?", DELAY}),
        ("gunicorn -t 120 --graceful-timeout 20 a:a", {"request-outlives-drain", DELAY}),
        ("gunicorn -t 20 --graceful-timeout 20 a:a", {DELAY}),
        ("gunicorn --threads 4 -t 120 --graceful-timeout 20 a:a", {DELAY}),
        ("dumb-init -r 15:3 gunicorn a:a", {"stop-signal-mismatch", DELAY}),
        ("dumb-init -r 15:2 gunicorn -k uvicorn_worker.UvicornWorker a:a", {"grace-period-too-short", DELAY}),
        ("dumb-init -r 15:2 gunicorn -k shop.workers.Own a:a", {"stop-signal-mismatch?", DELAY}),
        ("dumb-init -r 15:2 uvicorn a:a", {"shutdown-unbounded", DELAY}),
        ("vllm serve --uvicorn-log-level info", set()),
        ("/entrypoint-uwsgi.sh", set()),
    ],
)
def test_each_server_is_told_what_its_stop_does(verdict: Callable[..., Verdict], line: str, expected: set[str]) -> None:
    """Each once: what one rule says, no other repeats."""
    assert expected == told(verdict(CONTAINERS.format(command=line.split())))


STOPPED_AT = """
    containers:
    - name: web
      image: shop/web:1.4.2
      command: {command}
      lifecycle: {{stopSignal: {signal}}}
"""


@pytest.mark.parametrize(
    ("line", "signal", "expected"),
    [
        ("gunicorn --graceful-timeout 20 -t 20 a:a", "SIGQUIT", {"stop-signal-mismatch?", DELAY}),
        ("uvicorn --timeout-graceful-shutdown 20 a:a", "SIGINT", {DELAY}),
        ("uvicorn --timeout-graceful-shutdown 20 a:a", "SIGQUIT", {"stop-signal-mismatch?", DELAY}),
        ("waitress-serve a:a", "SIGINT", {"stop-signal-ignored?"}),
        ("uwsgi --http :80 --master", "SIGINT", {"stop-signal-mismatch?"}),
    ],
)
def test_a_signal_behind_a_gate_is_only_suspected(
    verdict: Callable[..., Verdict], line: str, signal: str, expected: set[str]
) -> None:
    """`lifecycle.stopSignal` is dropped where the gate is off, so it neither mends nor breaks for certain."""
    assert expected == told(verdict(STOPPED_AT.format(command=line.split(), signal=signal)))


LIVENESS = """
    containers:
    - name: web
      image: shop/web:1.4.2
      command: {command}
      readinessProbe: {{httpGet: {{path: /r, port: 8000}}}}
      livenessProbe: {probe}
"""
ASKED = "{httpGet: {path: /a, port: 8000}}"


@pytest.mark.parametrize(
    ("line", "probe", "found"),
    [
        ("gunicorn -b :8000 a:a", ASKED, {"probe-shares-sole-worker"}),
        ("gunicorn -b :8000 -t 15 a:a", ASKED, set()),
        ("gunicorn -b :8000 -t 0 a:a", ASKED, {"probe-shares-sole-worker"}),
        ("gunicorn -b :8000 -w 2 a:a", ASKED, set()),
        ("gunicorn -b :8000 --threads 2 a:a", ASKED, set()),
        ("gunicorn -b :8000 -k gevent a:a", ASKED, set()),
        ("gunicorn -b :8000 a:a", "{tcpSocket: {port: 8000}}", set()),
        ("gunicorn -b :8000 a:a", "{exec: {command: [test, -e, /alive]}}", set()),
        ("gunicorn -b :8000 a:a", "{httpGet: {path: /a, port: 9000}}", {"probe-port-mismatch"}),
        ("gunicorn -b :8000 a:a", "{httpGet: {path: /a, port: 8000}, failureThreshold: 6}", set()),
        ("gunicorn -b :8000 -c app.py a:a", ASKED, {"probe-shares-sole-worker?"}),
        ("uwsgi --http :8000", ASKED, {"probe-shares-sole-worker"}),
        ("waitress-serve --port=8000 a:a", ASKED, set()),
    ],
)
def test_one_worker_answers_requests_and_probe_in_turn(
    verdict: Callable[..., Verdict], line: str, probe: str, found: set[str]
) -> None:
    """A TCP connection is accepted by the kernel, and gunicorn may end a slow request before the probe gives up."""
    assert found == told(verdict(LIVENESS.format(command=line.split(), probe=probe)), "probes")


def test_a_long_enough_delay_protects_what_cannot_drain(verdict: Callable[..., Verdict]) -> None:
    """Who declares the longest request, and waits for it, is not warned."""
    text = """
        apiVersion: v1
        kind: Pod
        metadata: {name: web, annotations: {gracekeeper.dev/request-seconds: "SECONDS"}}
        spec:
          containers:
          - name: web
            image: shop/web:1.4.2
            command: [daphne, -b, 0.0.0.0, "a:a"]
            lifecycle: {preStop: {sleep: {seconds: 20}}}
    """
    assert told(verdict(text.replace("SECONDS", "15"))) == set()
    assert told(verdict(text.replace("SECONDS", "25"))) == {"server-cannot-drain"}
