"""A reflector keeps its shelf true to the cluster, through everything that happens to a watch."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from gracekeeper.operator import reflector
from gracekeeper.operator.api import RefusedError
from gracekeeper.operator.reflector import Kind, Reflector

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping

    from gracekeeper_policies.document import Document

THINGS = Kind("example.com/v1", "Thing", "things", lambda values: {"metadata": values["metadata"]})


class Shelf:
    """Remembers the names of what it holds, and every change."""

    def __init__(self) -> None:
        """It holds nothing."""
        self.names: set[str] = set()

    def replace(self, _kind: Kind, documents: Iterable[Document]) -> None:
        """Hold these alone."""
        self.names = {document.identity().name for document in documents}

    def put(self, _kind: Kind, document: Document) -> None:
        """Hold one more."""
        self.names.add(document.identity().name)

    def remove(self, _kind: Kind, document: Document) -> None:
        """Hold one less."""
        self.names.discard(document.identity().name)


class Script:
    """An API server that gives the answers of a script, in their order, then says nothing more.

    A list is a text or an exception; a watch is a list of events, whose last one may be an exception.
    """

    def __init__(self, *answers: object) -> None:
        """`asked` remembers the versions that watches began from, and the pages that lists went on with."""
        self.answers = list(answers)
        self.asked: list[str] = []
        self.done = asyncio.Event()

    async def read(self, _path: str, parameters: Mapping[str, str]) -> bytes:
        """Answer a list."""
        self.asked.append(f"list {parameters.get('continue', '')}".strip())
        answer = await self._next()
        if isinstance(answer, Exception):
            raise answer
        return json.dumps(answer).encode()

    async def lines(self, _path: str, parameters: Mapping[str, str], _seconds: float) -> AsyncIterator[bytes]:
        """Answer a watch."""
        self.asked.append(f"watch {parameters['resourceVersion']}")
        answer = await self._next()
        for event in answer if isinstance(answer, list) else [answer]:
            if isinstance(event, Exception):
                raise event
            yield json.dumps(event).encode()

    async def _next(self) -> object:
        if self.answers:
            return self.answers.pop(0)
        self.done.set()
        return await asyncio.get_running_loop().create_future()


def thing(name: str, version: str = "1") -> dict[str, Any]:
    """An object."""
    return {"metadata": {"name": name, "resourceVersion": version}}


def page(*names: str, version: str = "10", further: str = "") -> dict[str, Any]:
    """A page of a list."""
    return {"metadata": {"resourceVersion": version, "continue": further}, "items": [thing(name) for name in names]}


def event(kind: str, name: str, version: str) -> dict[str, Any]:
    """What a watch tells."""
    return {"type": kind, "object": thing(name, version)}


GONE = {"type": "ERROR", "object": {"kind": "Status", "code": 410, "reason": "Expired"}}


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses are short in tests."""
    monkeypatch.setattr(reflector, "_FIRST_PAUSE", 0.001)
    monkeypatch.setattr(reflector, "_LONGEST_PAUSE", 0.002)
    monkeypatch.setattr(reflector, "_UNSERVED_SECONDS", 0.001)


def followed(*answers: object) -> tuple[Shelf, Script, Reflector]:
    """Follow a script to its end."""

    async def follow() -> tuple[Shelf, Script, Reflector]:
        shelf, script = Shelf(), Script(*answers)
        mirror = Reflector(script, THINGS, shelf)
        task = asyncio.create_task(mirror.run())
        await asyncio.wait_for(script.done.wait(), 5)
        task.cancel()
        return shelf, script, mirror

    return asyncio.run(follow())


def test_all_pages_are_read_before_it_is_synced() -> None:
    """Half a list is not what the cluster holds."""
    shelf, script, mirror = followed(page("a", further="next"), page("b"), [])
    assert shelf.names == {"a", "b"}
    assert script.asked[:3] == ["list", "list next", "watch 10"]
    assert mirror.is_synced


def test_it_is_not_synced_before_the_last_page() -> None:
    """A review that is judged beside half a cluster would be misjudged."""
    shelf, _, mirror = followed(page("a", further="next"))
    assert (shelf.names, mirror.is_synced) == (set(), False)


def test_events_change_the_shelf() -> None:
    """What comes, changes and goes."""
    events = [event("ADDED", "b", "11"), event("MODIFIED", "a", "12"), event("DELETED", "a", "13")]
    shelf, script, _ = followed(page("a"), events)
    assert shelf.names == {"b"}
    assert script.asked[-1] == "watch 13"


def test_a_watch_goes_on_where_it_was_broken_off() -> None:
    """Nothing is missed, and nothing is listed again; a bookmark moves the place on too."""
    broken = [event("ADDED", "b", "11"), aiohttp.ClientPayloadError()]
    shelf, script, _ = followed(page("a"), broken, [{"type": "BOOKMARK", "object": thing("", "40")}])
    assert shelf.names == {"a", "b"}
    assert script.asked == ["list", "watch 10", "watch 11", "watch 40"]


def test_what_vanished_while_the_watch_was_gone_is_let_go() -> None:
    """410: the API server no longer remembers the place, so all is listed anew; what is not in it is gone."""
    shelf, script, mirror = followed(page("a", "b"), [GONE], page("b", version="50"))
    assert shelf.names == {"b"}
    assert script.asked == ["list", "watch 10", "list", "watch 50"]
    assert mirror.is_synced


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param(RefusedError(403), id="forbidden while the API server starts"),
        pytest.param(RefusedError(500), id="an error of the API server"),
        pytest.param(aiohttp.ClientConnectionError(), id="nobody listens"),
        pytest.param(TimeoutError(), id="nobody answers"),
        pytest.param({"items": "odd"}, id="an answer that nobody understands"),
    ],
)
def test_trouble_is_outlived_with_what_was_known(trouble: object) -> None:
    """An API server that is away for a while ends neither the watch nor the memory of what was there."""
    shelf, script, mirror = followed(page("a"), [event("ERROR", "", "")], trouble, trouble, page("a", "c"))
    assert shelf.names == {"a", "c"}
    assert script.asked == ["list", "watch 10", "list", "list", "list", "watch 10"]
    assert mirror.is_synced


def test_a_kind_that_is_not_installed_counts_as_synced_and_may_come_later() -> None:
    """Few clusters have KEDA, and nobody waits for it."""
    shelf, _, mirror = followed(RefusedError(404))
    assert (shelf.names, mirror.is_synced) == (set(), True)
    shelf, _, _ = followed(RefusedError(404), page("a"))
    assert shelf.names == {"a"}


def test_kinds_know_where_they_are_served() -> None:
    """The core group has a path of its own, for historical reasons."""
    assert Kind("v1", "Service", "services", dict).path == "/api/v1/services"
    assert THINGS.path == "/apis/example.com/v1/things"
