"""A probe or a hook asks another host than its own pod.

## What it does
Finds `host` in `httpGet` and `tcpSocket` of probes, `postStart` and `preStop`, as the baseline level of the Pod
Security Standards does since 1.34.

## Why it matters
The kubelet asks from the node, so `127.0.0.1` is the node's loopback and not the container's: the answer says nothing
about this container, which is killed or given traffic by it. And whoever may write the field sends requests from every
node to any address.

## What to do
Remove `host`: the kubelet asks the pod's own address. A server that listens on `127.0.0.1` alone is mended at its bind
address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Evidence, Finding, Remove, Severity
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.rule import Card

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.container import Container
    from gracekeeper_policies.document import Path
    from gracekeeper_policies.podspec import Handler, Probe

CARD: Final = Card(
    severity=Severity.ERROR,
    profile=Profile.BASELINE,
    since="0.1",
    see=("https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline",),
)


def check(container: Container) -> Iterator[Finding]:
    """Look at every place where the kubelet asks something."""
    for way, asks in _askers(container):
        for field, target in (("httpGet", asks.http_get), ("tcpSocket", asks.tcp_socket)):
            if target is not None and target.host:
                path = (*container.path, *way, field, "host")
                yield Finding(
                    at=path,
                    message=f"Its {way[-1]} asks {target.host} and not the pod, from the node's network: what answers "
                    "there decides about this container.",
                    remedies=(Remove(path, "the kubelet asks the pod's own address then"),),
                    evidence=(Evidence("host", target.host, f"{way[-1]}.{field}"),),
                )


def _askers(container: Container) -> Iterator[tuple[Path, Probe | Handler]]:
    spec = container.spec
    asked = (
        (("livenessProbe",), spec.liveness_probe),
        (("readinessProbe",), spec.readiness_probe),
        (("startupProbe",), spec.startup_probe),
        (("lifecycle", "postStart"), spec.lifecycle.post_start),
        (("lifecycle", "preStop"), spec.lifecycle.pre_stop),
    )
    return ((way, asks) for way, asks in asked if asks is not None)


BAD: Final[Mapping[str, str]] = {
    "a probe of the node's loopback": """
        containers:
        - name: web
          image: shop/web:1.4.2
          livenessProbe:
            httpGet:
              port: 8000
              host: 127.0.0.1  # finding
    """,
    "a hook that calls another server": """
        containers:
        - name: web
          image: shop/web:1.4.2
          lifecycle:
            preStop:
              httpGet: {host: registry.shop.example, port: 80, path: /leave}  # finding
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "the pod itself": """
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [gunicorn, --bind=0.0.0.0:8000, "app:app"]
          readinessProbe: {httpGet: {port: 8000, path: /ready}}
    """,
}
