"""A server is recognised by the names that its distribution installs, in the version that its table names."""

from __future__ import annotations

import platform
import subprocess
import sys
from importlib import metadata
from typing import TYPE_CHECKING, Final

import pytest

from gracekeeper_policies.process.servers import SERVERS
from tests.servers.contained import PROGRAMS

if TYPE_CHECKING:
    from gracekeeper_policies.process.server import Server

pytestmark = pytest.mark.servers

DISTRIBUTIONS: Final = {
    "aiohttp.web": "aiohttp",
    "celery beat": "celery",
    "celery flower": "flower",
    "celery worker": "celery",
    "fastapi dev": "fastapi-cli",
    "fastapi run": "fastapi-cli",
    "flask run": "flask",
    "kopf run": "kopf",
    "rq worker": "rq",
    "rq worker-pool": "rq",
    "runserver": "django",
    "taskiq worker": "taskiq",
}
"""Where the distribution is not called as the server is."""
STANDARD: Final = {"python", "http.server"}
OF_OTHERS: Final = {
    "huey_consumer.py",  # older releases of huey
    "manage.py",  # a project's own
    "pypy",
    "pypy3",
    "pyuwsgi",  # the same program, in a distribution that excludes uwsgi's
    "dramatiq-gevent",  # the same workers, where gevent is installed with it
}
MODULES_OF_OTHERS: Final = {"manage", "rq"}
"""A project's own, and one of older releases."""

_LOOKS: Final = """
import sys
from importlib.util import find_spec
found = find_spec(sys.argv[1])
sys.exit(not found or bool(found.submodule_search_locations and not find_spec(f"{sys.argv[1]}.__main__")))
"""


def each(server: Server) -> str:
    """Its name and what starts it."""
    return f"{server.name} {' '.join((*server.executables, *server.modules))}"


@pytest.mark.parametrize("server", dict.fromkeys(SERVERS), ids=each)
def test_a_table_names_the_version_that_is_proved(server: Server) -> None:
    """It is the one that all proofs start."""
    if server.name in STANDARD:
        assert server.version == platform.python_version()
    else:
        assert server.version == metadata.version(DISTRIBUTIONS.get(server.name, server.name))


@pytest.mark.parametrize("server", dict.fromkeys(SERVERS), ids=each)
def test_it_is_started_by_its_names(server: Server) -> None:
    """Each program is installed, and each module can be run."""
    programs = {name for name in server.executables if not (PROGRAMS / name).exists()}
    modules = {name for name in server.modules if not _runs(name)}
    assert programs <= OF_OTHERS
    assert modules <= MODULES_OF_OTHERS


def _runs(module: str) -> bool:
    # In a process of its own: whoever looks into a package imports it, and locust's replaces the threads of all others.
    ran = subprocess.run([sys.executable, "-c", _LOOKS, module], check=False, timeout=60)
    return ran.returncode == 0
