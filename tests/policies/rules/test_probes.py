"""The rules on probes: which names and numbers the kubelet makes something of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gracekeeper_policies.document import render_path

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper_policies.verdict import Verdict

SERVER = """
containers:
- name: web
  image: shop/web:1.4.2
  command: [{command}]
  ports: [{{name: http, containerPort: 8000}}]
  {written}
"""


OTHER_QUESTION = "let liveness ask something that touches no dependency"


@pytest.fixture
def told(verdict: Callable[..., Verdict]) -> Callable[..., list[tuple[str, str]]]:
    """The paths and remedies of what one rule finds in a container with these fields."""

    def _told(rule: str, written: str, command: str = "gunicorn, --bind=:8000, 'app:app'") -> list[tuple[str, str]]:
        found = verdict(SERVER.format(command=command, written=written)).rulings
        places = ((render_path(each.finding.at), each.finding.remedy) for each in found if each.rule.id == rule)
        return [(path.rpartition("containers[0].")[2], remedy) for path, remedy in places]

    return _told


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("livenessProbe: {httpGet: {port: web}}", "livenessProbe.httpGet.port"),
        ("readinessProbe: {tcpSocket: {port: web}}", "readinessProbe.tcpSocket.port"),
        ("startupProbe: {httpGet: {port: web, host: example.com}}", "startupProbe.httpGet.port"),
        ("lifecycle: {preStop: {httpGet: {port: web}}}", "lifecycle.preStop.httpGet.port"),
        ("lifecycle: {postStart: {httpGet: {port: web}}}", "lifecycle.postStart.httpGet.port"),
    ],
)
def test_a_name_is_looked_up_wherever_it_is_asked_for(
    told: Callable[..., list[tuple[str, str]]], written: str, path: str
) -> None:
    """In every probe and hook, whatever host is asked."""
    expected = f"write {path}: http (a name that the container has)"
    assert [(path, expected)] == told("probe-port-name-unknown", written)


@pytest.mark.parametrize("port", ["http", "8000", "'{{ port }}'", "'${PORT}'", "V_PORT", "<port>"])
def test_known_names_numbers_and_placeholders_are_no_finding(
    told: Callable[..., list[tuple[str, str]]], port: str
) -> None:
    """What the API server would take for no name is filled in later."""
    assert [] == told("probe-port-name-unknown", f"livenessProbe: {{httpGet: {{port: {port}}}}}")


def test_digits_in_quotes_are_a_name(told: Callable[..., list[tuple[str, str]]]) -> None:
    """One that the API server refuses."""
    found = told("probe-port-name-unknown", "livenessProbe: {httpGet: {port: '8000'}}")
    assert [("livenessProbe.httpGet.port", "write livenessProbe.httpGet.port: 8000 (in quotes it is a name)")] == found


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("readinessProbe: {exec: {command: ['true']}, periodSeconds: 5, timeoutSeconds: 6}", "readinessProbe"),
        ("startupProbe: {httpGet: {port: http}, timeoutSeconds: 11}", "startupProbe"),
    ],
)
def test_a_timeout_beyond_the_period_stretches_it(
    told: Callable[..., list[tuple[str, str]]], written: str, path: str
) -> None:
    """Of each probe that asks something."""
    assert [f"{path}.timeoutSeconds"] == [at for at, _ in told("probe-timeout-exceeds-period", written)]


@pytest.mark.parametrize(
    "probe",
    ["timeoutSeconds: 10", "periodSeconds: 0, timeoutSeconds: 10", "periodSeconds: 1, timeoutSeconds: 0"],
)
def test_a_timeout_up_to_the_period_is_fine(told: Callable[..., list[tuple[str, str]]], probe: str) -> None:
    """An explicit 0 is the default: a period of 10 s, a timeout of 1 s."""
    assert [] == told("probe-timeout-exceeds-period", f"livenessProbe: {{httpGet: {{port: http}}, {probe}}}")


@pytest.mark.parametrize(
    ("command", "remedy"),
    [
        (
            "gunicorn, --bind=:8000, 'app:app'",
            "write livenessProbe.httpGet.port: 8000 (with a path that touches no dependency)",
        ),
        (
            "gunicorn, '--bind=127.0.0.1:9', --bind=:8000, 'app:app'",
            "write livenessProbe.httpGet.port: 8000 (with a path that touches no dependency)",
        ),
        (
            "gunicorn, '--bind=127.0.0.1:9', 'app:app'",
            "write a livenessProbe that asks the server, and nothing behind it",
        ),
    ],
)
def test_a_liveness_probe_asks_where_the_server_listens(
    told: Callable[..., list[tuple[str, str]]], command: str, remedy: str
) -> None:
    """Where that can be reached; a readiness or startup probe does not replace it."""
    written = "startupProbe: {httpGet: {port: http}}"
    assert [("livenessProbe", remedy)] == told("liveness-probe-missing", written, command)


@pytest.mark.parametrize("command", ["celery, -A, shop, worker", "python, app.py", "./start.sh"])
def test_only_servers_need_a_liveness_probe(told: Callable[..., list[tuple[str, str]]], command: str) -> None:
    """What a worker does is not asked over a port, and nothing is claimed of what is not known."""
    assert [] == told("liveness-probe-missing", "stdin: false", command)


@pytest.mark.parametrize(
    ("readiness", "remedies"),
    [
        (
            "periodSeconds: 10",
            f"{OTHER_QUESTION}; or write livenessProbe.failureThreshold: 9 (9 × 10 s, three times readiness' patience)",
        ),
        ("periodSeconds: 2, failureThreshold: 1000", OTHER_QUESTION),
    ],
)
def test_liveness_is_not_offered_more_patience_than_an_hour(
    told: Callable[..., list[tuple[str, str]]], readiness: str, remedies: str
) -> None:
    """A liveness probe that gives up after hours restarts nothing any more."""
    asked = "httpGet: {path: /, port: http}"
    written = f"livenessProbe: {{{asked}}}\n  readinessProbe: {{{asked}, {readiness}}}"
    assert [("livenessProbe", remedies)] == told("liveness-same-as-readiness", written)
