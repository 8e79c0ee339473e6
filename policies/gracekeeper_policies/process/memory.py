"""The memory that a server's workers need before any application is loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from gracekeeper_policies.process.workers import processes_of, variant_of
from gracekeeper_policies.provenance import Default, Known

if TYPE_CHECKING:
    from gracekeeper_policies.process.server import MemoryFloor
    from gracekeeper_policies.process.settings import Settings


class MemoryFloorOfWorkers(Struct, frozen=True):
    """What a number of workers needs empty; `option` is what sets the number, empty for a single process."""

    measured: MemoryFloor
    workers: int
    option: str = ""

    @property
    def mib(self) -> float:
        """The sum in MiB."""
        supervisor = self.measured.supervisor_mib if self.workers > 1 else 0.0
        return self.measured.first_mib + supervisor + self.measured.further_mib * (self.workers - 1)

    def workers_within(self, mib: float) -> int:
        """How many workers fit into so many MiB; 0 where not even one does."""
        alone = int(mib >= self.measured.first_mib)
        if not self.measured.further_mib:
            return alone
        further = (mib - self.measured.first_mib - self.measured.supervisor_mib) / self.measured.further_mib
        return int(further) + 1 if further >= 1 else alone


def floor_of(settings: Settings) -> MemoryFloorOfWorkers | None:
    """The measured memory of a server's workers without an application; None where it was not measured."""
    measured = settings.server.memory.get(variant_of(settings)) if settings.server.memory else None
    if measured is None:
        return None
    if not measured.further_mib:
        return MemoryFloorOfWorkers(measured, 1)
    workers = processes_of(settings)
    number = workers.value if isinstance(workers, Known | Default) and isinstance(workers.value, int) else 0
    return MemoryFloorOfWorkers(measured, number, settings.server.workers) if number > 0 else None
