"""Where in a script a command stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from gracekeeper_policies.process.shell.conduct import Place
    from gracekeeper_policies.process.shell.tree import Part


class Context(Struct, frozen=True):
    """What surrounds a part of a script.

    `ends` are the parts after which nothing can come and which the shell makes way for, `last` all after which nothing
    stands in the script. `place` is how a command here is run whatever its own position,
    None at the level of the script's own shell; `job` numbers the background job around it and `forked` says that a
    subshell or a pipeline stands around it. `guarded` is true where a failure does not end a `set -e` script, `calls`
    counts the functions around it.
    """

    ends: frozenset[Part]
    last: frozenset[Part] = frozenset()
    place: Place | None = None
    job: int | None = None
    forked: bool = False
    conditional: bool = False
    guarded: bool = False
    calls: int = 0
