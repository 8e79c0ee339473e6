"""The certificate that the webhook shows, replaced under an open port.

The port keeps one context for good. It holds no certificate: each handshake is handed the context that is in force by
then. A new pair of files is read, and key and certificate are held against each other, before anybody sees it, so a
renewal that is caught halfway leaves the old certificate in force. Loading the files into the port's own context
would leave it without a key there.
"""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING, Final

import structlog

if TYPE_CHECKING:
    from collections.abc import AsyncIterable
    from pathlib import Path

_log: Final = structlog.get_logger(__name__)


class ServingCertificate:
    """What the listener's handshakes show; `context` is given to the listener once."""

    def __init__(self) -> None:
        self.context = _server_context()
        self.context.sni_callback = self._show
        self.loaded = asyncio.Event()
        self._in_force: ssl.SSLContext | None = None

    async def follow(self, pairs: AsyncIterable[tuple[Path, Path]]) -> None:
        """Load certificate and key anew, each time that there are others; `loaded` is set from the first ones on."""
        async for certificate, key in pairs:
            try:
                await self.load(certificate, key)
            except OSError as error:
                _log.warning("certificate_not_loaded", error=str(error))

    async def load(self, certificate: Path, key: Path) -> None:
        """Show this certificate (PEM, with its intermediates) in every handshake from now on.

        Raises:
            OSError: the files cannot be read, hold no certificate, or not the certificate's key (ssl.SSLError);
                what was shown before goes on being shown.
        """
        self._in_force = await asyncio.to_thread(_load, certificate, key)
        self.loaded.set()

    def _show(
        self, handshake: ssl.SSLSocket | ssl.SSLObject, _name: str | None, _context: ssl.SSLContext
    ) -> int | None:
        if self._in_force is None:
            return ssl.ALERT_DESCRIPTION_INTERNAL_ERROR
        handshake.context = self._in_force
        return None


def _load(certificate: Path, key: Path) -> ssl.SSLContext:
    context = _server_context()
    context.load_cert_chain(certificate, key)
    return context


def _server_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    context.num_tickets = 0  # API servers resume no sessions
    return context
