"""The pod carries a token for the cluster's API that it hardly uses.

## What it does
Finds a pod that runs as its namespace's `default` ServiceAccount without `automountServiceAccountToken: false`. A pod
with a ServiceAccount of its own was given it for a purpose, and is left alone. Suspected only: what the program does
with the token is not in the manifest.

## Why it matters
Whoever reads a file in the container has the token, and with it all that anyone ever granted to the `default` account
of the namespace.

## What to do
Set `automountServiceAccountToken: false`.
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
    severity=Severity.NOTE,
    profile=Profile.STRICT,
    since="0.1",
    see=("https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/",),
)
_DEFAULT: Final = "default"


def check(workload: Workload) -> Iterator[Finding]:
    """Look at the pod's account and at whether it wants the token."""
    pod = workload.pod
    account = pod.service_account_name or pod.service_account or _DEFAULT
    if account != _DEFAULT or not pod.automount_service_account_token:
        return
    path = (*workload.pod_path, "automountServiceAccountToken")
    yield Finding(
        at=path,
        message="It carries the API token of its namespace's default account: whoever reads a file in it has what that "
        "account is granted.",
        remedies=(Set(path, value=False),),
        doubt="whether the program uses the token, and whether the account itself withholds it, is not in sight",
        evidence=(Evidence("service account", account, "serviceAccountName"),),
    )


BAD: Final[Mapping[str, str]] = {
    "a token on demand": """
        automountServiceAccountToken: true  # finding
        containers:
        - {name: web, image: "shop/web:1.4.2"}
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "no token": """
        automountServiceAccountToken: false
        securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
        containers:
        - name: web
          image: shop/web:1.4.2
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities: {drop: [ALL]}
    """,
    "an account of its own": """
        serviceAccountName: web
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
