"""How a shell is called: its options, and the script or the file that it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gracekeeper_policies.provenance import Word

_WITH_VALUE: Final = frozenset({"--rcfile", "--init-file"})


class ShellCall(Struct, frozen=True):
    """A shell's command line.

    `options` are its flags with their values. `script` is the text behind `-c`, else `file` names the script's file;
    both are None for a shell that reads its standard input. `positional` begins with `$0`.
    """

    options: tuple[Word, ...]
    script: Word | None = None
    file: Word | None = None
    positional: tuple[Word, ...] = ()


def shell_call(argv: Sequence[Word]) -> ShellCall | None:
    """Take a shell's command line apart; None where it names a flag -c without a script.

    `-c` may stand in a cluster (`-ec`), before or behind other flags (`-euxo pipefail -c`, `-c -e`) and before `--`.
    """
    position, has_command = 1, False
    while position < len(argv) and _is_flag(argv[position].text):
        text = argv[position].text
        position += 1
        if text in ("--", "-"):
            break
        has_command = has_command or (not text.startswith("--") and text.startswith("-") and "c" in text)
        position += _values_of(text)
    options, rest = tuple(argv[1:position]), tuple(argv[position:])
    if has_command:
        return ShellCall(options, rest[0], None, rest[1:]) if rest else None
    return ShellCall(options, None, rest[0], rest) if rest else ShellCall(options)


def _is_flag(text: str) -> bool:
    return text[:1] in ("-", "+") and text != "+"


def _values_of(flag: str) -> int:
    # `-o pipefail` and `-euo pipefail` take the next word; so does each further `o`.
    if flag.startswith("--"):
        return int(flag in _WITH_VALUE)
    return flag.count("o") + flag.count("O")
