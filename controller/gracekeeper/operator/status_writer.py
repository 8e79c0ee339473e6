"""Writes the `status` of policies and exceptions where it differs from what is so.

Every replica does, since each comes to the same: the first one writes, and the others see that nothing is left to do.
Where two write at once, the second is refused by the version of the object that it has seen.
"""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Protocol

import aiohttp
import msgspec
import structlog

from gracekeeper.operator.api import RefusedError
from gracekeeper.operator.policy_objects import EXCEPTION_KIND, POLICY_KIND
from gracekeeper.operator.statuses import Namespaces, exception_status, policy_status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date, datetime

    from gracekeeper.operator.api import Method
    from gracekeeper.operator.policies import PoliciesLive
    from gracekeeper.operator.policy_objects import PolicyObject
    from gracekeeper.operator.reflector import Kind
    from gracekeeper.policyfiles.status import ExceptionStatus
    from gracekeeper.settings import ExtraKind

_JSON_PATCH: Final = "application/json-patch+json"
_EVERY_SECONDS: Final = 30
_OVERTAKEN: Final = frozenset({404, 409})
"""Another replica was first, somebody wrote, or the object is gone: the watch tells what is so."""

_AT_ONCE: Final = 50

_log: Final = structlog.get_logger(__name__)


class Writer(Protocol):
    """Writes to the API server, as `Api` does."""

    async def write(self, method: Method, path: str, body: bytes, content_type: str) -> bytes:
        """Write a patch."""


class StatusWriter:
    """Keeps statuses true from `run` on. `namespaces` gives the labels of all namespaces, `now` the time in UTC."""

    def __init__(
        self,
        api: Writer,
        policies: PoliciesLive,
        namespaces: Callable[[], Mapping[str, Mapping[str, str]]],
        extra: Sequence[ExtraKind],
        now: Callable[[], datetime],
    ) -> None:
        """Nothing is written before `run`."""
        self._api = api
        self._policies = policies
        self._namespaces = namespaces
        self._extra = extra
        self._now = now
        self._woken = asyncio.Event()
        self._day_told: date | None = None
        policies.when_changed(self._wake)

    async def run(self, is_seen: Callable[[], bool]) -> None:
        """Write what changes until cancelled, but nothing before `is_seen`: until then half is known."""
        while True:
            await self._moment()
            if is_seen():
                await self.write()

    async def write(self) -> None:
        """Write every status that differs; the rest waits for the next time once the API server has refused one."""
        today = self._now().date()
        is_whole = await self._write_policies()
        if is_whole and self._day_told != today and await self._write_exceptions():
            self._day_told = today

    def _wake(self) -> None:
        self._day_told = None
        self._woken.set()

    async def _moment(self) -> None:
        # Not `wait_for`: Python 3.11's loses a cancellation that comes together with what it waits for.
        with suppress(TimeoutError):
            async with asyncio.timeout(_EVERY_SECONDS):
                await self._woken.wait()
        self._woken.clear()
        # Whoever comes first spares the others the work.
        await asyncio.sleep(random.uniform(0.1, 1))  # noqa: S311 - no secret

    async def _write_policies(self) -> bool:
        namespaces, now = Namespaces(self._namespaces()), self._now()
        told = ((each.now, policy_status(each, namespaces, self._extra, now)) for each in self._policies.policies)
        return await self._write_all(POLICY_KIND, told)

    async def _write_exceptions(self) -> bool:
        now = self._now()
        told = ((each.now, exception_status(each, now)) for each in self._policies.exceptions)
        return await self._write_all(EXCEPTION_KIND, told)

    async def _write_all(self, kind: Kind, told: Iterable[tuple[PolicyObject, ExceptionStatus]]) -> bool:
        for number, (written, status) in enumerate(told):
            if number % _AT_ONCE == 0:
                await asyncio.sleep(0)
            said = status.model_dump(mode="json", by_alias=True, exclude_none=True)
            if said != written.status and not await self._is_written(kind, written, said):
                return False
        return True

    async def _is_written(self, kind: Kind, written: PolicyObject, status: dict[str, Any]) -> bool:
        try:
            await self._api.write("PATCH", _path(kind, written), _patch(written, status), _JSON_PATCH)
        except (RefusedError, aiohttp.ClientError, TimeoutError) as error:
            if isinstance(error, RefusedError) and error.code in _OVERTAKEN:
                return True
            _log.warning(
                "status_unwritten", kind=kind.name, name=written.name, error=f"{type(error).__name__}: {error}"
            )
            return False
        return True


def _path(kind: Kind, written: PolicyObject) -> str:
    group, _, plural = kind.path.rpartition("/")
    within = f"namespaces/{written.namespace}/" if written.namespace else ""
    return f"{group}/{within}{plural}/{written.name}/status"


def _patch(written: PolicyObject, status: dict[str, Any]) -> bytes:
    """Replaces the whole status, of the version that was seen: a merge would mix what was good before with older."""
    return msgspec.json.encode(
        [
            {"op": "replace", "path": "/metadata/resourceVersion", "value": written.version},
            {"op": "add", "path": "/status", "value": status},
        ]
    )
