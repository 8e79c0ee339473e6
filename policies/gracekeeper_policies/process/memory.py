"""The memory that a server's workers need before any application is loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from gracekeeper_policies.process.server import MemoryFloor


class MemoryFloorOfWorkers(Struct, frozen=True):
    """What a number of workers needs empty; `option` is what sets the number, empty for a single process."""

    measured: MemoryFloor
    workers: int
    option: str = ""

    @property
    def mib(self) -> float:
        """The sum in MiB."""
        return self.measured.first_mib + self.measured.further_mib * (self.workers - 1)

    def workers_within(self, mib: float) -> int:
        """How many workers fit into so many MiB; 0 where not even one does."""
        if not self.measured.further_mib:
            return int(mib >= self.measured.first_mib)
        further = (mib - self.measured.first_mib) / self.measured.further_mib
        return int(further) + 1 if further >= 0 else 0
