"""Every replica migrates the database before it serves.

## What it does
Finds `manage.py migrate`, `alembic upgrade`, `flask db upgrade` and their like among the commands that a main
container runs before its program, where there is more than one replica. Init containers and Jobs are not found: no
probe breaks them off.

## Why it matters
At a rollout several replicas change the schema at once, and none of these tools takes a lock of its own on every
database. A migration that is slower than the liveness probe's window is killed in the middle and begun again.

## What to do
Migrate in a Job of its own that ends before the rollout begins, such as a Helm hook or an Argo CD PreSync hook.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Advice, Evidence, Finding, Severity, evidence_of
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.provenance import Unknown, joined
from gracekeeper_policies.rule import Card

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.process.python_process import PythonProcess

CARD: Final = Card(severity=Severity.WARNING, profile=Profile.STANDARD, since="0.1")
_SEVERAL: Final = 2


def check(process: PythonProcess) -> Iterator[Finding]:
    """Look at what runs before the program, where several replicas start."""
    scale = process.container.workload.scale
    if isinstance(scale, Unknown) or scale.value < _SEVERAL:
        return
    for command in process.migrations[:1]:
        yield Finding(
            at=command.argv[0].path or process.places.program,
            message=f"Each of {scale.value} replicas runs {command.spoken} before {process.name or 'its program'} "
            "starts: at a rollout they change the database at once, and a liveness probe breaks a slow migration off.",
            remedies=(Advice("run it in a Job of its own before the rollout, and start the program alone"),),
            doubt=joined(command.condition, process.doubt),
            evidence=(
                Evidence("runs before the program", command.spoken, command.argv[0].source),
                evidence_of("replicas", scale),
            ),
        )


BAD: Final[Mapping[str, str]] = {
    "Django's migrations": """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, namespace: shop}
        spec:
          replicas: 3
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec:
              containers:
              - name: web
                image: shop/web:1.4.2
                command: [sh, -c, "python manage.py migrate && exec gunicorn --bind=:8000 shop.wsgi"]  # finding
    """,
    "Alembic's migrations": """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: api, namespace: shop}
        spec:
          replicas: 3
          selector: {matchLabels: {app: api}}
          template:
            metadata: {labels: {app: api}}
            spec:
              containers:
              - name: api
                image: shop/api:1.4.2
                command: [bash, -c, "alembic upgrade head; exec uvicorn --host 0.0.0.0 app:app"]  # finding
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "an init container": """
        initContainers:
        - {name: migrate, image: "shop/web:1.4.2", command: [python, manage.py, migrate]}
        containers:
        - {name: web, image: "shop/web:1.4.2", command: [gunicorn, --bind=:8000, shop.wsgi]}
    """,
    "what is checked is not migrated": """
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [sh, -c, "python manage.py migrate --check && exec gunicorn --bind=:8000 shop.wsgi"]
    """,
}
