"""A script starts several long-lived processes, and nothing supervises those in the background.

## What it does
Finds scripts that leave a server, a worker or a daemon running with `&` beside another one, with no init in front that
passes signals on to all of them (dumb-init, `tini -g`) and no trap that does.

## Why it matters
SIGTERM reaches the first process of the container alone: what runs in the background is killed with it, in the middle
of its work. And when it dies earlier nobody notices: the container goes on, and looks well, without it.

## What to do
Give each process a container, so that the kubelet starts, probes, restarts and stops it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Advice, Evidence, Finding, Severity
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.process.beside import all_hear, unsupervised_of
from gracekeeper_policies.provenance import Unknown, joined
from gracekeeper_policies.rule import Card

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.process.beside import Unsupervised
    from gracekeeper_policies.process.python_process import PythonProcess

CARD: Final = Card(severity=Severity.WARNING, profile=Profile.STANDARD, since="0.1")
_SEVERAL: Final = 2
_BEHIND_AN_INIT: Final = Advice("start the script behind dumb-init, which passes signals on to all")


def check(process: PythonProcess) -> Iterator[Finding]:
    """Count what a script leaves running."""
    if not process.launch.beside or isinstance(process.command, Unknown) or process.container.workload.is_job:
        return
    found = unsupervised_of(process.launch)
    # Without a program in front, one in the background is the container's own.
    if len(found) + (process.program is not None) < _SEVERAL or all_hear(process.launch):
        return
    yield _finding(process, found)


def _finding(process: PythonProcess, found: tuple[Unsupervised, ...]) -> Finding:
    names = " and ".join(dict.fromkeys(each.name for each in found))
    beside = f" beside {process.name}" if process.program is not None else ""
    shell = next((link for link in process.launch.links if link.is_shell), None)
    return Finding(
        at=process.places.of(shell.word) if shell else process.container.path,
        message=f"The script leaves {names} running in the background{beside}, and nothing lets that finish at "
        f"SIGTERM: it is killed with the container.{_unnoticed(process)}",
        remedies=(
            Advice("run each process in a container of its own"),
            *([] if process.shutdown.drops_in_group else [_BEHIND_AN_INIT]),
        ),
        doubt=joined(
            process.shutdown.signal_doubt if process.program is not None else process.doubt,
            *(each.doubt for each in found),
        ),
        evidence=(Evidence("in the background", names, shell.word.source if shell else "the script"),),
    )


def _unnoticed(process: PythonProcess) -> str:
    words = [] if isinstance(process.command, Unknown) else process.command.words
    # The script ends with the first of its processes, and the container with the script.
    if any("wait -n" in word.text for word in words):
        return ""
    return " When it dies earlier, the container goes on without it."


BAD: Final[Mapping[str, str]] = {
    "a worker and its scheduler in one container": """
        containers:
        - name: worker
          image: shop/worker:1.4.2-bookworm
          command: [bash, -c, "celery -A shop beat & exec celery -A shop worker"]  # finding
    """,
    "two servers, and the shell waits": """
        containers:
        - name: web
          image: shop/web:1.4.2-bookworm
          command: [bash, -c, "nginx -g 'daemon off;' & gunicorn --bind 127.0.0.1:8000 app:app & wait"]  # finding
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "one process in each container": """
        terminationGracePeriodSeconds: 310
        containers:
        - {name: worker, image: "shop/worker:1.4.2", command: [celery, -A, shop, worker, --time-limit=300]}
        - {name: metrics, image: "shop/metrics:1.4.2", command: [/exporter]}
    """,
    "an init passes the signal on to all": """
        containers:
        - name: web
          image: shop/web:1.4.2-bookworm
          command: [dumb-init, bash, -c, "/exporter & exec gunicorn --bind :8000 --graceful-timeout 20 app:app"]
          lifecycle: {preStop: {sleep: {seconds: 5}}}
    """,
    "a sleep passes the time": """
        containers:
        - name: web
          image: shop/web:1.4.2-bookworm
          command: [bash, -c, "sleep 600 & exec gunicorn --bind :8000 --graceful-timeout 20 app:app"]
          lifecycle: {preStop: {sleep: {seconds: 5}}}
    """,
}
