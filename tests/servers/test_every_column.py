"""Each column of a server's table is bound to its proof, and each row of it to one that was run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

import pytest

from gracekeeper_policies.process.server import Server
from gracekeeper_policies.process.servers import SERVERS
from gracekeeper_policies.process.workers import variant_of
from gracekeeper_policies.provenance import Default, Known, Unknown
from tests.servers.limits import AT_ONCE, CLOCKS, REQUESTS_LIMITED, TASKS_LIMITED
from tests.servers.read_only import READ_ONLY
from tests.servers.starts import STARTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gracekeeper_policies.process.server import Binding
    from gracekeeper_policies.process.settings import Settings
    from tests.servers.limits import Clock
    from tests.servers.proof import Proof
    from tests.servers.starts import Start

Row: TypeAlias = tuple[str, str, str]
"""Whose row it is, the column, and what of it."""

ELSEWHERE: Final = {
    "name": "what a proof calls it",
    "version": "test_names.py: it is the one that is installed",
    "purpose": "requests are answered in test_requests.py, tasks done in test_tasks.py, sent in test_limits.py",
    "executables": "the proofs start it by them; test_names.py tells which are installed",
    "modules": "test_names.py",
    "subcommand": "every proof starts it so",
    "leading_flags": "test_options.py, by its program's own parser",
    "options": "test_options.py, by its own parser",
    "words_variable": "test_configuration.py",
    "variables_beat_file": "test_configuration.py",
    "configuration": "test_configuration.py",
    "on_term": "test_every_row.py",
    "stopping": "test_every_row.py",
    "drain": "test_every_row.py",
    "second_cuts": "test_every_row.py",
    "closes": "test_every_row.py",
    "closing": "test_every_row.py",
    "frees_idle": "test_idle_connections.py",
    "outliving": "test_threads.py",
    "misses": "test_missed_signals.py",
    "variant": "the rows of `memory`, which it chooses between",
    "drain_doubt": "test_newer_python.py",
    "stop_argument": "a proof of `stopping` is started with it",
    "drain_cure": "a proof of `stopping` is started with it",
    "unbounded_cure": "a proof of `drain` is started with the option that it names",
    "production": "advice: no server that is measured",
    "development": "test_options.py knows the switches; that they are for developers is what their help says",
    "serves_unless": "test_load_tests.py",
    "alone": "advice: why a second one is no help",
}
"""Columns that other tests prove, and those that state nothing that happens."""


def memory(server: Server) -> Iterator[str]:
    """The first worker of each variant, a further one, and a supervisor."""
    for variant, floor in server.memory.items():
        yield f"{variant} first"
        yield from [f"{variant} further"] * bool(floor.further_mib)
        yield from [f"{variant} supervisor"] * bool(floor.supervisor_mib)


def binding(server: Server) -> Iterator[str]:
    """Where it listens by default, and with each option that says so."""
    if server.binding:
        yield from ["by default"] * any(server.option(name).default for name in _listening(server.binding))
        yield from (*_listening(server.binding), *server.binding.elsewhere)
        yield from (option for option, *_ in server.binding.besides)
        yield from filter(None, (server.binding.port_variable,))


def _listening(binding: Binding) -> list[str]:
    return [*filter(None, (binding.address, *binding.further, binding.host, binding.port))]


def workers(server: Server) -> Iterator[str]:
    """How many there are by default, and when it is told how many."""
    if server.workers:
        yield from ("by default", "as told")


STATED: Final[dict[str, Callable[[Server], Iterator[str]]]] = {
    "memory": memory,
    "start_cpu_seconds": lambda server: iter(["its first answer or task"] * (server.start_cpu_seconds is not None)),
    "binding": binding,
    "workers": workers,
    "forks": lambda server: iter(["another variant"] * bool(server.forks)),
    "autoscale": lambda server: iter([server.autoscale] * bool(server.autoscale)),
    "abbreviates": lambda server: iter(["a flag cut short"] * server.abbreviates),
    "upgraded": lambda server: iter([server.upgraded.becomes] if server.upgraded else []),
    "writes": lambda server: iter(["cannot", "can"] if server.writes else []),
    "schedule": lambda server: iter(["two of it"] * bool(server.schedule)),
    "task_limit": lambda server: iter([server.task_limit] * bool(server.task_limit)),
    "soft_task_limit": lambda server: iter([server.soft_task_limit] * bool(server.soft_task_limit)),
    "request_limit": lambda server: iter([server.request_limit.option] if server.request_limit else []),
    "concurrency": lambda server: iter(server.concurrency.options if server.concurrency else ()),
}
"""What is stated in a column, row by row."""

PROVED_BY: Final = {
    **dict.fromkeys(("task_limit", "soft_task_limit", "request_limit", "concurrency", "schedule"), "limits.py"),
    "writes": "read_only.py",
}
"""The file of tests/servers that takes a further proof; all others go to starts.py."""

OF_ITS_CODE: Final = {("rq worker", "task_limit", "job timeout"), ("rq worker-pool", "task_limit", "job timeout")}
"""A default that a job takes with it when it is sent: test_options.py asks RQ's queue."""


def proved_by_start(start: Start) -> Iterator[Row]:
    """The rows that a start holds against what happens."""
    process = start.process
    assert process.server is not None, start.line
    assert process.settings is not None, start.line
    name = process.server.name
    if start.shortened:
        yield name, "abbreviates", "a flag cut short"
        return
    yield from ((name, "binding", what) for what in _bound(process.settings))
    if start.beside is not None:
        yield from ((name, *row) for row in _counted(start, process.settings))


def _bound(settings: Settings) -> Iterator[str]:
    binding = settings.server.binding
    if binding is None:
        return
    options = [*_listening(binding), *binding.elsewhere]
    given = [option for option in options if isinstance(settings.get(option), Known)]
    variable = isinstance(settings.environment.variables.get(binding.port_variable), Known)
    yield from (option for option, *_ in binding.besides if isinstance(settings.get(option), Known))
    yield from given or ["by default"] * (not variable)
    yield from [binding.port_variable] * variable


def _counted(start: Start, settings: Settings) -> Iterator[tuple[str, str]]:
    server, process = settings.server, start.process
    yield from [("start_cpu_seconds", "its first answer or task")] * (server.start_cpu_seconds is not None)
    workers, floor = process.worker_processes, process.memory_floor
    number = settings.get(server.workers) if server.workers else None
    if isinstance(number, Known | Default):
        yield "workers", "as told" if isinstance(number, Known) else "by default"
    if server.forks and variant_of(settings) not in server.forks:
        yield "forks", "another variant"
    if server.autoscale and isinstance(workers, Unknown) and isinstance(settings.get(server.autoscale), Known):
        yield "autoscale", server.autoscale
    if server.upgraded and variant_of(settings) == server.upgraded.becomes:
        yield "upgraded", server.upgraded.becomes
    if floor:
        yield "memory", f"{variant_of(settings)} first"
        yield from [("memory", f"{variant_of(settings)} further")] * (floor.workers > 2)
        yield from [("memory", f"{variant_of(settings)} supervisor")] * (floor.workers > 1)


def proved_by_limit(proof: Proof) -> Iterator[Row]:
    """The rows that decide how long a request or a task may take, and how many requests are served at once."""
    process = proof.timeline().process
    assert process.server is not None
    assert process.settings is not None
    server, settings = process.server, process.settings
    limits = [("task_limit", server.task_limit), ("soft_task_limit", server.soft_task_limit)]
    limits += [("request_limit", server.request_limit.option)] if server.request_limit else []
    limits += [("concurrency", option) for option in (server.concurrency.options if server.concurrency else ())]
    yield from ((server.name, *row) for row in limits if row[1] and isinstance(settings.get(row[1]), Known))


def proved_by_clock(clock: Clock) -> Iterator[Row]:
    """The row that says that two of it send twice."""
    yield from ((each.name, "schedule", "two of it") for each in clock.proof.timeline().process.schedulers)


PROVED: Final = {
    *(row for start in STARTS for row in proved_by_start(start)),
    *(row for proof in (*AT_ONCE, *REQUESTS_LIMITED, *TASKS_LIMITED) for row in proved_by_limit(proof)),
    *(row for clock in CLOCKS for row in proved_by_clock(clock)),
    *((each.server.name, "writes", "cannot" if each.lacks else "can") for each in READ_ONLY),
    *OF_ITS_CODE,
}
ROWS: Final = dict.fromkeys(
    (server.name, column, what) for server in SERVERS for column, told in STATED.items() for what in told(server)
)


@pytest.mark.parametrize("row", ROWS, ids=": ".join)
def test_a_row_is_proved(row: Row) -> None:
    """A proof holds it against the real server; without one it has no place in the table."""
    file = PROVED_BY.get(row[1], "starts.py")
    assert row in PROVED, f"add to tests/servers/{file} a line that proves {': '.join(row)}"


def test_each_column_is_bound_to_its_proof() -> None:
    """A new column says which test proves it, or that it states nothing that happens."""
    assert {*Server.__struct_fields__} == {*STATED, *ELSEWHERE}
    assert not STATED.keys() & ELSEWHERE.keys()
