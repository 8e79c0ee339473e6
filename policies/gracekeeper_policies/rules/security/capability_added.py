"""The container is given a capability that containers do not have.

## What it does
Finds each entry of `capabilities.add` beyond the thirteen that the baseline level of the Pod Security Standards allows.
As there, names count as Kubernetes writes them: in capitals, without `CAP_`.

## Why it matters
A capability is a part of root's power over the kernel, and the kernel is the node's: some of them are a way out of the
container, others reach the neighbours' packets, memory or clock.

## What to do
Remove the capability. A Python server needs none of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper_policies.capabilities import ORDINARY, plain, power
from gracekeeper_policies.finding import Evidence, Finding, Remove, Set, Severity
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.rule import Card

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.container import Container
    from gracekeeper_policies.document import Path

CARD: Final = Card(
    severity=Severity.ERROR,
    profile=Profile.BASELINE,
    since="0.1",
    see=(
        "https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline",
        "https://man7.org/linux/man-pages/man7/capabilities.7.html",
    ),
)
_INSTEAD: Final = {"IPC_LOCK": "RDMA needs LimitMEMLOCK=infinity of the nodes' runtime then"}


def check(container: Container) -> Iterator[Finding]:
    """Look at each capability that is added."""
    for number, capability in enumerate(container.spec.security_context.capabilities.add):
        if capability not in ORDINARY:
            yield _finding((*container.path, "securityContext", "capabilities", "add", number), capability)


def _finding(path: Path, capability: str) -> Finding:
    known = plain(capability)
    remedy = Remove(path, _INSTEAD.get(known, ""), name=capability)
    evidence = (Evidence("added capability", capability, "capabilities.add"),)
    if known in ORDINARY:
        message = (
            f"{capability} is not Kubernetes' name for {known}: a namespace at the baseline level refuses the pod."
        )
        return Finding(path, message, (Set(path, known), remedy), evidence=evidence)
    return Finding(path, f"With {known} a root process in it {power(known)}.", (remedy,), evidence=evidence)


BAD: Final[Mapping[str, str]] = {
    "one that leaves the container, and one that is allowed": """
        containers:
        - name: web
          image: shop/web:1.4.2
          securityContext:
            capabilities:
              add:
              - NET_BIND_SERVICE
              - SYS_ADMIN  # finding
    """,
    "an allowed one by another name": """
        containers:
        - name: web
          image: shop/web:1.4.2
          securityContext:
            capabilities:
              add: [CAP_NET_BIND_SERVICE]  # finding
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "one that runtimes give anyway": """
        securityContext: {runAsNonRoot: true}
        containers:
        - {name: web, image: "shop/web:1.4.2", securityContext: {capabilities: {add: [NET_BIND_SERVICE]}}}
    """,
}
