"""What each instruction makes of the image that it stands in, as BuildKit's `dockerfile2llb` does."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, TypeAlias

from gracekeeper.images.dockerfile.copies import copies
from gracekeeper.images.dockerfile.faults import FaultyError
from gracekeeper.images.dockerfile.paths import joined_path
from gracekeeper.images.dockerfile.syntax import trigger
from gracekeeper_policies.provenance import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from e2b_dockerfile_utils import DockerfileInstruction

    from gracekeeper.images.dockerfile.copies import Copy
    from gracekeeper.images.dockerfile.variables import Value, Variables

Words: TypeAlias = tuple[str, ...] | Unknown

_SHELL: Final = ("/bin/sh", "-c")
_PORTS: Final = re.compile(r"(?P<first>\d+)(?:-(?P<last>\d+))?(?:/(?P<protocol>[A-Za-z]+))?")
_LARGEST_PORT: Final = 65535
_BETWEEN_WORDS: Final = re.compile(r"[\s;&|\"']+")
_SH: Final = frozenset({"/bin/sh", "/usr/bin/sh"})


@dataclass
class Making:
    """An image while it is made: what its instructions have said so far.

    `places` says on which line each field was said, `given` are the values of `--build-arg`, and `shared` the
    arguments before the first FROM. `on_build` is what an image that is made from this one does first. `replaces_sh`
    says that a RUN may make `sh` another shell than the base's.
    """

    variables: Variables
    given: Mapping[str, Value]
    shared: Mapping[str, Value]
    entrypoint: Words = ()
    command: Words = ()
    command_is_own: bool = False
    user: Value = ""
    working_dir: Value = ""
    stop_signal: Value = "SIGTERM"
    shell: tuple[str, ...] = _SHELL
    ports: dict[str, None] = field(default_factory=dict)
    room_for_ports: int = 2 * _LARGEST_PORT
    labels: dict[str, str] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)
    on_build: list[DockerfileInstruction] = field(default_factory=list)
    copies: list[Copy] = field(default_factory=list)
    replaces_sh: bool = False

    def next_stage(self) -> Making:
        """What `FROM` this stage begins with: its configuration, and not what it will do on builds."""
        return replace(
            self,
            variables=self.variables.inherited(),
            command_is_own=False,
            ports={**self.ports},
            labels={**self.labels},
            places={**self.places},
            on_build=[],
            copies=[*self.copies],
        )

    def apply(self, instruction: DockerfileInstruction) -> None:
        """Do what one instruction says; those that leave the configuration alone do nothing here."""
        act = _ACTS.get(instruction.name)
        if act is not None:
            act(self, instruction)


def _entrypoint(making: Making, instruction: DockerfileInstruction) -> None:
    making.entrypoint = _command_words(making, instruction)
    making.places["entrypoint"] = instruction.start_line
    if not making.command_is_own:
        making.command = ()
        making.places.pop("command", None)


def _cmd(making: Making, instruction: DockerfileInstruction) -> None:
    making.command = _command_words(making, instruction)
    making.command_is_own = True
    making.places["command"] = instruction.start_line


def _command_words(making: Making, instruction: DockerfileInstruction) -> tuple[str, ...]:
    """The words as they are kept: variables in them are the shell's affair, or nobody's."""
    words = tuple(instruction.args)
    return words if instruction.json or not words else (*making.shell, " ".join(words))


def _shell(making: Making, instruction: DockerfileInstruction) -> None:
    if not instruction.json:
        raise FaultyError(instruction.start_line, 'SHELL has the form `SHELL ["PROGRAM", "ARGUMENT"]`')
    making.shell = tuple(instruction.args) or _SHELL


def _env(making: Making, instruction: DockerfileInstruction) -> None:
    for name, value in _pairs(making, instruction):
        making.variables.set(name, value)
        making.places[f"environment.{name}"] = instruction.start_line


def _label(making: Making, instruction: DockerfileInstruction) -> None:
    for name, value in _pairs(making, instruction):
        if isinstance(value, str):
            making.labels[name] = value
            making.places[f"labels.{name}"] = instruction.start_line


def _pairs(making: Making, instruction: DockerfileInstruction) -> list[tuple[str, Value]]:
    """Names and values, each expanded by what held before the instruction."""
    expand, line = making.variables.expand, instruction.start_line
    names = [expand(each, line) for each in instruction.args[::3]]
    values = [expand(each, line) for each in instruction.args[1::3]]
    return [(name, value) for name, value in zip(names, values, strict=True) if isinstance(name, str)]


def _arg(making: Making, instruction: DockerfileInstruction) -> None:
    for text in instruction.args:
        name, equals, default = text.partition("=")
        value = making.given.get(name)
        if value is None and equals:
            making.variables.argue(name, making.variables.expand(default, instruction.start_line))
        elif value is None and name not in making.shared:
            making.variables.ungiven[name] = ungiven(name)
        else:
            making.variables.argue(name, making.shared[name] if value is None else value)


def ungiven(name: str) -> Unknown:
    """An argument without a value."""
    return Unknown(f"ARG {name} is given only when the image is built")


def _user(making: Making, instruction: DockerfileInstruction) -> None:
    making.user = _one(making, instruction)
    making.places["user"] = instruction.start_line


def _stop_signal(making: Making, instruction: DockerfileInstruction) -> None:
    making.stop_signal = _one(making, instruction)
    making.places["stop_signal"] = instruction.start_line


def _workdir(making: Making, instruction: DockerfileInstruction) -> None:
    making.working_dir = joined_path(making.working_dir, _one(making, instruction))
    making.places["working_dir"] = instruction.start_line


def _one(making: Making, instruction: DockerfileInstruction) -> Value:
    return making.variables.expand(instruction.args[0], instruction.start_line)


def _expose(making: Making, instruction: DockerfileInstruction) -> None:
    for text in instruction.args:
        words = making.variables.expand_words(text, instruction.start_line)
        for word in () if isinstance(words, Unknown) else words:
            ports = _ports(word, instruction.start_line)
            making.room_for_ports -= len(ports)
            if making.room_for_ports < 0:
                raise FaultyError(instruction.start_line, "EXPOSE names more ports than there are")
            making.ports.update(dict.fromkeys(ports))
    making.places["exposed_ports"] = instruction.start_line


def _ports(text: str, line: int) -> list[str]:
    match = _PORTS.fullmatch(text)
    first, last = (int(match["first"]), int(match["last"] or match["first"])) if match else (1, 0)
    if match is None or not first <= last <= _LARGEST_PORT:
        raise FaultyError(line, "EXPOSE names something that is no port, expected `8000` or `8000/tcp`")
    return [f"{port}/{(match['protocol'] or 'tcp').lower()}" for port in range(first, last + 1)]


def _copy(making: Making, instruction: DockerfileInstruction) -> None:
    making.copies.extend(copies(instruction, making.variables, making.working_dir))


def _run(making: Making, instruction: DockerfileInstruction) -> None:
    texts = (*instruction.args, *(each.content for each in instruction.heredocs))
    words = {word for text in texts for word in _BETWEEN_WORDS.split(text)}
    links = "ln" in words and not words.isdisjoint(_SH)
    making.replaces_sh = making.replaces_sh or links or words >= {"dpkg-reconfigure", "dash"}


def _onbuild(making: Making, instruction: DockerfileInstruction) -> None:
    held = trigger(instruction)
    if held is not None:
        making.on_build.append(held)


_ACTS: Final[Mapping[str, Callable[[Making, DockerfileInstruction], None]]] = {
    "ADD": _copy,
    "ARG": _arg,
    "CMD": _cmd,
    "COPY": _copy,
    "ENTRYPOINT": _entrypoint,
    "ENV": _env,
    "EXPOSE": _expose,
    "LABEL": _label,
    "ONBUILD": _onbuild,
    "RUN": _run,
    "SHELL": _shell,
    "STOPSIGNAL": _stop_signal,
    "USER": _user,
    "WORKDIR": _workdir,
}
