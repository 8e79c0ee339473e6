"""On CPython 3.12 and newer hypercorn's limit does not hold: what rests on it is only suspected."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

from gracekeeper_policies.process.servers.hypercorn import SERVER as HYPERCORN
from tests.servers.contained import APPLICATIONS, Contained
from tests.servers.traffic import Request, answers, free_port

pytestmark = pytest.mark.servers

_LIMIT: Final = 1
_HELD: Final = 4.0
_START: Final = 90.0


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of hypercorn's program, installed for a Python of at least 3.12."""
    uv = os.environ.get("UV") or shutil.which("uv") or "uv"
    found = _of_pyenv() or _run(uv, "python", "find", "--no-python-downloads", ">=3.12")
    if not found:
        # No failure where nothing may be skipped: no package of the project's brings another interpreter.
        pytest.xfail("there is no CPython 3.12; `uv python install 3.12` provides it")
    folder = tmp_path_factory.mktemp("newer") / "venv"
    assert _run(uv, "venv", "--quiet", "--python", found, str(folder)) is not None
    python = f"--python={folder}/bin/python"
    assert _run(uv, "pip", "install", "--quiet", python, f"hypercorn=={HYPERCORN.version}") is not None
    return folder / "bin"


def test_hypercorn_waits_without_limit(programs: Path, tmp_path: Path) -> None:
    """A request of 4 s ends although the limit is 1 s: the wait for the listening server comes first."""
    port = free_port()
    words = (str(_LIMIT), f"--bind=127.0.0.1:{port}", "web:asgi")
    with Contained(
        [str(programs / "hypercorn"), "--graceful-timeout", *words], tmp_path, {"PYTHONPATH": str(APPLICATIONS)}
    ) as contained:
        contained.ready(lambda: answers(port), _START)
        contained.settle()
        request = Request(port, f"/hold/{_HELD}")
        contained.await_file("began")
        contained.signal("SIGTERM")
        contained.wait(3 * _HELD)

        assert request.wait(1), contained.obituary("cut the request")
        assert contained.exit_code == 0, contained.obituary("did not exit")
    assert HYPERCORN.drain_doubt == "on Python 3.12 and newer it waits without limit"


def _of_pyenv() -> str | None:
    """The oldest that pyenv keeps; its programs on the PATH run only what a folder has chosen."""
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    return next(map(str, sorted(root.glob("versions/3.1[2-9].*/bin/python3"))), None)


def _run(*words: str) -> str | None:
    """What a program prints; None where it is missing or fails."""
    if shutil.which(words[0]) is None:
        return None
    ran = subprocess.run(words, capture_output=True, check=False, text=True, timeout=120)
    return ran.stdout.strip() if ran.returncode == 0 else None
