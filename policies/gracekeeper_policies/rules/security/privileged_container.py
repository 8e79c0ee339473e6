"""The container is privileged: it is the node's root.

## What it does
Finds a container with `privileged: true`, as the baseline level of the Pod Security Standards does.

## Why it matters
A privileged container has every capability and every device of the node, and neither seccomp nor AppArmor holds it:
whoever takes over the server mounts the node's disk and owns the node, with the Secrets of every pod on it.

## What to do
Remove `privileged`. Where one device or one capability is what it needs, a device plugin or that capability gives it.
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


def check(container: Container) -> Iterator[Finding]:
    """Look at the container's own security context, the only place for it."""
    if not container.spec.security_context.privileged:
        return
    path = (*container.path, "securityContext", "privileged")
    yield Finding(
        at=path,
        message="It is privileged: whoever takes over its process mounts the node's disk and owns the node, with the "
        "Secrets of every pod on it.",
        remedies=(Remove(path, "a device plugin gives it its devices without" if container.has_device else ""),),
        evidence=(Evidence("privileged", "true", "securityContext"),),
    )


BAD: Final[Mapping[str, str]] = {
    "a privileged server": """
        containers:
        - name: web
          image: shop/web:1.4.2
          securityContext:
            privileged: true  # finding
    """,
    "a privileged init container": """
        initContainers:
        - name: tune
          image: shop/tune:1.0.0
          securityContext:
            privileged: true  # finding
        containers:
        - {name: web, image: "shop/web:1.4.2"}
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "an ordinary container": """
        securityContext: {runAsNonRoot: true}
        containers:
        - {name: web, image: "shop/web:1.4.2", securityContext: {privileged: false}}
    """,
}
