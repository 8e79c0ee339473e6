"""The filter of system calls is switched off.

## What it does
Finds a `seccompProfile.type`, of the pod or of a container, that is neither `RuntimeDefault` nor `Localhost`, as the
baseline level of the Pod Security Standards does. Annotations say nothing any more: Kubernetes has not read them since
1.27.

## Why it matters
The runtime's filter keeps some fifty rarely used system calls from the container. Unconfined, a process tries each of
them, and with it whatever hole the node's kernel has there.

## What to do
Set `RuntimeDefault`; a Python server notices no difference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Evidence, Finding, Set, Severity
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.rule import Card

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.workload import Workload

CARD: Final = Card(
    severity=Severity.ERROR,
    profile=Profile.BASELINE,
    since="0.1",
    see=(
        "https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline",
        "https://kubernetes.io/docs/tutorials/security/seccomp/",
    ),
)
_CONFINED: Final = ("RuntimeDefault", "Localhost")


def check(workload: Workload) -> Iterator[Finding]:
    """Look at the profile that each security context names, whether or not another one replaces it."""
    for context_path, context in workload.security_contexts:
        if context.seccomp_profile is not None and context.seccomp_profile.type not in _CONFINED:
            path, kind = (*context_path, "seccompProfile", "type"), context.seccomp_profile.type
            yield Finding(
                at=path,
                message=f"The seccomp profile is {kind or 'of no type'}: whoever takes over a process tries every "
                "system call of the node's kernel, the rarely used and badly tested ones too.",
                remedies=(Set(path, _CONFINED[0]),),
                evidence=(Evidence("seccompProfile.type", kind, "securityContext"),),
            )


BAD: Final[Mapping[str, str]] = {
    "for the whole pod": """
        securityContext:
          seccompProfile: {type: Unconfined}  # finding
        containers:
        - {name: web, image: "shop/web:1.4.2"}
    """,
    "for one container": """
        securityContext: {seccompProfile: {type: RuntimeDefault}}
        containers:
        - {name: web, image: "shop/web:1.4.2"}
        - name: agent
          image: shop/agent:1.0.0
          securityContext:
            seccompProfile: {type: Unconfined}  # finding
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "the runtime's filter": """
        securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
        containers:
        - {name: web, image: "shop/web:1.4.2"}
    """,
    "a filter of one's own": """
        securityContext: {runAsNonRoot: true}
        containers:
        - name: web
          image: shop/web:1.4.2
          securityContext: {seccompProfile: {type: Localhost, localhostProfile: profiles/web.json}}
    """,
}
