"""AppArmor is switched off.

## What it does
Finds an `appArmorProfile.type`, of the pod or of a container, that is neither `RuntimeDefault` nor `Localhost`, and an
annotation `container.apparmor.security.beta.kubernetes.io/…` with another value than `runtime/default` or
`localhost/…`, as the baseline level of the Pod Security Standards does.

## Why it matters
On nodes with AppArmor the runtime's profile keeps root in the container from mounting file systems and from writing to
the kernel's switches below `/proc` and `/sys`. Unconfined, that wall is gone.

## What to do
Remove the setting: the runtime's profile is the default.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Evidence, Finding, Remove, Severity
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.rule import Card

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.document import Path
    from gracekeeper_policies.workload import Workload

CARD: Final = Card(
    severity=Severity.ERROR,
    profile=Profile.BASELINE,
    since="0.1",
    see=(
        "https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline",
        "https://kubernetes.io/docs/tutorials/security/apparmor/",
    ),
)
_ANNOTATION: Final = "container.apparmor.security.beta.kubernetes.io/"


def check(workload: Workload) -> Iterator[Finding]:
    """Look at each security context, and at the template's annotations, the former way to say it."""
    for path, context in workload.security_contexts:
        profile = context.app_armor_profile
        if profile is not None and profile.type not in {"RuntimeDefault", "Localhost"}:
            yield _finding((*path, "appArmorProfile"), profile.type or "of no type", "securityContext")
    for name, text in workload.pod_metadata.annotations.items():
        if name.startswith(_ANNOTATION) and not _is_confined(text):
            yield _finding((*workload.template, "metadata", "annotations", name), text, "annotation")


def _is_confined(text: str) -> bool:
    return text in {"", "runtime/default"} or text.startswith("localhost/")


def _finding(path: Path, kind: str, source: str) -> Finding:
    return Finding(
        at=path,
        message=f"The AppArmor profile is {kind}: on nodes with AppArmor nothing keeps root in it from mounting file "
        "systems and from the kernel's switches below /proc and /sys.",
        remedies=(Remove(path, "the runtime's profile is the default"),),
        evidence=(Evidence("AppArmor profile", kind, source),),
    )


BAD: Final[Mapping[str, str]] = {
    "for the whole pod": """
        securityContext:
          appArmorProfile: {type: Unconfined}  # finding
        containers:
        - {name: web, image: "shop/web:1.4.2"}
    """,
    "for one container": """
        containers:
        - name: web
          image: shop/web:1.4.2
          securityContext:
            appArmorProfile: {type: Unconfined}  # finding
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "the runtime's profile": """
        securityContext: {runAsNonRoot: true, appArmorProfile: {type: RuntimeDefault}}
        containers:
        - {name: web, image: "shop/web:1.4.2"}
    """,
}
