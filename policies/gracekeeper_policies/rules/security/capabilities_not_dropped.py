"""The container keeps root's powers that it does not need.

## What it does
Finds a container whose `capabilities.drop` lacks `ALL`, or that takes back more than `NET_BIND_SERVICE`, as the
restricted level of the Pod Security Standards does. Windows pods are exempt there and here.

## Why it matters
Runtimes give every container about fourteen of root's powers. Root in it, or a set-uid program, reads any file, becomes
any user and forges packets: what a break-in needs to spread, and a Python server never.

## What to do
Drop `ALL`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper_policies.capabilities import ALL, ORDINARY, plain, power
from gracekeeper_policies.finding import Evidence, Finding, Remove, Set, Severity
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
_POWERS: Final = {"DAC_OVERRIDE": "reads any file", "SETUID": "becomes any user", "NET_RAW": "forges packets"}
_UNUSABLE: Final = (
    "It keeps capabilities of the runtime, though none of its processes can use them: a namespace at the restricted "
    "level refuses the pod."
)
_OTHER_NAME: Final = (
    "It drops {}, which is not Kubernetes' name for ALL: a namespace at the restricted level refuses the pod."
)


def check(container: Container) -> Iterator[Finding]:
    """Look at what is dropped and at what is taken back; what no container has is `capability-added`."""
    if container.on_windows:
        return
    capabilities, path = container.spec.security_context.capabilities, (*container.path, "securityContext")
    if ALL not in capabilities.drop:
        another = next((name for name in capabilities.drop if plain(name) == ALL), None)
        yield Finding(
            at=(*path, "capabilities", "drop"),
            message=_OTHER_NAME.format(another) if another else _kept(container),
            remedies=(Set((*path, "capabilities", "drop"), (ALL,), _because(container)),),
            evidence=(Evidence("capabilities.drop", ", ".join(capabilities.drop) or "not set", "securityContext"),),
        )
    for number, capability in enumerate(capabilities.add):
        if capability in ORDINARY and capability != "NET_BIND_SERVICE":
            at = (*path, "capabilities", "add", number)
            yield Finding(
                at=at,
                message=f"With {capability} root in it, or a set-uid program, {power(capability)}.",
                remedies=(Remove(at, name=capability),),
                evidence=(Evidence("added capability", capability, "capabilities.add"),),
            )


def _kept(container: Container) -> str:
    context = container.spec.security_context
    if not container.may_run_as_root and context.allow_privilege_escalation is False:
        return _UNUSABLE
    dropped = set(map(plain, context.capabilities.drop))
    *powers, last = [power for name, power in _POWERS.items() if name not in dropped] or ["has powers it does not need"]
    does = f"{', '.join(powers)} and {last}" if powers else last
    what = f"{'some of ' * bool(dropped)}the runtime's default capabilities"
    return f"It keeps {what}: root in it, or a set-uid program, {does}."


def _because(container: Container) -> str:
    # Without the capability root too binds no port below 1024, unless the runtime lets everyone.
    port = container.low_port if container.may_run_as_root else None
    return f"and add: [NET_BIND_SERVICE], where it listens on port {port}" if port else ""


BAD: Final[Mapping[str, str]] = {
    "nothing is said": """
        containers:
        - {name: web, image: "shop/web:1.4.2"}  # finding
    """,
    "some are dropped": """
        containers:
        - name: web
          image: shop/web:1.4.2
          securityContext:
            capabilities: {drop: [NET_RAW]}  # finding
    """,
    "one is taken back": """
        containers:
        - name: web
          image: shop/web:1.4.2
          securityContext:
            capabilities:
              drop: [ALL]
              add:
              - NET_BIND_SERVICE
              - CHOWN  # finding
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "all are dropped": """
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
