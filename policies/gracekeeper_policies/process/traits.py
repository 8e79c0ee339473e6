"""What a server's table says of its conduct: how it stops, what limits a request, how many at once, what it writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gracekeeper_policies.process.server import OnTerm


class Stopping(Struct, frozen=True):
    """What the server does at some signals where its options stand so: an exception from `Server.on_term`.

    `when` asks each named option's value; it holds where all of them hold. `doubt` says why it may not be so even then.
    A `rare` one leaves no doubt where its options are not in sight: it is presumed not to hold. `code` is the exit code
    where it ends, as PID 1. `chosen` says what to do instead where a setting made it so.
    """

    does: OnTerm
    signals: tuple[str, ...] = ("SIGTERM",)
    when: Mapping[str, Callable[[object], bool]] = field(default_factory=dict)
    doubt: str = ""
    rare: bool = False
    code: int = 0
    chosen: str = ""


class Closing(Struct, frozen=True):
    """What becomes of new connections while it drains where its options stand so: an exception from `Server.closes`."""

    becomes: str
    when: Mapping[str, Callable[[object], bool]]


class RequestLimit(Struct, frozen=True):
    """The option that limits how long one request may take; only the `variants` obey it, or all where none is named."""

    option: str
    variants: tuple[str, ...] = ()


class Concurrency(Struct, frozen=True):
    """How many requests it serves at once: the product of these options.

    Only where the variant is one of `variants`, or whatever it is where none is named.
    """

    options: tuple[str, ...]
    variants: tuple[str, ...] = ()


class WritableFolder(Struct, frozen=True):
    """Where the server writes before it starts: a temporary folder, or else its working directory.

    `option` names the folder or, with `is_file`, a file in it. Only where the variant is one of `variants`, or whatever
    it is where none is named; and not where the option `unless` is set.
    """

    option: str = ""
    is_file: bool = False
    temporary: bool = True
    variants: tuple[str, ...] = ()
    unless: str = ""
