"""Shows a certificate and its key as files, for `ssl` reads nothing else, without writing them to a disk."""

from __future__ import annotations

import os
import sys
from collections import deque
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from gracekeeper.operator.certificates.keypair import KeyPair

_GENERATIONS: Final = 2


class Paths(NamedTuple):
    """Where `ssl` finds a certificate, with its intermediates, and its key."""

    certificate: Path
    key: Path


class PemFiles:
    """Files of the last two pairs, since somebody may still be reading those before the last."""

    def __init__(self) -> None:
        """Nothing is shown yet."""
        self._generations: deque[ExitStack] = deque()

    def show(self, pair: KeyPair) -> Paths:
        """Give files with this pair; those of the pair before the last are gone from now on."""
        generation = ExitStack()
        self._generations.append(generation)
        while len(self._generations) > _GENERATIONS:
            self._generations.popleft().close()
        return Paths(_file(generation, pair.certificate), _file(generation, pair.key))

    def close(self) -> None:
        """Let go of all of them."""
        while self._generations:
            self._generations.pop().close()


if sys.platform == "linux":

    def _file(generation: ExitStack, content: bytes) -> Path:
        # A file in memory that has no name for others to open, so the root file system may be read-only.
        descriptor = os.memfd_create("certificate")
        generation.callback(os.close, descriptor)
        os.write(descriptor, content)
        return Path(f"/proc/self/fd/{descriptor}")

else:

    def _file(generation: ExitStack, content: bytes) -> Path:
        path = Path(generation.enter_context(TemporaryDirectory())) / "file.pem"
        path.write_bytes(content)
        return path
