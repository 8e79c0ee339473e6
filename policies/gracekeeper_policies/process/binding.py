"""Where a server listens, out of its options."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from gracekeeper_policies.process.recollection import ALIKE
from gracekeeper_policies.provenance import Default, Known, Unknown, joined
from gracekeeper_policies.remembered import remembered

if TYPE_CHECKING:
    from gracekeeper_policies.document import Path
    from gracekeeper_policies.process.server import Binding
    from gracekeeper_policies.process.settings import Settings, Value
    from gracekeeper_policies.provenance import Sourced

_LOOPBACK: Final = re.compile(r"(?:localhost|127(?:\.\d+){3}|::1)\Z")
_NOT_TCP: Final = re.compile(r"(?:unix|fd|file)[:/]")
_ADDRESS: Final = re.compile(r"(?:tcp://)?(?P<host>\[[^\]]*\]|[^:]*)(?::(?P<port>\d+))?\Z")
_URL: Final = re.compile(r"http://(?P<host>\[[^\]]*\]|[^:/]*)(?::(?P<port>\d+))?(?:/.*)?\Z")
_EVERYWHERE: Final = "0.0.0.0"


class Bind(Struct, frozen=True):
    """One address a server listens on; `doubt` is empty or says why it may be another."""

    host: str
    port: int
    source: str
    path: Path | None = None
    doubt: str = ""

    @property
    def is_loopback(self) -> bool:
        """Whether only the container's own pod can reach it."""
        return bool(_LOOPBACK.match(self.host))

    def __str__(self) -> str:
        """`0.0.0.0:8000`."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@remembered(ALIKE)
def binds_of(settings: Settings, binding: Binding) -> tuple[Bind, ...] | Unknown:
    """The TCP addresses; empty where it listens on a Unix socket or an inherited descriptor."""
    if any(_is_set(settings.get(option)) for option in binding.unread):
        return Unknown(f"{settings.server.name} is told to listen in a way that is not read")
    named = [settings.get(option) for option in (binding.address, *binding.further) if option]
    if any(_is_given(value) for value in named):
        return _addresses(settings, binding, named)
    if any(_is_set(settings.get(option)) for option in binding.elsewhere):
        return ()
    return _host_and_port(settings, binding) if binding.host else Unknown("nothing in sight says where it listens")


def _is_set(value: Sourced[Value]) -> bool:
    return not isinstance(value, Default)


def _is_given(value: Sourced[Value]) -> bool:
    return isinstance(value, Unknown) or value.value is not None


def _host_and_port(settings: Settings, binding: Binding) -> tuple[Bind, ...] | Unknown:
    besides = ((host, port) for switch, host, port in binding.besides if _is_on(settings.get(switch)))
    pairs = dict.fromkeys(((binding.host, binding.port), *besides))
    binds = [_pair(settings.get(host), settings.get(port)) for host, port in pairs]
    unknown = next((bind for bind in binds if isinstance(bind, Unknown)), None)
    return unknown or tuple(bind for bind in binds if isinstance(bind, Bind))


def _is_on(value: Sourced[Value]) -> bool:
    return isinstance(value, Unknown) or bool(value.value)


def _pair(host: Sourced[Value], port: Sourced[Value]) -> Bind | Unknown:
    if isinstance(host, Unknown):
        return host
    return port if isinstance(port, Unknown) else _joined(host, port)


def _joined(host: Known[Value] | Default[Value], port: Known[Value] | Default[Value]) -> Bind:
    path = host.path if isinstance(host, Known) else port.path if isinstance(port, Known) else None
    doubts = [value.doubt for value in (host, port) if isinstance(value, Default) and value.doubt]
    sources = dict.fromkeys((host.source, port.source))
    return Bind(str(host.value), int(str(port.value)), ", ".join(sources), path, "; ".join(dict.fromkeys(doubts)))


def _addresses(settings: Settings, binding: Binding, named: list[Sourced[Value]]) -> tuple[Bind, ...] | Unknown:
    parsed = [bind for value in named if _is_given(value) for bind in _addresses_of(settings, binding, value)]
    unknown = next((bind for bind in parsed if isinstance(bind, Unknown)), None)
    # An option that nothing in sight sets may add an address.
    doubt = joined(*(value.doubt for value in named if isinstance(value, Default)))
    binds = tuple(replace(bind, doubt=joined(bind.doubt, doubt)) for bind in parsed if isinstance(bind, Bind))
    return unknown or binds


def _addresses_of(settings: Settings, binding: Binding, value: Sourced[Value]) -> list[Bind | Unknown | None]:
    if isinstance(value, Unknown):
        return [value]
    if isinstance(value, Default):
        return [_default(settings, binding, value)]
    texts = value.value if isinstance(value.value, tuple) else (str(value.value),)
    return [_parsed(text, value, binding) for entry in texts for text in entry.split(",")]


def _default(settings: Settings, binding: Binding, value: Default[Value]) -> Bind | Unknown | None:
    variable = settings.environment.variables.get(binding.port_variable)
    if isinstance(variable, Unknown):
        return variable
    if isinstance(variable, Known) and variable.value.isdecimal():
        source = binding.port_variable if variable.path else variable.source
        return Bind(_EVERYWHERE, int(variable.value), source, variable.path, value.doubt)
    return _parsed(str(value.value), Known(str(value.value), value.source), binding)


def _parsed(text: str, value: Known[Value], binding: Binding) -> Bind | Unknown | None:
    text = text.strip()
    if _NOT_TCP.match(text):
        return None
    if text.isdecimal() and binding.default_host:
        return Bind(binding.default_host, int(text), value.source, value.path)
    url = _URL.match(text)
    match = url or _ADDRESS.match(text)
    if match is None or (text.isdecimal() and binding.default_port is None):
        return Unknown(f"{value.source} binds an address that cannot be read")
    port = int(match["port"]) if match["port"] else binding.default_port
    # Without a port, a server that knows no default for it takes the text for the path of a Unix socket.
    host = match["host"].strip("[]") or (url and binding.default_host) or _EVERYWHERE
    return None if port is None else Bind(host, port, value.source, value.path)
