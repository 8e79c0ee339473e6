"""Recognition: the command is parsed, never searched, so a name in an argument decides nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gracekeeper_policies.process.recognition import Runtime, recognise
from gracekeeper_policies.process.servers import SERVERS
from gracekeeper_policies.provenance import Word

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper_policies.process.server import Server


@pytest.mark.parametrize(
    ("line", "name", "arguments"),
    [
        ("gunicorn app:app", "gunicorn", "app:app"),
        ("/usr/local/bin/gunicorn -w 4 app:app", "gunicorn", "-w 4 app:app"),
        ("python -m gunicorn app:app", "gunicorn", "app:app"),
        ("python -mgunicorn app:app", "gunicorn", "app:app"),
        ("python3.12 -u /usr/local/bin/gunicorn app:app", "gunicorn", "app:app"),
        ("/usr/bin/python3 -X dev -W ignore -m gunicorn app:app", "gunicorn", "app:app"),
        ("uvicorn app:app", "uvicorn", "app:app"),
        ("python -m uvicorn app:app --port 80", "uvicorn", "app:app --port 80"),
        ("pypy3 -m uvicorn app:app", "uvicorn", "app:app"),
        ("celery -A app worker", "celery worker", "-A app worker"),
        ("celery --app app worker -c 4", "celery worker", "--app app worker -c 4"),
        ("celery --app=app worker", "celery worker", "--app=app worker"),
        ("celery -b redis://x -A app worker", "celery worker", "-b redis://x -A app worker"),
        ("celery worker -A app", "celery worker", "worker -A app"),
        ("python -m celery --app=x worker", "celery worker", "--app=x worker"),
        ("celery -A worker beat", "celery beat", "-A worker beat"),
        ("celery beat -A app", "celery beat", "beat -A app"),
        ("python -m celery -A app beat", "celery beat", "-A app beat"),
        ("celery -A app flower", "celery flower", "-A app flower"),
        ("celery --broker redis://x flower --port=80", "celery flower", "--broker redis://x flower --port=80"),
        ("dramatiq app -p 2", "dramatiq", "app -p 2"),
        ("dramatiq-gevent app", "dramatiq", "app"),
        ("python -m dramatiq app", "dramatiq", "app"),
        ("rq worker high low", "rq worker", "worker high low"),
        ("rqworker -u redis://x", "rq worker", "-u redis://x"),
        ("rq worker-pool -n 3", "rq worker-pool", "worker-pool -n 3"),
        ("python -m rq.cli worker", "rq worker", "worker"),
        ("arq app.WorkerSettings", "arq", "app.WorkerSettings"),
        ("huey_consumer.py app.huey", "huey", "app.huey"),
        ("python /usr/local/bin/huey_consumer.py app.huey", "huey", "app.huey"),
        ("python -m huey.bin.huey_consumer app.huey", "huey", "app.huey"),
        ("python manage.py run_huey -w 2", "huey", "run_huey -w 2"),
        ("./manage.py run_huey", "huey", "run_huey"),
        ("django-admin run_huey", "huey", "run_huey"),
        ("fastapi run gunicorn.py", "fastapi run", "run gunicorn.py"),
        ("fastapi dev --port 80 main.py", "fastapi dev", "dev --port 80 main.py"),
        ("python -m fastapi run", "fastapi run", "run"),
        ("hypercorn -b :80 a:a", "hypercorn", "-b :80 a:a"),
        ("python -m hypercorn a:a", "hypercorn", "a:a"),
        ("uwsgi --ini app.ini", "uwsgi", "--ini app.ini"),
        ("pyuwsgi app.ini", "uwsgi", "app.ini"),
        ("granian --interface asgi a:a", "granian", "--interface asgi a:a"),
        ("daphne -b 0.0.0.0 a:a", "daphne", "-b 0.0.0.0 a:a"),
        ("waitress-serve --port=80 a:a", "waitress", "--port=80 a:a"),
        ("python -m waitress a:a", "waitress", "a:a"),
        ("flask --app shop run", "flask run", "--app shop run"),
        ("flask --debug run -p 80", "flask run", "--debug run -p 80"),
        ("python -m flask run", "flask run", "run"),
        ("manage.py runserver", "runserver", "runserver"),
        ("python manage.py runserver 0:80", "runserver", "runserver 0:80"),
        ("python3 -u /app/manage.py runserver", "runserver", "runserver"),
        ("django-admin runserver", "runserver", "runserver"),
        ("python -m django runserver", "runserver", "runserver"),
        ("locust -f test.py --master", "locust", "-f test.py --master"),
        ("python -m locust", "locust", ""),
        ("python -m http.server", "http.server", ""),
        ("python3 -mhttp.server 8080 -d /srv", "http.server", "8080 -d /srv"),
    ],
)
def test_a_server_is_recognised_by_its_program(
    words: Callable[[str], tuple[Word, ...]], line: str, name: str, arguments: str
) -> None:
    """By executable or by module; what follows are its own arguments."""
    program = recognise(words(line))
    assert program is not None
    assert program.server is not None
    assert (name, arguments) == (program.server.name, " ".join(word.text for word in program.arguments))


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("vllm serve --uvicorn-log-level info", "vllm serve"),
        ("flower --port=5555", "flower"),
        ("celery --app app --quiet multi start", "celery multi"),
        ("celery -A beat", "celery"),
        ("rq info", "rq info"),
        ("rq cron app", "rq cron"),
        ("fastapi deploy", "fastapi deploy"),
        ("flask --app run shell", "flask shell"),
        ("flask db upgrade", "flask db"),
        ("django-admin migrate", "django-admin"),
        ("supervisord -c gunicorn.conf", "supervisord"),
        ("python -m flask routes", "python -m flask"),
        ("manage.py runserver_plus", "manage.py"),
    ],
)
def test_another_python_program_has_no_table(words: Callable[[str], tuple[Word, ...]], line: str, name: str) -> None:
    """It is Python, and nothing is claimed about its signals."""
    program = recognise(words(line))
    assert program is not None
    assert (name, Runtime.PYTHON, None) == (program.name, program.runtime, program.server)


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("python manage.py migrate", "manage.py"),
        ("python runserver.py", "runserver.py"),
        ("python3 -u /app/gunicorn.py", "gunicorn.py"),
        ("python -c 'import gunicorn'", "python -c"),
        ("python -m shop.gunicorn", "python -m shop.gunicorn"),
        ("python -m shop", "python -m shop"),
        ("python -m http", "python -m http"),
        ("python http.server", "http.server"),
        ("python -m", "python -m "),
        ("python", "python"),
        ("python -V", "python"),
        ("python start uvicorn", "start"),
    ],
)
def test_a_plain_program_runs_its_own_code(words: Callable[[str], tuple[Word, ...]], line: str, name: str) -> None:
    """What it does at SIGTERM only its code tells."""
    program = recognise(words(line))
    assert program is not None
    assert (name, Runtime.PYTHON) == (program.name, program.runtime)
    assert program.server is None or program.server.name == "python"


@pytest.mark.parametrize(
    "line",
    [
        "/entrypoint-celery-beat.sh",
        "entrypoint-uwsgi.sh",
        "start-gunicorn",
        "./run",
        "gunicornc",
        "/exporter --app celery -A shop worker",
        "celery-exporter --broker-url=redis://x",
        "uwsgi_exporter",
        "{{ cmd }}",
        "",
    ],
)
def test_a_name_that_says_nothing_is_not_recognised(words: Callable[[str], tuple[Word, ...]], line: str) -> None:
    """However much it resembles one that does."""
    assert recognise(words(line)) is None


@pytest.mark.parametrize(
    "line", ["nginx -g 'daemon off;'", "/usr/bin/node gunicorn.js", "java -jar celery.jar worker", "echo gunicorn a:a"]
)
def test_what_is_known_not_to_be_python_is_other(words: Callable[[str], tuple[Word, ...]], line: str) -> None:
    """So the default scope leaves it alone."""
    program = recognise(words(line))
    assert program is not None
    assert Runtime.OTHER is program.runtime


def test_a_program_whose_name_cannot_be_told_is_not_recognised() -> None:
    """Even where the written text would be one."""
    assert recognise([Word("gunicorn", unknown="CMD comes from Secret keys")]) is None


@pytest.mark.parametrize("server", SERVERS, ids=lambda server: server.name)
def test_a_server_table_refers_to_its_own_options(server: Server) -> None:
    """A name that no option bears would only be noticed when a manifest sets it."""
    binding, configuration = server.binding, server.configuration
    schedule = server.schedule
    used = {server.drain, server.workers, server.variant, server.task_limit, server.soft_task_limit, server.autoscale}
    used |= {schedule.turned_on, schedule.turned_off, schedule.scheduler} if schedule else set()
    used |= {binding.address, binding.host, binding.port, *binding.elsewhere} if binding else set()
    used |= {*binding.further, *binding.unread} if binding else set()
    used |= {name for names in binding.besides for name in names} if binding else set()
    used |= {*server.serves_unless}
    used |= {configuration.option} if configuration else set()
    used |= {option for row in server.stopping for option in row.when} | {*server.development}
    used |= {*server.concurrency.options} if server.concurrency else set()
    used |= {server.request_limit.option} if server.request_limit else set()
    used |= {server.writes.option} if server.writes else set()
    assert set() == used - {option.name for option in server.options} - {""}
