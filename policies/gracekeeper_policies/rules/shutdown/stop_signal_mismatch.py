"""The stop signal is not the one at which the server finishes its requests.

## What it does
Compares the signal that arrives (SIGTERM, the image's STOPSIGNAL, what an init makes of it, `lifecycle.stopSignal`)
with what the server does at it. uWSGI's master takes SIGTERM for a brutal reload, gunicorn takes SIGINT and SIGQUIT for
a fast stop, and REMAP_SIGTERM makes celery stop without waiting for its tasks. An init that sends the signal to the
whole process group (dumb-init, `tini -g`, timeout, honcho, supervisord's stopasgroup) ends the processes of celery's
pool, dramatiq's and hypercorn's worker, which are told by their parent otherwise. A pre-stop hook that sends SIGTERM
itself makes the kubelet's the second one, at which dramatiq, RQ, huey and aiohttp end whatever still runs.

## Why it matters
Where the server finishes at another signal, this one cuts every open request, or leaves the server running until
SIGKILL.

## What to do
Send the signal at which the server finishes, or teach the server to stop at the one that is sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Advice, Argument, Evidence, Finding, Remove, Severity
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.process.delivery import Outcome
from gracekeeper_policies.process.server import OnTerm
from gracekeeper_policies.process.stopping import TERM
from gracekeeper_policies.provenance import joined
from gracekeeper_policies.quantity import format_seconds
from gracekeeper_policies.rule import Card, Drawing, parameter
from gracekeeper_policies.supervision import in_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.document import Path
    from gracekeeper_policies.finding import Remedy
    from gracekeeper_policies.process.python_process import PythonProcess
    from gracekeeper_policies.timeline import Timeline

CARD: Final = Card(severity=Severity.ERROR, profile=Profile.BASELINE, since="0.1", drawing=Drawing.SHUTDOWN)
_GATE_IS_OFF: Final = "the API server drops lifecycle.stopSignal unless the feature gate ContainerStopSignals is on"


@dataclass(frozen=True)
class Parameters:
    """What a policy may set."""

    stop_signals_enabled: bool = parameter(
        default=False,
        unit="",
        meaning="whether the cluster's feature gate ContainerStopSignals is on, so that lifecycle.stopSignal counts",
    )


def check(timeline: Timeline, parameters: Parameters) -> Iterator[Finding]:
    """See what the server does at the signal that arrives, and at the one that the manifest asks for."""
    process, shutdown = timeline.process, timeline.process.shutdown
    if process.server is None or shutdown.is_declared:
        return
    asked = timeline.container.spec.lifecycle.stop_signal or shutdown.stop_signal
    counts = parameters.stop_signals_enabled
    if asked != shutdown.stop_signal and process.delivery.outcome is Outcome.HEARD:
        at = (*timeline.container.path, "lifecycle", "stopSignal")
        doubt = joined(shutdown.signal_doubt, shutdown.at_signal(asked).doubt, "" if counts else _GATE_IS_OFF)
        yield from _judged(timeline, asked, at, Remove(at), doubt)
    if shutdown.arriving_signal and not (counts and asked != shutdown.stop_signal):
        place, remedy = _origin(timeline)
        yield from _judged(timeline, shutdown.arriving_signal, place, remedy, shutdown.doubt)


def _origin(timeline: Timeline) -> tuple[Path, Remedy]:
    process, shutdown = timeline.process, timeline.process.shutdown
    link, group = process.delivery.link, process.delivery.group
    if shutdown.at_signal(shutdown.arriving_signal).second:
        hook = (*timeline.container.path, "lifecycle", "preStop", "exec", "command")
        return hook, Advice("take the signal out of the hook: the kubelet sends it by itself")
    if link is not None:
        return process.places.of(link.word), Advice(f"let {link.name} pass SIGTERM on as it is")
    if group is not None and shutdown.at_signal(shutdown.arriving_signal).in_group:
        return process.places.of(group.word), Advice(f"{group.apart}, so that {process.name} alone gets the signal")
    sending = next((each for each in process.launch.links if each.sends == shutdown.arriving_signal != TERM), None)
    if sending is not None:
        graceful = (shutdown.graceful_signal or TERM).removeprefix("SIG")
        return process.places.of(sending.word), Advice(f"write stopsignal={graceful} in {in_file(sending.script)}")
    if shutdown.stop_signal != TERM:
        graceful = shutdown.graceful_signal
        return (*timeline.container.path, "image"), Advice(f"write STOPSIGNAL {graceful or TERM} in the Dockerfile")
    return process.places.program, _stopping(process)


def _stopping(process: PythonProcess) -> Remedy:
    chosen = process.shutdown.at_signal(process.shutdown.arriving_signal).chosen
    if chosen:
        return Advice(chosen)
    if process.server is None or not process.server.stop_argument:
        return Advice(f"send it {process.shutdown.graceful_signal}")
    return Argument(process.server.stop_argument, None, "so that it stops at SIGTERM")


def _of_image(process: PythonProcess) -> tuple[Evidence, ...]:
    signal = process.shutdown.stop_signal
    return () if signal == TERM else (Evidence("STOPSIGNAL", signal, process.places.image_source("stop_signal")),)


def _judged(timeline: Timeline, signal: str, at: Path, remedy: Remedy, doubt: str) -> Iterator[Finding]:
    process, server = timeline.process, timeline.process.server
    reaction = process.shutdown.at_signal(signal)
    does = reaction.does
    if does is OnTerm.IGNORES and not process.delivery.as_pid_1:
        does = OnTerm.DROPS
    harm = _HARMS.get(does, "")
    if not harm:
        return
    better = process.shutdown.graceful_signal
    # At SIGTERM, only a server with an argument that makes it stop there is mistaken: else it was told to do so.
    mends = signal != TERM or (server is not None and server.stop_argument and does is OnTerm.DROPS)
    chosen = bool(reaction.chosen) or reaction.is_by_delivery
    mistaken = chosen or does is OnTerm.RESTARTS or (better not in ("", signal) and mends)
    if not mistaken:
        return
    killed = format_seconds(timeline.stop.killed)
    harm = harm.format(killed=killed, work=_work(process))
    instead = f" At {better} it finishes what it has." if better not in ("", signal) else ""
    when = f"at a second {signal}" if reaction.second else f"at {signal}"
    yield Finding(
        at=at,
        message=f"{_told(process, signal)} {harm}.{instead}",
        remedies=(remedy,),
        doubt=doubt,
        evidence=(Evidence(when, does.value, server.label if server else ""), *_of_image(process)),
    )


def _told(process: PythonProcess, signal: str) -> str:
    """Who gets the signal from whom, up to what is done at it."""
    reaction, group, name = process.shutdown.at_signal(signal), process.delivery.group, process.name
    if reaction.second:
        waited = process.shutdown.signalled_before
        later = f" {format_seconds(waited)} s later" if waited else ""
        return f"The pre-stop hook sends {name} {signal}, and the kubelet sends it again{later}: at the second one it"
    if reaction.in_group and group is not None:
        return f"{group.name} sends {signal} to {name} and to the processes that it has started, and {name}"
    return f"{name} gets {signal} when it is told to stop, and"


def _work(process: PythonProcess) -> str:
    return "every open request" if process.serves_requests else "every task that runs"


_HARMS: Final = {
    OnTerm.DROPS: "drops {work} at once",
    OnTerm.RESTARTS: "takes it for a reload: {work} is dropped at once, it serves again, and SIGKILL ends it "
    "at {killed} s",
    OnTerm.IGNORES: "has no handler for it: it goes on until SIGKILL at {killed} s",
}

BAD: Final[Mapping[str, str]] = {
    "uWSGI's master reloads at SIGTERM": """
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [uwsgi, --http=0.0.0.0:8000, --master, --processes=4, --module=app]  # finding
    """,
    "an init turns SIGTERM into gunicorn's fast stop": """
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [dumb-init, --rewrite, "15:3", gunicorn, --bind=:8000, "app:app"]  # finding
    """,
    "celery is told to stop cold": """
        containers:
        - name: worker
          image: shop/web:1.4.2
          command: [celery, -A, shop, worker, --time-limit=20]  # finding
          env: [{name: REMAP_SIGTERM, value: SIGQUIT}]
    """,
    "supervisord sends gunicorn another signal": """
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [supervisord, -n, -c, /etc/shop/supervisord.conf]  # finding
          volumeMounts: [{name: config, mountPath: /etc/shop}]
        volumes: [{name: config, configMap: {name: supervisor}}]
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: supervisor, namespace: shop}
        data:
          supervisord.conf: |
            [supervisord]
            nodaemon=true
            [program:web]
            command=gunicorn --bind 0.0.0.0:8000 --graceful-timeout 8 shop.wsgi
            stopsignal=QUIT
    """,
    "the manifest asks for gunicorn's fast stop": """
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [gunicorn, --bind=:8000, --graceful-timeout=20, "app:app"]
          lifecycle: {stopSignal: SIGQUIT, preStop: {sleep: {seconds: 5}}}  # finding
    """,
    "an init sends it to the processes of celery's pool": """
        containers:
        - name: worker
          image: shop/web:1.4.2
          command: [dumb-init, celery, -A, shop, worker]  # finding
    """,
    "the hook has sent it already": """
        terminationGracePeriodSeconds: 140
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [python, -m, aiohttp.web, --hostname=0.0.0.0, --port=8000, "shop.web:made"]
          lifecycle:
            preStop:
              exec:
                command: [sh, -c, "kill -TERM 1; sleep 2"]  # finding
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "celery takes no notice of a second SIGTERM": """
        containers:
        - name: worker
          image: shop/web:1.4.2
          command: [celery, -A, shop, worker, --time-limit=20]
          lifecycle: {preStop: {exec: {command: [sh, -c, "kill -TERM 1; sleep 2"]}}}
    """,
    "an init sends it to celery alone": """
        containers:
        - name: worker
          image: shop/web:1.4.2
          command: [dumb-init, --single-child, celery, -A, shop, worker, --time-limit=20]
    """,
    "an init turns SIGTERM into the signal at which waitress finishes": """
        containers:
        - {name: web, image: "shop/web:1.4.2", command: [dumb-init, --rewrite, "15:2", waitress-serve, "app:app"]}
    """,
    "gunicorn gets SIGTERM": """
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [tini, --, gunicorn, --bind=:8000, --graceful-timeout=20, "app:app"]
          lifecycle: {preStop: {sleep: {seconds: 5}}}
    """,
}
