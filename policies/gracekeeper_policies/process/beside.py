"""What a container's script leaves running beside its program: processes that nobody supervises."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from gracekeeper_policies.process.recognition import Runtime, recognise
from gracekeeper_policies.process.server import Purpose
from gracekeeper_policies.process.shell.conduct import Hearing, Place
from gracekeeper_policies.process.wrappers import executable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gracekeeper_policies.process.launch import Launch
    from gracekeeper_policies.process.shell.script import Command
    from gracekeeper_policies.provenance import Word

_DAEMONS: Final = frozenset(
    """caddy cloud_sql_proxy cloud-sql-proxy envoy etcd haproxy httpd memcached mysqld nginx node pilot-agent postgres
    prometheus redis-sentinel redis-server""".split()
)
_SHUT: Final = frozenset({Purpose.TASKS, Purpose.SCHEDULE})


class Unsupervised(Struct, frozen=True):
    """A process in the background that the stop signal does not reach; `doubt` says why it may not live long."""

    name: str
    doubt: str


def unsupervised_of(launch: Launch) -> tuple[Unsupervised, ...]:
    """The background processes of a script that live on beside its program, or beside each other.

    Those in a branch may never start, those that a loop starts anew are supervised by it, and those that a trap passes
    the signal on to hear it.
    """
    return tuple(
        Unsupervised(*named)
        for command in launch.beside
        if command.place is Place.BACKGROUND and not (command.conditional or command.repeats)
        if command.at_term is not Hearing.FORWARDED
        for named in [_named(command)]
        if named is not None
    )


def _named(command: Command) -> tuple[str, str] | None:
    program = recognise(command.argv)
    name = executable(command.argv[0])
    if program is None or command.argv[0].unknown:
        return name, f"whether {name} stays is not known"
    if program.runtime is Runtime.OTHER:
        return (name, "") if name in _DAEMONS else None
    stays = program.server is not None and program.server.purpose is not Purpose.PROGRAM
    return program.name, "" if stays else f"whether {program.name} stays is not known"


def may_listen(words: Sequence[Word]) -> bool:
    """Whether a program may let others in: a daemon, a server, one whose own code decides, or one that is not known."""
    program = recognise(words)
    if program is None:
        return bool(words)
    if program.runtime is Runtime.OTHER:
        return executable(words[0]) in _DAEMONS
    return program.server is None or program.server.purpose not in _SHUT


def all_hear(launch: Launch) -> bool:
    """Whether what stands in front of its script passes signals on to the whole process group, as dumb-init does."""
    return any(link.apart for link in takewhile(lambda link: not link.is_shell, launch.links))
