"""Shutdowns as pictures: each row stands at its second."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gracekeeper.reports.shutdown import shutdown
from gracekeeper.reports.style import Style

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper_policies.verdict import Judged

PODS = {
    "work is cut": """
        containers:
        - name: web
          image: shop/web:1
          command: [gunicorn, --graceful-timeout=60, "app:app"]
          lifecycle: {preStop: {sleep: {seconds: 15}}}
    """,
    "a little work is cut": """
        containers:
        - {name: web, image: "shop/web:1", command: [gunicorn, --graceful-timeout=32, "app:app"]}
    """,
    "there is time to spare": """
        terminationGracePeriodSeconds: 60
        containers:
        - name: web
          image: shop/web:1
          command: [gunicorn, --graceful-timeout=20, "app:app"]
          lifecycle: {preStop: {sleep: {seconds: 5}}}
    """,
    "nothing is to spare": """
        containers:
        - {name: web, image: "shop/web:1", command: [gunicorn, "app:app"]}
    """,
    "the drain has no limit": """
        containers:
        - {name: api, image: "shop/api:1", command: [uvicorn, "app:app"]}
    """,
    "a worker finishes its tasks": """
        terminationGracePeriodSeconds: 600
        containers:
        - {name: worker, image: "shop/api:1", command: [celery, -A, shop, worker]}
    """,
    "a worker drops its tasks": """
        containers:
        - name: worker
          image: shop/api:1
          command: [celery, -A, shop, worker]
          env: [{name: REMAP_SIGTERM, value: SIGQUIT}]
    """,
    "a shell keeps the signal": """
        containers:
        - {name: web, image: "python:3.12-slim", command: [sh, -c, "cd /app && gunicorn app:app"]}
    """,
    "a shell may keep the signal": """
        containers:
        - {name: web, image: "registry.example.com/web:1", command: [sh, -c, "gunicorn app:app"]}
    """,
    "a shell behind an init is killed": """
        containers:
        - {name: web, image: "python:3.12-slim", command: [tini, --, sh, -c, "cd /app && gunicorn app:app"]}
    """,
    "the signal arrives as another": """
        containers:
        - {name: web, image: "shop/web:1", command: [dumb-init, --rewrite, "15:2", gunicorn, "app:app"]}
    """,
    "the program decides itself": """
        containers:
        - {name: job, image: "shop/web:1", command: [python, job.py]}
    """,
    "the program is not known": """
        containers:
        - {name: web, image: "shop/web:1"}
    """,
    "the hook takes everything": """
        terminationGracePeriodSeconds: 10
        containers:
        - name: web
          image: shop/web:1
          command: [gunicorn, --graceful-timeout=5, "app:app"]
          lifecycle: {preStop: {exec: {command: [sleep, "30"]}}}
    """,
    "how long the hook takes is not known": """
        containers:
        - name: web
          image: shop/web:1
          command: [gunicorn, --graceful-timeout=20, "app:app"]
          lifecycle: {preStop: {httpGet: {path: /stop, port: 8000}}}
    """,
}


def _name(caption: str) -> str:
    return caption.replace(" ", "-") + ".txt"


@pytest.mark.parametrize("caption", PODS)
def test_picture_shows_what_happens_at_which_second(
    caption: str, pod: Callable[[str], Judged], expected: Callable[[str, str], None]
) -> None:
    """What happens stands at its second, in a picture of 100 columns."""
    timeline = pod(PODS[caption]).timelines[0]

    expected(f"shutdown/{_name(caption)}", "\n".join([*shutdown(timeline, Style(100)), ""]))


def test_sidecar_stops_behind_the_main_containers(
    pod: Callable[[str], Judged], expected: Callable[[str, str], None]
) -> None:
    """A native sidecar is signalled when the main containers are gone."""
    judged = pod("""
        terminationGracePeriodSeconds: 40
        initContainers:
        - name: proxy
          image: shop/proxy:1
          restartPolicy: Always
          command: [gunicorn, --graceful-timeout=5, "app:app"]
        containers:
        - {name: web, image: "shop/web:1", command: [gunicorn, --graceful-timeout=20, "app:app"]}
    """)
    proxy = judged.timeline("proxy")

    assert proxy is not None
    expected("shutdown/a-sidecar-waits.txt", "\n".join([*shutdown(proxy, Style(100)), ""]))


def test_declared_time_is_drawn_as_declared(pod: Callable[..., Judged]) -> None:
    """What an annotation declares is drawn in place of what is computed."""
    spec = 'containers: [{name: web, image: "shop/web:1", command: [gunicorn, "app:app"]}]'
    timeline = pod(spec, ', annotations: {gracekeeper.dev/shutdown-seconds: "12"}').timelines[0]

    assert "stops within 12, as declared" in "\n".join(shutdown(timeline, Style(100)))


def test_probe_with_a_grace_period_of_its_own_is_drawn_where_it_decides(pod: Callable[[str], Judged]) -> None:
    """What a finding says of a probe's grace period is drawn with that grace period."""
    timeline = pod("""
        containers:
        - name: web
          image: shop/web:1
          command: [gunicorn, --graceful-timeout=20, "app:app"]
          livenessProbe: {httpGet: {path: /, port: 8000}, terminationGracePeriodSeconds: 10}
    """).timelines[0]
    at = (*timeline.container.path, "livenessProbe", "terminationGracePeriodSeconds")

    assert "SIGKILL at 30, 10 s to spare" in "\n".join(shutdown(timeline, Style(100)))
    assert "SIGKILL at 10 " in "\n".join(shutdown(timeline, Style(100), at=at))


@pytest.mark.parametrize("width", [60, 72, 80, 100, 120])
@pytest.mark.parametrize("caption", PODS)
def test_picture_fits_the_terminal(caption: str, width: int, pod: Callable[[str], Judged]) -> None:
    """No row is wider than the terminal."""
    lines = shutdown(pod(PODS[caption]).timelines[0], Style(width), "      ")

    assert [line for line in lines if len(line) > width] == []


@pytest.mark.parametrize("caption", PODS)
def test_picture_is_the_same_in_ascii(caption: str, pod: Callable[[str], Judged]) -> None:
    """Without UTF-8 the same picture is drawn, column by column."""
    picture = "\n".join(shutdown(pod(PODS[caption]).timelines[0], Style(100)))
    plain = Style(100, unicode=False).finish(picture)

    assert plain.isascii()
    assert "\\" not in plain
    assert [len(line.rstrip()) for line in picture.split("\n")] == [len(line) for line in plain.split("\n")]
