"""What runs in a container, end to end: who hears SIGTERM, how the program stops, and what cannot be told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gracekeeper_policies.process.delivery import Outcome
from gracekeeper_policies.process.image import ImageConfig
from gracekeeper_policies.process.recognition import Runtime
from gracekeeper_policies.process.server import OnTerm
from gracekeeper_policies.provenance import Default, Known, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper_policies.process.python_process import PythonProcess

DASH, BASH, ASH, UNTOLD = "python:3.12-slim", "fedora:40", "python:3.12-alpine", "shop/web:1.4.2"
HEARD, LOST, CUT = Outcome.HEARD, Outcome.LOST, Outcome.CUT


@pytest.mark.parametrize(
    ("script", "dash", "bash", "ash"),
    [
        ("gunicorn a:a", LOST, HEARD, HEARD),
        ("exec gunicorn a:a", HEARD, HEARD, HEARD),
        ("cd /app && gunicorn a:a", LOST, HEARD, HEARD),
        ("cd /app && exec gunicorn a:a", HEARD, HEARD, HEARD),
        ("gunicorn a:a; true", LOST, LOST, LOST),
        ("exec gunicorn a:a | tee /log", LOST, LOST, LOST),
    ],
)
def test_the_images_shell_decides_who_hears_the_signal(
    started: Callable[..., PythonProcess], script: str, dash: Outcome, bash: Outcome, ash: Outcome
) -> None:
    """As measured with each shell as PID 1."""
    told = [started(f"sh -c '{script}'", image).delivery for image in (DASH, BASH, ASH)]
    assert [dash, bash, ash] == [delivery.outcome for delivery in told]
    assert all(delivery.certain for delivery in told)


@pytest.mark.parametrize(
    ("script", "outcome", "shells"),
    [("gunicorn a:a", LOST, ("dash",)), ("gunicorn a:a; true", LOST, ()), ("exec gunicorn a:a", HEARD, ())],
)
def test_an_untold_shell_leaves_only_what_all_shells_do_certain(
    started: Callable[..., PythonProcess], script: str, outcome: Outcome, shells: tuple[str, ...]
) -> None:
    """Else the worst is suspected, and the shells for which it holds are named."""
    delivery = started(f"sh -c '{script}'", UNTOLD).delivery
    assert (outcome, not shells, shells) == (delivery.outcome, delivery.certain, delivery.shells)
    assert bool(shells) == bool(delivery.doubt)


@pytest.mark.parametrize(
    ("line", "outcome"),
    [
        ("bash -c 'gunicorn a:a'", HEARD),
        ("/bin/bash -c 'gunicorn a:a; true'", LOST),
        ("dash -c 'gunicorn a:a'", LOST),
        ("ash -c 'gunicorn a:a'", HEARD),
        ("busybox sh -c 'gunicorn a:a'", HEARD),
        ("bash -c 'bash -c \"gunicorn a:a\"'", HEARD),
        ("bash -c 'dash -c \"gunicorn a:a\"'", LOST),
    ],
)
def test_a_shell_that_is_named_is_certain(started: Callable[..., PythonProcess], line: str, outcome: Outcome) -> None:
    """Whatever the image; also behind another one."""
    delivery = started(line, UNTOLD).delivery
    assert (outcome, True) == (delivery.outcome, delivery.certain)


@pytest.mark.parametrize(
    ("line", "outcome", "link"),
    [
        ("gunicorn a:a", HEARD, None),
        ("tini -- gunicorn a:a", HEARD, None),
        ("tini -- dash -c 'gunicorn a:a'", CUT, "dash"),
        ("tini -- dash -c 'gunicorn a:a; true'", CUT, "dash"),
        ("tini -g -- dash -c 'gunicorn a:a'", CUT, "dash"),
        ("tini -- bash -c 'gunicorn a:a; true'", CUT, "bash"),
        ("tini -- bash -c 'gunicorn a:a'", HEARD, None),
        ("dumb-init -- dash -c 'gunicorn a:a'", CUT, "dash"),
        ("dumb-init -c -- bash -c 'gunicorn a:a'", HEARD, None),
        ("dumb-init --rewrite 15:2 -- gunicorn a:a", Outcome.INTERRUPTED, "dumb-init"),
        ("watchmedo auto-restart -d /app -- gunicorn a:a", Outcome.INTERRUPTED, "watchmedo"),
        ("honcho run gunicorn a:a", LOST, "honcho"),
        ("/usr/bin/time gunicorn a:a", LOST, "time"),
        ("strace -f -o /dev/null gunicorn a:a", LOST, "strace"),
        ("bash -c 'time gunicorn a:a'", LOST, "bash"),
        ("uv run --no-project --offline python -m gunicorn a:a", HEARD, None),
        ("bash -c 'exec uv run --no-project --offline gunicorn a:a'", HEARD, None),
        ("su root -s /bin/sh -c 'exec gunicorn a:a'", HEARD, None),
        ("chroot / /usr/bin/env -C /app gunicorn a:a", HEARD, None),
        ("opentelemetry-instrument --traces_exporter none python -m gunicorn a:a", HEARD, None),
    ],
)
def test_wrappers_and_shells_combine_as_measured(
    started: Callable[..., PythonProcess], line: str, outcome: Outcome, link: str | None
) -> None:
    """The process that decides is named; the server behind is recognised all the same."""
    told = started(line, UNTOLD)
    assert (outcome, link) == (told.delivery.outcome, told.delivery.link.name if told.delivery.link else None)
    assert "gunicorn" == told.name


@pytest.mark.parametrize(
    ("line", "outcome"), [("dash -c 'gunicorn a:a'", CUT), ("honcho run gunicorn a:a", CUT), ("gunicorn a:a", HEARD)]
)
def test_in_a_shared_pid_namespace_nobody_is_pid_1(
    started: Callable[..., PythonProcess], line: str, outcome: Outcome
) -> None:
    """There a shell dies of the signal, and its server with it, instead of ignoring it."""
    delivery = started(line, UNTOLD, shareProcessNamespace=True).delivery
    assert outcome == delivery.outcome
    assert not (delivery.outcome is HEARD and delivery.as_pid_1)


@pytest.mark.parametrize(
    ("line", "as_pid_1"),
    [
        ("gunicorn a:a", True),
        ("env A=b gunicorn a:a", True),
        ("bash -c 'exec gunicorn a:a'", True),
        ("tini -- gunicorn a:a", False),
        ("uv run gunicorn a:a", False),
    ],
)
def test_a_program_is_pid_1_where_nothing_stays_in_front(
    started: Callable[..., PythonProcess], line: str, *, as_pid_1: bool
) -> None:
    """Then a signal without a handler is dropped."""
    assert as_pid_1 == started(line).delivery.as_pid_1


@pytest.mark.parametrize(
    ("line", "seconds"),
    [
        ("su app -c 'exec gunicorn a:a'", 2.0),
        ("runuser -u app -- gunicorn a:a", 2.0),
        ("timeout -k 5 600 gunicorn a:a", 5.0),
        ("timeout --kill-after=5s 600 gunicorn a:a", 5.0),
        ("timeout 600 gunicorn a:a", None),
        ("tini -- gunicorn a:a", None),
    ],
)
def test_some_wrappers_lose_patience(started: Callable[..., PythonProcess], line: str, seconds: float | None) -> None:
    """They kill the program themselves, whatever the grace period."""
    assert seconds == started(line).delivery.forced_after


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("/entrypoint.sh", "/entrypoint.sh is a program that the manifest does not show"),
        ("sh /start.sh", "sh runs /start.sh, which is not in sight"),
        ("sh", "sh runs its standard input, which is not in sight"),
        ("pipenv run gunicorn a:a", "what pipenv run does with signals was never measured"),
        ("conda run gunicorn a:a", "what conda run does with signals was never measured"),
        ("sh -c 'gunicorn a:a & uvicorn b:b & wait'", "the script starts several servers"),
        (" ".join(["env"] * 20 + ["gunicorn"]), "more than a dozen programs start each other"),
        ("tini --", ""),
    ],
)
def test_what_cannot_be_told_says_why(started: Callable[..., PythonProcess], line: str, reason: str) -> None:
    """And no server is claimed."""
    told = started(line)
    assert told.server is None
    assert told.unknown.startswith(reason)
    assert isinstance(told.drain, Unknown)


def test_a_script_that_cannot_be_read_is_unknown(started: Callable[..., PythonProcess]) -> None:
    """A shell's syntax error is no crash."""
    told = started("sh -c 'if gunicorn a:a; then ('")
    assert told.server is None
    assert Outcome.UNKNOWN is told.delivery.outcome


@pytest.mark.parametrize(
    ("line", "drain"),
    [
        ("gunicorn a:a", Default(30.0, "gunicorn 27.0.1")),
        ("uvicorn a:a", Default(None, "uvicorn 0.54.0")),
        ("celery -A a worker", Default(None, "celery worker 5.7.0", "the application may set task_time_limit")),
        ("dramatiq a", Default(600.0, "dramatiq 2.2.1")),
        ("rq worker", Default(180.0, "rq worker 3.0.0", "the application may set job_timeout")),
        ("huey_consumer a.huey -g TERM", Default(None, "huey 3.5.4")),
    ],
)
def test_a_servers_own_drain_holds_where_nothing_is_set(
    started: Callable[..., PythonProcess], line: str, drain: Default[float | None]
) -> None:
    """That of gunicorn is bounded; uvicorn and huey wait for ever, celery and RQ as long as their tasks may run."""
    assert drain == started(line).drain


def test_a_declared_drain_replaces_what_is_computed(process: Callable[..., PythonProcess]) -> None:
    """A person knows what no manifest shows; each container may have its own."""
    told = process("""
        apiVersion: v1
        kind: Pod
        metadata: {annotations: {gracekeeper.dev/web.shutdown-seconds: "12.5"}}
        spec: {containers: [{name: web, command: [gunicorn, "a:a"]}]}
    """)
    path = ("metadata", "annotations", "gracekeeper.dev/web.shutdown-seconds")
    assert Known(12.5, "annotation gracekeeper.dev/shutdown-seconds", path) == told.drain


@pytest.mark.parametrize(
    ("line", "on_term"),
    [
        ("gunicorn a:a", OnTerm.FINISHES),
        ("celery -A a worker", OnTerm.FINISHES),
        ("env REMAP_SIGTERM=SIGQUIT celery -A a worker", OnTerm.DROPS),
        ("env REMAP_SIGTERM=SIGTERM celery -A a worker", OnTerm.FINISHES),
        ("python app.py", OnTerm.UNKNOWN),
        ("./run", OnTerm.UNKNOWN),
    ],
)
def test_sigterm_may_be_given_another_meaning(
    started: Callable[..., PythonProcess], line: str, on_term: OnTerm
) -> None:
    """REMAP_SIGTERM makes celery stop cold."""
    assert on_term is started(line).on_term


@pytest.mark.parametrize(
    ("line", "image", "runtime"),
    [
        ("gunicorn a:a", UNTOLD, Runtime.PYTHON),
        ("nginx", "python:3.12", Runtime.OTHER),
        ("./run", "python:3.12", Runtime.PYTHON),
        ("./run", "nginx:1.27", Runtime.OTHER),
        ("./run", UNTOLD, Runtime.UNKNOWN),
        ("./run", "ghcr.io/me/python:3.12", Runtime.UNKNOWN),
        ("./run", "", Runtime.UNKNOWN),
    ],
)
def test_the_runtime_is_told_by_program_then_image(
    started: Callable[..., PythonProcess], line: str, image: str, runtime: Runtime
) -> None:
    """A Docker Hub image of a known name tells; another registry's namesake does not."""
    assert runtime is started(line, image).runtime


@pytest.mark.parametrize(
    ("text", "runtime"), [("python", Runtime.PYTHON), ("other", Runtime.OTHER), ("Java", Runtime.UNKNOWN)]
)
def test_a_declared_runtime_beats_both(process: Callable[..., PythonProcess], text: str, runtime: Runtime) -> None:
    """A word that means nothing is reported elsewhere and declares nothing here."""
    told = process(f"""
        apiVersion: v1
        kind: Pod
        metadata: {{annotations: {{gracekeeper.dev/runtime: {text}}}}}
        spec: {{containers: [{{name: web, command: [./run]}}]}}
    """)
    assert runtime is told.runtime


def test_the_image_shows_what_the_manifest_does_not(process: Callable[..., PythonProcess]) -> None:
    """Its entrypoint and command are a command line like any other."""
    image = ImageConfig("registry", entrypoint=("tini", "--"), command=("gunicorn", "--graceful-timeout=9", "a:a"))
    told = process("containers: [{image: shop/web}]", image)
    assert Known(9.0, "image: registry, command") == told.drain


@pytest.mark.parametrize(
    ("line", "mib", "fitting"),
    [
        ("gunicorn a:a", 22.4, 11),
        ("gunicorn -w 4 a:a", 22.4 + 3 * 3.8, 11),
        ("gunicorn -w 4 -k gthread a:a", 22.9 + 3 * 4.4, 10),
        ("uvicorn --workers 2 a:a", 20.8 + 26.3, 2),
    ],
)
def test_workers_have_a_measured_memory_floor(
    started: Callable[..., PythonProcess], line: str, mib: float, fitting: int
) -> None:
    """Of the first worker and of each further one; how many fit into 64 MiB follows."""
    floor = started(line).memory_floor
    assert floor is not None
    assert floor.mib == pytest.approx(mib)
    assert fitting == floor.workers_within(64)
    assert 0 == floor.workers_within(1)


@pytest.mark.parametrize(
    "line",
    [
        "gunicorn -k eventlet a:a",
        "gunicorn -w x a:a",
        "gunicorn -w 0 a:a",
        "celery -A a worker",
        "python app.py",
        "./run",
    ],
)
def test_what_was_not_measured_has_no_floor(started: Callable[..., PythonProcess], line: str) -> None:
    """Nothing is claimed of it."""
    assert started(line).memory_floor is None


@pytest.mark.parametrize("line", ["{}", "sh {}", "./{}.py"])
def test_a_long_word_is_quoted_only_in_part(started: Callable[..., PythonProcess], line: str) -> None:
    """A sentence stays a sentence, whatever a manifest holds."""
    process = started(line.format("x" * 100_000))
    assert len(process.name + process.unknown) < 150


@pytest.mark.parametrize(
    ("flags", "mib"), [("", 22.4), ("--threads 1", 22.4), ("--threads 8", 22.9), ("-k gevent --threads 8", None)]
)
def test_threads_make_sync_workers_gthread(
    started: Callable[..., PythonProcess], flags: str, mib: float | None
) -> None:
    """As gunicorn says when it starts; other classes stay what they are."""
    floor = started(f"gunicorn {flags} a:a").memory_floor
    assert mib == (floor.mib if floor else None)
