"""What is known of a container's process, with its sources, and what is unknown, with what would tell it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gracekeeper.reports.fate import shells_of
from gracekeeper.reports.headline import short_source, source_text, tier, value_text
from gracekeeper.reports.style import one_line
from gracekeeper_policies.process.image import OF_IMAGE
from gracekeeper_policies.process.recognition import Runtime
from gracekeeper_policies.process.server import Form, OnTerm
from gracekeeper_policies.provenance import Default, Unknown
from gracekeeper_policies.quantity import format_bytes, format_cpu

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gracekeeper_policies.process.python_process import PythonProcess
    from gracekeeper_policies.process.server import Option
    from gracekeeper_policies.process.shutdown import Shutdown
    from gracekeeper_policies.timeline import Timeline

_AT_ONCE: Final = (OnTerm.ENDS, OnTerm.GIVES_BACK)
_HEARS: Final = {OnTerm.IGNORES: "no", OnTerm.UNKNOWN: "it arrives"}


@dataclass(frozen=True)
class Fact:
    """A value by name with where it was read, or else with a remark."""

    name: str
    value: str
    source: str = ""
    remark: str = ""


def facts(timeline: Timeline) -> tuple[Fact, ...]:
    """What is known, in the order of a process's life: its options, its addresses, its stop, its memory and CPU."""
    process = timeline.process
    found = [*_options(process), *_binds(process)]
    if timeline.container.serves and not process.unknown:
        found += [_hears(process), *_misses(process.shutdown), *_drain(process)]
    return (*found, *_of_image(process), *_floor(process), *_resources(timeline))


def _of_image(process: PythonProcess) -> Iterator[Fact]:
    image = process.image
    if isinstance(image, Unknown):
        return
    python = f"Python {image.python_version}" if image.python_version else ""
    built = " on ".join(filter(None, (python, image.distribution)))
    if built:
        yield Fact("built from", one_line(built), one_line(f"{OF_IMAGE}{image.tier}"))
    user, _ = process.container.run_as_user
    if user is None and not isinstance(image.user, Unknown):
        yield Fact("user", one_line(image.user) or "root", one_line(image.source("user")))


def _options(process: PythonProcess) -> Iterator[Fact]:
    binding = process.server.binding if process.server else None
    addresses = (binding.address, *binding.further, binding.host, binding.port) if binding else ()
    apart = {process.server.drain, *addresses} if process.server else set()
    for option in process.server.options if process.server else ():
        value = process.setting(option.name)
        if option.name not in apart and not (isinstance(value, Default) and value.value is None):
            yield Fact(option.name, value_text(value, _unit(option)), source_text(value))


def _unit(option: Option) -> str:
    return "s" if option.form is Form.SECONDS else ""


def _binds(process: PythonProcess) -> Iterator[Fact]:
    if process.server is None or process.server.binding is None:
        return
    if isinstance(process.addresses.binds, Unknown):
        yield Fact("listens on", "unknown", one_line(process.addresses.binds.reason))
        return
    for bind in process.addresses.binds:
        doubt = f", but {one_line(bind.doubt)}" if bind.doubt else ""
        source = bind.source if bind.source.startswith("default") else tier(bind.source)
        yield Fact("listens on", one_line(str(bind)), short_source(source) + doubt)
    if not process.addresses.binds:
        yield Fact("listens on", "no TCP port")


def _hears(process: PythonProcess) -> Fact:
    delivery, shutdown = process.delivery, process.shutdown
    if shutdown.arriving_signal:
        remark = f"{shutdown.on_term.value}{_because(process)}"
        return Fact(f"hears {shutdown.arriving_signal}", _HEARS.get(shutdown.on_term, "yes"), remark=remark)
    reason = delivery.link.reason if delivery.link else ""
    sure = "no" if delivery.certain else f"no, where sh is {shells_of(process)}"
    return Fact("hears SIGTERM", sure, remark=one_line(reason) or delivery.outcome.value)


def _misses(shutdown: Shutdown) -> Iterator[Fact]:
    if shutdown.missed_while:
        yield Fact(f"misses {shutdown.arriving_signal}", "now and then", remark=shutdown.missed_while)


def _because(process: PythonProcess) -> str:
    """Why it does otherwise than at a signal that it gets alone, and once."""
    reaction, group = process.shutdown.at_signal(process.shutdown.arriving_signal), process.delivery.group
    if reaction.second:
        return ": the pre-stop hook has sent it before"
    return f": {group.name} tells its whole group" if reaction.in_group and group else ""


def _drain(process: PythonProcess) -> Iterator[Fact]:
    server, shutdown = process.server, process.shutdown
    if _takes_its_time(shutdown):
        yield Fact("stops within", value_text(shutdown.drain, "s"), source_text(shutdown.drain))
        outliving = server.outliving if server and shutdown.threads_outlive else None
        if outliving:
            yield Fact("past that", "threads run on", remark=f"{outliving.work}, and keeps it alive until it ends")
    elif shutdown.on_term in _AT_ONCE and server is not None:
        yield Fact("stops within", "a moment", f"measured on {server.label}")


def _takes_its_time(shutdown: Shutdown) -> bool:
    return shutdown.is_declared or shutdown.on_term in (OnTerm.FINISHES, OnTerm.UNKNOWN)


def _floor(process: PythonProcess) -> Iterator[Fact]:
    floor = process.memory_floor
    if floor is not None and process.server is not None:
        workers = f"{floor.workers} worker{'' if floor.workers == 1 else 's'} without an application"
        yield Fact("memory floor", f"{floor.mib:.0f} MiB", remark=f"{workers}, measured on {process.server.label}")


def _resources(timeline: Timeline) -> Iterator[Fact]:
    container = timeline.container
    for resource, write in (("memory", format_bytes), ("cpu", format_cpu)):
        limit, request = container.limit(resource), container.request(resource)
        texts = (
            f"limit {write(limit)}" if limit else "no limit",
            f"request {write(request)}" if request else "no request",
        )
        yield Fact(resource, ", ".join(texts))


def unknowns(timeline: Timeline) -> Iterator[str]:
    """What nobody can tell from the input, each with what would tell it; nothing for what is not Python."""
    process, container = timeline.process, timeline.container
    if process.runtime is Runtime.OTHER or not container.serves:
        return
    yield from _unknown_program(process)
    if isinstance(process.shutdown.drain, Unknown) and _takes_its_time(process.shutdown):
        yield "how long a stop takes (declare gracekeeper.dev/shutdown-seconds)"
    if timeline.declared_start is None:
        yield "how long a start takes (declare gracekeeper.dev/startup-seconds)"
    for source in process.environment.unseen:
        yield f"the variables of {one_line(source)} (give it in the same input)"
    image = process.image
    if not isinstance(image, Unknown) and image.environment_doubt and not process.unknown:
        yield f"further variables of its image: {one_line(image.environment_doubt)} (--image-archive PATH tells them)"


def _unknown_program(process: PythonProcess) -> Iterator[str]:
    if process.unknown:
        yield f"the program ({_would_tell(process) or 'write its command in the manifest'})"
    elif process.doubt:
        tells = _would_tell(process) or "write the whole command in the manifest"
        image = "" if isinstance(process.image, Unknown) else process.image.doubt
        whether = "whether this is its image" if image and image in process.doubt else "whether it runs so"
        yield f"{whether}: {one_line(process.doubt)} ({tells})"
    elif not process.delivery.certain:
        tells = _would_tell(process) or "write bash or dash in its place"
        yield f"which shell sh is ({tells})"


def _would_tell(process: PythonProcess) -> str:
    """The one option that would tell what only the image knows; empty where no image would."""
    image, reference = process.image, process.reference
    named = process.container.spec.image.partition("@")[0]
    name = one_line(named.removesuffix(f":{reference.tag}")) if reference else "IMAGE"
    if isinstance(image, Unknown):
        asks = process.awaits_image or not process.delivery.certain
        return f"--dockerfile {name}=PATH tells it" if asks else ""
    if image.doubt:
        return f"--dockerfile {name}={one_line(image.tier)} would confirm it"
    is_told = not isinstance(process.command, Unknown) and not process.command.doubt
    return "" if is_told else "--image-archive PATH tells it"
