"""Keeps the objects of one kind in sight: lists them, watches from there, and lists anew once that place is gone.

As client-go's reflector does. kopf's indexes would hold an exception for ever that was deleted while a watch was gone,
and kopf ends with a watch that fails; an admission webhook has to outlive its API server's troubles.
"""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias, TypeVar

import aiohttp
import msgspec
import structlog
from msgspec import Struct, field

from gracekeeper.operator.api import RefusedError
from gracekeeper_policies.document import Document

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping

_PAGE: Final = 250
_WATCH_SECONDS: Final = 290
_GONE: Final = 410
_NOT_FOUND: Final = 404
_UNSERVED_SECONDS: Final = 10
_FIRST_PAUSE: Final = 0.5
_LONGEST_PAUSE: Final = 5.0
_LARGE_BYTES: Final = 512 * 1024

_log: Final = structlog.get_logger(__name__)

Values: TypeAlias = "dict[str, Any]"

S = TypeVar("S", bound=Struct)


class Kind(Struct, frozen=True):
    """A kind of objects: where the API serves them, and what of an object is worth keeping."""

    api_version: str
    name: str
    plural: str
    keep: Callable[[Values], Values]

    @property
    def path(self) -> str:
        """Where the API server lists all of them: `/apis/policy/v1/poddisruptionbudgets`."""
        return f"/{'apis' if '/' in self.api_version else 'api'}/{self.api_version}/{self.plural}"

    def document(self, values: Values) -> Document:
        """The object as it is kept; an item of a list does not say what it is."""
        return Document({"apiVersion": self.api_version, "kind": self.name, **self.keep(values)})


class Reader(Protocol):
    """Reads from the API server, as `Api` does."""

    async def read(self, path: str, parameters: Mapping[str, str]) -> bytes:
        """Read a whole answer."""

    def lines(self, path: str, parameters: Mapping[str, str], seconds: float) -> AsyncIterator[bytes]:
        """Read an answer line by line as it comes."""


class Shelf(Protocol):
    """Where a reflector puts the objects that it sees."""

    def replace(self, kind: Kind, documents: Iterable[Document]) -> None:
        """Take these for all there are of their kind."""

    def put(self, kind: Kind, document: Document) -> None:
        """Take an object, instead of the one of its name."""

    def remove(self, kind: Kind, document: Document) -> None:
        """Let go of an object."""


class _Metadata(Struct, rename="camel"):
    resource_version: str = ""
    continue_: str = field(default="", name="continue")


class _Page(Struct):
    metadata: _Metadata
    items: list[Values] | None = None


class _Event(Struct):
    type: str
    object: Values


class Reflector:
    """Keeps a shelf true to the cluster for one kind. `is_synced` tells whether all were listed once."""

    def __init__(self, api: Reader, kind: Kind, shelf: Shelf) -> None:
        """Nothing is read before `run`."""
        self.kind = kind
        self.is_synced = False
        self._api = api
        self._shelf = shelf
        self._trouble: tuple[str, int] | None = None

    async def run(self) -> None:
        """Follow the cluster until cancelled; what goes wrong is told and tried again."""
        waits = pauses()
        while True:
            try:
                version = await self._list()
                waits = pauses()
                await self._follow(version)
            except (RefusedError, aiohttp.ClientError, TimeoutError, msgspec.MsgspecError) as error:
                await asyncio.sleep(self._tell(error) or next(waits))

    def _tell(self, error: Exception) -> float:
        """Log what went wrong; the seconds to wait, 0 where that is left to the caller."""
        code = error.code if isinstance(error, RefusedError) else 0
        if code == _NOT_FOUND:
            # A kind that is not installed, such as KEDA's, may come later.
            self._shelf.replace(self.kind, ())
            self.is_synced = True
            return _UNSERVED_SECONDS
        trouble = type(error).__name__, code
        if code != _GONE and trouble != self._trouble:
            _log.warning("watch_interrupted", kind=self.kind.name, error=trouble[0], code=code or None)
            self._trouble = trouble
        return 0

    def _tell_the_end(self) -> None:
        """Log that what went wrong is over."""
        if self._trouble:
            self._trouble = None
            _log.info("watch_resumed", kind=self.kind.name)

    async def _list(self) -> str:
        """Read all objects, page by page, and tell the version of the cluster that they are of."""
        documents: list[Document] = []
        parameters = {"limit": str(_PAGE)}
        while True:
            page = await _decoded(await self._api.read(self.kind.path, parameters), _Page)
            documents += map(self.kind.document, page.items or ())
            if not page.metadata.continue_:
                break
            parameters["continue"] = page.metadata.continue_
        self._shelf.replace(self.kind, documents)
        self.is_synced = True
        self._tell_the_end()
        return page.metadata.resource_version

    async def _follow(self, version: str) -> None:
        """Watch from a version on, again and again, until the API server no longer remembers it."""
        waits = pauses()
        while True:
            try:
                async for event in self._events(version):
                    version = self._take(event) or version
                    waits = pauses()
            except (aiohttp.ClientError, TimeoutError) as error:
                self._tell(error)
            await asyncio.sleep(next(waits))

    async def _events(self, version: str) -> AsyncIterator[_Event]:
        # Watches that begin together would otherwise end together for ever.
        seconds = _WATCH_SECONDS + random.randint(0, _WATCH_SECONDS // 5)  # noqa: S311 - no secret
        parameters = {
            "watch": "true",
            "allowWatchBookmarks": "true",
            "resourceVersion": version,
            "timeoutSeconds": str(seconds),
        }
        async for line in self._api.lines(self.kind.path, parameters, seconds + 30):
            yield await _decoded(line, _Event)

    def _take(self, event: _Event) -> str:
        """Put an event's object where it belongs, and tell its version."""
        values = event.object
        match event.type:
            case "ADDED" | "MODIFIED":
                self._shelf.put(self.kind, self.kind.document(values))
            case "DELETED":
                self._shelf.remove(self.kind, self.kind.document(values))
            case "ERROR":
                raise RefusedError(int(values.get("code") or 0))
        self._tell_the_end()
        return str((values.get("metadata") or {}).get("resourceVersion") or "")


def pauses() -> Iterator[float]:
    """How long to wait before each further try: longer and longer, and never all replicas at once."""
    pause = _FIRST_PAUSE
    while True:
        yield pause * random.uniform(0.8, 1.2)  # noqa: S311 - no secret
        pause = min(pause * 2, _LONGEST_PAUSE)


async def _decoded(text: bytes, kind: type[S]) -> S:
    """Read JSON; much of it beside the event loop, which has reviews to answer."""
    if len(text) <= _LARGE_BYTES:
        return msgspec.json.decode(text, type=kind)
    return await asyncio.to_thread(msgspec.json.decode, text, type=kind)
