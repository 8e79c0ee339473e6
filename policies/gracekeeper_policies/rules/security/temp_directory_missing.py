"""The root file system is read-only, and the server lacks a folder that it cannot start without.

## What it does
Looks where the server puts a file before it serves (the temporary folder, for gunicorn's workers; the working
directory, for celery beat's schedule), and whether a volume makes that folder writable.

## Why it matters
The server ends at its start with `FileNotFoundError` or `PermissionError`, and the container crashes for ever.

## What to do
Mount an `emptyDir` there, or let the server use `/dev/shm`, which every container may write to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Advice, Argument, Evidence, Finding, Severity
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.process.folders import SHARED_MEMORY
from gracekeeper_policies.provenance import joined
from gracekeeper_policies.rule import Card

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.process.python_process import PythonProcess
    from gracekeeper_policies.process.traits import WritableFolder

CARD: Final = Card(severity=Severity.ERROR, profile=Profile.BASELINE, since="0.1")


def check(process: PythonProcess) -> Iterator[Finding]:
    """See whether the folder that the server needs is writable."""
    container, writes = process.container, process.server.writes if process.server else None
    if writes is None or not container.spec.security_context.read_only_root_filesystem or container.on_windows:
        return
    lacks = process.unwritable_folder
    if lacks is None:
        return
    yield Finding(
        at=(*container.path, "securityContext", "readOnlyRootFilesystem"),
        message=f"{process.name} {_writes(writes)} before it starts to work, but the root file system is read-only and "
        f"no volume makes {lacks.folder} writable: it ends with an error, and the container starts again and again.",
        remedies=tuple(_remedies(process, writes)),
        doubt=joined(process.doubt, lacks.doubt),
        evidence=(
            Evidence("root file system", "read-only", "securityContext.readOnlyRootFilesystem"),
            Evidence("writable folders", ", ".join(lacks.writable) or "none", "volumeMounts"),
        ),
    )


def _writes(writes: WritableFolder) -> str:
    return "writes a temporary file" if writes.temporary else "writes a file to its working directory"


def _remedies(process: PythonProcess, writes: WritableFolder) -> Iterator[Advice | Argument]:
    yield Advice("mount an emptyDir at /tmp" if writes.temporary else "mount an emptyDir at its working directory")
    flags = process.server.option(writes.option).flags if process.server and writes.option else ()
    if flags:
        path = getattr(process.setting(writes.option), "path", None)
        yield Argument(f"{flags[-1]} {SHARED_MEMORY}{'/schedule' if writes.is_file else ''}", path)


BAD: Final[Mapping[str, str]] = {
    "gunicorn finds no temporary folder": """
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [gunicorn, --bind=:8000, "app:app"]
          securityContext:
            readOnlyRootFilesystem: true  # finding
            runAsNonRoot: true
            allowPrivilegeEscalation: false
    """,
    "the volume at /tmp shows a ConfigMap, which nobody can write to": """
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [gunicorn, --bind=:8000, "app:app"]
          securityContext: {readOnlyRootFilesystem: true}  # finding
          volumeMounts: [{name: settings, mountPath: /tmp}]
        volumes: [{name: settings, configMap: {name: settings}}]
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "an emptyDir for temporary files": """
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [gunicorn, --bind=:8000, "app:app"]
          securityContext:
            readOnlyRootFilesystem: true
            runAsNonRoot: true
            runAsUser: 10001
            allowPrivilegeEscalation: false
            capabilities: {drop: [ALL]}
            seccompProfile: {type: RuntimeDefault}
          volumeMounts: [{name: tmp, mountPath: /tmp}]
        volumes: [{name: tmp, emptyDir: {}}]
    """,
    "gunicorn uses shared memory": """
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [gunicorn, --bind=:8000, --worker-tmp-dir=/dev/shm, "app:app"]
          securityContext:
            readOnlyRootFilesystem: true
            runAsNonRoot: true
            runAsUser: 10001
            allowPrivilegeEscalation: false
            capabilities: {drop: [ALL]}
            seccompProfile: {type: RuntimeDefault}
    """,
    "uvicorn writes nothing": """
        containers:
        - name: api
          image: shop/api:1.4.2
          command: [uvicorn, --host=0.0.0.0, "app:app"]
          securityContext:
            readOnlyRootFilesystem: true
            runAsNonRoot: true
            runAsUser: 10001
            allowPrivilegeEscalation: false
            capabilities: {drop: [ALL]}
            seccompProfile: {type: RuntimeDefault}
    """,
}
