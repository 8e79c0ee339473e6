"""The command line a container starts with: command and args over the image's entrypoint and command.

How the two combine follows the runtime (`containerd/pkg/cri/opts/spec_opts.go`); `$(NAME)` is expanded as the kubelet
does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from gracekeeper_policies.document import render_path
from gracekeeper_policies.process.environment import Environment, expand
from gracekeeper_policies.process.image import UNREAD
from gracekeeper_policies.process.recollection import ALIKE
from gracekeeper_policies.provenance import Unknown, Word, joined
from gracekeeper_policies.remembered import remembered

if TYPE_CHECKING:
    from gracekeeper_policies.container import Container
    from gracekeeper_policies.document import Path
    from gracekeeper_policies.process.image import ImageConfig


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
        return _args_alone(args, image)
    return _with_image(args, image)


def _with_image(args: tuple[Word, ...], image: ImageConfig) -> CommandLine | Unknown:
    given = args or _of_image(image, "command", image.command)
    entrypoint = _of_image(image, "entrypoint", image.entrypoint)
    if isinstance(given, Unknown):
        return given
    if isinstance(entrypoint, Unknown):
        return _behind_entrypoint(given, entrypoint, image.doubt)
    # An entrypoint of one empty word is how an image takes its base's away.
    words = (() if [word.text for word in entrypoint] == [""] else entrypoint) + given
    return CommandLine(words, image.doubt) if words else Unknown("neither the manifest nor the image names a command")


def _behind_entrypoint(words: tuple[Word, ...], entrypoint: Unknown, doubt: str) -> CommandLine | Unknown:
    if not words or _is_argument(words[0]):
        return entrypoint
    return CommandLine(words, joined(f"an entrypoint may run before it: {entrypoint.reason}", doubt))


def _of_image(image: ImageConfig, name: str, texts: tuple[str, ...] | Unknown) -> tuple[Word, ...] | Unknown:
    return texts if isinstance(texts, Unknown) else tuple(Word(text, image.source(name)) for text in texts)


def _words(texts: tuple[str, ...], path: Path, environment: Environment) -> tuple[Word, ...]:
    if not any("$" in text for text in texts):
        return _plain_words(texts, path)

    def word(number: int, text: str) -> Word:
        expanded, unknown = expand(text, environment.lookup)
        return Word(expanded, f"{rendered}[{number}]", (*path, number), unknown)

    rendered = render_path(path)
    return tuple(word(number, text) for number, text in enumerate(texts))


@remembered(ALIKE)
def _plain_words(texts: tuple[str, ...], path: Path) -> tuple[Word, ...]:
    rendered = render_path(path)
    return tuple(Word(text, f"{rendered}[{number}]", (*path, number)) for number, text in enumerate(texts))


def _args_alone(args: tuple[Word, ...], image: Unknown) -> CommandLine | Unknown:
    if not args:
        why = "" if image == UNREAD else f": {image.reason}"
        return Unknown(f"its command stands in the image{why}")
    if _is_argument(args[0]):
        return Unknown(ARGUMENTS_ALONE)
    return CommandLine(args, "the image's entrypoint runs before these arguments")


def _is_argument(word: Word) -> bool:
    # No program's name begins so; another word may name one.
    return word.text.startswith("-") or bool(word.unknown)
