"""The pod picks an SELinux label of its own.

## What it does
Finds `seLinuxOptions`, of the pod or of a container, with a `user`, a `role`, or a `type` other than `container_t`,
`container_init_t`, `container_kvm_t` and `container_engine_t`, as the baseline level of the Pod Security Standards
does.

## Why it matters
On nodes with SELinux the type decides what a process may touch. Under `spc_t` and its like the policy that separates
containers from the node and from each other does not hold.

## What to do
Remove the field; the runtime labels the container. A `level` of one's own, to share a volume, is allowed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Evidence, Finding, Remove, Severity
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.rule import Card

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies import securityspec
    from gracekeeper_policies.workload import Workload

CARD: Final = Card(
    severity=Severity.ERROR,
    profile=Profile.BASELINE,
    since="0.1",
    see=("https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline",),
)
_CONTAINER_TYPES: Final = ("", "container_t", "container_init_t", "container_kvm_t", "container_engine_t")


def check(workload: Workload) -> Iterator[Finding]:
    """Look at the label of each security context."""
    for context_path, context in workload.security_contexts:
        for field, value in _custom(context.se_linux_options):
            path = (*context_path, "seLinuxOptions", field)
            yield Finding(
                at=path,
                message=f"The SELinux {field} is {value}: on nodes with SELinux the policy that separates containers "
                "from the node and from each other need not hold for it.",
                remedies=(Remove(path),),
                evidence=(Evidence(f"SELinux {field}", value, "seLinuxOptions"),),
            )


def _custom(options: securityspec.SELinuxOptions | None) -> Iterator[tuple[str, str]]:
    if options is None:
        return
    if options.type not in _CONTAINER_TYPES:
        yield "type", options.type
    if options.user:
        yield "user", options.user
    if options.role:
        yield "role", options.role


BAD: Final[Mapping[str, str]] = {
    "the type that is not confined": """
        containers:
        - name: web
          image: shop/web:1.4.2
          securityContext:
            seLinuxOptions:
              type: spc_t  # finding
    """,
    "a user and a role for the whole pod": """
        securityContext:
          seLinuxOptions:
            user: system_u  # finding
            role: system_r  # finding
        containers:
        - {name: web, image: "shop/web:1.4.2"}
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "a level to share a volume": """
        securityContext: {runAsNonRoot: true, seLinuxOptions: {level: "s0:c123,c456"}}
        containers:
        - {name: web, image: "shop/web:1.4.2"}
    """,
}
