"""An image made from a Dockerfile without building it: stage after stage, as far as the image needs them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from gracekeeper.images.bases import Base, base, unknown_base
from gracekeeper.images.dockerfile.contents import Contents
from gracekeeper.images.dockerfile.context import Context, nearest
from gracekeeper.images.dockerfile.instructions import Making, ungiven
from gracekeeper.images.dockerfile.stages import Stage, Stages, refuse_cycles, split
from gracekeeper.images.dockerfile.syntax import parse
from gracekeeper.images.dockerfile.variables import Variables
from gracekeeper_policies.process.image import ImageConfig
from gracekeeper_policies.provenance import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from e2b_dockerfile_utils import DockerfileInstruction

    from gracekeeper.images.dockerfile.copies import Copy
    from gracekeeper.images.dockerfile.variables import Value


def made(content: bytes, place: Place, target: str, given: Mapping[str, Value]) -> ImageConfig:
    """The configuration of the image that a Dockerfile makes; raises FaultyError where no builder makes one."""
    tree = parse(content)
    stages = split(tree.instructions)
    maker = _Maker(stages, _shared(stages.arguments, Variables(tree.escape_token), given), given)
    last = stages.target(target)
    refuse_cycles(stages, last)
    return maker.stage(last).configuration(place, maker.copies)


class Place(Struct, frozen=True):
    """Where a Dockerfile lies, the folder it is built from if that is known, and how its path is printed."""

    path: Path
    context: Path | None
    shown: str


def _shared(arguments: Iterable[DockerfileInstruction], variables: Variables, given: Mapping[str, Value]) -> Variables:
    """The arguments before the first FROM: they count in FROM, and in a stage that names them again."""
    for instruction in arguments:
        for text in instruction.args:
            name, equals, default = text.partition("=")
            if name in given:
                variables.arguments[name] = given[name]
            elif equals:
                variables.arguments[name] = variables.expand(default, instruction.start_line)
            else:
                variables.ungiven[name] = ungiven(name)
    return variables


class _Maker:
    def __init__(self, stages: Stages, shared: Variables, given: Mapping[str, Value]) -> None:
        self._stages, self._shared, self._given = stages, shared, given
        self._copies: dict[int, tuple[Copy, ...]] = {}

    def stage(self, target: Stage) -> _Made:
        """Make a stage, the stages that it is made from first."""
        lineage = [target]
        while (below := self._below(lineage[-1])) is not None:
            lineage.append(below)
        lowest = lineage.pop()
        made = self._upon_image(self._shared.expand(lowest.base, lowest.line), lowest.line)
        made.apply(lowest.instructions)
        for stage in reversed(lineage):
            triggers, made.making = made.making.on_build, made.making.next_stage()
            made.apply((*triggers, *stage.instructions))
        return made

    def copies(self, name: str) -> tuple[Copy, ...] | None:
        """What another stage's COPY and ADD brought in; None where `name` is an image."""
        stage = self._stages.copied_from(name)
        if stage is None:
            return None
        if stage.number not in self._copies:
            self._copies[stage.number] = tuple(self.stage(stage).making.copies)
        return self._copies[stage.number]

    def _below(self, stage: Stage) -> Stage | None:
        name = self._shared.expand(stage.base, stage.line)
        return None if isinstance(name, Unknown) else self._stages.before(stage, name)

    def _upon_image(self, name: Value, line: int) -> _Made:
        below = (
            base(name)
            if isinstance(name, str)
            else unknown_base(Unknown(f"its base image is not known: {name.reason}"))
        )
        variables = Variables(self._shared.escape, dict(below.environment), unseen=below.unseen)
        making = Making(
            variables,
            self._given,
            self._shared.arguments,
            below.entrypoint,
            below.command,
            user=below.user,
            working_dir=below.working_dir,
            stop_signal=below.stop_signal,
            ports=dict.fromkeys(below.exposed_ports),
        )
        names = ("entrypoint", "command", "user", "working_dir", "stop_signal", "exposed_ports")
        making.places.update(dict.fromkeys((*names, *(f"environment.{each}" for each in below.environment)), line))
        return _Made(making, below)


class _Made:
    """A stage when all its instructions are done, and the base below the lowest."""

    def __init__(self, making: Making, below: Base) -> None:
        self.making, self.below = making, below

    def apply(self, instructions: Iterable[DockerfileInstruction]) -> None:
        for instruction in instructions:
            self.making.apply(instruction)

    def configuration(self, place: Place, copies_of: Callable[[str], tuple[Copy, ...] | None]) -> ImageConfig:
        making, below = self.making, self.below
        environment = making.variables.environment
        path = environment.get("PATH", "")
        return ImageConfig(
            place.shown,
            entrypoint=making.entrypoint,
            command=making.command,
            environment=environment,
            environment_doubt=making.variables.unseen.reason if making.variables.unseen else "",
            user=making.user,
            working_dir=making.working_dir,
            stop_signal=making.stop_signal,
            exposed_ports=tuple(making.ports),
            labels=making.labels,
            shell=None if making.replaces_sh else below.shell,
            distribution=below.distribution,
            python_version=below.python_version,
            places={name: f"{place.shown}:{line}" for name, line in making.places.items()},
            files=self._files(place, copies_of, path if isinstance(path, str) else ""),
        )

    def _files(self, place: Place, copies_of: Callable[[str], tuple[Copy, ...] | None], path: str) -> Mapping[str, str]:
        making = self.making
        if not making.copies:
            return {}
        sources = (each.source for each in making.copies if not each.origin)
        folder = place.context or nearest(place.path, sources)
        contents = Contents(tuple(making.copies), Context.of(place.path, folder), copies_of)
        words = (word for each in (making.entrypoint, making.command) if isinstance(each, tuple) for word in each)
        return contents.texts(words, making.working_dir if isinstance(making.working_dir, str) else "", path)
