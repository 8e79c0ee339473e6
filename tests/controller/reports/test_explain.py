"""Explanations as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gracekeeper.reports.explain import explain
from gracekeeper.reports.style import Style

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper_policies.verdict import Judged

PODS = {
    "a server in the open": """
        containers:
        - name: web
          image: registry.example.com/shop/web:1.4.2
          command: [gunicorn, --bind=0.0.0.0:8000, --worker-class=gthread, --threads=4, "app:app"]
          env: [{name: WEB_CONCURRENCY, value: "2"}]
          livenessProbe: {httpGet: {path: /, port: 8000}}
          resources: {requests: {cpu: 250m, memory: 256Mi}, limits: {memory: 512Mi}}
    """,
    "a shell in front": """
        containers:
        - name: api
          image: python:3.12-slim
          command: [sh, -c, "cd /app && uvicorn --host 0.0.0.0 app:app"]
          envFrom: [{secretRef: {name: settings}}]
    """,
    "an init and a shell that makes way": """
        containers:
        - name: worker
          image: python:3.12-slim
          command: [tini, --, sh, -c, "exec celery -A shop worker --concurrency=4"]
    """,
    "a server that reloads instead": """
        containers:
        - name: web
          image: registry.example.com/shop/web:1.4.2
          command: [uwsgi, --http=0.0.0.0:8000, --master, --processes=4, --module=app]
    """,
    "a server that may miss the signal": """
        containers:
        - name: web
          image: registry.example.com/shop/web:1.4.2
          command: [granian, --interface=wsgi, --host=0.0.0.0, "app:app"]
    """,
    "a server that gets another signal": """
        containers:
        - name: web
          image: registry.example.com/shop/web:1.4.2
          command: [dumb-init, --rewrite, "15:2", waitress-serve, --port=8000, "app:app"]
    """,
    "a limit that threads outlive": """
        containers:
        - name: web
          image: registry.example.com/shop/web:1.4.2
          command: [uvicorn, --host=0.0.0.0, --timeout-graceful-shutdown=20, "app:app"]
    """,
    "an init that tells the workers too": """
        containers:
        - name: worker
          image: registry.example.com/shop/web:1.4.2
          command: [dumb-init, celery, -A, shop, worker, --concurrency=4]
    """,
    "a hook that has sent the signal before": """
        containers:
        - name: worker
          image: registry.example.com/shop/web:1.4.2
          command: [rq, worker]
          lifecycle: {preStop: {exec: {command: [sh, -c, "kill -TERM 1; sleep 5"]}}}
    """,
    "what the image decides": """
        containers:
        - {name: web, image: "registry.example.com/shop/web:1.4.2"}
    """,
    "other containers beside it": """
        initContainers:
        - {name: migrate, image: "registry.example.com/shop/web:1.4.2", command: [python, manage.py, migrate]}
        containers:
        - {name: web, image: "registry.example.com/shop/web:1.4.2", command: [gunicorn, "app:app"]}
        - {name: proxy, image: "nginx:1.27"}
    """,
}


@pytest.mark.parametrize("caption", PODS)
def test_explanation(caption: str, pod: Callable[[str], Judged], expected: Callable[[str, str], None]) -> None:
    """Programs, values with their sources, timelines, and what is unknown."""
    expected(f"explain/{caption.replace(' ', '-')}.txt", explain([pod(PODS[caption])], Style()))


def test_narrow_terminal(pod: Callable[[str], Judged]) -> None:
    """On a narrow terminal sources go below their values."""
    rendered = explain([pod(PODS["a server in the open"])], Style(60))

    assert [line for line in rendered.splitlines()[1:] if len(line) > 60] == []


def test_nothing_to_explain() -> None:
    """No workload, no text."""
    assert explain([], Style()) == ""
