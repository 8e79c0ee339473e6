"""The container sees the node's /proc without its masks.

## What it does
Finds a `procMount` other than `Default`, as the Pod Security Standards do. In a user namespace (`hostUsers: false`) the
baseline level allows it and the restricted level does not: there the finding is a warning.

## Why it matters
Runtimes hide those parts of `/proc` that read the kernel's memory and switch the node's settings. Unmasked, root in the
container has them.

## What to do
Remove `procMount`. Only programs that start containers of their own need it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Evidence, Finding, Remove, Severity
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.rule import Card

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.container import Container

CARD: Final = Card(
    severity=Severity.ERROR,
    profile=Profile.BASELINE,
    since="0.1",
    see=("https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline",),
)
_MASKED: Final = "Default"


def check(container: Container) -> Iterator[Finding]:
    """Look at the container's own security context, the only place for it."""
    mount = container.spec.security_context.proc_mount
    if mount == _MASKED:
        return
    path = (*container.path, "securityContext", "procMount")
    yield Finding(
        at=path,
        message=f"Its /proc is {mount or 'of no known kind'}: what the runtime hides there, the kernel's memory and "
        "the node's switches, lies open to root in it.",
        remedies=(Remove(path),),
        severity=None if container.pod.host_users else Severity.WARNING,
        evidence=(Evidence("procMount", mount, "securityContext"),),
    )


BAD: Final[Mapping[str, str]] = {
    "nothing masked": """
        containers:
        - name: web
          image: shop/web:1.4.2
          securityContext:
            procMount: Unmasked  # finding
    """,
    "nothing masked, in a user namespace": """
        hostUsers: false
        containers:
        - name: web
          image: shop/web:1.4.2
          securityContext:
            procMount: Unmasked  # finding
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "the masks of the runtime": """
        securityContext: {runAsNonRoot: true}
        containers:
        - {name: web, image: "shop/web:1.4.2", securityContext: {procMount: Default}}
    """,
}
