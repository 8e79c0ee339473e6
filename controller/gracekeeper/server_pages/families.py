"""The servers by the module that holds them: each module is a page."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

from msgspec import Struct

from gracekeeper.server_pages.words import sentence
from gracekeeper_policies.process import servers
from gracekeeper_policies.process.servers import SERVERS

if TYPE_CHECKING:
    from gracekeeper_policies.process.server import Server


class Family(Struct, frozen=True, eq=False):
    """The servers of one module; `about` is what the module says of them, in one sentence."""

    page: str
    module: str
    about: str
    servers: tuple[Server, ...]

    @property
    def title(self) -> str:
        """The names, each once: `rq worker, rq worker-pool`."""
        return ", ".join(dict.fromkeys(server.name for server in self.servers))


def families() -> tuple[Family, ...]:
    """In the order in which servers are recognised."""
    found = [_family(module) for module in vars(servers).values() if isinstance(module, ModuleType)]
    return tuple(sorted((each for each in found if each.servers), key=lambda each: SERVERS.index(each.servers[0])))


def _family(module: ModuleType) -> Family:
    own = vars(module).values()
    name = module.__name__.rpartition(".")[2]
    first = (module.__doc__ or "").strip().splitlines()[0]
    about = sentence(first.partition(": ")[2] or first)
    return Family(name.replace("_", "-"), name, about, tuple(server for server in SERVERS if server in own))
