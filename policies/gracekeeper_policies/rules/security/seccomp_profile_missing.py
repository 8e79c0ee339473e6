"""Nothing filters the container's system calls.

## What it does
Finds a pod with a container for which neither its own `seccompProfile` nor the pod's is set, as the restricted level of
the Pod Security Standards does. Windows pods are exempt there and here. A profile that is set to `Unconfined` is
`seccomp-unconfined`.

## Why it matters
Without a profile a container runs unconfined, unless the node's kubelet was told otherwise (`seccompDefault`): a
process that was taken over tries every system call of the node's kernel, and with it whatever hole the kernel has.

## What to do
Set `RuntimeDefault` for the pod, of a Knative Service for each container; a Python server notices no difference.
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
    severity=Severity.WARNING,
    profile=Profile.STANDARD,
    since="0.1",
    see=(
        "https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted",
        "https://kubernetes.io/docs/tutorials/security/seccomp/",
    ),
)


def check(workload: Workload) -> Iterator[Finding]:
    """Look for a profile of the pod, else of each container; one field of the pod sets it for all."""
    pod = workload.pod
    if pod.security_context.seccomp_profile is not None or pod.os.name == "windows":
        return
    open_ones = [each for each in workload.containers if each.spec.security_context.seccomp_profile is None]
    if open_ones:
        # Unless a feature is on, Knative refuses a pod's security context, and takes the containers'.
        owner = open_ones[0].path if workload.is_knative else workload.pod_path
        path = (*owner, "securityContext", "seccompProfile", "type")
        names = ", ".join(each.name for each in open_ones)
        yield Finding(
            at=path,
            message="Unless its node's kubelet has seccompDefault on, nothing filters the pod's system calls: whoever "
            "takes over a process tries every one that the node's kernel has.",
            remedies=(Set(path, "RuntimeDefault", _because(workload)),),
            evidence=(Evidence("seccompProfile", "not set", f"the pod, {names}"),),
        )


def _because(workload: Workload) -> str:
    bound = any(not each.spec.security_context.privileged for each in workload.containers)
    return "" if bound else "without effect on a container as long as it is privileged"


BAD: Final[Mapping[str, str]] = {
    "nothing is said": """
        securityContext: {runAsNonRoot: true}  # finding
        containers:
        - {name: web, image: "shop/web:1.4.2"}
    """,
    "one of two containers has none": """
        securityContext: {runAsNonRoot: true}  # finding
        containers:
        - {name: web, image: "shop/web:1.4.2", securityContext: {seccompProfile: {type: RuntimeDefault}}}
        - {name: proxy, image: "shop/proxy:1.0.0"}
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "the runtime's filter for the whole pod": """
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
