"""Background processes of a script: which of them live on without anybody that supervises them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gracekeeper_policies.process.beside import all_hear, may_listen, unsupervised_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper_policies.process.python_process import PythonProcess
    from gracekeeper_policies.provenance import Word


@pytest.mark.parametrize(
    ("script", "names"),
    [
        ("celery -A a beat & exec celery -A a worker", ["celery beat"]),
        ("gunicorn a:a & celery -A a worker & wait", ["gunicorn", "celery worker"]),
        ("nginx & exec gunicorn a:a", ["nginx"]),
        ("python refresh.py & exec gunicorn a:a", ["refresh.py"]),
        ("sleep 60 & exec gunicorn a:a", []),
        ("tail -f /var/log/app & exec gunicorn a:a", []),
        ("while true; do python refresh.py; sleep 60; done & exec gunicorn a:a", []),
        ('if [ -n "$X" ]; then celery -A a beat & fi; exec celery -A a worker', []),
        ("python manage.py migrate && exec gunicorn a:a", []),
        ("gunicorn a:a", []),
    ],
)
def test_a_process_in_the_background_lives_on(
    started: Callable[..., PythonProcess], script: str, names: list[str]
) -> None:
    """Tools that pass the time are nobody's loss, and a loop starts its own command anew."""
    assert names == [each.name for each in unsupervised_of(started(f"bash -c {script!r}").launch)]


def test_a_trap_may_pass_the_signal_on(started: Callable[..., PythonProcess]) -> None:
    """To each process whose id it keeps."""
    script = "trap 'kill -TERM $a $b; wait' TERM; gunicorn a:a & a=$!; celery -A a worker & b=$!; wait"
    assert () == unsupervised_of(started(f'bash -c "{script}"'.replace("$", "\\$")).launch)


@pytest.mark.parametrize(
    ("line", "listens"),
    [
        ("nginx", True),
        ("python -m http.server 9000", True),
        ("python exporter.py", True),
        ("streamlit run app.py", True),
        ("./exporter", True),
        ("celery -A a worker", False),
        ("celery -A a beat", False),
        ("sleep 60", False),
    ],
)
def test_what_runs_beside_it_may_listen(words: Callable[[str], tuple[Word, ...]], line: str, listens: bool) -> None:
    """A worker does not, and neither does what only passes the time."""
    assert listens is may_listen(words(line))


@pytest.mark.parametrize(
    ("line", "heard"),
    [
        ("dumb-init {script}", True),
        ("/usr/bin/dumb-init -v -- {script}", True),
        ("dumb-init --single-child {script}", False),
        ("env DUMB_INIT_SETSID=0 dumb-init {script}", False),
        ("tini -g -- {script}", True),
        ("env TINI_KILL_PROCESS_GROUP=1 tini -- {script}", True),
        ("tini -- {script} -g", False),
        ("timeout 60 {script}", True),
        ("{script}", False),
        ("bash -c 'nginx & exec dumb-init gunicorn a:a'", False),
    ],
)
def test_some_inits_pass_signals_on_to_all(started: Callable[..., PythonProcess], line: str, heard: bool) -> None:
    """To the process group that their script runs in, not to their child alone."""
    assert heard is all_hear(started(line.format(script="bash -c 'nginx & exec gunicorn a:a'")).launch)
