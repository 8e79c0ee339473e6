"""The command line a container starts with: command and args over the image's entrypoint and command.

How the two combine follows the runtime (`containerd/pkg/cri/opts/spec_opts.go`); `$(NAME)` is expanded as the kubelet
does.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from gracekeeper_policies.document import render_path
from gracekeeper_policies.process.environment import Environment, expand
from gracekeeper_policies.process.recollection import ALIKE
from gracekeeper_policies.provenance import Unknown, Word

if TYPE_CHECKING:
    from gracekeeper_policies.document import Path
    from gracekeeper_policies.process.image import ImageConfig
    from gracekeeper_policies.workload import Container


ARGUMENTS_ALONE: Final = "the program stands in the image, the manifest gives only its arguments"


class CommandLine(Struct, frozen=True):
    """The words that are started. `doubt` is empty, or says what may stand before them after all."""

    words: tuple[Word, ...]
    doubt: str = ""


def command_line(container: Container, image: ImageConfig | Unknown, environment: Environment) -> CommandLine | Unknown:
    """Combine manifest and image; Unknown where neither names a program."""
    command = _words(container.spec.command, (*container.path, "command"), environment)
    args = _words(container.spec.args, (*container.path, "args"), environment)
    if command:
        return CommandLine(command + args)
    if isinstance(image, Unknown):
        return _args_alone(args)
    entrypoint = tuple(Word(text, f"image ({image.tier}), entrypoint") for text in image.entrypoint)
    default = tuple(Word(text, f"image ({image.tier}), command") for text in image.command)
    words = entrypoint + (args or default)
    return CommandLine(words) if words else Unknown("neither the manifest nor the image names a command")


def _words(texts: tuple[str, ...], path: Path, environment: Environment) -> tuple[Word, ...]:
    if not any("$" in text for text in texts):
        return _plain_words(texts, path)

    def word(number: int, text: str) -> Word:
        expanded, unknown = expand(text, environment.lookup)
        return Word(expanded, f"{rendered}[{number}]", (*path, number), unknown)

    rendered = render_path(path)
    return tuple(word(number, text) for number, text in enumerate(texts))


@lru_cache(maxsize=ALIKE)
def _plain_words(texts: tuple[str, ...], path: Path) -> tuple[Word, ...]:
    rendered = render_path(path)
    return tuple(Word(text, f"{rendered}[{number}]", (*path, number)) for number, text in enumerate(texts))


def _args_alone(args: tuple[Word, ...]) -> CommandLine | Unknown:
    if not args:
        return Unknown("its command stands in the image")
    if args[0].text.startswith("-") or args[0].unknown:
        return Unknown(ARGUMENTS_ALONE)
    return CommandLine(args, "the image's entrypoint runs before these arguments")
