"""Parts of a server's table in words: an option, a signal's conditions, a time."""

from __future__ import annotations

import re
from operator import not_
from typing import TYPE_CHECKING, Final

from gracekeeper_policies.process.node_cpus import NODE_CPUS
from gracekeeper_policies.process.server import Form, OnTerm, Purpose
from gracekeeper_policies.quantity import format_seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gracekeeper_policies.process.server import Option, Server

_FLAG: Final = re.compile(r"--[a-z][a-z-]*")
_WORK: Final = {Purpose.REQUESTS: ("request", "requests"), Purpose.TASKS: ("task", "tasks")}
_DOES: Final = {
    OnTerm.FINISHES: "finishes the {works} that it has",
    OnTerm.DROPS: "drops the {works} that it has, at once",
    OnTerm.RESTARTS: "drops the {works} that it has, starts anew and goes on until SIGKILL",
    OnTerm.GIVES_BACK: "cancels the {works} that it has and puts them back into the queue",
    OnTerm.ENDS: "ends at once, with nothing in hand",
    OnTerm.IGNORES: "goes on until SIGKILL: it has no handler, and for PID 1 the kernel drops the signal",
    OnTerm.UNKNOWN: "does what the program's own code says",
}


def works_of(server: Server) -> tuple[str, str]:
    """What a server has in its hands, as one and as many: `request`, `requests`."""
    return _WORK.get(server.purpose, ("piece of work", "work"))


def does(server: Server, effect: OnTerm) -> str:
    """What it does at a signal: `finishes the requests that it has`."""
    return _DOES[effect].format(works=works_of(server)[1])


def spelled(option: Option) -> str:
    """How an option is named where people set it: `--graceful-timeout`."""
    names = (*sorted(option.flags, key=_shortness), *option.environment, option.setting, option.code)
    return next((f"`{name}`" for name in names if name), option.name)


def _shortness(flag: str) -> bool:
    return not flag.startswith("--")


def conditions(server: Server, when: Mapping[str, Callable[[object], bool]]) -> str:
    """`with --reload and without --noreload`; empty where it holds always."""
    return " and ".join(_condition(server.option(name), holds) for name, holds in when.items())


def _condition(option: Option, holds: Callable[[object], bool]) -> str:
    name = spelled(option)
    if holds in (bool, not_):
        return f"{'with' if holds is bool else 'without'} {name}"
    values = getattr(holds, "__self__", None)
    if isinstance(values, frozenset):
        return f"{name} is {listed([f'`{value}`' for value in sorted(values - {None}, key=str)])}"
    return f"{name} {_first_down((holds.__doc__ or '').strip().removesuffix('.'))}"


def _first_down(text: str) -> str:
    return text[:1].lower() + text[1:]


def listed(words: Sequence[str], by: str = "or") -> str:
    """`a, b or c`."""
    return f" {by} ".join(filter(None, (", ".join(words[:-1]), words[-1]))) if words else ""


def default_of(option: Option) -> str:
    """An option's default for people: `30 s`, `127.0.0.1:8000`, `none`."""
    if option.default is None:
        return "off" if option.form is Form.SWITCH else "none"
    if option.default == NODE_CPUS:
        return "the node's CPUs"
    if option.form in (Form.SECONDS, Form.DURATION) and isinstance(option.default, int | float):
        return f"{format_seconds(option.default)} s"
    return f"{option.default} s" if option.form is Form.MILLISECONDS else f"`{option.default}`"


def sentence(text: str) -> str:
    """With a capital, a full stop, and its flags as code."""
    said = f"{text[:1].upper()}{text[1:].removesuffix('.')}."
    # Every other part stands within backticks already.
    return "`".join(part if n % 2 else _FLAG.sub(r"`\g<0>`", part) for n, part in enumerate(said.split("`")))
