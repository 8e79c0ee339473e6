"""Programs that start another program: what stays in front of it, and whether the stop signal passes.

Each row is proved with a server behind it (gosu, tini, dumb-init, uv 0.13.9, poetry 2.5.1, util-linux 2.38 and others).
"""

from __future__ import annotations

import enum
import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from gracekeeper_policies.quantity import QuantityError, parse_duration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gracekeeper_policies.provenance import Word


class Passing(enum.Enum):
    """What a process in front of the server does with the stop signal."""

    REPLACED = "replaces itself by the program"
    FORWARDS = "stays in front and passes the signal on"
    KILLS = "passes the signal on and kills the program two seconds later"
    INTERRUPTS = "sends SIGINT instead"
    NOTHING = "stays in front and passes no signal on"
    SPREADS = "stays in front, passes the signal on to every process behind it and waits for them"
    EXITS = "ends at once, and everything behind it is killed"
    LEAVES = "forks and ends at once, and the container with it"


class Wrapper(Struct, frozen=True):
    """How a wrapper's command line is read.

    `names` are its executables, `subcommand` the words that must follow, `valued` its flags that take a separate value,
    `skipped` how many words stand before the program, and `inline` a flag whose value is a whole shell command line.
    One that `reads_files` sets variables for the program by files that its flags name.
    """

    names: tuple[str, ...]
    passing: Passing
    subcommand: tuple[str, ...] = ()
    valued: tuple[str, ...] = ()
    skipped: int = 0
    inline: str = ""
    assignments: bool = False
    reads_files: bool = False


class Wrapped(Struct, frozen=True):
    """A wrapper with what it starts: the program's words, or a shell's command line in one word.

    `flags` are its own words. `kills_after` is how many seconds after the stop signal it kills the program by itself;
    None where it never does.
    """

    wrapper: Wrapper
    name: str
    passing: Passing
    flags: tuple[Word, ...]
    words: tuple[Word, ...]
    script: Word | None = None
    assignments: tuple[Word, ...] = ()
    kills_after: float | None = None


_REPLACED: Final = Passing.REPLACED

WRAPPERS: Final = (
    Wrapper(("tini", "tini-static", "docker-init"), Passing.FORWARDS, valued=("-p", "-e")),
    Wrapper(("dumb-init",), Passing.FORWARDS, valued=("-r", "--rewrite")),
    Wrapper(("env",), _REPLACED, valued=("-u", "--unset", "-C", "--chdir"), assignments=True),
    Wrapper(("nice",), _REPLACED, valued=("-n", "--adjustment")),
    Wrapper(("ionice",), _REPLACED, valued=("-c", "-n", "-p")),
    # util-linux 2.38: the leader of a process group, as a container's first process is, forks and waits only with -w.
    Wrapper(("setsid",), Passing.LEAVES),
    Wrapper(("nohup", "stdbuf", "prlimit", "unshare"), _REPLACED, valued=("-o", "-i", "-e")),
    Wrapper(("setpriv",), _REPLACED, valued=("--reuid", "--regid", "--groups", "--inh-caps")),
    Wrapper(("chrt", "taskset"), _REPLACED, valued=("-p",), skipped=1),
    Wrapper(("chroot",), _REPLACED, skipped=1),
    Wrapper(("gosu", "su-exec"), _REPLACED, skipped=1),
    Wrapper(("timeout",), Passing.FORWARDS, valued=("-k", "--kill-after", "-s", "--signal"), skipped=1),
    Wrapper(("su",), Passing.KILLS, valued=("-s", "--shell", "-g", "-G"), inline="-c"),
    Wrapper(("runuser",), Passing.KILLS, valued=("-u", "--user", "-g", "-s"), inline="-c"),
    Wrapper(("time",), Passing.NOTHING, valued=("-o", "--output", "-f", "--format")),
    Wrapper(("strace",), Passing.NOTHING, valued=("-o", "-e", "-p", "-E", "-s", "-u")),
    Wrapper(("xargs",), Passing.NOTHING, valued=("-a", "-d", "-E", "-I", "-L", "-n", "-P", "-s")),
    Wrapper(
        ("uv",),
        Passing.FORWARDS,
        ("run",),
        (
            "--project",
            "--directory",
            "--with",
            "--extra",
            "--group",
            "--python",
            "-p",
            "--env-file",
            "--package",
            "--no-group",
        ),
        reads_files=True,
    ),
    Wrapper(("poetry",), _REPLACED, ("run",), ("--directory", "-C", "--project", "-P")),
    Wrapper(("dotenv",), _REPLACED, ("run",), ("-f", "--file"), reads_files=True),
    Wrapper(("honcho",), Passing.NOTHING, ("run",), ("-e", "--env", "-f", "-d")),
    Wrapper(("newrelic-admin",), _REPLACED, ("run-program",)),
    Wrapper(("newrelic-admin",), _REPLACED, ("run-python",)),
    Wrapper(("ddtrace-run",), _REPLACED),
    Wrapper(
        ("opentelemetry-instrument",),
        _REPLACED,
        valued=(
            "--traces_exporter",
            "--metrics_exporter",
            "--logs_exporter",
            "--service_name",
            "--id_generator",
            "--exporter_otlp_endpoint",
        ),
    ),
    Wrapper(
        ("watchmedo",), Passing.INTERRUPTS, ("auto-restart",), ("-d", "--directory", "-p", "--pattern", "--signal")
    ),
)
"""Every known wrapper. `pipenv run`, `pdm run` and `hatch run` were not measured: behind them nothing is claimed."""

UNMEASURED: Final = (
    ("pipenv", "run"),
    ("pdm", "run"),
    ("hatch", "run"),
    ("conda", "run"),
    ("pixi", "run"),
    ("rye", "run"),
)


_SU_KILLS_AFTER: Final = 2.0
_PATIENCE: Final = re.compile(r"(?:^| )(?:-k ?|--kill-after[= ])(\S+)")
_WAITS: Final = re.compile(r"-[a-z]*w|--wait\Z")
_ASSIGNMENT: Final = re.compile(r"[A-Za-z_]\w*=")


def executable(word: Word) -> str:
    """The program's name without its folder: `/usr/bin/tini` is `tini`."""
    return word.text.rpartition("/")[2]


def unwrap(words: Sequence[Word]) -> Wrapped | None:
    """Take the outermost wrapper off a command line; None where there is none."""
    if not words:
        return None
    name = executable(words[0])
    for wrapper in WRAPPERS:
        rest = _behind_subcommand(wrapper, words) if name in wrapper.names else None
        if rest is not None:
            return _unwrapped(wrapper, name, rest)
    return None


def _behind_subcommand(wrapper: Wrapper, words: Sequence[Word]) -> tuple[Word, ...] | None:
    rest = tuple(words[1:])
    for subcommand in wrapper.subcommand:
        rest = _without_flags(wrapper, rest)[1]
        if not rest or rest[0].text != subcommand:
            return None
        rest = rest[1:]
    return rest


def _unwrapped(wrapper: Wrapper, name: str, words: tuple[Word, ...]) -> Wrapped:
    flags, rest = _without_flags(wrapper, words)
    script = _inline(wrapper, words)
    rest = rest[wrapper.skipped :]
    if rest and rest[0].text == "--":
        rest = rest[1:]
    count = 0
    while wrapper.assignments and count < len(rest) and _ASSIGNMENT.match(rest[count].text):
        count += 1
    kills_after = _kills_after(wrapper, flags)
    return Wrapped(wrapper, name, _passing(wrapper, flags), flags, rest[count:], script, rest[:count], kills_after)


def _without_flags(wrapper: Wrapper, words: tuple[Word, ...]) -> tuple[tuple[Word, ...], tuple[Word, ...]]:
    position = 0
    while position < len(words) and words[position].text.startswith("-") and words[position].text != "-":
        text = words[position].text
        position += 1 + (text in wrapper.valued)
        if text == "--":
            break
    return words[:position], words[position:]


def _inline(wrapper: Wrapper, words: tuple[Word, ...]) -> Word | None:
    following = pairwise(words)
    return next((script for flag, script in following if wrapper.inline and flag.text == wrapper.inline), None)


def _passing(wrapper: Wrapper, flags: tuple[Word, ...]) -> Passing:
    if wrapper.passing is Passing.LEAVES:
        return Passing.NOTHING if any(_WAITS.match(flag.text) for flag in flags) else Passing.LEAVES
    # dumb-init --rewrite 15:2 turns SIGTERM into SIGINT, the fast stop of most servers; 15:0 drops it.
    rewrites = (re.search(r"(?:^|=|-r)15:(\d+)\Z", flag.text) for flag in flags)
    signals = [match[1] for match in rewrites if match and wrapper.names == ("dumb-init",)]
    if not signals or signals[-1] == "15":
        return wrapper.passing
    return Passing.NOTHING if signals[-1] == "0" else Passing.INTERRUPTS


def _kills_after(wrapper: Wrapper, flags: tuple[Word, ...]) -> float | None:
    if wrapper.passing is Passing.KILLS:
        return _SU_KILLS_AFTER
    patience = _PATIENCE.search(" ".join(flag.text for flag in flags)) if "timeout" in wrapper.names else None
    try:
        return float(parse_duration(patience[1])) or None if patience else None
    except QuantityError:
        return None
