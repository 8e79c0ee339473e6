"""Which commands a shell runs in its own process because nothing can follow them.

dash, as Debian builds it, never does so by itself. bash and busybox ash do, each under conditions of its own; all of
them were measured on dash 0.5.12, bash 5.2 and busybox 1.35. A command that stands here still gets a process of its own
when the shell holds a trap, which only the run can tell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gracekeeper_policies.process.shell import tree
from gracekeeper_policies.process.shell.dialect import Shell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gracekeeper_policies.process.shell.tree import Part, Program


def handed_over(program: Program, shell: Shell) -> frozenset[Part]:
    """The commands of `shell -c` (and ash's subshells) that replace the shell, if no trap is set by then."""
    rest = program.rest
    # A comment on the last line is read with it; on a line of its own, it hides from the shell that nothing follows.
    if shell is Shell.ASH and "\n" not in rest:
        return frozenset(_last_of_ash(program.body))
    if shell is Shell.BASH and rest.find("\n") in (-1, len(rest) - 1):
        return frozenset(_last_of_bash(program.body, program.on_last_line))
    return frozenset()


def last_of(program: Program) -> frozenset[Part]:
    """The commands behind which nothing stands in the script, whether its shell makes way for them or not."""
    return frozenset(_last_of_ash(program.body))


def owners(part: Part, shell: Shell) -> frozenset[Part]:
    """The commands that a background job, which is a process of its own already, runs in that very process.

    For them `$!` is the command's own process id, and a `kill $!` reaches it.
    """
    if shell is not Shell.BASH:
        return frozenset(_last_of_ash(part))
    if isinstance(part, tree.Subshell):
        return frozenset({part, *_last_of_bash_subshell(part.body)})
    return frozenset({part} if isinstance(part, tree.Simple) else ())


def _last_of_ash(part: Part) -> Iterator[Part]:
    # dash does the same below a process that it has forked.
    if isinstance(part, tree.Simple):
        yield part
    elif isinstance(part, tree.Subshell):
        yield part
        yield from _last_of_ash(part.body)
    else:
        for inner in _ends(part):
            yield from _last_of_ash(inner)


def _ends(part: Part) -> Iterator[Part]:
    if isinstance(part, tree.Sequence) and part.items and not part.items[-1].background:
        yield part.items[-1].part
    elif isinstance(part, tree.Chain):
        yield part.right
    elif isinstance(part, tree.Group) and not part.redirected:
        yield part.body
    elif isinstance(part, tree.If):
        yield from (body for _, body in part.branches)
        yield from (part.otherwise,) if part.otherwise is not None else ()
    elif isinstance(part, tree.Case):
        yield from (body for _, body in part.branches)


def _last_of_bash(body: tree.Sequence, on_last_line: int) -> Iterator[Part]:
    # bash looks one level deep: at a simple command, or at the right side of the one list that makes up the line.
    if not body.items or body.items[-1].background:
        return
    last = body.items[-1].part
    if on_last_line == 1 and isinstance(last, tree.Chain):
        last = last.right
    before = body.items[-2] if on_last_line > 1 else None
    if isinstance(last, tree.Simple) and not last.redirected and not (before is not None and before.background):
        yield last


def _last_of_bash_subshell(body: tree.Sequence) -> Iterator[Part]:
    if len(body.items) == 1 and isinstance(body.items[0].part, tree.Simple | tree.Subshell):
        yield from owners(body.items[0].part, Shell.BASH)
    else:
        yield from _last_of_bash(body, len(body.items))
