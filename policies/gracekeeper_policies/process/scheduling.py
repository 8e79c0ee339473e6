"""Who sends tasks by the clock in a container: the server itself, or one that its script leaves running beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from gracekeeper_policies.process.recollection import ALIKE
from gracekeeper_policies.provenance import Default, Known, Unknown
from gracekeeper_policies.remembered import remembered

if TYPE_CHECKING:
    from gracekeeper_policies.process.server import Schedule
    from gracekeeper_policies.process.settings import Settings


class Scheduler(Struct, frozen=True):
    """A program that sends tasks by the clock and takes no lock.

    `doubt` says why it may take one after all, `idle` why it may have nothing to send.
    """

    name: str
    doubt: str = ""
    idle: str = ""


@remembered(ALIKE)
def scheduler_of(settings: Settings) -> Scheduler | None:
    """The scheduler that a server is; None where it sends nothing by the clock, or nothing is claimed of it."""
    server, schedule = settings.server, settings.server.schedule
    if schedule is None or _is_off(settings, schedule.turned_off):
        return None
    switch = settings.get(schedule.turned_on) if schedule.turned_on else None
    if schedule.turned_on and not (isinstance(switch, Known) and switch.value):
        return None
    doubt = _unlocked(settings, schedule)
    if doubt is None:
        return None
    return Scheduler(server.name, doubt, schedule.doubt)


def _is_off(settings: Settings, option: str) -> bool:
    switch = settings.get(option) if option else None
    return isinstance(switch, Unknown) or (isinstance(switch, Known) and bool(switch.value))


def _unlocked(settings: Settings, schedule: Schedule) -> str | None:
    """Why the scheduler's class may take a lock, empty where it takes none; None for one of which nothing is known."""
    chosen = settings.get(schedule.scheduler) if schedule.scheduler else Known(None, "")
    if isinstance(chosen, Unknown) or (schedule.scheduler and chosen.value not in schedule.unlocked):
        return None
    return chosen.doubt if isinstance(chosen, Default) else ""
