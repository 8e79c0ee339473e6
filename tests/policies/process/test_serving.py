"""A server may be told to serve nothing: locust without its web interface."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gracekeeper_policies.process.servers.locust import SERVER
from gracekeeper_policies.provenance import Known, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper_policies.process.python_process import PythonProcess
    from gracekeeper_policies.verdict import Verdict

MOUNTED = """\
volumes: [{{name: settings, configMap: {{name: settings}}}}]
containers:
- command: [locust]
  workingDir: /test
  volumeMounts: [{{name: settings, mountPath: /test}}]
---
apiVersion: v1
kind: ConfigMap
metadata: {{name: settings, namespace: shop}}
data:
  {name}: |
{text}
"""
PROBED = """
containers:
- name: web
  image: shop/load:1.4.2
  command: [{command}]
  ports: [{{containerPort: 9646}}]
  readinessProbe: {{httpGet: {{path: /metrics, port: 9646}}}}
"""


@pytest.mark.parametrize(
    ("line", "serves"),
    [
        ("locust", True),
        ("locust --master", True),
        ("locust --autostart", True),
        ("env LOCUST_HEADLESS=false locust", True),
        ("locust --headless", False),
        ("locust --worker", False),
        ("locust --head", False),
        ("env LOCUST_MODE_WORKER=1 locust", False),
        ("sh -c 'exec locust $MORE'", False),
    ],
)
def test_a_switch_takes_the_web_interface_away(
    started: Callable[..., PythonProcess], line: str, *, serves: bool
) -> None:
    """Or may take it away: then nothing is claimed of requests, addresses and connections."""
    process = started(line)
    assert serves is process.serves_requests
    assert serves is not isinstance(process.addresses.binds, Unknown)
    assert ("are refused" if serves else "") == process.shutdown.closes


@pytest.mark.parametrize(
    ("name", "text", "serves"),
    [
        ("locust.conf", "# ours\nusers = 10\n", True),
        ("locust.conf", "headless = true", False),
        ("locust.conf", "worker", False),
        ("locust.conf", "headless: no", True),
    ],
)
def test_its_file_counts(process: Callable[..., PythonProcess], name: str, text: str, *, serves: bool) -> None:
    """Where it lies in the folder that it starts in."""
    assert serves is process(MOUNTED.format(name=name, text=textwrap.indent(text, "    "))).serves_requests


def test_a_variable_out_of_sight_may_take_it_away(process: Callable[..., PythonProcess]) -> None:
    """So nothing is claimed, and no probe is held against a default."""
    told = process("containers: [{command: [locust], envFrom: [{configMapRef: {name: unseen}}]}]")
    assert not told.serves_requests


@pytest.mark.parametrize(
    ("command", "found"),
    [("locust", ["probe-port-mismatch"]), ("locust, --worker", []), ("locust, --headless", [])],
)
def test_a_port_of_the_tests_own_is_no_mistake(verdict: Callable[..., Verdict], command: str, found: list[str]) -> None:
    """What a test opens for its metrics is told from what the web interface listens on."""
    rulings = verdict(PROBED.format(command=command)).rulings
    assert found == [each.rule.id for each in rulings if each.rule.concern == "probes" and "port" in each.rule.id]


def test_a_setting_names_its_line() -> None:
    """As people write it: with dashes or without, and with whatever stands between name and value."""
    assert SERVER.configuration is not None
    assert SERVER.configuration.read is not None
    told = SERVER.configuration.read("locust.conf", "[ours]\n--web-port 80\nmaster\nweb-host: '::' # all\n")
    assert {
        "web-port": Known("80", "line 2, web-port"),
        "master": Known("true", "line 3, master"),
        "web-host": Known("::", "line 4, web-host"),
    } == told


@given(st.text(max_size=80) | st.text("headless-=: '\"#;[]\n", max_size=80))
def test_no_text_stops_a_reader(text: str) -> None:
    """A ConfigMap may hold anything."""
    assert SERVER.configuration is not None
    assert SERVER.configuration.read is not None
    assert all(isinstance(value, Known) for value in SERVER.configuration.read("locust.conf", text).values())
