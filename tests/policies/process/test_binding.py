"""Where a server listens, out of its options, its variables and its default, as measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gracekeeper_policies.provenance import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper_policies.process.python_process import PythonProcess


def listening(process: PythonProcess) -> list[str]:
    """The addresses as people write them."""
    binds = process.addresses.binds
    assert not isinstance(binds, Unknown), binds
    return [str(bind) for bind in binds]


@pytest.mark.parametrize(
    ("line", "addresses"),
    [
        ("gunicorn a:a", ["127.0.0.1:8000"]),
        ("env PORT=29999 gunicorn a:a", ["0.0.0.0:29999"]),
        ("env PORT=none gunicorn a:a", ["127.0.0.1:8000"]),
        ("env PORT=80 gunicorn -b :90 a:a", ["0.0.0.0:90"]),
        ("gunicorn -b 0.0.0.0:80 a:a", ["0.0.0.0:80"]),
        ("gunicorn -b :8080 a:a", ["0.0.0.0:8080"]),
        ("gunicorn -b 0.0.0.0 a:a", ["0.0.0.0:8000"]),
        ("gunicorn -b localhost a:a", ["localhost:8000"]),
        ("gunicorn -b [::]:80 a:a", ["[::]:80"]),
        ("gunicorn -b [::1] a:a", ["[::1]:8000"]),
        ("gunicorn -b tcp://0.0.0.0:80 a:a", ["0.0.0.0:80"]),
        ("gunicorn -b a:1 -b b:2 a:a", ["a:1", "b:2"]),
        ("gunicorn -b a:1,b:2 a:a", ["a:1", "b:2"]),
        ("gunicorn -b unix:/run/app.sock a:a", []),
        ("gunicorn -b unix:///run/app.sock -b :80 a:a", ["0.0.0.0:80"]),
        ("gunicorn -b fd://3 a:a", []),
        ("uvicorn a:a", ["127.0.0.1:8000"]),
        ("env PORT=29999 uvicorn a:a", ["127.0.0.1:8000"]),
        ("env UVICORN_HOST=127.0.0.2 UVICORN_PORT=29998 uvicorn a:a", ["127.0.0.2:29998"]),
        ("uvicorn --host 0.0.0.0 a:a", ["0.0.0.0:8000"]),
        ("uvicorn --host :: --port 80 a:a", ["[::]:80"]),
        ("uvicorn --uds /run/app.sock a:a", []),
        ("uvicorn --fd 3 a:a", []),
        ("fastapi run", ["0.0.0.0:8000"]),
        ("env PORT=29999 fastapi run", ["0.0.0.0:29999"]),
        ("fastapi dev --port 80", ["127.0.0.1:80"]),
        ("hypercorn a:a", ["127.0.0.1:8000"]),
        ("hypercorn -b :9004 a:a", ["0.0.0.0:9004"]),
        ("hypercorn -b 0.0.0.0 -b [::]:80 a:a", ["0.0.0.0:8000", "[::]:80"]),
        ("hypercorn --bind unix:/run/app.sock a:a", []),
        ("streamlit run a.py", ["0.0.0.0:8501"]),
        ("streamlit run --server.port=80 --server.address :: a.py", ["[::]:80"]),
        ("env STREAMLIT_SERVER_PORT=80 python -m streamlit run a.py", ["0.0.0.0:80"]),
        ("streamlit run a.py -- --server.port=80", ["0.0.0.0:8501"]),
        ("python -m http.server -- 8080", ["0.0.0.0:8080"]),
        ("kopf run -L http://0.0.0.0:8080/healthz a.py", ["0.0.0.0:8080"]),
        ("kopf run --liveness=http://[::1]/healthz a.py", ["[::1]:80"]),
        ("env KOPF_RUN_LIVENESS_ENDPOINT=http://:8080 kopf run a.py", ["localhost:8080"]),
        ("uwsgi --http :8080 --module a", ["0.0.0.0:8080"]),
        ("uwsgi --http=0.0.0.0:8080 -s :3031", ["0.0.0.0:8080", "0.0.0.0:3031"]),
        ("env UWSGI_HTTP_SOCKET=:8081 uwsgi --socket=/run/app.sock", ["0.0.0.0:8081"]),
        ("uwsgi --socket /run/app.sock", []),
        ("granian a:a", ["127.0.0.1:8000"]),
        ("env GRANIAN_HOST=0.0.0.0 granian --port 80 a:a", ["0.0.0.0:80"]),
        ("granian --uds /run/app.sock a:a", []),
        ("daphne a:a", ["127.0.0.1:8000"]),
        ("daphne -b 0.0.0.0 -p 80 a:a", ["0.0.0.0:80"]),
        ("waitress-serve a:a", ["0.0.0.0:8080"]),
        ("waitress-serve --port=80 a:a", ["0.0.0.0:80"]),
        ("waitress-serve --listen=*:80 --listen=127.0.0.1:81 a:a", ["*:80", "127.0.0.1:81"]),
        ("waitress-serve --unix-socket=/run/app.sock a:a", []),
        ("flask run", ["127.0.0.1:5000"]),
        ("flask run -h 0.0.0.0 -p 80", ["0.0.0.0:80"]),
        ("env FLASK_RUN_HOST=0.0.0.0 FLASK_RUN_PORT=81 flask run --host=::", ["[::]:81"]),
        ("python manage.py runserver", ["127.0.0.1:8000"]),
        ("python manage.py runserver 80", ["127.0.0.1:80"]),
        ("python manage.py runserver --noreload 0.0.0.0:8080", ["0.0.0.0:8080"]),
        ("python manage.py runserver -v 2 [::]:8080 --settings shop.settings", ["[::]:8080"]),
        ("python manage.py runserver --http_timeout 30", ["127.0.0.1:8000"]),
        ("celery -A a flower", ["0.0.0.0:5555"]),
        ("env FLOWER_ADDRESS=127.0.0.1 celery -A a flower --port=80", ["127.0.0.1:80"]),
        ("celery -A a flower --unix_socket=/run/flower.sock", []),
        ("locust", ["0.0.0.0:8089"]),
        ("locust --web-host 127.0.0.1 -P 80", ["127.0.0.1:80"]),
        ("env LOCUST_WEB_PORT=80 locust --master", ["0.0.0.0:80", "*:5557"]),
        ("env LOCUST_MODE_MASTER=true locust --master-bind-port 5558", ["0.0.0.0:8089", "*:5558"]),
        ("locust --processes -1 --master-bind-host 127.0.0.1", ["0.0.0.0:8089", "127.0.0.1:5557"]),
        ("python -m http.server", ["0.0.0.0:8000"]),
        ("python -m http.server -b 127.0.0.1 -d 2024 8080", ["127.0.0.1:8080"]),
        ("python -m http.server 80 --bind ::", ["[::]:80"]),
        ("python -m http.server -p 8080", ["0.0.0.0:8000"]),
    ],
)
def test_a_server_listens_where_it_is_told(
    started: Callable[..., PythonProcess], line: str, addresses: list[str]
) -> None:
    """Without an address gunicorn reads PORT, uvicorn never does; a Unix socket is no TCP address."""
    assert addresses == listening(started(line))


@pytest.mark.parametrize(
    ("line", "loopback"),
    [
        ("gunicorn a:a", True),
        ("gunicorn -b localhost:80 a:a", True),
        ("gunicorn -b [::1]:80 a:a", True),
        ("gunicorn -b 127.1.2.3:80 a:a", True),
        ("gunicorn -b 0.0.0.0:80 a:a", False),
        ("gunicorn -b [::]:80 a:a", False),
        ("gunicorn -b 10.0.0.1:80 a:a", False),
        ("gunicorn -b localhost.example.com:80 a:a", False),
    ],
)
def test_loopback_is_told_from_the_rest(started: Callable[..., PythonProcess], line: str, *, loopback: bool) -> None:
    """Only the pod itself reaches it."""
    binds = started(line).addresses.binds
    assert not isinstance(binds, Unknown)
    assert [loopback] == [bind.is_loopback for bind in binds]


@pytest.mark.parametrize(
    ("container", "reason"),
    [
        ("{command: [gunicorn, -b, 'a:b:c', 'a:a']}", "binds an address that cannot be read"),
        (
            "{command: [gunicorn, -b, ':$(P)', 'a:a'], env: [{name: P, valueFrom: {secretKeyRef: {name: k}}}]}",
            "P comes from Secret k",
        ),
        (
            "{command: [gunicorn, 'a:a'], env: [{name: PORT, valueFrom: {secretKeyRef: {name: k}}}]}",
            "PORT comes from Secret k",
        ),
        ("{command: [uvicorn, --port, http, 'a:a']}", "port is set to something that is not a whole number"),
        ("{command: [celery, -A, a, worker]}", "where celery worker listens is not known"),
        ("{command: [./run]}", "./run is a program that the manifest does not show"),
    ],
)
def test_an_address_that_cannot_be_told_is_unknown(
    process: Callable[..., PythonProcess], container: str, reason: str
) -> None:
    """And says why."""
    binds = process(f"containers: [{container}]").addresses.binds
    assert isinstance(binds, Unknown)
    assert binds.reason.endswith(reason)


def test_a_default_address_is_in_doubt_as_its_options_are(process: Callable[..., PythonProcess]) -> None:
    """Each doubt is said once."""
    told = process("containers: [{command: [uvicorn, 'a:a'], envFrom: [{secretRef: {name: keys}}]}]")
    assert not isinstance(told.addresses.binds, Unknown)
    assert ["Secret keys may set it"] == [bind.doubt for bind in told.addresses.binds]


def test_an_address_says_where_it_was_read(process: Callable[..., PythonProcess]) -> None:
    """At the word, in the words of a person."""
    told = process("containers: [{command: [gunicorn, --bind=:80, 'a:a']}]")
    assert not isinstance(told.addresses.binds, Unknown)
    [bind] = told.addresses.binds
    assert ("spec.template.spec.containers[0].command[1]", ("command", 1)) == (bind.source, (bind.path or ())[-2:])


@pytest.mark.parametrize(
    ("line", "argument"),
    [
        ("gunicorn a:a", "--bind 0.0.0.0:8000"),
        ("uvicorn a:a", "--host 0.0.0.0"),
        ("celery -A a worker", ""),
    ],
)
def test_a_server_says_how_it_is_told_where_to_listen(
    started: Callable[..., PythonProcess], line: str, argument: str
) -> None:
    """The remedy to write."""
    assert argument == started(line).addresses.argument("0.0.0.0", 8000)


@pytest.mark.parametrize(
    "line",
    [
        "uwsgi --module a",
        "uwsgi --http 8080",
        "daphne -e tcp:port=80:interface=0.0.0.0 a:a",
        "daphne -p 80 -u /run/app.sock a:a",
        "sh -c 'exec python manage.py runserver 0.0.0.0:$PORT'",
        "sh -c 'exec python manage.py runserver $ADDRESS'",
    ],
)
def test_what_a_table_does_not_read_is_unknown(started: Callable[..., PythonProcess], line: str) -> None:
    """So that no probe and no Service is held against a guess."""
    assert isinstance(started(line).addresses.binds, Unknown)


@pytest.mark.parametrize(
    "line", ["uwsgi --http :80 --ini app.ini", "uwsgi app.ini --http :80", "hypercorn -c app.toml a:a"]
)
def test_a_file_that_is_not_in_sight_may_add_an_address(started: Callable[..., PythonProcess], line: str) -> None:
    """What is told by flags holds, and is doubted."""
    binds = started(line).addresses.binds
    assert not isinstance(binds, Unknown)
    assert all("not in sight" in bind.doubt for bind in binds)
