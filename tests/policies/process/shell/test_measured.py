"""Who takes the shell's place and who hears SIGTERM: what is read from a script is what was measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gracekeeper_policies.process.shell.conduct import Hearing

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper_policies.process.shell.dialect import Shell
    from gracekeeper_policies.process.shell.script import Command, Script

    Read = Callable[..., Script]


def servers(script: Script) -> list[Command]:
    """The servers among a script's main commands, one started through nohup included."""
    return [command for command in script.main if "server" in (command.argv[0].text, command.argv[-1].text)]


def test_a_form_replaces_the_shell_exactly_where_it_was_seen_to(
    form: str, shell: Shell, is_replaced: bool, read: Read
) -> None:
    """Each form of `shell -c` hands its process over, or does not, as the real shell did."""
    assert {is_replaced} == {command.replaces_shell for command in servers(read(form, shell))}


def test_a_signal_ends_as_it_was_seen_to(signalled: str, shell: Shell, outcome: str, read: Read) -> None:
    """Each script's server hears SIGTERM, or does not, as it did behind the real shell."""
    expected = Hearing.FORWARDED if outcome == "lingers" else Hearing[outcome.upper()]
    found = servers(read(signalled, shell))
    assert {expected} == {command.at_term for command in found}
    assert {outcome == "lingers"} == {command.lingers for command in found}
    assert all(command.reason for command in found)
