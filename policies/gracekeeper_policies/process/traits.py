"""What a server's table says of its conduct: how it stops, what limits a request, how many at once, what it writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gracekeeper_policies.process.server import OnTerm


class Stopping(Struct, frozen=True):
    """What the server does at some signals where its options stand so: an exception from `Server.on_term`.

    `when` asks each named option's value; it holds where all of them hold. `doubt` says why it may not be so even then.
    A `rare` one leaves no doubt where its options are not in sight: it is presumed not to hold. `code` is the exit code
    where it ends, as PID 1. `chosen` says what to do instead where a setting made it so. With `in_group` it holds only
    where the processes that it has started get the signal as well.
    """

    does: OnTerm
    signals: tuple[str, ...] = ("SIGTERM",)
    when: Mapping[str, Callable[[object], bool]] = field(default_factory=dict)
    doubt: str = ""
    rare: bool = False
    code: int = 0
    chosen: str = ""
    in_group: bool = False


class Closing(Struct, frozen=True):
    """What becomes of new connections while it drains where its options stand so: an exception from `Server.closes`."""

    becomes: str
    when: Mapping[str, Callable[[object], bool]]


REQUEST_IN_A_THREAD: Final = "a request in a thread, such as a plain def of FastAPI's, is cut"


class Outliving(Struct, frozen=True):
    """What keeps the server alive past the limit of its drain: `work` that runs in a thread, until the thread ends.

    `work` says what becomes of it, too; `when` asks as in `Stopping`. With `as_pid_1` only where the server itself is
    the container's first process: to any other it sends the signal once more when its drain is over, and that ends it.
    """

    work: str
    when: Mapping[str, Callable[[object], bool]] = field(default_factory=dict)
    as_pid_1: bool = False


class Missed(Struct, frozen=True):
    """The `moment` at which a stop signal goes unnoticed now and then; `when` asks as in `Stopping`."""

    moment: str
    when: Mapping[str, Callable[[object], bool]] = field(default_factory=dict)


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
