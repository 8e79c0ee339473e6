"""The same tables, asked of the real shells on this machine."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from gracekeeper_policies.process.shell.dialect import Shell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gracekeeper_policies.process.shell.script import Script

    RealShell = Callable[[Shell], list[str]]
    Record = Callable[[Shell, str, str, str], None]
    Read = Callable[..., Script]

pytestmark = pytest.mark.shells

DRAINING_SERVER: Final = """\
#!{python} -IS
import os, signal, sys, time

def drain(*_):
    time.sleep(0.3)
    os.write(1, b"drained ")
    os._exit(0)

signal.signal(signal.SIGTERM, drain)
os.write(1, b"up ")
while True:
    signal.pause()
"""

FILES: Final = (
    "server 300\n",
    "server 300",
    "true && server 300",
    "set -e\nserver 300",
    "exec server 300\n",
    '"$@"',
    'exec "$@"',
    "if true; then exec server 300; fi\n",
    "(server 300)",
    "f() { exec server 300; }\nf\n",
)
"""Scripts of a file, which is called with `server 300` as its arguments."""

TELLING: Final = (
    "server",
    "exec server",
    "server & wait",
    "trap 'kill -TERM $p; wait $p' TERM; server & p=$!; wait $p",
    "trap 'kill -TERM $p' TERM; server & p=$!; wait $p",
    "trap 'kill -TERM $p' TERM INT; server & p=$!; wait $p; trap - TERM INT; wait $p",
    "trap 'kill -s TERM $!; wait $!' SIGTERM; server & wait",
    "trap 'kill $(jobs -p); wait' TERM; server & wait",
    "trap 'exit 0' TERM; server & wait",
    "trap 'exit' TERM; server",
    "trap 'kill 0' EXIT; server",
    "trap 'kill $!; wait' EXIT; server & wait",
    "trap 'trap - TERM; kill 0; wait' TERM; server & wait",
    "trap 'kill $!; wait' TERM; cd / && server & wait",
    'trap "kill -TERM $p; wait $p" TERM; server & p=$!; wait $p',
    "set -e; trap 'kill $p' TERM; server & p=$!; wait $p; wait $p",
    "trap 'kill $!; wait $!' TERM; server & while true; do sleep 0.2; done",
)
"""The scripts of signals.yaml that are run again as PID 1: one of each kind, as each takes a second."""


OUTCOMES: Final = {
    "drained": "the server drains, then the container ends",
    "exits": "the container ends, and the server is cut",
    "lingers": "the server drains, and the shell stays",
    "nothing": "nobody hears it",
}


@pytest.fixture
def record(record_property: Callable[[str, object], None]) -> Record:
    """Notes a fact for the table that `make prove` prints."""

    def _record(shell: Shell, script: str, stated: str, seen: str) -> None:
        record_property("fact", [shell.value, " / ".join(script.split("\n")), stated, seen])

    return _record


@pytest.fixture(scope="session")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose `server` and `other` sleep: names that no shell has built in."""
    folder = tmp_path_factory.mktemp("programs")
    sleep = shutil.which("sleep")
    assert sleep is not None
    for name in ("server", "other"):
        shutil.copy(sleep, folder / name)
    return folder


@pytest.fixture
def draining(tmp_path: Path) -> Path:
    """A folder whose `server` says when it is up and when it has drained."""
    server = tmp_path / "server"
    server.write_text(DRAINING_SERVER.format(python=sys.executable))
    server.chmod(0o755)
    return tmp_path


def environment(programs: Path) -> dict[str, str]:
    """An environment in which the programs come first, and X is y."""
    return {"PATH": f"{programs}:{os.environ['PATH']}", "HOME": "/", "X": "y"}


def words(process: int) -> list[str]:
    """A process's command line; empty once it has ended."""
    try:
        return Path(f"/proc/{process}/cmdline").read_text().split("\0")[:-1]
    except OSError:
        return []


def descendants(process: int) -> Iterator[int]:
    """All processes below one."""
    try:
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except OSError:
        return
    for child in children:
        yield int(child)
        yield from descendants(int(child))


def is_replaced_by_server(argv: list[str], programs: Path) -> bool:
    """Start a shell and look whether the server appears in its place or below it."""
    nowhere = subprocess.DEVNULL
    shell = subprocess.Popen(
        argv,
        env=environment(programs),
        cwd=programs,
        stdin=nowhere,
        stdout=nowhere,
        stderr=nowhere,
        start_new_session=True,
    )
    try:
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline and shell.poll() is None:
            if words(shell.pid)[:1] == ["server"]:
                return True
            if any(words(child)[:1] == ["server"] for child in descendants(shell.pid)):
                return False
            time.sleep(0.005)
        pytest.fail(f"no server came up (status {shell.returncode})")
    finally:
        with suppress(ProcessLookupError):  # it has ended, and nobody of its group is left
            os.killpg(shell.pid, signal.SIGKILL)
        shell.wait()


def test_the_real_shell_does_as_the_table_says(
    form: str, shell: Shell, is_replaced: bool, real_shell: RealShell, programs: Path, record: Record
) -> None:
    """A form hands its process over to the server, or keeps it."""
    seen = is_replaced_by_server([*real_shell(shell), "-c", form], programs)
    ways = {True: "the server takes its place", False: "it stays in front of the server"}
    record(shell, form, ways[is_replaced], ways[seen])
    assert is_replaced is seen


@pytest.mark.parametrize("form", ["server 300", "true; true && server 300", "server 300 >/dev/null", "(server 300)"])
def test_bash_called_as_sh_behaves_as_bash(form: str, real_shell: RealShell, programs: Path, tmp_path: Path) -> None:
    """On Fedora and its kin, `sh` is bash: the name changes nothing in all this."""
    sh = tmp_path / "sh"
    sh.symlink_to(shutil.which(real_shell(Shell.BASH)[0]) or "")
    as_bash = is_replaced_by_server([*real_shell(Shell.BASH), "-c", form], programs)
    assert as_bash is is_replaced_by_server([str(sh), "-c", form], programs)


@pytest.mark.parametrize("shell", Shell)
@pytest.mark.parametrize("text", FILES)
def test_a_script_file_is_read_as_it_runs(
    text: str,
    shell: Shell,
    read: Read,
    real_shell: RealShell,
    programs: Path,
    tmp_path: Path,
    words_of: Callable[..., object],
) -> None:
    """No shell makes way for the last command of a file without `exec`."""
    file = tmp_path / "entrypoint.sh"
    file.write_text(text)
    real = is_replaced_by_server([*real_shell(shell), str(file), "server", "300"], programs)
    script = read(text, shell, positional=words_of(str(file), "server", "300"), from_file=True)
    assert [real] == [command.replaces_shell for command in script.main]


@pytest.fixture
def as_pid_1() -> list[str]:
    """What starts a program as PID 1 of a PID namespace and leader of a session, as a container runtime does."""
    prefix = ["unshare", "--pid", "--fork", "--kill-child", "setsid"]
    if (
        shutil.which("unshare") is None
        or subprocess.run([*prefix, "true"], check=False, capture_output=True).returncode
    ):
        pytest.skip("PID namespaces are missing; util-linux and the right to use them would provide them")
    return prefix


def outcome_of_term(argv: list[str], programs: Path) -> str:
    """Start a shell as PID 1, wait for its server, send SIGTERM to the shell alone, and say what came of it."""
    log = programs / "log"
    with log.open("wb") as output:
        outer = subprocess.Popen(
            argv,
            env=environment(programs),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    try:
        _await(lambda: "up" in log.read_text(), 5)
        # The script has to reach its `wait`, of which nothing outside can tell.
        time.sleep(0.15)
        os.kill(next(descendants(outer.pid)), signal.SIGTERM)
        ended = _await(lambda: outer.poll() is not None, 1)
        drained = "drained" in log.read_text()
        return ("drained" if drained else "exits") if ended else ("lingers" if drained else "nothing")
    finally:
        outer.kill()
        outer.wait()


def _await(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    return condition()


def test_the_real_shell_as_pid_1_answers_as_the_table_says(
    signalled: str,
    shell: Shell,
    outcome: str,
    real_shell: RealShell,
    draining: Path,
    as_pid_1: list[str],
    record: Record,
) -> None:
    """SIGTERM reaches the server and it drains, or it is cut off, or nobody hears."""
    seen = outcome_of_term([*as_pid_1, *real_shell(shell), "-c", signalled], draining)
    stated = "drained" if outcome in ("replaced", "forwarded") else outcome
    record(shell, f"{signalled} gets SIGTERM", OUTCOMES[stated], OUTCOMES[seen])
    assert stated == seen
