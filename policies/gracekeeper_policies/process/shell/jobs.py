"""How a background job is named: by its number, or by the process id that `$!` gives.

A process id is known only when the script runs. So that `kill` and `wait` can be followed all the same, the expansion
of `$!` keeps the number of the job in a mark.
"""

from __future__ import annotations

import re
from typing import Final

from gracekeeper_policies.process.shell.dialect import Shell
from gracekeeper_policies.provenance import Word

_MARK: Final = "pid-of-job-"
_MARKED: Final = re.compile(rf"{_MARK}(\d{{1,5}})", re.ASCII)
_SPEC: Final = re.compile(r"%(\d{1,5})\Z", re.ASCII)


def process_id(job: int) -> Word:
    """What `$!` gives behind the start of a job; jobs count from 0."""
    return Word(f"{_MARK}{job}", unknown="a process id is known only when it runs")


def is_process_id(text: str) -> bool:
    """Whether a text holds what `$!` gave."""
    return _MARKED.search(text) is not None


def jobs_in(text: str, shell: Shell) -> tuple[int, ...]:
    """The jobs that a word of `kill` or `wait` names; in a script, dash does not know `%1`."""
    spec = _SPEC.match(text)
    if spec is not None and shell is not Shell.DASH:
        return (int(spec[1]) - 1,) if int(spec[1]) else ()
    return tuple(int(number) for number in _MARKED.findall(text))
