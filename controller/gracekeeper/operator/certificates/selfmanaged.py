"""Certificates of our own: replicas share them in a Secret, renew them there, and tell API servers to trust them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import structlog

from gracekeeper.errors import ConfigurationError
from gracekeeper.operator.certificates.renewal import renewed

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from gracekeeper.operator.certificates.keypair import KeyPair
    from gracekeeper.operator.certificates.renewal import Kept
    from gracekeeper.operator.certificates.secret import SharedSecret
    from gracekeeper.operator.certificates.trust import Trust

_TRIES: Final = 5

_log: Final = structlog.get_logger(__name__)


class SelfManaged:
    """The certificate for a host that the replicas agree on."""

    def __init__(self, secret: SharedSecret, trust: Trust, host: str, clock: Callable[[], datetime]) -> None:
        """Nothing is read or written before somebody looks."""
        self._secret = secret
        self._trust = trust
        self._host = host
        self._clock = clock

    async def look(self) -> KeyPair:
        """The certificate to show; whatever is due is renewed, and trusted before anybody is shown it.

        Raises:
            ConfigurationError: the Secret is not ours, or others write it all the time.
            RefusedError, aiohttp.ClientError, TimeoutError: the API server does not do its part.
        """
        for _ in range(_TRIES):
            kept = await self._agreed()
            if kept:
                return kept.leaf
        raise ConfigurationError("The Secret with the certificates changed each time before it could be written.")

    async def _agreed(self) -> Kept | None:
        """What is kept by now; None where another replica was faster."""
        found = await self._secret.read()
        trusted = found.authorities is not None and await self._trust.tell(found.authorities.bundle)
        kept = renewed(found.authorities, found.leaf, self._host, self._clock(), trusted=trusted)
        if (kept.authorities, kept.leaf) == (found.authorities, found.leaf):
            return kept
        if not await self._secret.write(found, kept):
            return None
        _log.info("certificates_renewed", authority_too=kept.authorities != found.authorities)
        await self._trust.tell(kept.authorities.bundle)
        return kept
