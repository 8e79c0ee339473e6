"""What happens before the stop signal: the pre-stop hook, and how long it certainly takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from gracekeeper_policies.kubernetes import SLEEP_ACTION
from gracekeeper_policies.process.sleeping import exec_sleep

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gracekeeper_policies.container import Container
    from gracekeeper_policies.document import Path
    from gracekeeper_policies.process.environment import Variable


class PreStop(Struct, frozen=True):
    """What happens before the stop signal: certainly `seconds`, and more where `unknown` says why nobody can tell."""

    seconds: float = 0.0
    unknown: str = ""
    handler: str = ""
    path: Path | None = None


def pre_stop_of(container: Container, variables: Mapping[str, Variable]) -> PreStop:
    """What a container's hook does; its command sees the container's variables."""
    hook = container.spec.lifecycle.pre_stop
    path = (*container.path, "lifecycle", "preStop")
    if hook is None:
        return PreStop()
    if hook.sleep is not None and container.workload.kubernetes >= SLEEP_ACTION:
        return PreStop(float(max(hook.sleep.seconds, 0)), "", "sleep", (*path, "sleep", "seconds"))
    if hook.exec is not None:
        seconds, unknown = exec_sleep(hook.exec.command, variables)
        return PreStop(seconds, unknown, "exec", (*path, "exec", "command"))
    if hook.http_get is not None:
        return PreStop(0.0, "how long its HTTP answer takes is not known", "httpGet", (*path, "httpGet"))
    return PreStop(0.0, "", "tcpSocket" if hook.tcp_socket else "", path)
