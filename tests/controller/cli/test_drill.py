"""`gracekeeper drill` where nothing is started: which container is meant, and what this machine lacks."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Final

import pytest

from gracekeeper.drill.namespace import namespace
from gracekeeper.errors import SurroundingsError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    Run = Callable[..., Any]

POD: Final = """\
apiVersion: v1
kind: Pod
metadata: {{name: {name}}}
spec: {{containers: [{containers}]}}
"""
WEB: Final = "{name: web, image: x, command: [no-such-server]}"
MISSING: Final = (
    "gracekeeper: the command no-such-server is not on PATH on this machine. "
    "Run the drill where the application and its server are installed.\n"
)


def _write(folder: Path, *containers: str, name: str = "web") -> str:
    file = f"{name}.yaml"
    (folder / file).write_text(POD.format(name=name, containers=", ".join(containers)), encoding="utf-8")
    return file


def test_missing_command(run: Run, folder: Path) -> None:
    """A drill runs the container's own command, so it has to be here."""
    ran = run("drill", _write(folder, WEB))

    assert (ran.status, ran.out, ran.err) == (2, "", MISSING)


def test_unknown_workload(run: Run, folder: Path) -> None:
    """A mistyped name is answered with the nearest."""
    ran = run("drill", _write(folder, WEB), "--workload", "Pod/wep")

    assert (ran.status, ran.out) == (2, "")
    assert ran.err == "gracekeeper: there is no workload Pod/wep in the input. Near: Pod/web.\n"


def test_several_workloads(run: Run, folder: Path) -> None:
    """Only one can be drilled; which, the call says."""
    files = (_write(folder, WEB), _write(folder, WEB, name="api"))

    ran = run("drill", *files)

    assert ran.status == 2
    assert ran.err == (
        "gracekeeper: the input holds 2 workloads (Pod/api, Pod/web). --workload KIND/NAME says which is meant.\n"
    )
    assert run("drill", *files, "--workload", "pod/api").err == MISSING


def test_no_workload(run: Run, folder: Path) -> None:
    """There is nothing to run in a ConfigMap."""
    (folder / "config.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n", encoding="utf-8")

    ran = run("drill", "config.yaml")

    assert (ran.status, ran.err) == (2, "gracekeeper: the input holds no workload.\n")


def test_several_containers(run: Run, folder: Path) -> None:
    """The one that serves requests is meant, else the call says which."""
    cache, log = "{name: cache, image: x, command: [redis-server]}", "{name: log, image: x, command: [vector]}"
    pod = _write(folder, cache, log)

    assert (
        run("drill", pod).err
        == "gracekeeper: Pod default/web has 2 containers (cache, log). --container NAME says which.\n"
    )
    assert run("drill", pod, "--container", "web").err == (
        "gracekeeper: Pod default/web has no container web that runs for its pod's life: cache, log.\n"
    )
    web = '{name: web, image: x, command: [/nowhere/gunicorn, "app:app"]}'
    assert "the command /nowhere/gunicorn is not on this machine" in run("drill", _write(folder, cache, web)).err


def test_unreadable_input(run: Run, broken: str) -> None:
    """A drill of half of what was meant would say little."""
    ran = run("drill", broken)

    assert (ran.status, ran.out) == (2, "")
    assert ran.err.splitlines()[-1] == "gracekeeper: some of the input could not be read."


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--request", "slow"], "slow is no path, expected one such as /slow."),
        (["--concurrency", "0"], "0 is not in the range 1<=x<=1000."),
        (["--hold", "-1"], "-1.0 is not in the range x>=0."),
    ],
)
def test_wrong_option(run: Run, folder: Path, options: list[str], message: str) -> None:
    """It is named before anything runs."""
    ran = run("drill", _write(folder, WEB), *options)

    assert (ran.status, ran.out) == (2, "")
    assert message in ran.err


def test_not_linux(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other systems have no PID namespaces."""
    monkeypatch.setattr(sys, "platform", "darwin")

    with pytest.raises(SurroundingsError, match="a drill takes Linux, for its PID namespaces; this is darwin"):
        namespace()


def test_tools_are_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The package that holds them is named."""
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(
        SurroundingsError, match=r"needs setpriv, unshare, setsid and nsenter of util-linux .* not on PATH"
    ):
        namespace()


def test_a_check_imports_nothing_of_it() -> None:
    """Whoever only checks does not wait for what drills."""
    program = "import sys, gracekeeper.cli.check; print([name for name in sys.modules if 'drill' in name])"

    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)

    assert ran.stdout == "[]\n"
