"""What a table says of an option is what the server's own parser says: flags, variables, setting and default."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import pytest

from gracekeeper_policies.process.node_cpus import NODE_CPUS
from gracekeeper_policies.process.server import Form
from gracekeeper_policies.process.servers import SERVERS
from tests.servers.contained import APPLICATIONS

if TYPE_CHECKING:
    from gracekeeper_policies.process.server import Option, Server

pytestmark = pytest.mark.servers

ELSEWHERE: Final = {
    ("celery worker", "SIGTERM acts as"),  # a variable of billiard's, which no parser reads
    ("waitress", "graceful timeout"),  # a number in its code: a proof waits for it
}
"""Options without a parser. What they do decides a row, and that is proved by a stop."""

NOT_BUILT_IN: Final = {"-j", "--js", "--json", "UWSGI_JSON"}
"""What uWSGI has only where a library for JSON was there when it was built."""

Found = dict[str, Any]


@cache
def parsed(server: str) -> list[Found]:
    """Every option that the server's parser knows."""
    program = [sys.executable, str(APPLICATIONS / "options.py"), server]
    environment = {"PATH": f"{os.path.dirname(sys.executable)}:{os.environ['PATH']}", "HOME": "/"}  # noqa: PTH120
    done = subprocess.run(program, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    options: list[Found] = json.loads(done.stdout)
    return options


def of(server: Server, option: Option) -> list[Found]:
    """What the parser says of one option."""
    if option.flags:
        return [each for each in parsed(server.name) if set(option.flags) & set(each["flags"])]
    return [each for each in parsed(server.name) if not each["flags"] and each.get("default") == option.default]


def plain(default: object) -> object:
    """A default as it can be compared: nothing, no, and no items are all the same, and so are one and a list of one."""
    if isinstance(default, list | tuple):
        return plain(default[0]) if len(default) == 1 else None
    if isinstance(default, int | float) and not isinstance(default, bool):
        return str(float(default))
    return str(default) if default not in (None, False, "") else None


def stated(server: Server, option: Option) -> object:
    """The default that the table states, in the parser's own terms."""
    if option.default == NODE_CPUS:
        return None if server.name == "celery worker" else plain(os.cpu_count())
    thousandth = option.form is Form.MILLISECONDS and isinstance(option.default, int | float)
    return plain(option.default * 1000 if thousandth else option.default)  # type: ignore[operator]


def differences(server: Server, option: Option) -> list[str]:
    """What the table says of an option and the parser does not."""
    known = of(server, option)
    flags = set(option.flags) - {flag for each in known for flag in each["flags"]}
    variables = set(option.environment) - {name for each in known for name in each["environment"]}
    settings = {option.setting} - {"", *(each["setting"] for each in known)}
    told = {plain(each["default"]) for each in known if "default" in each} - {stated(server, option)}
    if server.configuration and option.name == server.configuration.option:
        told = set()  # a file that is read where it lies is no default of an option's
    unknown = [] if known else ["the parser does not know it"]
    return [
        *unknown,
        *sorted((flags | variables | settings) - NOT_BUILT_IN),
        *(f"by default {value}" for value in told),
    ]


@pytest.mark.parametrize(
    "server",
    [server for server in dict.fromkeys(SERVERS) if server.options],
    ids=lambda server: f"{server.label} {' '.join(server.executables)}",
)
def test_the_options_are_the_parsers_own(server: Server) -> None:
    """Each is known to the server under its flags, variables and setting, and is by default what the table says."""
    asked = [option for option in server.options if (server.name, option.name) not in ELSEWHERE]
    wrong = {option.name: differences(server, option) for option in asked}
    assert {name: found for name, found in wrong.items() if found} == {}
