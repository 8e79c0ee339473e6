"""How a server stops, and what it can't do, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper.reports.markdown_table import table
from gracekeeper.server_pages.words import conditions, default_of, does, listed, sentence, spelled, works_of
from gracekeeper_policies.process.server import OnTerm, Purpose
from gracekeeper_policies.process.stopping import SIGNALS, TERM, may_finish
from gracekeeper_policies.quantity import format_seconds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gracekeeper_policies.process.server import Schedule, Server
    from gracekeeper_policies.process.traits import Missed, Outliving, Stopping, WritableFolder

    Row = tuple[str, str, str]

_IN_GROUP: Final = "the processes that it starts get it too, as behind dumb-init"
_GOES_ON: Final = frozenset({OnTerm.IGNORES, OnTerm.RESTARTS})


def how_it_stops(server: Server) -> Iterator[str]:
    """What each signal does, what bounds it, and what clients meet."""
    by_rows: dict[tuple[Row, ...], list[str]] = {}
    for signal in SIGNALS:
        by_rows.setdefault(tuple(_rows(server, signal)), []).append(signal)
    told = ((", ".join(signals), *row) for rows, signals in by_rows.items() for row in rows)
    yield from table(("signal", "what it does", "where", "exit code"), told)
    if any(len(rows) > 1 for rows in by_rows):
        yield from ("", "Of several rows for a signal, the first that fits counts.")
    yield from ("", *(f"- **{what}** {text}" for what, text in _conduct(server)))


def _rows(server: Server, signal: str) -> Iterator[Row]:
    own = [row for row in server.stopping if signal in row.signals]
    for row in own:
        yield does(server, row.does), _where(server, row), _code(row.does, row.code)
    if signal == TERM and not any(not row.when for row in own):
        yield does(server, server.on_term), "in general" if not own else "else", _code(server.on_term, 0)


def _where(server: Server, row: Stopping) -> str:
    where = " and ".join(filter(None, (conditions(server, row.when), _IN_GROUP if row.in_group else "")))
    where = where or ("else" if row.doubt else "in general")
    return f"{where}; but {row.doubt}" if row.doubt else where


def _code(effect: OnTerm, code: int) -> str:
    if effect is OnTerm.UNKNOWN:
        return "–"
    return "137, by SIGKILL" if effect in _GOES_ON else str(code)


def _conduct(server: Server) -> Iterator[tuple[str, str]]:
    one, works = works_of(server)
    if server.on_term is OnTerm.FINISHES or server.drain:
        yield f"{works.capitalize()} that run", _wait(server, one)
    if may_finish(server):
        yield f"A second {TERM}", _second(server, works)
    if server.closes:
        yield "New connections", "; ".join([server.closes, *_closings(server)]) + "."
    if server.outliving:
        yield "Threads", _outliving(server, server.outliving)
    if server.serves_unless:
        switches = listed([spelled(server.option(name)) for name in server.serves_unless])
        yield "Requests", f"are not served at all with {switches}."
    if server.frees_idle:
        yield "Idle connections", "that clients keep open do not hold it up."


def _second(server: Server, works: str) -> str:
    if server.second_cuts is None:
        return "meanwhile changes nothing."
    later = (
        f", if it comes {format_seconds(server.second_cuts)} s or more after the first" if server.second_cuts else ""
    )
    return f"meanwhile ends it at once, and cuts the {works} that still run{later}."


def _closings(server: Server) -> Iterator[str]:
    by_fate: dict[str, list[str]] = {}
    for row in server.closing:
        where = conditions(server, row.when)
        by_fate.setdefault(row.becomes, []).append(where if where.startswith("with") else f"where {where}")
    yield from (f"{listed(where)} they {fate}" for fate, where in by_fate.items())


def _outliving(server: Server, outliving: Outliving) -> str:
    conditional = [conditions(server, outliving.when), "it is PID 1 itself" if outliving.as_pid_1 else ""]
    where = " and ".join(filter(None, conditional))
    work = outliving.work.replace("plain def", "plain `def`")
    return f"outlive that limit{f' where {where}' if where else ''}: {work}, and keeps it alive until it ends."


def _wait(server: Server, one: str) -> str:
    if not server.drain:
        limit = server.task_limit and server.option(server.task_limit)
        until = f" A {one} that {spelled(limit)} limits ends by then (default: {default_of(limit)})." if limit else ""
        return f"are waited for, and nothing of the server's own bounds the wait.{until}"
    option = server.option(server.drain)
    if not option.flags:
        return f"are waited for {default_of(option)} where it finishes them; what takes longer is cut."
    if option.default is None:
        return f"are waited for without limit, unless {spelled(option)} sets one; what takes longer is then cut."
    return (
        f"are waited for as long as {spelled(option)} says, {default_of(option)} by default; what takes longer is cut."
    )


def what_it_cannot_do(server: Server) -> tuple[str, ...]:
    """Each in a sentence or two."""
    return tuple(_cannot(server))


def _cannot(server: Server) -> Iterator[str]:
    _, works = works_of(server)
    if server.is_development:
        yield f"Serve in production: it is made for a developer's own machine. Take {server.production}."
        return
    if server.on_term is OnTerm.IGNORES:
        yield f"Hear {TERM}.{_cure(server.drain_cure)}"
    if server.on_term is OnTerm.DROPS:
        unless = f" unless started with `{server.stop_argument}`" if server.stop_argument else ""
        yield f"Let {works} end at {TERM}{'' if server.drain_cure else unless}.{_cure(server.drain_cure)}"
    if server.on_term is OnTerm.FINISHES and not server.drain and not server.task_limit:
        yield f"Bound its wait: it has no option for that.{_cure(server.unbounded_cure)}"
    if server.misses:
        yield _misses(server, server.misses)
    if server.drain_doubt:
        yield f"Keep its limit everywhere: {server.drain_doubt}."
    if server.purpose is Purpose.REQUESTS and server.on_term is not OnTerm.UNKNOWN:
        yield from _request_limit(server)
    yield from _twice(server)
    if server.writes:
        yield f"Start where it can't write to {_folder(server, server.writes)}."
    if server.development:
        switches = listed([spelled(server.option(name)) for name in server.development])
        yield f"Serve in production with {switches}: that watches files, for a developer's own machine."


def _misses(server: Server, missed: Missed) -> str:
    where = conditions(server, missed.when)
    limit = spelled(server.option(server.drain)) if server.drain else ""
    until = f"SIGKILL, or until {limit} ends its wait" if limit else "SIGKILL"
    return (
        f"Hear every {TERM}{f' where {where}' if where else ''}: one that comes {missed.moment} goes unnoticed now and "
        f"then, and it goes on until {until}."
    )


def _twice(server: Server) -> Iterator[str]:
    if server.schedule:
        yield f"Run twice{_when_it_sends(server, server.schedule)}: two of it would each send every task at its time."
    if server.alone:
        yield f"Run twice: {server.alone}."


def _request_limit(server: Server) -> Iterator[str]:
    limit = server.request_limit
    if limit is None:
        yield "End a request that takes too long: it has no option for that."
    elif limit.variants:
        option = server.option(server.variant)
        kinds = listed([f"`{each}`" for each in limit.variants])
        yield (
            f"End a request that takes too long, unless {spelled(option)} is {kinds}: only there does "
            f"{spelled(server.option(limit.option))} hold for a request."
        )


def _when_it_sends(server: Server, schedule: Schedule) -> str:
    if schedule.turned_on:
        return f" with {spelled(server.option(schedule.turned_on))}"
    return f" without {spelled(server.option(schedule.turned_off))}" if schedule.turned_off else ""


def _folder(server: Server, writes: WritableFolder) -> str:
    folder = "a temporary folder" if writes.temporary else "its working directory"
    kinds = [f"`{variant}`" for variant in writes.variants]
    where = f" ({spelled(server.option(server.variant))} {listed(kinds)})" if kinds else ""
    return f"{folder}{where}{f'; {_other_folder(server, writes)}' if writes.option else ''}"


def _other_folder(server: Server, writes: WritableFolder) -> str:
    return f"{spelled(server.option(writes.option))} names another {'file' if writes.is_file else 'one'}"


def _cure(cure: str) -> str:
    return f" {sentence(cure)}" if cure else ""
