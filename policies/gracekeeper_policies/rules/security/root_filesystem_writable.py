"""An intruder can change the code that the container runs.

## What it does
Finds a container without `readOnlyRootFilesystem: true`. Init containers, which end, and Windows pods, which do not
know the field, are left alone.

## Why it matters
Whoever gets in rewrites the application and the libraries it imports, or leaves tools behind, for as long as the
container lives. And what a program writes there by mistake fills the node's disk and is gone with the container.

## What to do
Set `readOnlyRootFilesystem: true`, and mount an `emptyDir` wherever the server writes, `/tmp` first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Evidence, Finding, Set, Severity
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.process.folders import can_write
from gracekeeper_policies.rule import Card

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.container import Container

CARD: Final = Card(severity=Severity.WARNING, profile=Profile.STANDARD, since="0.1")
_TMP: Final = "/tmp"


def check(container: Container) -> Iterator[Finding]:
    """Look at the container's own security context, the only place for it."""
    if container.spec.security_context.read_only_root_filesystem or container.on_windows or not container.serves:
        return
    path = (*container.path, "securityContext", "readOnlyRootFilesystem")
    yield Finding(
        at=path,
        message="Its root file system is writable: whoever gets in rewrites the code that it runs and imports.",
        remedies=(Set(path, value=True, because=_because(container)),),
        evidence=(Evidence("readOnlyRootFilesystem", "false", "securityContext"),),
    )


def _because(container: Container) -> str:
    return (
        f"with an emptyDir {'wherever else' if can_write(container, _TMP) else 'at /tmp, and wherever else'} it writes"
    )


BAD: Final[Mapping[str, str]] = {
    "nothing is said": """
        containers:
        - {name: web, image: "shop/web:1.4.2"}  # finding
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "read-only, with a folder to write to": """
        securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
        containers:
        - name: web
          image: shop/web:1.4.2
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities: {drop: [ALL]}
          volumeMounts: [{name: tmp, mountPath: /tmp}]
        volumes:
        - {name: tmp, emptyDir: {}}
    """,
}
