"""Says in one line what runs in a container: the server, its workers, where it listens, who is PID 1."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from gracekeeper.reports.style import one_line
from gracekeeper_policies.process.image import OF_IMAGE
from gracekeeper_policies.process.node_cpus import NODE_CPUS
from gracekeeper_policies.process.wrappers import Passing
from gracekeeper_policies.provenance import Known, Sourced, Unknown
from gracekeeper_policies.workload import PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gracekeeper_policies.process.python_process import PythonProcess

_CONTAINER: Final = re.compile(r"(?:\w+\.)*(?:c|initC|ephemeralC)ontainers\[\d+\]\.")
_BEHIND: Final = "perhaps behind the image’s entrypoint"
_INDEX: Final = re.compile(r"\[\d+\]")
_NOTE: Final = re.compile(r" \((?:\$|the default in ).*\)\Z")


def headline(process: PythonProcess) -> str:
    """`gunicorn, 2 sync workers, binds 0.0.0.0:8000, PID 1 by exec form`; or why it cannot be told."""
    if process.unknown:
        return f"What it runs is not told: {one_line(process.unknown)}."
    parts = (one_line(process.name), workers(process), binds(process), _doubt(process), pid_1(process))
    return ", ".join(part for part in parts if part)


def headline_sources(process: PythonProcess) -> str:
    """Where that was read: `(command, GUNICORN_CMD_ARGS)`."""
    listed = [each for source in _sources(process) for each in _NOTE.sub("", source).split(", ")]
    sources = dict.fromkeys(_INDEX.sub("", short_source(source)) for source in listed if source)
    return f"({', '.join(sources)})" if sources and not process.unknown else ""


def short_source(source: str) -> str:
    """A source without the way to its container: `args[3]`."""
    return one_line(_CONTAINER.sub("", source))


def tier(source: str) -> str:
    """A source with who tells it: `manifest args[3]`, `image: web/Dockerfile:12`, `declared: shutdown-seconds`."""
    short = short_source(source)
    if not short or OF_IMAGE in short or short.startswith("ConfigMap "):
        return short
    declared = short.removeprefix(f"annotation {PREFIX}")
    return f"manifest {short}" if declared == short else f"declared: {declared}"


def _sources(process: PythonProcess) -> Iterator[str]:
    if process.launch.words:
        yield process.launch.words[0].source
    for value in (_workers(process), _variant(process)):
        if isinstance(value, Known):
            yield value.source
    if not isinstance(process.addresses.binds, Unknown):
        yield from (bind.source for bind in process.addresses.binds if not bind.source.startswith("default"))


def _workers(process: PythonProcess) -> Sourced[object]:
    return process.setting(process.server.workers) if process.server and process.server.workers else Unknown("")


def _variant(process: PythonProcess) -> Sourced[object]:
    return process.setting(process.server.variant) if process.server and process.server.variant else Unknown("")


def workers(process: PythonProcess) -> str:
    """`2 sync workers`; empty where the server has none or a default that the node decides."""
    count, variant = _workers(process), _variant(process)
    if isinstance(count, Unknown):
        return f"number of workers unknown ({one_line(count.reason)})" if count.reason else ""
    if count.value is None:
        return ""
    name = "" if isinstance(variant, Unknown) else str(variant.value).rpartition(".")[2] + " "
    if count.value == NODE_CPUS:
        return f"{name}workers {NODE_CPUS}"
    return f"{count.value} {name}worker{'' if count.value == 1 else 's'}"


def binds(process: PythonProcess) -> str:
    """`binds 0.0.0.0:8000`; empty for what does not serve requests."""
    if not process.serves_requests:
        return ""
    if isinstance(process.addresses.binds, Unknown):
        return "address unknown"
    addresses = " and ".join(str(bind) for bind in process.addresses.binds)
    return f"binds {addresses}" if addresses else "binds no TCP port"


def _doubt(process: PythonProcess) -> str:
    if process.places.program_tier and not isinstance(process.image, Unknown) and process.image.doubt:
        return f"if {one_line(process.image.tier)} makes its image"
    return "" if isinstance(process.command, Unknown) or not process.command.doubt else _BEHIND


def pid_1(process: PythonProcess) -> str:
    """Who is PID 1, and so gets the stop signal: the program itself, or what stands in front of it."""
    alive = [link for link in process.launch.links if link.passing is not Passing.REPLACED]
    if alive:
        return f"behind {' and '.join(one_line(link.name) for link in alive)}"
    if not process.container.workload.runs_as_pid_1:
        return "not PID 1: processes are shared"
    return "PID 1 by exec" if process.launch.links else "PID 1 by exec form"


def value_text(value: Sourced[object], unit: str = "") -> str:
    """A value for people: `30 s`, `no limit`, `unknown`."""
    if isinstance(value, Unknown):
        return "unknown"
    held = value.value
    if held is None:
        return "no limit" if unit else "none"
    text = (
        f"{held:g}" if isinstance(held, float) else ", ".join(map(str, held)) if isinstance(held, tuple) else str(held)
    )
    return one_line(f"{text} {unit}")


def source_text(value: Sourced[object]) -> str:
    """Where a value came from: `args[3]`, `default of gunicorn 27.0.1`, or why it is unknown."""
    if isinstance(value, Unknown):
        return one_line(value.reason)
    if isinstance(value, Known):
        return tier(value.source)
    return short_source(value.source) + (f", but {one_line(value.doubt)}" if value.doubt else "")
