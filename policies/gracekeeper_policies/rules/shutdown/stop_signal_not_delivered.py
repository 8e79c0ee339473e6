"""The server never hears the stop signal.

## What it does
Follows SIGTERM from the container's main process to the server. A shell or another program that stays in front of it
and passes nothing on keeps the signal; a shell behind tini or dumb-init dies of it, and the server is killed with it.
Which forms a shell replaces itself in was measured for dash, bash and busybox: where they differ and the image does
not tell which one `sh` is, the finding is suspected.

## Why it matters
The server goes on as if nothing had happened until SIGKILL: every rollout takes the whole grace period and then cuts
what runs.

## What to do
Let the shell replace itself: write `exec` before the last command, or name the server itself in `command`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Advice, Argument, Evidence, Finding, Severity
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.process.delivery import Outcome
from gracekeeper_policies.process.image import OF_IMAGE
from gracekeeper_policies.process.recognition import Runtime
from gracekeeper_policies.quantity import format_seconds
from gracekeeper_policies.rule import Card, Drawing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.process.launch import Link
    from gracekeeper_policies.provenance import Word
    from gracekeeper_policies.timeline import Timeline

CARD: Final = Card(severity=Severity.ERROR, profile=Profile.BASELINE, since="0.1", drawing=Drawing.SHUTDOWN)
_ARRIVES: Final = "the shell replaces itself and the signal arrives"


def check(timeline: Timeline) -> Iterator[Finding]:
    """See whether a process in front of the program keeps the signal or dies of it."""
    process, delivery = timeline.process, timeline.process.delivery
    link = delivery.link
    if link is None or delivery.outcome not in (Outcome.LOST, Outcome.CUT) or process.runtime is Runtime.OTHER:
        return
    yield Finding(
        at=process.places.of(link.word),
        message=_message(timeline, link),
        remedies=_remedies(timeline, link),
        doubt=process.shutdown.signal_doubt,
        severity=Severity.WARNING if timeline.container.workload.is_job else None,
        evidence=(Evidence("PID 1", link.name, link.reason),),
    )


def _message(timeline: Timeline, link: Link) -> str:
    name, killed = timeline.program_name, format_seconds(timeline.stop.killed)
    delivery = timeline.process.delivery
    where = "" if delivery.certain else f" where sh is {' or '.join(delivery.shells)}"
    if delivery.outcome is Outcome.CUT:
        return (
            f"{name} is killed the moment the pod is told to stop{where}: {link.reason}. Nothing in flight is finished."
        )
    return (
        f"{name} never hears SIGTERM{where}: {link.reason}. It goes on until SIGKILL at {killed} s, and what "
        f"runs then is cut."
    )


def _remedies(timeline: Timeline, link: Link) -> tuple[Argument | Advice, ...]:
    if not link.is_shell:
        return (Advice(f"start {timeline.program_name} without {link.name} in front of it"),)
    launch = timeline.process.launch
    words = " ".join(word.spoken for word in launch.words[:2])
    elsewhere = _script(link, launch.words[0])
    if link.replaceable and elsewhere:
        return (Advice(f"write `exec {words} …` in {elsewhere}", _ARRIVES),)
    if link.replaceable:
        return (Argument(f"exec {words} …", link.word.path, _ARRIVES),)
    return (Advice(f"end the script with `exec {words} …`, outside of any pipe, group or background"),)


def _script(link: Link, program: Word) -> str:
    """Where a script stands that is not the manifest's, with the program's line; empty for one that is."""
    own = program.source.partition(" (")[0]
    source = own if link.script and own.startswith(link.script) else link.script or link.word.source
    return source.removeprefix(OF_IMAGE) if link.script or source.startswith(OF_IMAGE) else ""


BAD: Final[Mapping[str, str]] = {
    "dash forks the last command of a list": """
        containers:
        - name: web
          image: python:3.12-slim
          command: [sh, -c, "cd /app && gunicorn --graceful-timeout=20 app:app"]  # finding
    """,
    "a pipeline keeps even bash in front": """
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [bash, -c, "exec gunicorn --graceful-timeout=20 app:app | tee /log"]  # finding
    """,
    "tini does not rescue a shell form": """
        containers:
        - name: web
          image: python:3.12-slim
          command: [tini, --, sh, -c, "gunicorn --graceful-timeout=20 app:app"]  # finding
    """,
    "which shell it is decides": """
        containers:
        - name: web
          image: registry.example.com/shop/web:1.4.2
          command: [sh, -c, "gunicorn --graceful-timeout=20 app:app"]  # finding
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "exec replaces the shell": """
        containers:
        - name: web
          image: python:3.12-slim
          command: [sh, -c, "cd /app && exec gunicorn --bind=:8000 --graceful-timeout=20 app:app"]
    """,
    "bash replaces itself by a lone command": """
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [bash, -c, "gunicorn --bind=:8000 --graceful-timeout=20 app:app"]
    """,
    "no shell at all": """
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [tini, --, gunicorn, --bind=:8000, --graceful-timeout=20, "app:app"]
    """,
}
