"""Where a server listens, out of its options."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gracekeeper_policies.provenance import Default, Known, Unknown

if TYPE_CHECKING:
    from gracekeeper_policies.document import Path
    from gracekeeper_policies.process.server import Binding
    from gracekeeper_policies.process.settings import Settings, Value
    from gracekeeper_policies.provenance import Sourced

_LOOPBACK: Final = re.compile(r"(?:localhost|127(?:\.\d+){3}|::1)\Z")
_NOT_TCP: Final = re.compile(r"(?:unix|fd|file)[:/]")
_ADDRESS: Final = re.compile(r"(?:tcp://)?(?P<host>\[[^\]]*\]|[^:]*)(?::(?P<port>\d+))?\Z")
_EVERYWHERE: Final = "0.0.0.0"
_GUNICORN_PORT: Final = 8000


@dataclass(frozen=True)
class Bind:
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


def binds_of(settings: Settings, binding: Binding) -> tuple[Bind, ...] | Unknown:
    """The TCP addresses; empty where it listens on a Unix socket or an inherited descriptor."""
    if binding.address:
        return _addresses(settings, binding)
    if any(_is_set(settings.get(option)) for option in binding.elsewhere):
        return ()
    host, port = settings.get(binding.host), settings.get(binding.port)
    if isinstance(host, Unknown) or isinstance(port, Unknown):
        return host if isinstance(host, Unknown) else port if isinstance(port, Unknown) else Unknown("")
    return (_joined(host, port),)


def _is_set(value: Sourced[Value]) -> bool:
    return not isinstance(value, Default)


def _joined(host: Known[Value] | Default[Value], port: Known[Value] | Default[Value]) -> Bind:
    path = host.path if isinstance(host, Known) else port.path if isinstance(port, Known) else None
    doubts = [value.doubt for value in (host, port) if isinstance(value, Default) and value.doubt]
    sources = dict.fromkeys((host.source, port.source))
    return Bind(str(host.value), int(str(port.value)), ", ".join(sources), path, "; ".join(dict.fromkeys(doubts)))


def _addresses(settings: Settings, binding: Binding) -> tuple[Bind, ...] | Unknown:
    value = settings.get(binding.address)
    if isinstance(value, Unknown):
        return value
    if isinstance(value, Default):
        return _default(settings, binding, value)
    texts = value.value if isinstance(value.value, tuple) else (str(value.value),)
    parsed = [_parsed(text, value) for entry in texts for text in entry.split(",")]
    unknown = next((bind for bind in parsed if isinstance(bind, Unknown)), None)
    return unknown or tuple(bind for bind in parsed if isinstance(bind, Bind))


def _default(settings: Settings, binding: Binding, value: Default[Value]) -> tuple[Bind, ...] | Unknown:
    variable = settings.environment.variables.get(binding.port_variable)
    if isinstance(variable, Unknown):
        return variable
    if isinstance(variable, Known) and variable.value.isdecimal():
        return (Bind(_EVERYWHERE, int(variable.value), binding.port_variable, variable.path, value.doubt),)
    bind = _parsed(str(value.value), Known(str(value.value), value.source))
    return (Bind(bind.host, bind.port, value.source, None, value.doubt),) if isinstance(bind, Bind) else ()


def _parsed(text: str, value: Known[Value]) -> Bind | Unknown | None:
    text = text.strip()
    if _NOT_TCP.match(text):
        return None
    match = _ADDRESS.match(text)
    if match is None:
        return Unknown(f"{value.source} binds an address that cannot be read")
    host = match["host"].strip("[]") or _EVERYWHERE
    return Bind(host, int(match["port"] or _GUNICORN_PORT), value.source, value.path)
