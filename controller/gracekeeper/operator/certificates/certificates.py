"""The certificate that reviews are served under: the first one, each one that follows, and whether it holds."""

from __future__ import annotations

import asyncio
import math
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Protocol, Self

import aiohttp
import structlog

from gracekeeper.errors import GracekeeperError
from gracekeeper.operator.api import RefusedError
from gracekeeper.operator.certificates.files import Files
from gracekeeper.operator.certificates.pemfiles import PemFiles
from gracekeeper.operator.certificates.secret import SharedSecret
from gracekeeper.operator.certificates.selfmanaged import SelfManaged
from gracekeeper.operator.certificates.trust import Trust

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from datetime import datetime
    from types import TracebackType

    from gracekeeper.operator.api import Api
    from gracekeeper.operator.certificates.keypair import KeyPair
    from gracekeeper.operator.certificates.pemfiles import Paths
    from gracekeeper.settings import OperatorSettings

LOOK_EVERY_SECONDS: Final = 10.0
"""How long another replica's renewal, or a caBundle that somebody took away, may go unnoticed."""

_LOOK_SECONDS: Final = 30
_FIRST_PAUSE_SECONDS: Final = 1.0

_log: Final = structlog.get_logger(__name__)


class Source(Protocol):
    """Where certificates come from."""

    async def look(self) -> KeyPair:
        """The certificate to show by now."""


class Certificates:
    """The certificate in force, looked for from entering on."""

    def __init__(
        self, source: Source, clock: Callable[[], datetime], look_every_seconds: float = LOOK_EVERY_SECONDS
    ) -> None:
        """`clock` tells the time in UTC."""
        self._source = source
        self._clock = clock
        self._pause = look_every_seconds
        self._files = PemFiles()
        self._shown: tuple[KeyPair, Paths] | None = None
        self._changed = asyncio.Event()
        self._following: asyncio.Task[None] | None = None
        self._trouble = ""

    @classmethod
    def of(
        cls,
        settings: OperatorSettings,
        api: Api,
        clock: Callable[[], datetime],
        look_every_seconds: float = LOOK_EVERY_SECONDS,
    ) -> Self:
        """Those that the settings name."""
        if settings.certificate_source == "files":
            return cls(Files(settings.certificate_folder), clock, look_every_seconds)
        secret = SharedSecret(api, settings.namespace, settings.certificate_secret)
        host = f"{settings.service_name}.{settings.namespace}.svc"  # the name by which the API server calls
        trust = Trust(api, settings.webhook_configuration)
        return cls(SelfManaged(secret, trust, host, clock), clock, look_every_seconds)

    async def __aenter__(self) -> Self:
        """Begin to look."""
        self._following = asyncio.create_task(self._follow(), name="certificates")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Look no more."""
        if self._following:
            self._following.cancel()
            with suppress(asyncio.CancelledError):
                await self._following
        self._files.close()

    async def changes(self) -> AsyncIterator[Paths]:
        """The certificate in force, as soon as there is one, and each one that follows; for one reader."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            if self._shown:
                yield self._shown[1]

    def expiry(self) -> float:
        """When the certificate in force ends, in seconds since 1970; NaN before there is one."""
        return self._shown[0].validity.end.timestamp() if self._shown else math.nan

    def amiss(self) -> str | None:
        """What is wrong with the certificate in force, in a sentence; None where nothing is."""
        if self._shown is None:
            return f"there is no certificate yet. {self._trouble}".rstrip()
        validity, now = self._shown[0].validity, self._clock()
        if validity.holds(now):
            return None
        return f"the certificate holds from {validity.start} to {validity.end}. {self._trouble}".rstrip()

    async def _follow(self) -> None:
        while True:
            await self._look()
            await asyncio.sleep(self._pause if self._shown else min(self._pause, _FIRST_PAUSE_SECONDS))

    async def _look(self) -> None:
        try:
            async with asyncio.timeout(_LOOK_SECONDS):
                self._show(await self._source.look())
        except (GracekeeperError, RefusedError, aiohttp.ClientError, OSError) as error:
            self._tell(str(error) or type(error).__name__)
        except Exception as error:  # noqa: BLE001 - whatever it is, the certificate in force stays, and is renewed later
            self._tell(f"Our own mistake: {type(error).__name__}.")

    def _show(self, pair: KeyPair) -> None:
        self._trouble = ""
        if self._shown and self._shown[0] == pair:
            return
        self._shown = pair, self._files.show(pair)
        self._changed.set()
        _log.info("certificate_in_force", expires=pair.validity.end.isoformat())

    def _tell(self, trouble: str) -> None:
        # The same trouble every few seconds is told once.
        if trouble != self._trouble:
            _log.warning("certificate_not_looked_up", trouble=trouble)
        self._trouble = trouble
