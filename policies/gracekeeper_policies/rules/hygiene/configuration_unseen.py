"""The server reads a configuration file that is not in sight.

## What it does
Finds a server that is given a configuration file (gunicorn's `--config`) which no ConfigMap of the input holds.
Silent where `gracekeeper.dev/shutdown-seconds` declares what matters most.

## Why it matters
The file may set addresses, workers and timeouts. What depends on them is only suspected, or not found at all.

## What to do
Give the ConfigMap with the file in the same input, or declare how long a stop takes at most with the annotation
`gracekeeper.dev/shutdown-seconds` on the pod template.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Advice, Evidence, Finding, Severity
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.provenance import Known, joined
from gracekeeper_policies.rule import Card

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.process.python_process import PythonProcess
    from gracekeeper_policies.process.server import Server

CARD: Final = Card(severity=Severity.NOTE, profile=Profile.STANDARD, since="0.1")


def check(process: PythonProcess) -> Iterator[Finding]:
    """Ask whether a file that the server reads could be read here."""
    settings = process.settings
    if settings is None or not settings.doubts or process.shutdown.is_declared:
        return
    named = process.setting(settings.server.configuration.option) if settings.server.configuration else None
    path = named.path if isinstance(named, Known) else None
    yield Finding(
        at=path or process.places.program,
        message=f"What configures {process.name} is not all in sight: {joined(*settings.doubts)}. Its "
        f"{_settable(settings.server)} may be set there, so nothing is proven of them.",
        remedies=(
            Advice("give the ConfigMap that holds the file in the same input"),
            Advice("declare gracekeeper.dev/shutdown-seconds, the longest time that a stop takes"),
        ),
        evidence=(Evidence("configuration", "not in sight", process.places.program_source),),
    )


def _settable(server: Server) -> str:
    names = [option.name for option in server.options if option.setting]
    return names[0] if len(names) == 1 else "timeouts, workers and addresses"


BAD: Final[Mapping[str, str]] = {
    "a file of the image": """
        containers:
        - name: web
          image: shop/web:1.4.2
          command:
          - gunicorn
          - --config=/app/gunicorn.conf.py  # finding
          - shop.wsgi
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "flags alone": """
        containers:
        - {name: web, image: "shop/web:1.4.2", command: [gunicorn, --bind=:8000, --graceful-timeout=20, shop.wsgi]}
    """,
    "a file of a ConfigMap in sight": """
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [gunicorn, --config=/etc/gunicorn/gunicorn.conf.py, shop.wsgi]
          volumeMounts: [{name: config, mountPath: /etc/gunicorn}]
        volumes: [{name: config, configMap: {name: gunicorn}}]
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: gunicorn, namespace: shop}
        data: {gunicorn.conf.py: "graceful_timeout = 20"}
    """,
}
