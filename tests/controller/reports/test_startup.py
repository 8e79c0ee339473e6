"""Starts as pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gracekeeper.reports.startup import startup
from gracekeeper.reports.style import Style

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper_policies.verdict import Judged

PODS = {
    "liveness waits": """
        containers:
        - name: web
          image: shop/web:1
          command: [gunicorn, "app:app"]
          resources: {limits: {cpu: 100m}}
          livenessProbe: {httpGet: {path: /, port: 8000}}
    """,
    "a startup probe waits longer": """
        containers:
        - name: web
          image: shop/web:1
          command: [gunicorn, "app:app"]
          startupProbe: {httpGet: {path: /, port: 8000}, failureThreshold: 30, periodSeconds: 5}
          livenessProbe: {httpGet: {path: /, port: 8000}}
    """,
}


@pytest.mark.parametrize("caption", PODS)
def test_picture_shows_when_a_probe_gives_up(
    caption: str, pod: Callable[[str], Judged], expected: Callable[[str, str], None]
) -> None:
    """The start and the probe's patience stand on one axis."""
    lines = startup(pod(PODS[caption]).timelines[0], Style(100))

    expected(f"startup/{caption.replace(' ', '-')}.txt", "\n".join([*lines, ""]))


def test_nothing_is_drawn_without_a_measure(pod: Callable[[str], Judged]) -> None:
    """Where no probe kills and nothing is declared, there is nothing to compare a start with."""
    judged = pod('containers: [{name: web, image: "shop/web:1", command: [gunicorn, "app:app"]}]')

    assert startup(judged.timelines[0], Style(100)) == []
