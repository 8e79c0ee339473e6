"""A fact that is stated wrongly turns its proof red: a default, a signal, a shell's form, a number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from gracekeeper_policies.process import recognition
from gracekeeper_policies.process.server import OnTerm
from gracekeeper_policies.process.servers import SERVERS
from gracekeeper_policies.process.servers.gunicorn import SERVER as GUNICORN
from gracekeeper_policies.process.servers.uvicorn import SERVER as UVICORN
from gracekeeper_policies.process.traits import Stopping
from tests.servers import test_options, test_requests
from tests.servers.conftest import differences
from tests.servers.contained import Contained
from tests.servers.proof import Course, Proof
from tests.servers.test_starts import Numbers
from tests.servers.test_starts import differences as differing_numbers
from tests.servers.traffic import answers, free_port

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.servers


def stopped(proof: Proof, folder: Path) -> Course:
    """What really happens."""
    port = free_port()
    with Contained(proof.argv(port), folder, proof.environment) as contained:
        contained.ready(lambda: answers(port), 90)
        contained.settle()
        return test_requests._stopped(contained, proof, port)


def test_a_wrong_default_is_seen() -> None:
    """Gunicorn's own parser knows that its graceful timeout is 30 s."""
    option = GUNICORN.option("graceful timeout")
    assert test_options.differences(GUNICORN, option) == []
    assert test_options.differences(GUNICORN, replace(option, default=45)) == ["by default 30.0"]


def test_a_wrong_signal_is_seen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Uvicorn has no handler for SIGQUIT; stated as a signal that drops, it is expected to exit, and does not."""
    wrong = replace(UVICORN, stopping=(Stopping(OnTerm.DROPS, ("SIGQUIT",)),))
    monkeypatch.setattr(recognition, "SERVERS", tuple(wrong if each is UVICORN else each for each in SERVERS))
    proof = Proof(line="uvicorn --port {port} --log-level debug web:asgi", signal="SIGQUIT", hold=1)

    found = differences(proof.predicted(), stopped(proof, tmp_path))
    assert "stated that it exits with 0 after 0.0 s, measured that it goes on" in found


def test_a_wrong_form_of_a_shell_is_seen(tmp_path: Path) -> None:
    """Dash keeps its process for the last command of a script; taken for bash, it is expected to pass the signal on."""
    script = "-c 'uvicorn --port {port} web:asgi'"
    as_bash, real = Proof(line=f"bash {script}", hold=1), Proof(line=f"dash {script}", hold=1)

    found = differences(as_bash.predicted(), stopped(real, tmp_path))
    assert "stated that it exits with 0 after 1.0 s, measured that it goes on" in found


def test_a_wrong_number_is_seen() -> None:
    """An address, a count, a floor that is too high or much too low."""
    seen = Numbers(frozenset({"0.0.0.0:8000"}), 5, 100.0, 1.0)
    assert differing_numbers(seen, seen, lean=True, few=True) == []
    for wrong in (
        replace(seen, listens=frozenset({"127.0.0.1:8000"})),
        replace(seen, processes=4),
        replace(seen, mib=109.0),
        replace(seen, mib=79.0),
        replace(seen, cpu_seconds=1.6),
        replace(seen, cpu_seconds=0.3),
    ):
        assert len(differing_numbers(wrong, seen, lean=True, few=True)) == 1, wrong
