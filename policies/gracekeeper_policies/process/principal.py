"""Which of several programs a container is there for: its one server, whatever runs beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper_policies.process.recognition import recognise
from gracekeeper_policies.process.server import Purpose
from gracekeeper_policies.process.shell.conduct import Place
from gracekeeper_policies.provenance import Unknown

if TYPE_CHECKING:
    from gracekeeper_policies.process.shell.script import Command
    from gracekeeper_policies.provenance import Word

IN_HAND: Final = frozenset({Purpose.REQUESTS, Purpose.TASKS})
"""The purposes of a server that has something to lose when it stops."""


def chosen_of(main: tuple[Command, ...]) -> Command | Unknown:
    """The command that a script is read for among those that it keeps; Unknown where none stands out."""
    # A script that keeps several processes or takes branches is read as its one server, if it has just one.
    if len(main) == 1:
        return main[0]
    servers = [command for command in main if is_server(command.argv, IN_HAND)]
    if len(servers) > 1:
        servers = [command for command in servers if not _is_aside(command)]
    # Instead of it, the script may start a program whose name it works out.
    untold = any(command.argv[0].unknown for command in main if command.place is not Place.BACKGROUND)
    if len(servers) == 1 and not untold:
        return servers[0]
    several = "starts several servers" if len(servers) > 1 else "starts several programs"
    return Unknown(f"the script {several}" if main else "the script starts nothing that stays")


def _is_aside(command: Command) -> bool:
    # A developer's server in the background, such as one that answers probes, is not what the container is there for.
    program = recognise(command.argv) if command.place is Place.BACKGROUND else None
    return program is not None and program.server is not None and program.server.is_development


def is_server(words: tuple[Word, ...], purposes: frozenset[Purpose]) -> bool:
    """Whether a command line starts a server that is there for one of these purposes."""
    program = recognise(words)
    return program is not None and program.server is not None and program.server.purpose in purposes
