"""The container runs as a process of its Windows node.

## What it does
Finds `windowsOptions.hostProcess: true` of the pod or of a container, as the baseline level of the Pod Security
Standards does.

## Why it matters
Such a process is not in a container: it has the node's file system, network and devices, and the node's accounts.
Whoever takes it over owns the node.

## What to do
Remove it. It is meant for programs that manage nodes, not for servers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Evidence, Finding, Remove, Severity
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
        "https://kubernetes.io/docs/tasks/configure-pod-container/create-hostprocess-pod/",
    ),
)


def check(workload: Workload) -> Iterator[Finding]:
    """Look at each security context."""
    for context_path, context in workload.security_contexts:
        if context.windows_options is not None and context.windows_options.host_process:
            path = (*context_path, "windowsOptions", "hostProcess")
            yield Finding(
                at=path,
                message="It runs on the Windows node itself, in no container: whoever takes it over owns the node.",
                remedies=(Remove(path),),
                evidence=(Evidence("hostProcess", "true", "windowsOptions"),),
            )


BAD: Final[Mapping[str, str]] = {
    "for the whole pod": """
        os: {name: windows}
        hostNetwork: true
        securityContext:
          windowsOptions:
            hostProcess: true  # finding
        containers:
        - {name: web, image: "shop/web:1.4.2"}
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "an ordinary Windows container": """
        os: {name: windows}
        securityContext: {windowsOptions: {runAsUserName: ContainerUser}}
        containers:
        - {name: web, image: "shop/web:1.4.2"}
    """,
}
