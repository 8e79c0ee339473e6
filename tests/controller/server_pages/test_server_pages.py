"""The pages of servers: every server has one, and what they tell to write is right."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from gracekeeper.server_pages.families import families
from gracekeeper.server_pages.page import server_pages
from gracekeeper.server_pages.recipes import RECIPES
from gracekeeper_policies.process.server import OnTerm
from gracekeeper_policies.process.servers import SERVERS

PROGRAM: Final = Path(sys.executable).with_name("gracekeeper")
PAGES: Final = dict(server_pages())
MANIFESTS: Final = {
    name: text for name, page in PAGES.items() for text in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
}
GRACE: Final = re.compile(r"(?<=terminationGracePeriodSeconds: )\d+")


def check(manifest: str) -> tuple[int, str]:
    """What the program says of a manifest under the standard profile, where everything counts."""
    command = [str(PROGRAM), "check", "--profile", "standard", "--fail-on", "note", "-"]
    ran = subprocess.run(
        command, input=manifest, capture_output=True, encoding="utf-8", check=False, timeout=60, cwd="/"
    )
    return ran.returncode, ran.stdout + ran.stderr


@pytest.mark.parametrize("name", MANIFESTS)
def test_nothing_is_wrong_with_the_manifest_of_a_page(name: str) -> None:
    """Whoever starts from it meets no finding, and what runs there is told."""
    status, said = check(MANIFESTS[name])

    assert status == 0, said
    assert "no findings" in said
    assert "what runs in every main container was told" in said


@pytest.mark.parametrize("name", [name for name, text in MANIFESTS.items() if GRACE.search(text)])
def test_the_grace_period_of_a_page_is_no_longer_than_needed(name: str) -> None:
    """Three seconds less are too few."""
    status, said = check(GRACE.sub(lambda written: str(int(written[0]) - 3), MANIFESTS[name]))

    assert status == 1, said
    assert any(rule in said for rule in ("grace-period-too-short", "task-outlives-grace", "drain-delay-exceeds-grace"))


def test_every_server_is_on_a_page() -> None:
    """Whatever is recognised, the list leads to it."""
    told = [server for family in families() for server in family.servers]

    assert sorted(map(id, SERVERS)) == sorted(map(id, told))
    assert [family.page for family in families() if f"({family.page}.md)" not in PAGES["README.md"]] == []


def test_what_serves_in_production_has_a_manifest() -> None:
    """A server whose stop was measured gets a command line in `server_pages/recipes.py`."""
    names = {
        server.name for server in SERVERS if server.on_term is not OnTerm.UNKNOWN and not server.is_development
    } - {"rq worker-pool"}

    assert sorted(names - RECIPES.keys()) == []
    assert sorted(RECIPES.keys() - names) == []


def test_no_heading_is_empty() -> None:
    """Each is followed by something to read."""
    empty = [
        (name, block.splitlines()[0])
        for name, page in PAGES.items()
        for block in re.split(r"\n(?=##+ )", page)[1:]
        if not block.partition("\n")[2].strip() and not block.startswith("## ")
    ]

    assert empty == []


def test_an_option_is_named_as_people_write_it() -> None:
    """The page of gunicorn says what bounds its wait, and where that can be set."""
    page = PAGES["gunicorn.md"]

    assert "as long as `--graceful-timeout` says, 30 s by default" in page
    assert "| graceful timeout | `--graceful-timeout` | – | `graceful_timeout` | 30 s |" in page
    assert "| SIGTERM | finishes the requests that it has | else | 0 |" in page


def test_the_exit_code_that_is_no_success_is_told() -> None:
    """Without a master uWSGI exits with 30, and where it reloads instead it is killed."""
    page = PAGES["uwsgi.md"]

    assert "| SIGTERM | drops the requests that it has, at once | without `--master` | 30 |" in page
    assert "137, by SIGKILL" in page
