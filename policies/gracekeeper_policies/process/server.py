"""What a server's table says: how it is recognised, its options, its signals, its drain, its floor.

One module of `servers` fills one table; the logic that reads tables is written once, in `settings` and
`python_process`.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gracekeeper_policies.provenance import Known, Unknown


class Purpose(enum.Enum):
    """What the process is there for."""

    REQUESTS = "serves requests"
    TASKS = "works on tasks"
    PROGRAM = "runs a program of its own"


class OnTerm(enum.Enum):
    """What happens at SIGTERM when the process itself gets it as PID 1."""

    FINISHES = "finishes what it has"
    DROPS = "drops what it has"
    IGNORES = "has no handler, so the kernel drops the signal"
    UNKNOWN = "is decided by the program's own code"


class Form(enum.Enum):
    """How an option's text is read."""

    TEXT = "text"
    INTEGER = "a whole number"
    SECONDS = "seconds"
    SWITCH = "a switch without a value"


@dataclass(frozen=True)
class Option:
    """One thing that can be set, and every place that can set it.

    `flags` are spelled with their dashes; `environment` names variables, the first that is set wins; `setting` is the
    name in the server's configuration file; `many` keeps every occurrence of the flag instead of the last one.
    """

    name: str
    flags: tuple[str, ...] = ()
    environment: tuple[str, ...] = ()
    setting: str = ""
    default: float | str | None = None
    form: Form = Form.TEXT
    many: bool = False


@dataclass(frozen=True)
class MemoryFloor:
    """Measured proportional set sizes of an empty application in MiB: with one worker, and for each further worker."""

    first_mib: float
    further_mib: float


@dataclass(frozen=True)
class ConfigurationFile:
    """A file of settings: the option that names it, its name where none is given, and how its text is read.

    `read` returns what the file sets by setting name; a value that is not a literal is Unknown.
    """

    option: str
    implicit: str
    read: Callable[[str], Mapping[str, Known[object] | Unknown]]


@dataclass(frozen=True)
class Binding:
    """Which options say where the server listens: one `address` (HOST:PORT), or a `host` and a `port`.

    `port_variable` names a variable that, when set, makes the default `0.0.0.0:$VARIABLE`.
    """

    address: str = ""
    host: str = ""
    port: str = ""
    elsewhere: tuple[str, ...] = ()
    port_variable: str = ""


@dataclass(frozen=True)
class Upgraded:
    """A variant that becomes another one when an option is set above 1."""

    option: str
    variant: str
    becomes: str


@dataclass(frozen=True)
class Remapped:
    """A variable that, set to `value`, gives SIGTERM another meaning."""

    variable: str
    value: str
    on_term: OnTerm


@dataclass(frozen=True)
class Server:
    """One server, as measured on the version it names.

    `subcommand` is the word that makes the executable this server, looked for behind `leading_flags`, which take a
    value. `abbreviates` says that a long flag may be cut short, as argparse allows. `words_variable` names a variable
    whose words count as flags; `variables_beat_file` tells whether variables beat the configuration file. `drain` is
    the option that bounds how long it finishes requests or tasks after SIGTERM (seconds; nothing bounds it where the
    option has no value) and `closes` says what becomes of new connections meanwhile. `variant` is the option that
    chooses between the rows of `memory`, `upgraded` what turns one into another, `task_limit` the option that limits
    one task. `start_cpu_seconds` is what an empty application needs until its first answer.
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
    workers: str = ""
    variant: str = ""
    memory: Mapping[str, MemoryFloor] = field(default_factory=dict)
    start_cpu_seconds: float | None = None
    upgraded: Upgraded | None = None
    task_limit: str = ""
    remapped: Remapped | None = None

    @property
    def label(self) -> str:
        """`gunicorn 27.0.1`, whose defaults these are."""
        return f"{self.name} {self.version}"

    def option(self, name: str) -> Option:
        """The option of that name; naming one that the table lacks is a mistake of the caller's."""
        return next(option for option in self.options if option.name == name)
