"""The rules on shutdown: remedies that hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper_policies.verdict import Verdict


@pytest.mark.parametrize(
    ("container", "remedy"),
    [
        ("{command: [gunicorn, 'app:app']}", "32 (gunicorn needs up to 30 s, 2 margin)"),
        ("{command: [gunicorn, --graceful-timeout=20, 'app:app']}", "30 (Kubernetes' default; more if the server "),
        (
            "{command: [gunicorn, 'app:app'], lifecycle: {preStop: {sleep: {seconds: 15}}}}",
            "47 (gunicorn needs up to 45 s, 2 margin)",
        ),
        ("{command: [celery, -A, shop, worker]}", "30 (Kubernetes' default; more if the server "),
        (
            "{command: [gunicorn, 'app:app'], lifecycle: {preStop: {exec: {command: [sleep, infinity]}}}}",
            "30 (Kubernetes' default; more if the server ",
        ),
    ],
)
@pytest.mark.parametrize("grace", [0, -5])
def test_a_pod_without_time_is_offered_what_it_needs(
    verdict: Callable[..., Verdict], container: str, remedy: str, grace: int
) -> None:
    """The slowest container's delay and drain, never less than Kubernetes' own default."""
    text = f"terminationGracePeriodSeconds: {grace}\ncontainers: [{container}, {{name: other, image: nginx}}]"
    [found] = [each.finding for each in verdict(text).rulings if each.rule.id == "grace-period-zero"]
    assert found.remedy.startswith(f"write terminationGracePeriodSeconds: {remedy}")


def test_following_that_remedy_leaves_no_finding_on_grace(found: Callable[..., set[str]]) -> None:
    """What is written is enough for the rule that asks next."""
    pod = "containers: [{command: [gunicorn, 'app:app'], lifecycle: {preStop: {sleep: {seconds: 15}}}}]"
    assert "grace-period-zero" in found(f"terminationGracePeriodSeconds: 0\n{pod}")
    shutdown = {"grace-period-zero", "grace-period-too-short", "drain-delay-exceeds-grace"}
    assert not shutdown & found(f"terminationGracePeriodSeconds: 47\n{pod}")


@pytest.mark.parametrize(
    ("script", "remedy"),
    [
        ("cd /app && gunicorn app:app", "write exec gunicorn app:app … "),
        ("pip install flask; gunicorn app:app", "write exec gunicorn app:app … "),
        ("python report.py; echo done", "end the script with `exec python report.py …`, outside of "),
        ("python load.py; aws s3; if true; then echo done; fi", "end the script with `exec aws s3 …`, outside of "),
        ("gunicorn app:app || exit 1", "end the script with `exec gunicorn app:app …`, outside of "),
    ],
)
def test_exec_is_only_put_where_nothing_is_lost(verdict: Callable[..., Verdict], script: str, remedy: str) -> None:
    """What stands behind the program would never run once the program has taken the shell's place."""
    pod = f'containers: [{{image: "python:3.12", command: [sh, -c, "{script}"]}}]'
    [found] = [each.finding for each in verdict(pod).rulings if each.rule.id == "stop-signal-not-delivered"]
    assert remedy == found.remedy[: len(remedy)]


@pytest.mark.parametrize(("interface", "facts"), [("wsgi", ["SIGTERM unnoticed"]), ("asgi", [])])
def test_a_wait_without_limit_tells_of_missed_signals(
    verdict: Callable[..., Verdict], interface: str, facts: list[str]
) -> None:
    """The limit that it asks for is also what ends a worker that has not heard the signal."""
    text = f"containers: [{{name: web, command: [granian, --interface, {interface}, 'app:app']}}]"
    [found] = [each.finding for each in verdict(text).rulings if each.rule.id == "shutdown-unbounded"]
    assert facts == [each.fact for each in found.evidence if "unnoticed" in each.fact]
