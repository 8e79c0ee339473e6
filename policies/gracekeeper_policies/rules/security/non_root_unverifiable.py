"""The container never starts: it is told to be root and not to be.

## What it does
Resolves `runAsNonRoot` and `runAsUser` of container and pod as the kubelet does, and finds `runAsNonRoot: true` beside
uid 0. Without a `runAsUser` it asks the image, where that was read: root is refused, and so is a user that is a name
(`USER app`), since only the image's own files tell its uid.

## Why it matters
The kubelet refuses to start the container (CreateContainerConfigError). The API server accepts the manifest, so this
shows only when the rollout hangs.

## What to do
Set a numeric `runAsUser` other than 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Advice, Evidence, Finding, Set, Severity
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.provenance import Unknown
from gracekeeper_policies.rule import Card

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.container import Container
    from gracekeeper_policies.process.image import ImageConfig
    from gracekeeper_policies.process.python_process import PythonProcess

CARD: Final = Card(
    severity=Severity.ERROR,
    profile=Profile.BASELINE,
    since="0.1",
    see=("https://kubernetes.io/docs/tasks/configure-pod-container/security-context/",),
)
_SOME_USER: Final = 10001
_DEMAND: Final = Evidence("runAsNonRoot", "true", "container and pod")


def check(process: PythonProcess) -> Iterator[Finding]:
    """Compare what the manifest demands of the user with the user that it or the image names."""
    container = process.container
    user, path = container.run_as_user
    if not container.run_as_non_root[0] or container.on_windows:
        return
    if user == 0:
        yield Finding(
            at=path,
            message="It never starts: runAsUser is 0, and runAsNonRoot makes the kubelet refuse uid 0.",
            remedies=(Set(path, _SOME_USER, "any uid but 0"),),
            evidence=(Evidence("user", "0", "runAsUser"), _DEMAND),
        )
    elif user is None and not isinstance(process.image, Unknown):
        yield from _by_image(container, process.image)


def _by_image(container: Container, image: ImageConfig) -> Iterator[Finding]:
    if image.uid is None:
        named = f"the name {image.user_name}, and runAsNonRoot makes the kubelet refuse a user whose uid it cannot see"
        because = f"or the uid that {image.user_name} has in the image"
    elif image.uid == 0:
        named, because = "root, and runAsNonRoot makes the kubelet refuse uid 0", "any uid but 0"
    else:
        return
    yield Finding(
        at=container.run_as_non_root[1],
        message=f"It never starts: its image's user is {named}.",
        remedies=(
            Set(container.run_as_user[1], _SOME_USER, because),
            Advice("end the Dockerfile with a user that is a number: USER 10001"),
        ),
        doubt=image.doubt,
        evidence=(Evidence("image's user", str(image.user) or "root", image.source("user")), _DEMAND),
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
