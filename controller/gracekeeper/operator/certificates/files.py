"""Certificates that somebody else renews: cert-manager, or whoever fills the Secret that is mounted."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from gracekeeper.errors import ConfigurationError
from gracekeeper.operator.certificates.keypair import KeyPair

if TYPE_CHECKING:
    from pathlib import Path


class Files:
    """The certificate in a folder, as a Secret of type `kubernetes.io/tls` is mounted: tls.crt and tls.key."""

    def __init__(self, folder: Path) -> None:
        """Nothing is read before somebody looks."""
        self._folder = folder

    async def look(self) -> KeyPair:
        """The certificate to show.

        Raises:
            ConfigurationError: a file cannot be read, or the two do not belong together (yet).
        """
        return await asyncio.to_thread(self._read)

    def _read(self) -> KeyPair:
        try:
            certificate, key = ((self._folder / name).read_bytes() for name in ("tls.crt", "tls.key"))
        except OSError as error:
            raise ConfigurationError(f"{error.filename} cannot be read: {error.strerror}.") from None
        return KeyPair.read(certificate, key)
