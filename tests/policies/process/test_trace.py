"""Which program a container is there for, and why that cannot be told of some."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gracekeeper_policies.process.delivery import Outcome
from gracekeeper_policies.provenance import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper_policies.process.python_process import PythonProcess


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("/entrypoint.sh", "/entrypoint.sh is a program that the manifest does not show"),
        ("sh /start.sh", "sh runs /start.sh, which is not in sight"),
        ("sh", "sh runs its standard input, which is not in sight"),
        ("pipenv run gunicorn a:a", "what pipenv run does with signals was never measured"),
        ("conda run gunicorn a:a", "what conda run does with signals was never measured"),
        ("sh -c 'gunicorn a:a & uvicorn b:b & wait'", "the script starts several servers"),
        (" ".join(["env"] * 20 + ["gunicorn"]), "more than a dozen programs start each other"),
        ("tini --", ""),
    ],
)
def test_what_cannot_be_told_says_why(started: Callable[..., PythonProcess], line: str, reason: str) -> None:
    """And no server is claimed."""
    told = started(line)
    assert told.server is None
    assert told.unknown.startswith(reason)
    assert isinstance(told.shutdown.drain, Unknown)


def test_what_answers_probes_in_the_background_is_not_the_server(started: Callable[..., PythonProcess]) -> None:
    """A developer's server beside a real one; where it stands alone, or in front, it is what runs."""
    assert "celery worker" == started("sh -c 'python -m http.server 9000 & exec celery -A a worker'").name
    assert "http.server" == started("sh -c 'sleep 60 & exec python -m http.server 9000'").name
    assert started("sh -c 'celery -A a worker & exec python -m http.server 9000'").unknown.endswith("several servers")


def test_a_script_that_cannot_be_read_is_unknown(started: Callable[..., PythonProcess]) -> None:
    """A shell's syntax error is no crash."""
    told = started("sh -c 'if gunicorn a:a; then ('")
    assert told.server is None
    assert Outcome.UNKNOWN is told.delivery.outcome
