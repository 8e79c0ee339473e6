"""What admission adds to a request: the same Deployments, with nothing, with a CEL policy and with Gracekeeper.

Each way has a namespace of its own on the one API server. They take turns within every round, so that whatever else the
machine does meets all three.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from benchmarks.admission.cel import EXPRESSIONS
from benchmarks.admission.figures import median, milliseconds, p99, table
from benchmarks.admission.objects import deployment
from benchmarks.admission.process import cpu_seconds

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.admission.asking import Asking

NOTHING: Final = "bench-nothing"
CEL: Final = "bench-cel"
GRACEKEEPER: Final = "bench-gracekeeper"
WAYS: Final[Mapping[str, str]] = {
    NOTHING: "nothing",
    CEL: f"ValidatingAdmissionPolicy, {len(EXPRESSIONS)} expressions",
    GRACEKEEPER: "Gracekeeper, standard profile",
}
"""The namespaces, and what answers in them."""

_EACH: Final = 8
"""Requests of a client in its turn."""

_ALWAYS: Final = 1
"""The Deployment that comes again and again; Gracekeeper has something to say about it."""

_HEAD: Final = (
    "admission by",
    *("p50 ms", "p99 ms", "adds p50 ms", "adds p99 ms"),
    *("processor ms, API server", "processor ms, operator"),
)

Round: TypeAlias = "dict[str, Turn]"


@dataclass(frozen=True)
class Turn:
    """What one way took in one round: seconds for each answer, and processor seconds in all."""

    waited: list[float]
    api_server: float
    operator: float


class Latency:
    """Measures by rounds. Every request creates a Deployment by dry run: always the same, or no two alike."""

    def __init__(self, api: Asking, api_server: int, operator: int, rounds: int) -> None:
        """The API server and the operator are their processes."""
        self._api = api
        self._api_server = api_server
        self._operator = operator
        self._rounds = rounds
        self._number = 0

    async def report(self, clients: int, *, alike: bool) -> None:
        """Measure with so many clients at once, and print."""
        await self._round(clients, list(WAYS), alike=alike)
        rounds = [
            await self._round(clients, _turned(list(WAYS), number), alike=alike) for number in range(self._rounds)
        ]
        answers = sum(len(each[GRACEKEEPER].waited) for each in rounds)
        what = "the same Deployment" if alike else "no two Deployments alike"
        print(f"{clients} client{'s' * (clients > 1)}, {what}, {answers} requests in each way, {self._rounds} rounds\n")
        table(_HEAD, _rows(rounds))
        print(f"Added p50, ratio to the policy's: {_ratio(rounds)}; the bound is 2.5, the aim 2\n")

    async def _round(self, clients: int, ways: Sequence[str], *, alike: bool) -> Round:
        first, self._number = self._number, self._number + clients * _EACH
        numbers = [_ALWAYS] * clients * _EACH if alike else range(first, self._number)
        return {way: await self._turn(clients, way, numbers) for way in ways}

    async def _turn(self, clients: int, namespace: str, numbers: Sequence[int]) -> Turn:
        bodies = [json.dumps(deployment(number, namespace)).encode() for number in numbers]
        path = f"/apis/apps/v1/namespaces/{namespace}/deployments?dryRun=All"
        before = self._taken()
        waited = await self._api.by_clients(clients, path, bodies)
        api_server, operator = (now - then for now, then in zip(self._taken(), before, strict=True))
        return Turn(waited, api_server, operator)

    def _taken(self) -> tuple[float, float]:
        return cpu_seconds(self._api_server), cpu_seconds(self._operator)


def _turned(ways: list[str], number: int) -> list[str]:
    turn = number % len(ways)
    return ways[turn:] + ways[:turn]


def _rows(rounds: Sequence[Round]) -> list[tuple[str, ...]]:
    base = _waited(rounds, NOTHING)
    return [(name, *_figures(_waited(rounds, way), base), *_processor(rounds, way)) for way, name in WAYS.items()]


def _figures(waited: Sequence[float], base: Sequence[float]) -> tuple[str, ...]:
    half, most = median(waited), p99(waited)
    return tuple(map(milliseconds, (half, most, half - median(base), most - p99(base))))


def _processor(rounds: Sequence[Round], way: str) -> tuple[str, str]:
    turns = [each[way] for each in rounds]
    count = sum(len(turn.waited) for turn in turns)
    api_server, operator = sum(turn.api_server for turn in turns), sum(turn.operator for turn in turns)
    return milliseconds(api_server / count), milliseconds(operator / count)


def _waited(rounds: Sequence[Round], way: str) -> list[float]:
    return [each for round_ in rounds for each in round_[way].waited]


def _ratio(rounds: Sequence[Round]) -> str:
    """What Gracekeeper adds, as a multiple of what the policy adds; halves that differ tell of a busy machine."""
    halves = [_ratio_of(rounds[::2]), _ratio_of(rounds[1::2])]
    return f"{_ratio_of(rounds):.2f} (every other round alone: {halves[0]:.2f} and {halves[1]:.2f})"


def _ratio_of(rounds: Sequence[Round]) -> float:
    nothing, cel, ours = (median(_waited(rounds, way)) for way in WAYS)
    return (ours - nothing) / (cel - nothing)
