"""What a server's table says: how it is recognised, its options, its signals, its drain, its floor.

One module of `servers` fills one table; the logic that reads tables is written once, in `settings` and
`python_process`.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from msgspec import Struct, field

from gracekeeper_policies.once import once

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Mapping

    from gracekeeper_policies.process.environment import Environment
    from gracekeeper_policies.process.traits import (
        Closing,
        Concurrency,
        Missed,
        Outliving,
        RequestLimit,
        Stopping,
        WritableFolder,
    )
    from gracekeeper_policies.provenance import Known, Unknown, Word


class Purpose(enum.Enum):
    """What the process is there for."""

    REQUESTS = "serves requests"
    TASKS = "works on tasks"
    SCHEDULE = "sends tasks when their time has come"
    PROGRAM = "runs a program of its own"


class OnTerm(enum.Enum):
    """What happens at SIGTERM, or another stop signal, when the process itself gets it as PID 1."""

    FINISHES = "finishes what it has"
    DROPS = "drops what it has"
    RESTARTS = "drops what it has, starts anew and goes on"
    GIVES_BACK = "cancels what it has and puts it back in the queue"
    ENDS = "ends at once, with nothing in hand"
    IGNORES = "has no handler, so the kernel drops the signal"
    UNKNOWN = "is decided by the program's own code"


class Form(enum.Enum):
    """How an option's text is read."""

    TEXT = "text"
    INTEGER = "a whole number"
    SECONDS = "seconds"
    MILLISECONDS = "milliseconds"
    DURATION = "a time such as 30 or 1m30s"
    SWITCH = "a switch without a value"


class Option(Struct, frozen=True, dict=True):
    """One thing that can be set, and every place that can set it.

    `flags` are spelled with their dashes; `environment` names variables, the first that is set wins; `setting` is the
    name in the server's configuration file; `many` keeps every occurrence of the flag instead of the last one. `code`
    is the name by which the application's own code sets it, as many applications do: then a default proves nothing.
    `bare` is the shape of a word that sets it without a flag, such as the address behind `runserver`; no value of one
    of the `valued` flags is meant.
    """

    name: str
    flags: tuple[str, ...] = ()
    environment: tuple[str, ...] = ()
    setting: str = ""
    default: float | str | None = None
    form: Form = Form.TEXT
    many: bool = False
    code: str = ""
    bare: re.Pattern[str] | None = None
    valued: tuple[str, ...] = ()

    @once
    def starts_words(self) -> bool:
        """Whether a word that sets it starts with a flag: written in full, or a dash and one letter."""
        return self.bare is None and all(flag.startswith("--") or len(flag) == len("-b") for flag in self.flags)


class MemoryFloor(Struct, frozen=True):
    """The measured memory of an empty application in MiB: with one worker, and for each further worker.

    What the kernel cannot take back: anonymous memory, of which pages that processes share count once. Pages of files
    come on top, but go where memory runs short. `supervisor_mib` is what a supervisor adds that several workers have
    and one has not.
    """

    first_mib: float
    further_mib: float = 0.0
    supervisor_mib: float = 0.0


class ConfigurationFile(Struct, frozen=True):
    """A file of settings: the option that names it, if one does, its name where none is given, and how it is read.

    `read` takes the name as it is given and the text, and returns what the file sets by setting name; a value that is
    not a literal is Unknown. `path` tells the file's path by that name. `elsewhere` says that the server also reads a
    file of that name in other folders, such as its user's. A server whose file counts as further words of its command
    line has `words` instead: path, section, text, origin and environment → words.
    """

    option: str
    implicit: str = ""
    read: Callable[[str, str], Mapping[str, Known[object] | Unknown]] | None = None
    path: Callable[[str], str] | None = None
    elsewhere: bool = False
    words: Callable[[str, str, str, str, Environment], tuple[Word, ...] | Unknown] | None = None


class Binding(Struct, frozen=True):
    """Which options say where the server listens: one `address` (HOST:PORT), or a `host` and a `port`.

    `further` are options that add addresses; where neither they nor `address` give one, host and port hold.
    `besides` are switches that open another port, each with its host and its port. An address without a port means
    `default_port`, None makes it a Unix socket; a port alone, or in a URL without a host, is that of `default_host`, if
    there is one. With `elsewhere` it listens on no TCP port, with `unread` nobody can tell. `port_variable` names a
    variable that, when set, makes the default `0.0.0.0:$VARIABLE`.
    """

    address: str = ""
    further: tuple[str, ...] = ()
    host: str = ""
    port: str = ""
    default_port: int | None = 8000
    default_host: str = ""
    elsewhere: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    port_variable: str = ""
    besides: tuple[tuple[str, str, str], ...] = ()


class Upgraded(Struct, frozen=True):
    """A variant that becomes another one when an option is set above 1."""

    option: str
    variant: str
    becomes: str


class Schedule(Struct, frozen=True):
    """How the server sends tasks by the clock, and what keeps two of it from sending each of them twice.

    The switch `turned_on` starts it, the switch `turned_off` keeps it from starting; where neither is named it always
    runs. `scheduler` is the option that names the class that does it, `unlocked` the classes known to take no lock
    (None is the default): of others nothing is claimed. `doubt` says why it may have nothing to send.
    """

    turned_on: str = ""
    turned_off: str = ""
    scheduler: str = ""
    unlocked: tuple[str | None, ...] = ()
    doubt: str = ""


class Server(Struct, frozen=True, eq=False, dict=True):
    """One server, as measured on the version it names.

    `subcommand` is the word that makes the executable this server, looked for behind `leading_flags`, which take a
    value. `abbreviates` says that a long flag may be cut short, as argparse allows. `words_variable` names a variable
    whose words count as flags; `variables_beat_file` tells whether variables beat the configuration file. `drain` is
    the option that bounds how long it finishes requests or tasks after SIGTERM (seconds; nothing bounds it where the
    option has no value) and `closes` says what becomes of new connections meanwhile, with its exceptions in `closing`,
    of which the first that fits decides. `variant` is the option that
    chooses between the rows of `memory`, `upgraded` what turns one into another, `task_limit` the option that limits
    one task and `soft_task_limit` the one that only asks it to end. `forks` are the variants whose workers are
    processes (empty: all): in the others they are threads, which share one CPU and no time limit ends. `autoscale` is
    an option that sets the number of workers in its own way, `schedule` says how it sends tasks by the clock.
    `start_cpu_seconds` is what an empty application needs until its first answer or task.

    `stopping` holds the exceptions from `on_term`, the first that fits decides; `drain_doubt` says why its drain may
    end otherwise, `unbounded_cure` how to bound a drain that no option bounds. `stop_argument` makes it stop at
    SIGTERM, `drain_cure` tells how to let requests end where it drops them. `production` is what to start instead of a
    server for a developer's own machine, `development` are switches that make it one. `writes` is the folder it cannot
    start without. `frees_idle` says that connections which clients keep open for later do not hold up its end,
    `outliving` where threads keep it alive past the limit of its drain, `misses` where the signal may go unnoticed, and
    `second_cuts` how many seconds after the first SIGTERM a second one ends what it still finishes (None: it never
    does). `alone` says why a second replica would not take over from the first. With one of the switches
    `serves_unless` it answers no requests, and does other work.
    """

    name: str
    version: str
    purpose: Purpose
    on_term: OnTerm
    executables: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    subcommand: str = ""
    leading_flags: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    words_variable: str = ""
    variables_beat_file: bool = True
    abbreviates: bool = False
    configuration: ConfigurationFile | None = None
    binding: Binding | None = None
    drain: str = ""
    closes: str = ""
    closing: tuple[Closing, ...] = ()
    workers: str = ""
    variant: str = ""
    memory: Mapping[str, MemoryFloor] = field(default_factory=dict)
    start_cpu_seconds: float | None = None
    upgraded: Upgraded | None = None
    task_limit: str = ""
    soft_task_limit: str = ""
    forks: tuple[str, ...] = ()
    autoscale: str = ""
    schedule: Schedule | None = None
    stopping: tuple[Stopping, ...] = ()
    drain_doubt: str = ""
    unbounded_cure: str = ""
    stop_argument: str = ""
    drain_cure: str = ""
    production: str = ""
    request_limit: RequestLimit | None = None
    concurrency: Concurrency | None = None
    development: tuple[str, ...] = ()
    writes: WritableFolder | None = None
    frees_idle: bool = False
    second_cuts: float | None = None
    outliving: Outliving | None = None
    misses: Missed | None = None
    alone: str = ""
    serves_unless: tuple[str, ...] = ()

    @property
    def is_development(self) -> bool:
        """Whether it is made for a developer's own machine."""
        return bool(self.production)

    @property
    def label(self) -> str:
        """`gunicorn 27.0.1`, whose defaults these are."""
        return f"{self.name} {self.version}"

    def option(self, name: str) -> Option:
        """The option of that name; naming one that the table lacks is a mistake of the caller's."""
        return self._options[name]

    def has(self, option: str) -> bool:
        """Whether the table has an option of that name."""
        return option in self._options

    @once
    def _options(self) -> Mapping[str, Option]:
        return {option.name: option for option in self.options}

    @once
    def flags(self) -> frozenset[str]:
        """Every flag it knows, in full."""
        return frozenset(flag for option in self.options for flag in option.flags)
