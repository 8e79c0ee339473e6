"""Where the process of a container listens, and who reaches it there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from gracekeeper_policies.once import once
from gracekeeper_policies.process.beside import may_listen
from gracekeeper_policies.process.binding import Bind, binds_of
from gracekeeper_policies.provenance import Known, Unknown, joined

if TYPE_CHECKING:
    from gracekeeper_policies.process.python_process import PythonProcess


class Addresses(Struct, frozen=True, eq=False, dict=True):
    """The addresses of one process; each fact is worked out when it is first asked for."""

    process: PythonProcess

    @once
    def binds(self) -> tuple[Bind, ...] | Unknown:
        """The TCP addresses it listens on; empty for a Unix socket or a worker."""
        process, server = self.process, self.process.server
        if process.settings is None or server is None or server.binding is None:
            return Unknown(process.unknown or f"where {process.name} listens is not known")
        if server.serves_unless and not process.serves_requests:
            # Its own code opens what else is asked there, such as a port for metrics.
            return Unknown(f"{process.name} is not known to serve requests here")
        return binds_of(process.settings, server.binding)

    @property
    def doubt(self) -> str:
        """Why it may listen elsewhere too; empty where its addresses are certain."""
        if isinstance(self.binds, Unknown):
            return f"where container {self.process.container.name} listens is not known"
        return joined(self.process.doubt, *(bind.doubt for bind in self.binds))

    def argument(self, host: str, port: int) -> str:
        """The argument that makes the server listen there: `--bind 0.0.0.0:8000`, `--host 0.0.0.0`."""
        server = self.process.server
        binding = server.binding if server else None
        if server is None or binding is None:
            return ""
        named = (binding.address, *binding.further)
        given = next((name for name in named if name and isinstance(self.process.setting(name), Known)), "")
        option = given or binding.host or binding.address
        flags = server.option(option).flags
        return " ".join((*flags[-1:], host if option == binding.host else f"{host}:{port}"))

    @property
    def are_reachable(self) -> bool:
        """Whether anybody outside the pod may reach it: it binds more than loopback, or is not known."""
        return isinstance(self.binds, Unknown) or any(not bind.is_loopback for bind in self.binds)

    @property
    def probed_port(self) -> int | None:
        """A port that a probe reaches; None where it listens for its own pod alone, or nobody can tell where."""
        if isinstance(self.binds, Unknown):
            return None
        return next((bind.port for bind in self.binds if not bind.is_loopback), None)

    @property
    def are_behind_a_proxy(self) -> bool:
        """Whether nobody outside the pod reaches it, but another program of the pod may be the way in."""
        if not self.are_reachable and self._has_company:
            return True
        others = (other for other in self.process.pod.listening if other is not self.process)
        return not self.are_reachable and any(other.addresses.are_reachable for other in others)

    def may_include(self, port: int) -> bool:
        """Whether it binds a port, or may bind one that its container declares, or its image.

        Where the server's own port is declared beside it, the application may open the other one, such as one for
        metrics.
        """
        if self._has_company:
            return True
        image = self.process.image
        declared = {each.container_port for each in self.process.container.spec.ports}
        exposed = frozenset() if isinstance(image, Unknown) else image.tcp_ports
        if isinstance(self.binds, Unknown):
            return port in declared or port in exposed
        own = {bind.port for bind in self.binds}
        return port in own or any(port in ports and bool(own & ports) for ports in (declared, exposed))

    @once
    def _has_company(self) -> bool:
        # A daemon, or a program that is not known, in the same container may listen on any port.
        launch = self.process.launch
        commands = [command.argv for command in launch.beside]
        commands += [other.words for other in launch.supervised if other.words != launch.words]
        return any(may_listen(words) for words in commands)
