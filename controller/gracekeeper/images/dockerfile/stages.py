"""The stages of a Dockerfile: what each is made from, and which of them is the image."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from gracekeeper.images.dockerfile.faults import FaultyError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from e2b_dockerfile_utils import DockerfileInstruction

_PLAIN: Final = 1
_NAMED: Final = 3


class Stage(Struct, frozen=True):
    """One FROM and what follows it. `base` is as written; `name` is in lower case and empty where it has none."""

    number: int
    name: str
    base: str
    line: int
    instructions: tuple[DockerfileInstruction, ...]

    @property
    def spoken(self) -> str:
        """Its name, or its number."""
        return self.name or str(self.number)


class Stages(Struct, frozen=True):
    """All stages in order, and the ARGs before the first."""

    arguments: tuple[DockerfileInstruction, ...]
    all: tuple[Stage, ...]

    def before(self, stage: Stage, name: str) -> Stage | None:
        """The stage that `FROM name` means: the latest of that name above; None where it is an image."""
        return next((each for each in reversed(self.all[: stage.number]) if each.name == name.lower()), None)

    def copied_from(self, name: str) -> Stage | None:
        """The stage that `COPY --from=name` means, by name or number; None where it is an image."""
        if name.isdecimal() and int(name) < len(self.all):
            return self.all[int(name)]
        return next((each for each in reversed(self.all) if each.name == name.lower()), None)

    def target(self, name: str) -> Stage:
        """The stage that is built: the last, unless `name` (or a number) says otherwise."""
        if not name:
            return self.all[-1]
        found = self.copied_from(name)
        if found is None:
            there = ", ".join(each.spoken for each in self.all)
            raise FaultyError(0, f"has no stage `{name}`; there is {there}")
        return found


def split(instructions: Sequence[DockerfileInstruction]) -> Stages:
    """Divide a Dockerfile at its FROMs."""
    starts = [number for number, each in enumerate(instructions) if each.name == "FROM"]
    before = instructions[: starts[0]] if starts else instructions
    for each in before:
        if each.name != "ARG":
            raise FaultyError(each.start_line, f"{each.name} stands before the first FROM")
    if not starts:
        raise FaultyError(0, "has no FROM")
    ends = [*starts[1:], len(instructions)]
    stages = (
        _stage(number, instructions[start], instructions[start + 1 : end])
        for number, (start, end) in enumerate(zip(starts, ends, strict=True))
    )
    return Stages(tuple(before), tuple(stages))


def refuse_cycles(stages: Stages, target: Stage) -> None:
    """Raise FaultyError where a stage, by way of those it copies from or is made from, needs itself."""
    needed: dict[int, set[int]] = {}
    waiting = [target]
    while waiting:
        stage = waiting.pop()
        if stage.number not in needed:
            below = list(_needed(stages, stage))
            needed[stage.number] = {each.number for each in below}
            waiting += below
    try:
        TopologicalSorter(needed).prepare()
    except CycleError as error:
        named = " ← ".join(stages.all[number].spoken for number in error.args[1])
        raise FaultyError(target.line, f"stages need one another in a circle: {named}") from None


def _needed(stages: Stages, stage: Stage) -> Iterator[Stage]:
    below = stages.before(stage, stage.base)
    if below is not None:
        yield below
    for instruction in stage.instructions:
        for name in _origins(instruction):
            found = stages.copied_from(name)
            if found is not None:
                yield found


def _origins(instruction: DockerfileInstruction) -> Iterator[str]:
    """The names after `--from=`, and after `from=` in a `--mount=`."""
    for flag in instruction.flags:
        name, _, value = flag.partition("=")
        if name == "--from":
            yield value
        if name == "--mount":
            yield from (each.removeprefix("from=") for each in value.split(",") if each.startswith("from="))


def _stage(number: int, start: DockerfileInstruction, rest: Sequence[DockerfileInstruction]) -> Stage:
    words = start.args
    if len(words) == _PLAIN:
        return Stage(number, "", words[0], start.start_line, tuple(rest))
    if len(words) == _NAMED and words[1].lower() == "as":
        return Stage(number, words[2].lower(), words[0], start.start_line, tuple(rest))
    raise FaultyError(start.start_line, "FROM has the form `FROM IMAGE` or `FROM IMAGE AS NAME`")
