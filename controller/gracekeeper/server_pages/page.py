"""The pages as Markdown: one for each module of servers, and the list of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper.reports.markdown_table import table
from gracekeeper.reports.shutdown import shutdown
from gracekeeper.reports.style import Style
from gracekeeper.server_pages.families import families
from gracekeeper.server_pages.manifest import manifest, timeline_of
from gracekeeper.server_pages.recipes import RECIPES
from gracekeeper.server_pages.stopping import how_it_stops, what_it_cannot_do
from gracekeeper.server_pages.words import default_of, does, listed
from gracekeeper_policies.process.server import Form, OnTerm

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gracekeeper.server_pages.families import Family
    from gracekeeper_policies.process.server import Option, Server

_MADE: Final = "<!-- Made by `make generate` from the tables of servers: change those. -->"
_INDEX: Final = """\
How each server stops when Kubernetes tells it to, as the real one did it: started as PID 1, with a request or a task in
flight, in the version that is named. Each page has a manifest to start from, which `gracekeeper check` finds nothing
wrong with."""
_FITS: Final = """\
A manifest to start from. Its grace period is what this command line needs; whoever changes a time asks
`gracekeeper explain` for the new one."""
_DRAWN: Final = "So it stops, in seconds from the moment the pod is told to:"
_WIDTH: Final = 90
_UNKNOWN: Final = """\
It is recognised by its name. How it stops is not told here, since nobody has measured it or its own code decides: what
does not depend on that, such as resources, security and images, is judged all the same.
`gracekeeper.dev/shutdown-seconds` declares how long it takes."""


def server_pages() -> Iterator[tuple[str, str]]:
    """Each page by its file's name."""
    yield "README.md", "\n".join([*_index(), ""])
    yield from ((f"{family.page}.md", "\n".join([*_page(family), ""])) for family in families())


def _index() -> Iterator[str]:
    yield from (_MADE, "", "# Servers", "", _INDEX, "")
    rows = [(family, server) for family in families() for server in _distinct(family)]
    yield from table(
        ("server", "measured", "at SIGTERM it", "for up to"),
        ((f"[{server.name}]({family.page}.md)", server.version, does(server, server.on_term), _bound(server))
         for family, server in rows if server.on_term is not OnTerm.UNKNOWN),
    )  # fmt: skip
    names = [f"[{server.name}]({family.page}.md)" for family, server in rows if server.on_term is OnTerm.UNKNOWN]
    if names:
        yield from ("", f"Recognised, and no more than that: {listed(names, 'and')}.")


def _bound(server: Server) -> str:
    if server.on_term is not OnTerm.FINISHES:
        return "–"
    limit = server.option(server.drain) if server.drain else None
    return default_of(limit) if limit and limit.default is not None else "no limit of its own"


def _distinct(family: Family) -> list[Server]:
    # The same server may be started by several commands.
    return list({server.name: server for server in reversed(family.servers)}.values())[::-1]


def _page(family: Family) -> Iterator[str]:
    yield from (_MADE, "", f"# {family.title}", "", family.about)
    several = len(_distinct(family)) > 1
    for server in _distinct(family):
        commands = [each for each in family.servers if each.name == server.name]
        yield from ("", f"## {server.name}") if several else ()
        for heading, lines in _sections(server, commands):
            yield from ("", f"{'###' if several else '##'} {heading}", "", *lines)
    yield from ("", "[All servers](README.md)")


def _sections(server: Server, commands: list[Server]) -> Iterator[tuple[str, list[str]]]:
    yield "How it is recognised", list(_recognised(commands))
    if server.on_term is OnTerm.UNKNOWN:
        yield "How it stops", [_UNKNOWN]
        return
    yield "How it stops", [f"Measured on {server.label}.", "", *how_it_stops(server)]
    if server.name in RECIPES:
        yield "What fits it", list(_fitting(manifest(server, RECIPES[server.name])))
    if what_it_cannot_do(server):
        yield "What it can't do", [f"- {each}" for each in what_it_cannot_do(server)]
    if server.options:
        yield "Options that are read", list(_options(server))


def _fitting(text: str) -> Iterator[str]:
    yield from (_FITS, "", "```yaml", text.rstrip(), "```")
    yield from ("", _DRAWN, "", "```text", *shutdown(timeline_of(text), Style(_WIDTH)), "```")


def _recognised(commands: list[Server]) -> Iterator[str]:
    calls = [call for each in commands for call in _calls(each)]
    yield f"By {listed(list(dict.fromkeys(calls)))}: as it stands, behind a shell, or behind a wrapper such as `tini`."


def _calls(server: Server) -> Iterator[str]:
    word = f" {server.subcommand}" if server.subcommand else ""
    yield from (f"`{name}{word}`" for name in server.executables)
    yield from (f"`python -m {name}{word}`" for name in server.modules)


def _options(server: Server) -> Iterator[str]:
    yield from _order(server)
    cells = [(option.name, *_places(option), default_of(option)) for option in server.options]
    yield from table(("what", "flag", "variable", "setting", "default"), cells)


def _order(server: Server) -> Iterator[str]:
    variables = ["a variable"] if any(option.environment for option in server.options) else []
    file = server.configuration
    named = f"the configuration file{f' (`{file.implicit}`)' if file.implicit else ''}" if file else ""
    others = [*variables, *filter(None, [named])]
    words = [f"a word of `{server.words_variable}`"] if server.words_variable else []
    if file is not None and file.words is not None:
        yield from (
            "The last counts: variables come first, a file where a flag names it, and one without a flag last.",
            "",
        )
        return
    order = ["A flag counts first", *words, *(others if server.variables_beat_file else others[::-1])]
    yield from (f"{', then '.join(order)}.", "") if len(order) > 1 else ()


def _places(option: Option) -> tuple[str, str, str]:
    flags = ", ".join(f"`{flag}`" for flag in option.flags)
    if option.bare:
        flags = "a word without a flag" if not flags else f"{flags}, a word without a flag"
    variables = ", ".join(f"`{name}`" for name in option.environment)
    setting = ", ".join(f"`{name}`" for name in dict.fromkeys((option.setting, option.code)) if name)
    unit = " (ms)" if option.form is Form.MILLISECONDS else ""
    return f"{flags or '–'}{unit}", variables or "–", setting or "–"
