"""Where the drilled server listens on this machine, and what the kernel knows of connections to it."""

from __future__ import annotations

import errno
import ipaddress
import socket
from contextlib import suppress
from pathlib import Path
from typing import Final

from msgspec import Struct

from gracekeeper.errors import SurroundingsError

_TABLES: Final = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
_ESTABLISHED: Final = "01"
_NO_SOCKET: Final = "0"  # of a connection that nobody has accepted


class Address(Struct, frozen=True):
    """A host and a port; the host may mean every address of the machine."""

    host: str
    port: int

    @property
    def reachable(self) -> str:
        """The host under which it is asked."""
        with suppress(ValueError):
            address = ipaddress.ip_address(self.host)
            if address.is_unspecified:
                return "127.0.0.1" if address.version == 4 else "::1"  # noqa: PLR2004 - as in IPv4
        return self.host

    def __str__(self) -> str:
        """`127.0.0.1:8000`."""
        return f"[{self.reachable}]:{self.port}" if ":" in self.reachable else f"{self.reachable}:{self.port}"


def expect_free(address: Address) -> None:
    """See that nobody listens on an address yet.

    Raises:
        SurroundingsError: somebody does, or only root may.
    """
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    with socket.socket(family) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((address.host, address.port))
            trial.listen()
        except OSError as error:
            _explain(error, address)


def _explain(error: OSError, address: Address) -> None:
    if error.errno == errno.EADDRINUSE:
        raise SurroundingsError(
            f"port {address.port} is taken: another program on this machine listens there.", "End it, and drill again."
        ) from None
    if error.errno == errno.EACCES:
        raise SurroundingsError(
            f"port {address.port} may be bound by root alone on this machine.",
            "Run the drill as root, or let users bind it (sysctl net.ipv4.ip_unprivileged_port_start).",
        ) from None
    # Whatever else is wrong with it, the program itself meets it and says so.


def accepted(port: int) -> frozenset[int]:
    """The clients' ports of the connections to a local port that a program has accepted.

    What still waits in the listen queue is established too, but belongs to no socket.
    """
    return frozenset(_accepted(port))


def _accepted(port: int) -> list[int]:
    wanted, found = f":{port:04X}", []
    for table in _TABLES:
        with suppress(OSError):
            for line in table.read_text().splitlines()[1:]:
                fields = line.split()
                if fields[1].endswith(wanted) and fields[3] == _ESTABLISHED and fields[9] != _NO_SOCKET:
                    found.append(int(fields[2].rpartition(":")[2], 16))
    return found
