"""The server stops accepting connections while traffic is still sent to it.

## What it does
Finds an HTTP server that closes its socket or stops serving new connections at SIGTERM, and no pre-stop hook that
delays the signal. Proven where a Service of the same input sends to it, suspected while none is in sight. Where that
Service publishes addresses that are not ready, no delay helps, and the finding says so.

## Why it matters
SIGTERM and the removal from the Service's endpoints run side by side. For a second or more, clients are still sent to a
server that refuses them, or lets them hang and then resets them.

## What to do
Let the pod wait a few seconds before the signal: `preStop: {sleep: {seconds: 5}}`, and count that delay into the grace
period.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Advice, Evidence, Finding, Related, Set, Severity
from gracekeeper_policies.kubernetes import SLEEP_ACTION
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.provenance import joined
from gracekeeper_policies.rule import Card, Drawing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.neighbours import Service
    from gracekeeper_policies.timeline import Timeline

CARD: Final = Card(severity=Severity.WARNING, profile=Profile.STANDARD, since="0.1", drawing=Drawing.SHUTDOWN)
_DELAY: Final = 5


def check(timeline: Timeline) -> Iterator[Finding]:
    """See whether anything bridges the time until the endpoints are gone."""
    process, workload = timeline.process, timeline.container.workload
    server = process.server
    # What a development server loses at its stop is the least of what it loses.
    if server is None or not process.shutdown.closes or server.is_development or workload.is_job:
        return
    if not process.shutdown.arriving_signal or not process.shutdown.ends_serving:
        return
    if (
        timeline.pre_stop.seconds
        or timeline.pre_stop.unknown
        or (workload.neighbours.complete and not workload.services)
    ):
        return
    services = workload.services
    published = next((service for service in services if service.spec.publish_not_ready_addresses), None)
    signal, closes = process.shutdown.arriving_signal, process.shutdown.closes
    yield Finding(
        at=(*timeline.container.path, "lifecycle", "preStop"),
        message=f"{process.name} stops serving at {signal} while {_sender(services)} still sends to it: connections "
        f"that arrive until its endpoint is gone {closes}.",
        remedies=(_publishes(published) if published else _delay(timeline),),
        doubt=joined("" if services else "no Service that sends to it is in sight", process.shutdown.doubt),
        evidence=(
            Evidence("pre-stop hook", "none", "lifecycle.preStop"),
            Evidence(f"new connections after {process.shutdown.arriving_signal}", closes, process.name),
        ),
        related=tuple(
            Related(service.document, ("spec", "selector"), f"{service.identity} sends to it") for service in services
        ),
    )


def _sender(services: tuple[Service, ...]) -> str:
    return str(services[0].identity) if services else "a Service, if there is one,"


def _delay(timeline: Timeline) -> Set | Advice:
    workload = timeline.container.workload
    if workload.kubernetes < SLEEP_ACTION:
        return Advice(f"write a preStop hook that runs `sleep {_DELAY}`, if the image has a shell")
    grace = workload.pod.termination_grace_period_seconds + _DELAY
    path = (*timeline.container.path, "lifecycle", "preStop", "sleep", "seconds")
    return Set(path, _DELAY, f"with terminationGracePeriodSeconds: {grace}, to keep the time it has now")


def _publishes(service: Service) -> Advice:
    return Advice(
        f"take publishNotReadyAddresses off {service.identity}",
        "while it is on, no delay takes the pod out of rotation",
    )


BAD: Final[Mapping[str, str]] = {
    "gunicorn without a delay": """
        containers:
        - {name: web, image: "shop/web:1.4.2", command: [gunicorn, --graceful-timeout=20, "app:app"]}  # finding
    """,
    "a hook that delays nothing": """
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [gunicorn, --graceful-timeout=20, "app:app"]
          lifecycle: {preStop: {sleep: {seconds: 0}}}  # finding
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "the kubelet waits before the signal": """
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [gunicorn, --bind=:8000, --graceful-timeout=20, "app:app"]
          lifecycle: {preStop: {sleep: {seconds: 5}}}
    """,
    "a worker gets no traffic": """
        terminationGracePeriodSeconds: 600
        containers:
        - {name: worker, image: "shop/web:1.4.2", command: [celery, -A, shop, worker, --time-limit=300]}
    """,
}
