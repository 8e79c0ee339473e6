"""The container never starts: it is told to be root and not to be.

## What it does
Resolves `runAsNonRoot` and `runAsUser` of container and pod as the kubelet does, and finds `runAsNonRoot: true` beside
uid 0.

## Why it matters
The kubelet refuses to start the container (CreateContainerConfigError). The API server accepts the manifest, so this
shows only when the rollout hangs.

## What to do
Set a numeric `runAsUser` other than 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Evidence, Finding, Set, Severity
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.rule import Card

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.process.python_process import PythonProcess

CARD: Final = Card(
    severity=Severity.ERROR,
    profile=Profile.BASELINE,
    since="0.1",
    see=("https://kubernetes.io/docs/tasks/configure-pod-container/security-context/",),
)
_SOME_USER: Final = 10001


def check(process: PythonProcess) -> Iterator[Finding]:
    """Compare what the manifest demands of the user with the user it names."""
    container = process.container
    user, path = container.run_as_user
    if user != 0 or not container.run_as_non_root[0] or container.on_windows:
        return
    yield Finding(
        at=path,
        message="It never starts: runAsUser is 0, and runAsNonRoot makes the kubelet refuse uid 0.",
        remedies=(Set(path, _SOME_USER, "any uid but 0"),),
        evidence=(Evidence("user", "0", "runAsUser"), Evidence("runAsNonRoot", "true", "container and pod")),
    )


BAD: Final[Mapping[str, str]] = {
    "both in one place": """
        containers:
        - name: web
          image: shop/web:1.4.2
          securityContext:
            runAsNonRoot: true
            runAsUser: 0  # finding
    """,
    "the pod demands what a container breaks": """
        securityContext: {runAsNonRoot: true, runAsUser: 10001}
        containers:
        - {name: web, image: "shop/web:1.4.2"}
        - name: agent
          image: shop/agent:1.0.0
          securityContext: {runAsUser: 0}  # finding
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "a user that is not root": """
        securityContext: {runAsNonRoot: true, runAsUser: 10001}
        containers:
        - {name: web, image: "shop/web:1.4.2"}
    """,
}
