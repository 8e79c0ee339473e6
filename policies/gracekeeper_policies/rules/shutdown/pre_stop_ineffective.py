"""The pre-stop hook delays nothing.

## What it does
Finds hooks by `tcpSocket`, which the API accepts and the kubelet always fails; commands that an image without a shell
does not have; and hooks whose first act is to stop the server.

## Why it matters
A hook that fails changes nothing but the events: the stop signal follows at once. One that stops the server itself does
so while endpoints still send requests to it. Either way the delay that the manifest seems to have is not there.

## What to do
Let the kubelet sleep: `preStop: {sleep: {seconds: 5}}` needs no shell, and the stop signal follows by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper_policies.finding import Advice, Evidence, Finding, Severity
from gracekeeper_policies.kubernetes import SLEEP_ACTION
from gracekeeper_policies.policy import Profile
from gracekeeper_policies.process.hook import needs_tools, stops_first
from gracekeeper_policies.provenance import Unknown, joined
from gracekeeper_policies.rule import Card, Drawing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies.process.image import ImageConfig
    from gracekeeper_policies.process.python_process import PythonProcess

CARD: Final = Card(
    severity=Severity.WARNING,
    profile=Profile.STANDARD,
    since="0.1",
    see=("https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/",),
    drawing=Drawing.SHUTDOWN,
)


def check(process: PythonProcess) -> Iterator[Finding]:
    """See whether the hook can do what it is there for."""
    hook = process.container.spec.lifecycle.pre_stop
    if hook is None:
        return
    if hook.tcp_socket is not None:
        yield _finding(
            process, "tcpSocket", "asks for a TCP connection, which the kubelet refuses, and the stop signal follows"
        )
    elif hook.exec is not None and _is_bare(process) and needs_tools(hook.exec.command):
        said = f"runs {hook.exec.command[0]}, which a distroless image lacks"
        yield _finding(process, "exec", said, _doubt(process.image))
    elif hook.exec is not None and process.serves_requests and stops_first(hook.exec.command, process.name):
        said = f"stops {process.name} at once, while endpoints still send to it"
        yield _finding(process, "exec", said, process.doubt)


def _is_bare(process: PythonProcess) -> bool:
    image = process.image
    if isinstance(image, Unknown) or not image.distribution:
        return process.reference is not None and process.reference.is_distroless
    return image.distribution == "distroless" and image.shell is None


def _doubt(image: ImageConfig | Unknown) -> str:
    if isinstance(image, Unknown) or not image.distribution:
        return "only the image's name says that it has no shell and no tools"
    return joined(f"{image.tier} may copy them into it", image.doubt)


def _finding(process: PythonProcess, handler: str, what: str, doubt: str = "") -> Finding:
    path = (*process.container.path, "lifecycle", "preStop")
    sleeps = process.container.workload.kubernetes >= SLEEP_ACTION
    sleep = "preStop: {sleep: {seconds: 5}}" if sleeps else 'preStop: {exec: {command: [sleep, "5"]}}'
    return Finding(
        at=(*path, handler),
        message=f"The pre-stop hook {what}: it delays nothing.",
        remedies=(Advice(f"write {sleep} instead"),),
        doubt=doubt,
        evidence=(Evidence("pre-stop hook", handler, "lifecycle.preStop"),),
    )


BAD: Final[Mapping[str, str]] = {
    "a TCP connection": """
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [gunicorn, --bind=:8000, --graceful-timeout=20, "app:app"]
          lifecycle: {preStop: {tcpSocket: {port: 8000}}}  # finding
    """,
    "no shell in the image": """
        containers:
        - name: web
          image: gcr.io/distroless/python3-debian12:nonroot
          args: [server.py]
          lifecycle:
            preStop:
              exec: {command: [sh, -c, "sleep 10"]}  # finding
    """,
    "the hook stops the server first": """
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [gunicorn, --bind=:8000, --graceful-timeout=20, "app:app"]
          lifecycle:
            preStop:
              exec: {command: [sh, -c, "kill -TERM 1; sleep 10"]}  # finding
    """,
}
GOOD: Final[Mapping[str, str]] = {
    "the kubelet sleeps": """
        containers:
        - name: web
          image: shop/web:1.4.2
          command: [gunicorn, --bind=:8000, --graceful-timeout=20, "app:app"]
          lifecycle: {preStop: {sleep: {seconds: 5}}}
    """,
    "a worker may stop before": """
        terminationGracePeriodSeconds: 310
        containers:
        - name: worker
          image: shop/worker:1.4.2
          command: [celery, -A, shop, worker, --time-limit=300]
          lifecycle: {preStop: {exec: {command: [celery, -A, shop, control, shutdown]}}}
    """,
}
