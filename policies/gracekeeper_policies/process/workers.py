"""How many workers a server starts, as processes or as threads, and what limits one task."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from gracekeeper_policies.process.recollection import ALIKE
from gracekeeper_policies.process.seconds import seconds_of
from gracekeeper_policies.provenance import Default, Known, Sourced, Unknown
from gracekeeper_policies.remembered import remembered

if TYPE_CHECKING:
    from gracekeeper_policies.process.settings import Settings, Value


@remembered(ALIKE)
def variant_of(settings: Settings) -> str:
    """The row of the server's table that holds: its worker class or pool; empty where it has none."""
    server = settings.server
    variant = settings.get(server.variant) if server.variant else Known("", "")
    if isinstance(variant, Unknown):
        return "unknown"
    upgraded = server.upgraded
    more = settings.get(upgraded.option) if upgraded and variant.value == upgraded.variant else None
    above = isinstance(more, Known) and isinstance(more.value, int) and more.value > 1
    return upgraded.becomes if upgraded and above else str(variant.value)


@remembered(ALIKE)
def processes_of(settings: Settings) -> Sourced[Value]:
    """The worker processes that it starts, threads and greenlets apart: a number, or `NODE_CPUS`."""
    server = settings.server
    if not server.workers or (server.forks and variant_of(settings) not in server.forks):
        return Unknown(f"{server.name} starts no worker processes")
    scaled = settings.get(server.autoscale) if server.autoscale else None
    if isinstance(scaled, Known | Unknown):
        return Unknown(f"{server.autoscale} decides how many there are")
    return settings.get(server.workers)


class TaskLimit(Struct, frozen=True):
    """The seconds after which a task is ended, None where nothing ends it; `option` is what sets them.

    `is_soft` says that the task is only asked to end.
    """

    seconds: Sourced[float | None]
    option: str
    is_soft: bool = False


@remembered(ALIKE)
def task_limit_of(settings: Settings) -> TaskLimit | None:
    """What limits one task; None where the server has no such option."""
    server = settings.server
    if not server.task_limit:
        return None
    hard = _limit(settings, server.task_limit)
    if server.forks and variant_of(settings) not in server.forks:
        nothing = Default(None, f"the {variant_of(settings)} {server.variant} of {server.label}")
        return TaskLimit(nothing, server.task_limit)
    soft = _limit(settings, server.soft_task_limit) if server.soft_task_limit else None
    if isinstance(hard, Default) and isinstance(soft, Known) and soft.value:
        return TaskLimit(soft, server.soft_task_limit, is_soft=True)
    return TaskLimit(hard, server.task_limit)


def _limit(settings: Settings, option: str) -> Sourced[float | None]:
    # A limit of 0 is none.
    found = seconds_of(settings.get(option))
    return Known(None, found.source, found.path) if isinstance(found, Known) and not found.value else found
