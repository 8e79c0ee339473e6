"""What the webhook itself can do: reviews straight to its port, small ones, large ones, and small beside large."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

from benchmarks.admission.figures import median, milliseconds, p99, table
from benchmarks.admission.objects import FILLINGS, created, large, updated
from benchmarks.admission.process import cpu_seconds, memory_mib

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from benchmarks.admission.asking import Asking
    from tests.cluster.client import Manifest

_CLIENTS: Final = 8
_WARM: Final = 200
_LARGE: Final = 9
_PATH: Final = "/validate"


class Webhook:
    """Measures one replica; `made` are Deployments as the API server makes them of what is written."""

    def __init__(self, webhook: Asking, operator: int, made: Sequence[Manifest]) -> None:
        """`operator` is its process."""
        self._webhook = webhook
        self._operator = operator
        self._made = made

    async def report(self) -> None:
        """Measure, and print."""
        same = [self._made[1]] * len(self._made)
        rows = [
            await self._throughput("CREATE, the same Deployment", map(created, same)),
            await self._throughput("CREATE, no two alike", map(created, self._made)),
            await self._throughput("UPDATE, no two alike", map(updated, self._made)),
        ]
        print(f"{_CLIENTS} clients straight at the webhook, {len(self._made)} reviews; the bound is 700\n")
        table(("reviews", "bytes each", "processor ms each", "a second and core", "a second, by the clock"), rows)
        print(f"Memory after it: {memory_mib(self._operator):.0f} MiB (bound 120)\n")
        neighbours = [await self._alone()]
        answers = []
        for name, fill in FILLINGS.items():
            answered, waited = await self._large(name, fill)
            answers.append(answered)
            neighbours.append(waited)
        print("One review of two objects of 1.4 MB, and a client beside it that sends small ones (bound 150 ms)\n")
        table(("large is", "MB", "p50 ms", "most ms", "processor ms"), answers)
        table(("small reviews beside", "count", "p50 ms", "p99 ms", "most ms"), neighbours)
        now, most = memory_mib(self._operator), memory_mib(self._operator, most=True)
        print(f"Memory after it: {now:.0f} MiB, at most {most:.0f} MiB\n")

    async def _throughput(self, name: str, reviews: Iterable[bytes]) -> tuple[str, ...]:
        bodies = list(reviews)
        await self._webhook.by_clients(_CLIENTS, _PATH, bodies[:_WARM])
        cpu, clock = cpu_seconds(self._operator), time.monotonic()
        await self._webhook.by_clients(_CLIENTS, _PATH, bodies)
        cpu, clock = cpu_seconds(self._operator) - cpu, time.monotonic() - clock
        size, many = sum(map(len, bodies)) // len(bodies), len(bodies)
        return name, str(size), milliseconds(cpu / many), f"{many / cpu:.0f}", f"{many / clock:.0f}"

    async def _alone(self) -> tuple[str, ...]:
        return _waited("nothing", await self._webhook.one_by_one(_PATH, map(created, self._made[:_WARM])))

    async def _large(self, name: str, fill: Callable[[Manifest, int], None]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        bodies = [updated(large(each, fill, salt)) for salt, each in enumerate(self._made[:_LARGE])]
        cpu = cpu_seconds(self._operator)
        alone = await self._webhook.one_by_one(_PATH, bodies)
        cpu = cpu_seconds(self._operator) - cpu
        waits: list[float] = []
        small = asyncio.create_task(self._small_until_cancelled(waits))
        await self._webhook.one_by_one(_PATH, bodies)
        small.cancel()
        size = f"{len(bodies[0]) / 1e6:.1f}"
        answered = (name, size, milliseconds(median(alone)), milliseconds(max(alone)), milliseconds(cpu / len(bodies)))
        return answered, _waited(name, waits)

    async def _small_until_cancelled(self, waits: list[float]) -> None:
        while True:
            for each in self._made:
                waits += await self._webhook.one_by_one(_PATH, [created(each)])


def _waited(name: str, waits: Sequence[float]) -> tuple[str, ...]:
    return name, str(len(waits)), milliseconds(median(waits)), milliseconds(p99(waits)), milliseconds(max(waits))
