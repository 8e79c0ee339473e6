"""How a container's program is started: the programs in front of it, and what runs before and beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gracekeeper_policies.document import Path
    from gracekeeper_policies.process.shell.script import Command
    from gracekeeper_policies.process.wrappers import Passing
    from gracekeeper_policies.provenance import Word


class Link(Struct, frozen=True):
    """One program on the way to the server: what it does with the stop signal, and why, for people.

    `replaceable` says of a shell that `exec` before its last command would make it replace itself; `kills_after` is how
    many seconds after the stop signal a wrapper kills the program by itself, as the setting `limit` of its file says;
    `sends` is the signal that it passes on instead, empty for the same; `doubt` says why `passing` is presumed;
    `script` names the file that a shell runs, empty for `-c`, or a supervisor's; `apart` is there where the signal goes
    to the whole process group: how to keep it from that.
    """

    name: str
    passing: Passing
    word: Word
    reason: str = ""
    is_shell: bool = False
    replaceable: bool = False
    kills_after: float | None = None
    doubt: str = ""
    script: str = ""
    sends: str = ""
    limit: str = ""
    apart: str = ""


class Launch(Struct, frozen=True):
    """How a container's program is started.

    `links` are the programs in front of it, outermost first, those that replace themselves included; `words` are the
    program's own; `assignments` what scripts and `env` set for it; `preparation` what runs to its end before it;
    `beside` what the same script leaves running besides. `unknown` says why the program could not be told,
    and `unread` leads to the script that could not be read, if that is why: empty where it stands in no manifest.
    `folder` is where a script's `cd` led, relative to where the container starts. `doubt` says why a file that was
    followed may not be the container's. `supervised` are all programs of a supervisor in front, whichever of them is
    meant here, and `before` those that it stops first, in groups that stop together.
    """

    links: tuple[Link, ...] = ()
    words: tuple[Word, ...] = ()
    assignments: Mapping[str, Word] = field(default_factory=dict)
    preparation: tuple[Command, ...] = ()
    beside: tuple[Command, ...] = ()
    conditional: bool = False
    unknown: str = ""
    unread: Path | None = None
    folder: str = ""
    doubt: str = ""
    supervised: tuple[Launch, ...] = ()
    before: tuple[tuple[Launch, ...], ...] = ()
