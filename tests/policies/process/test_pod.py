"""The processes of one pod: which of them may be asked at a port, and what a name leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper_policies.process.python_process import PythonProcess

POD = """
initContainers:
- {name: setup, ports: [{name: http, containerPort: 1}]}
- {name: proxy, restartPolicy: Always, command: [./proxy], ports: [{name: admin, containerPort: 9000}]}
containers:
- name: web
  command: [gunicorn, --bind=:8000, "a:a"]
  ports: [{name: http, containerPort: 8000}, {name: dns, containerPort: 53, protocol: UDP}]
"""


@pytest.mark.parametrize(
    ("name", "protocol", "port"),
    [
        ("http", "TCP", 8000),
        ("dns", "UDP", 53),
        ("dns", "TCP", None),
        ("admin", "TCP", 9000),
        ("nobody", "TCP", None),
    ],
)
def test_a_services_port_name_is_looked_up_in_all_that_live_as_long_as_the_pod(
    process: Callable[..., PythonProcess], name: str, protocol: str, port: int | None
) -> None:
    """By name and protocol, the main containers first, then native sidecars."""
    assert port == process(POD).pod.declared_port(name, protocol)


@pytest.mark.parametrize(("port", "is_unbound"), [(8000, False), (9000, False), (8001, True), (1, True)])
def test_a_port_is_unbound_where_nobody_binds_or_declares_it(
    process: Callable[..., PythonProcess], port: int, *, is_unbound: bool
) -> None:
    """A known server binds what it binds; an unknown one is believed what it declares; an init container is gone."""
    assert is_unbound == (process(POD).pod.unbound(port) is not None)


@pytest.mark.parametrize(
    ("pod", "is_doubted"),
    [
        ("containers: [{command: [gunicorn, --bind=:8000, 'a:a']}]", False),
        ("containers: [{command: [gunicorn, --bind=:8000, 'a:a']}, {command: [./run]}]", True),
        ("containers: [{command: [gunicorn, -c, /x.py, 'a:a']}]", True),
    ],
)
def test_who_might_bind_it_after_all_is_a_doubt(
    process: Callable[..., PythonProcess], pod: str, *, is_doubted: bool
) -> None:
    """A program that is not known, or a server whose address something unseen may set."""
    unbound = process(pod).pod.unbound(1)
    assert unbound is not None
    assert is_doubted == bool(unbound.doubt)
