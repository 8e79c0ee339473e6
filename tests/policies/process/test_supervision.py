"""Several programs in one container: what supervisord and honcho start by their files, and how they stop it."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gracekeeper_policies.process.delivery import Outcome
from gracekeeper_policies.process.files import File, Files
from gracekeeper_policies.process.shell.dialect import Shell
from gracekeeper_policies.process.trace import trace
from gracekeeper_policies.provenance import Default, Unknown, Word
from gracekeeper_policies.timeline import timelines_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper_policies.process.python_process import PythonProcess
    from gracekeeper_policies.timeline import Timeline

MANIFEST = """\
volumes: [{{name: settings, configMap: {{name: settings}}}}]
containers:
- command: {command}
  workingDir: /etc/web
  image: python:3.12
  env: [{{name: GRACE, value: "20"}}, {{name: KEY, valueFrom: {{secretKeyRef: {{name: keys}}}}}}]
  ports: [{{containerPort: 80}}]
  volumeMounts: [{{name: settings, mountPath: /etc/web}}]
---
apiVersion: v1
kind: ConfigMap
metadata: {{name: settings, namespace: shop}}
data:
{data}
"""
SUPERVISORD = "[supervisord, -n, -c, web.conf]"
WEB = "[program:web]\ncommand=gunicorn --bind :8000 a:a\n"
WORKER = "[program:worker]\ncommand=celery -A shop worker --time-limit=8\n"


@pytest.fixture
def started(process: Callable[..., PythonProcess]) -> Callable[..., PythonProcess]:
    """Reads a command with files mounted where it starts."""

    def _started(text: str, command: str = SUPERVISORD, **more: str) -> PythonProcess:
        # supervisord starts with no file that lacks the section; at its end it moves no line.
        whole = text if "[supervisord]" in text or "[include]" in text else f"{text}\n[supervisord]\n"
        files = {"web.conf": whole, "Procfile": text, **{name.replace("_", "."): each for name, each in more.items()}}
        data = "".join(f"  {name}: |\n{textwrap.indent(each, '    ')}\n" for name, each in files.items())
        return process(MANIFEST.format(command=command, data=data))

    return _started


def timeline(process: PythonProcess) -> Timeline:
    """Its timeline."""
    return timelines_of(process.pod)[0]


def line(process: PythonProcess) -> str:
    """The words of the program that is found."""
    return " ".join(word.text for word in process.launch.words)


@pytest.mark.parametrize(
    ("command", "text"),
    [
        (SUPERVISORD, WEB),
        ("[supervisord, -nc, web.conf]", WEB),
        ("[supervisord, --nodaemon, '--configuration=/etc/web/web.conf']", WEB),
        ("[/usr/bin/supervisord, -cweb.conf]", f"[supervisord]\nnodaemon = TRUE ; ours\n{WEB}"),
        ("[tini, --, supervisord, -n, -c, web.conf]", WEB),
        (SUPERVISORD, f"{WEB}[program:nginx]\ncommand=nginx\n"),
        (SUPERVISORD, f"{WEB}[program:old]\ncommand=uvicorn a:a\nautostart=false\n"),
        ("[honcho, start]", "web: gunicorn --bind :8000 a:a"),
        ("[honcho, -f, Procfile, start]", "# ours\nweb:gunicorn --bind :8000 a:a\nrelease: true"),
        ("[honcho, start, web]", "web: gunicorn --bind :8000 a:a\nworker: celery -A shop worker"),
        ("[honcho, start, '--app-root=/etc/web']", "web: gunicorn --bind :8000 a:a"),
    ],
)
def test_the_one_server_is_found(started: Callable[..., PythonProcess], command: str, text: str) -> None:
    """Behind its supervisor, whatever else that starts, and it hears the signal."""
    process = started(text, command)
    assert "gunicorn --bind :8000 a:a" == line(process)
    assert (Outcome.HEARD, False) == (process.delivery.outcome, process.delivery.as_pid_1)


def test_its_line_is_named(started: Callable[..., PythonProcess]) -> None:
    """With the file that it stands in."""
    assert "ConfigMap settings, web.conf, line 2, command" == started(WEB).places.program_source
    assert (
        "ConfigMap settings, Procfile, line 2, web"
        == started("\nweb: gunicorn a:a", "[honcho, start]").places.program_source
    )


@pytest.mark.parametrize(
    ("text", "command", "unknown"),
    [
        (WEB, "[supervisord, -c, web.conf]", "supervisord goes into the background"),
        (WEB + WORKER, SUPERVISORD, "supervisord starts several servers: celery worker, gunicorn"),
        (
            "[program:a]\ncommand=nginx\n[program:b]\ncommand=redis-server\n",
            SUPERVISORD,
            "several programs: redis-server, nginx",
        ),
        ("[supervisord]\n", SUPERVISORD, "supervisord starts nothing"),
        ("web: uvicorn a:a\njobs: rq worker", "[honcho, start]", "honcho starts several servers: uvicorn, rq worker"),
    ],
)
def test_what_is_not_one_program_is_unknown(
    started: Callable[..., PythonProcess], text: str, command: str, unknown: str
) -> None:
    """With the names of what is started."""
    assert unknown in started(text, command).unknown


@pytest.mark.parametrize(
    "command", ["[supervisord, -n, -c, lost.conf]", "[honcho, -f, lost, start]", "[honcho, check]"]
)
def test_a_file_out_of_sight_tells_nothing(started: Callable[..., PythonProcess], command: str) -> None:
    """As if nobody read it."""
    assert () == started(WEB, command).supervised


@pytest.mark.parametrize(
    ("setting", "seconds"),
    [("", 10.0), ("stopwaitsecs=40", 40.0), ("stopwaitsecs=soon", 10.0), ("StopWaitSecs : 3 ; ours", 3.0)],
)
def test_supervisord_kills_what_takes_longer(
    started: Callable[..., PythonProcess], setting: str, seconds: float
) -> None:
    """After ten seconds where nothing else is said."""
    assert seconds == started(f"{WEB}{setting}\n").delivery.forced_after


@pytest.mark.parametrize(
    ("setting", "signal"), [("", "SIGTERM"), ("stopsignal=INT", "SIGINT"), ("stopsignal = SIGQUIT", "SIGQUIT")]
)
def test_supervisord_sends_its_own_signal(started: Callable[..., PythonProcess], setting: str, signal: str) -> None:
    """Whatever it was sent itself."""
    assert signal == started(f"{WEB}{setting}\n").shutdown.arriving_signal


def test_a_shell_under_supervisord_dies_of_the_signal(started: Callable[..., PythonProcess]) -> None:
    """And the server behind it is killed with the container; honcho tells every process."""
    text = "sh -c 'cd /app && gunicorn a:a'"
    assert Outcome.CUT is started(f"[program:web]\ncommand={text}\n").delivery.outcome
    assert Outcome.HEARD is started(f"web: {text}", "[honcho, start]").delivery.outcome


@pytest.mark.parametrize(
    ("others", "seconds", "names"),
    [
        ("", 0.0, ()),
        ("[program:a]\ncommand=celery -A s worker --time-limit=8\n", 0.0, ()),
        ("[program:z]\ncommand=celery -A s worker --time-limit=8\n", 8.0, ("celery worker",)),
        ("[program:z]\ncommand=celery -A s worker --time-limit=80\nstopwaitsecs=15\n", 15.0, ("celery worker",)),
        ("[program:z]\ncommand=celery -A s worker --time-limit=8\npriority=1\n", 0.0, ()),
        ("[program:a]\ncommand=nginx\npriority=1000\n", 10.0, ("nginx",)),
        ("[program:y]\ncommand=nginx\n[program:z]\ncommand=nginx\n", 20.0, ("nginx", "nginx")),
        ("[program:y]\ncommand=nginx\n[program:z]\ncommand=nginx\n[group:z]\nprograms=y,z\n", 10.0, ("nginx", "nginx")),
        ("[program:y]\ncommand=nginx\n[group:z]\nprograms=y,web\n", 0.0, ()),
        ("[program:z]\ncommand=daphne a:a\n", 0.0, ()),
    ],
)
def test_supervisord_stops_one_after_the_other(
    started: Callable[..., PythonProcess], others: str, seconds: float, names: tuple[str, ...]
) -> None:
    """The highest priority and the last name first, the programs of one group together."""
    [web] = [each for each in timeline(started(WEB + others)).programs if each.process.name == "gunicorn"]
    assert (seconds, names) == (web.turn.seconds, web.turn.names)


def test_what_comes_first_takes_of_the_grace_period(started: Callable[..., PythonProcess]) -> None:
    """SIGKILL comes as early as without."""
    text = f"{WEB}stopwaitsecs=60\n[program:z]\ncommand=nginx\n"
    whole = timeline(started(text))
    assert (40.0, 30.0, 20.0) == (whole.stop.drained, whole.stop.killed, whole.left)
    assert "how long nginx takes to stop is not known" == whole.drain_doubt


def test_expansions_are_filled_in(started: Callable[..., PythonProcess]) -> None:
    """Variables of the container, the folder of the file, the program's name."""
    text = "[program:web]\ncommand=gunicorn --graceful-timeout %(ENV_GRACE)s -c %(here)s/%(program_name)s.py 100%%\n"
    assert "gunicorn --graceful-timeout 20 -c /etc/web/web.py 100%" == line(started(text))
    [word] = [each for each in started("[program:web]\ncommand=gunicorn %(ENV_KEY)s\n").launch.words if each.unknown]
    assert "KEY comes from Secret keys" == word.unknown


def test_supervisord_sets_variables(started: Callable[..., PythonProcess]) -> None:
    """For all of its programs, and for one."""
    text = f'[supervisord]\nenvironment=WEB_CONCURRENCY=4\n{WEB}environment=A="b,c",PYTHONUNBUFFERED=1\n'
    process = started(text)
    assert 4 == getattr(process.setting("workers"), "value", None)
    assert "b,c" == getattr(process.variable("A"), "value", None)


@pytest.mark.parametrize(
    ("command", "text", "env", "bind"),
    [
        ("[honcho, start]", "web: gunicorn a:a", "", "0.0.0.0:5000"),
        ("[honcho, start, -p, '7000']", "web: gunicorn a:a", "", "0.0.0.0:7000"),
        ("[honcho, start]", "nginx: nginx\nweb: gunicorn a:a", "", "0.0.0.0:5100"),
        ("[honcho, start]", "web: gunicorn a:a", "PORT=6000 # ours", "0.0.0.0:6000"),
        ("[honcho, start]", "web: uvicorn --port $PORT a:a", "", "127.0.0.1:5000"),
    ],
)
def test_honcho_gives_each_program_a_port(
    started: Callable[..., PythonProcess], command: str, text: str, env: str, bind: str
) -> None:
    """From 5000 on where nothing else is said, a hundred apart."""
    binds = started(text, command, _env=env).addresses.binds
    assert not isinstance(binds, Unknown)
    assert [bind] == [str(each) for each in binds]


def test_honcho_kills_the_others_after_the_first(started: Callable[..., PythonProcess]) -> None:
    """Alone a program has all the time there is."""
    assert started("web: gunicorn a:a", "[honcho, start]").delivery.forced_after is None
    assert 5.0 == started("web: gunicorn a:a\nnginx: nginx", "[honcho, start]").delivery.forced_after


def test_a_proxy_beside_it_may_listen_on_any_port(started: Callable[..., PythonProcess]) -> None:
    """So a server on 127.0.0.1 is reached all the same."""
    alone = started("[program:web]\ncommand=gunicorn a:a\n")
    assert (False, False) == (alone.addresses.are_behind_a_proxy, alone.addresses.may_include(80))
    behind = started("[program:web]\ncommand=gunicorn a:a\n[program:nginx]\ncommand=nginx\n")
    assert (True, True) == (behind.addresses.are_behind_a_proxy, behind.addresses.may_include(80))


def test_files_that_are_included_count(started: Callable[..., PythonProcess]) -> None:
    """Others may be included, too, which is a doubt."""
    process = started("[include]\nfiles = *.more\n", web_more=WEB)
    assert "gunicorn --bind :8000 a:a" == line(process)
    assert "supervisord may include further files" == process.doubt


def test_a_file_without_its_section_starts_nothing(process: Callable[..., PythonProcess]) -> None:
    """Supervisord says so and ends: `.ini file does not include supervisord section`."""
    found = process(MANIFEST.format(command=SUPERVISORD, data=f"  web.conf: |\n{textwrap.indent(WEB, '    ')}\n"))
    assert found.server is None
    assert "its file has no section [supervisord]" in found.unknown


def test_several_servers_have_timelines_of_their_own(started: Callable[..., PythonProcess]) -> None:
    """The one that is stopped first in front."""
    whole = timeline(started(WEB + WORKER))
    assert ["celery worker", "gunicorn"] == [each.process.name for each in whole.programs]
    assert [Default(30.0, "gunicorn 27.0.1")] == [whole.programs[1].process.shutdown.drain]


@given(st.text(max_size=80) | st.text("[program:web]command=\n%(ENV_X)s'\"environment;, ", max_size=90))
def test_no_text_stops_a_reader(text: str) -> None:
    """A ConfigMap may hold anything."""
    files = Files((File("/w/c", "here", text), File("/w/Procfile", "here", text), File("/w/.env", "here", text)), "/w")
    for words in (("supervisord", "-n", "-c", "c"), ("honcho", "start")):
        trace(tuple(map(Word, words)), Shell.DASH, {}, files)
