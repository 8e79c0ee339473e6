"""What a command that starts Python costs before it does anything: measured, for probes that run it again and again.

CPU seconds are medians of a quiet machine (CPython 3.11.7, Django 5.2, celery 5.7.0, rq 3.0.0, arq 0.28.0, httpx 0.28).
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from gracekeeper_policies.process.recognition import is_python
from gracekeeper_policies.process.shell.dialect import Shell
from gracekeeper_policies.process.trace import trace
from gracekeeper_policies.process.wrappers import executable
from gracekeeper_policies.provenance import Word

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gracekeeper_policies.process.environment import Variable


class ExecCost(Struct, frozen=True):
    """What starting `name` takes: CPU seconds, which a CPU limit stretches, and seconds that it waits for answers."""

    name: str
    cpu_seconds: float
    waits: float = 0.0

    def seconds(self, cores: float) -> float:
        """The least it takes with so many cores; a single start uses one at most."""
        return self.cpu_seconds / min(cores, 1.0) + self.waits


_PYTHON: Final = ExecCost("python", 0.025)
_IMPORTS: Final = (
    ("httpx", ExecCost("python with httpx", 0.365)),
    ("urllib.request", ExecCost("python with urllib.request", 0.12)),
    ("requests", ExecCost("python with requests", 0.3)),
    ("http.client", ExecCost("python with http.client", 0.095)),
    ("socket", ExecCost("python with socket", 0.045)),
)
_DJANGO: Final = ExecCost("manage.py check", 0.675)
_RQ: Final = ExecCost("rq info", 0.505)
_ARQ: Final = ExecCost("arq --check", 0.47)
_HINTS: Final = ("python", "pypy", "celery", "manage.py", "django-admin", "rq", "arq")
_CELERY: Final = 1.0
_REPLY_WINDOW: Final = 1.0


def cost_of(command: Sequence[str], variables: Mapping[str, Variable]) -> ExecCost | None:
    """The cost of the dearest start in a probe's command, a shell's script included; None where nothing is known."""
    if not any(hint in word for word in command for hint in _HINTS):
        return None
    launch = trace(tuple(Word(text) for text in command), Shell.BASH, variables)
    started = [launch.words, *(each.argv for each in (*launch.preparation, *launch.beside))]
    costs = [cost for words in started if words for cost in [_cost(words)] if cost]
    return max(costs, key=lambda cost: cost.cpu_seconds + cost.waits, default=None)


def _cost(words: tuple[Word, ...]) -> ExecCost | None:
    name, rest = executable(words[0]), [word.text for word in words[1:]]
    if is_python(name):
        return _python(rest)
    return _tool(name, rest)


def _tool(name: str, rest: list[str]) -> ExecCost | None:
    if name == "celery":
        return _celery(rest)
    if name in ("manage.py", "django-admin") and "check" in rest[:1]:
        return _DJANGO
    if name == "rq" and "info" in rest:
        return _RQ
    return _ARQ if name == "arq" and "--check" in rest else None


def _python(rest: list[str]) -> ExecCost:
    if rest[:1] == ["-c"] and len(rest) > 1:
        return next((cost for module, cost in _IMPORTS if re.search(rf"(?<![\w.]){module}\b", rest[1])), _PYTHON)
    if rest[:1] == ["-m"] and len(rest) > 1:
        return _tool(rest[1], rest[2:]) or _PYTHON
    program = next((word for word in rest if not word.startswith("-")), "")
    behind = rest[rest.index(program) + 1 :] if program else []
    return _tool(program.rpartition("/")[2], behind) or _PYTHON


def _celery(rest: list[str]) -> ExecCost | None:
    """`inspect` and `status` import the application, then collect answers for a second unless they know whom to ask."""
    verb = next((word for word in rest if word in ("inspect", "status")), "")
    if not verb:
        return None
    named = any(word == "-d" or word.startswith(("-d", "--destination")) for word in rest)
    return ExecCost(f"celery {verb}", _CELERY, 0.0 if named else _reply_window(rest))


def _reply_window(rest: list[str]) -> float:
    given = [after for flag, after in pairwise(rest) if flag in ("-t", "--timeout")]
    given += [word.partition("=")[2] for word in rest if word.startswith("--timeout=")]
    try:
        return float(given[0]) if given else _REPLY_WINDOW
    except ValueError:
        return 0.0
