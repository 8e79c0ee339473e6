"""A process of the container may gain more privileges than it started with.

## What it does
Finds a container whose `allowPrivilegeEscalation` is not false, as the restricted level of the Pod Security Standards
does. Windows pods are exempt there and here.

## Why it matters
A set-uid program in the image makes an ordinary user root again, whatever `runAsNonRoot` promised.

## What to do
Set `allowPrivilegeEscalation: false`; a Python server does not need it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Evidence, Finding, Set, Severity
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.rule import Card

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.container import Container

CARD: Final = Card(
    severity=Severity.WARNING,
    profile=Profile.STANDARD,
    since="0.1",
    see=("https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted",),
)
_ALMIGHTY: Final = "once privileged and CAP_SYS_ADMIN are gone: the API server refuses them together"


def check(container: Container) -> Iterator[Finding]:
    """Look at the container's own security context, the only place for it."""
    context = container.spec.security_context
    allowed = context.allow_privilege_escalation
    if allowed is False or container.on_windows:
        return
    almighty = context.privileged or "CAP_SYS_ADMIN" in context.capabilities.add
    path = (*container.path, "securityContext", "allowPrivilegeEscalation")
    yield Finding(
        at=path,
        message="Its processes may gain privileges: a set-uid program in the image makes any user root again.",
        remedies=(Set(path, value=False, because=_ALMIGHTY if almighty else ""),),
        evidence=(Evidence("allowPrivilegeEscalation", "true" if allowed else "not set", "securityContext"),),
    )


BAD: Final[Mapping[str, str]] = {
    "nothing is said": """
        containers:
        - {name: web, image: "shop/web:1.4.2"}  # finding
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "switched off": """
        securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
        containers:
        - name: web
          image: shop/web:1.4.2
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities: {drop: [ALL]}
    """,
}
