"""A PID namespace of its own for a program, made by util-linux, with a user namespace where that takes one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from gracekeeper.errors import SurroundingsError

if TYPE_CHECKING:
    from collections.abc import Sequence

_TOOLS: Final = ("setpriv", "unshare", "setsid", "nsenter")
_OWN_USER: Final = ("--user", "--map-current-user")
_LEASH: Final = ("setpriv", "--pdeathsig", "KILL", "--")
_NEWEST_NEEDED: Final = "2.36"


class Namespace(Struct, frozen=True):
    """How namespaces are made and entered here; `own_user` where only a user namespace gives the right to."""

    own_user: bool

    def starting(self, words: Sequence[str]) -> list[str]:
        """What runs a program as PID 1, leader of a session, with a /proc of its own; it dies with whoever runs it."""
        user = _OWN_USER if self.own_user else ()
        return [*_LEASH, "unshare", *user, "--pid", "--fork", "--kill-child", "--mount-proc", "setsid", *words]

    def entering(self, process: int, words: Sequence[str]) -> list[str]:
        """What runs a program beside a process, as an exec probe or a hook runs."""
        user = ("--user", "--preserve-credentials") if self.own_user else ()
        return [*_LEASH, "nsenter", f"--target={process}", *user, "--pid", "--mount", "--wd", "--", *words]


def namespace() -> Namespace:
    """How a PID namespace is made on this machine.

    Raises:
        SurroundingsError: this is not Linux, util-linux is missing, or nothing here has the right to make one.
    """
    if sys.platform != "linux":
        raise SurroundingsError(f"a drill takes Linux, for its PID namespaces; this is {sys.platform}.")
    missing = [tool for tool in _TOOLS if shutil.which(tool) is None]
    if missing:
        names = " and ".join(filter(None, (", ".join(missing[:-1]), missing[-1])))
        tools = f"a drill needs {names} of util-linux {_NEWEST_NEEDED} or newer"
        raise SurroundingsError(f"{tools}, which {'is' if len(missing) == 1 else 'are'} not on PATH.")
    complaints = []
    for candidate in (Namespace(own_user=False), Namespace(own_user=True))[os.geteuid() != 0 :]:
        tried = subprocess.run(candidate.starting(["true"]), check=False, capture_output=True, text=True)  # noqa: S603 - our own words
        if tried.returncode == 0:
            return candidate
        complaints.append(" ".join(tried.stderr.split()) or f"unshare ended with {tried.returncode}")
    raise SurroundingsError(
        f"no PID namespace can be made here ({'; '.join(dict.fromkeys(complaints))}).",
        "Run the drill as root, or let users make user namespaces.",
    )
