"""Every situation in which a server that answers requests is stopped, and proved to do what its table says."""

from __future__ import annotations

from typing import Final

from tests.servers.proof import LONG, Proof
from tests.servers.wrappers_in_front import WRAPPERS_IN_FRONT

GRACEFUL_HOOK: Final = "--hook-master-start 'unix_signal:15 gracefully_kill_them_all'"

# dumb-init, `tini -g` and others send the signal to the processes that the server has started as well.
IN_GROUP: Final = (
    Proof(line="dumb-init gunicorn -w 2 -b 127.0.0.1:{port} web:wsgi"),
    Proof(line="dumb-init gunicorn -w 2 -k uvicorn_worker.UvicornWorker -b 127.0.0.1:{port} web:asgi"),
    Proof(line="dumb-init uvicorn --port {port} --workers 2 web:asgi"),
    Proof(line="dumb-init granian --interface asgi --workers 2 --port {port} web:asgi"),
    Proof(line="dumb-init hypercorn -b 127.0.0.1:{port} --graceful-timeout 5 web:asgi", hold=LONG),
    Proof(line="tini -g -- hypercorn -b 127.0.0.1:{port} --graceful-timeout 5 web:asgi", hold=LONG),
    Proof(line="tini -- hypercorn -b 127.0.0.1:{port} --graceful-timeout 5 web:asgi"),
    Proof(line="dumb-init hypercorn -b 127.0.0.1:{port} -w 0 --graceful-timeout 5 web:asgi"),
    Proof(
        line=f"dumb-init uwsgi --http-socket 127.0.0.1:{{port}} -M -p 2 {GRACEFUL_HOOK} --module web:wsgi", hold=LONG
    ),
    Proof(line="dumb-init uwsgi --http-socket 127.0.0.1:{port} -M -p 2 --module web:wsgi", hold=LONG),
    Proof(line="dumb-init --single-child hypercorn -b 127.0.0.1:{port} --graceful-timeout 5 web:asgi"),
)

GUNICORN: Final = (
    Proof(line="gunicorn -w 2 -b 127.0.0.1:{port} web:wsgi"),
    Proof(line="gunicorn -w 2 -b 127.0.0.1:{port} web:wsgi", signal="SIGINT", hold=LONG),
    Proof(line="gunicorn -w 2 -b 127.0.0.1:{port} web:wsgi", signal="SIGQUIT", hold=LONG),
    Proof(line="gunicorn -w 2 --graceful-timeout 2 -b 127.0.0.1:{port} web:wsgi", hold=LONG),
    Proof(line="gunicorn -w 2 -b 127.0.0.1:{port} web:wsgi", hold=LONG),
    Proof(line="gunicorn -w 2 --threads 2 -b 127.0.0.1:{port} web:wsgi"),
    Proof(line="gunicorn -w 2 -k gthread --graceful-timeout 2 -b 127.0.0.1:{port} web:wsgi", hold=LONG),
    # At a fast stop a connection that comes meanwhile may keep its threads until the graceful timeout.
    Proof(line="gunicorn -w 2 --threads 2 -b 127.0.0.1:{port} web:wsgi", signal="SIGINT", alone=True),
    Proof(line="gunicorn -w 2 --threads 2 -b 127.0.0.1:{port} web:wsgi", signal="SIGQUIT", alone=True),
    Proof(line="gunicorn -w 2 -k gthread -b 127.0.0.1:{port} web:wsgi", signal="SIGQUIT", alone=True),
    Proof(
        line="gunicorn -w 2 -k gthread --graceful-timeout 2 -b 127.0.0.1:{port} web:wsgi",
        signal="SIGINT",
        hold=LONG,
        alone=True,
    ),
    Proof(line="gunicorn -w 2 -k aiohttp.GunicornWebWorker -b 127.0.0.1:{port} aio:app", signal="SIGINT", alone=True),
    # Whatever it has in flight, at these it goes when its graceful timeout runs out and not before.
    Proof(
        line="gunicorn -w 2 -k uvicorn_worker.UvicornWorker --graceful-timeout 2 -b 127.0.0.1:{port} web:asgi",
        signal="SIGQUIT",
        hold=LONG,
        alone=True,
    ),
    Proof(line="gunicorn -k gunicorn.workers.sync.SyncWorker -b 127.0.0.1:{port} web:wsgi", signal="SIGINT", hold=LONG),
    Proof(
        line="gunicorn -k gunicorn.workers.sync.SyncWorker -b 127.0.0.1:{port} web:wsgi", signal="SIGQUIT", hold=LONG
    ),
    Proof(line="gunicorn -w 2 -k gevent -b 127.0.0.1:{port} web:wsgi"),
    Proof(line="gunicorn -w 2 -k gevent --graceful-timeout 2 -b 127.0.0.1:{port} web:wsgi", hold=LONG),
    Proof(line="gunicorn -w 2 -k gevent -b 127.0.0.1:{port} web:wsgi", signal="SIGQUIT", hold=LONG),
    Proof(line="gunicorn -w 2 -k tornado -b 127.0.0.1:{port} whirl:app", hold=LONG),
    Proof(line="gunicorn -w 2 -k tornado -b 127.0.0.1:{port} whirl:app", signal="SIGINT", hold=LONG),
    Proof(line="gunicorn -w 2 -k asgi -b 127.0.0.1:{port} web:asgi"),
    Proof(line="gunicorn -w 2 -k asgi --graceful-timeout 2 -b 127.0.0.1:{port} web:asgi", hold=LONG),
    Proof(line="gunicorn -w 2 -k asgi -b 127.0.0.1:{port} web:asgi", signal="SIGINT", hold=LONG),
    Proof(line="gunicorn -w 2 -k uvicorn_worker.UvicornWorker -b 127.0.0.1:{port} web:asgi"),
    Proof(
        line="gunicorn -w 2 -k uvicorn_worker.UvicornWorker --graceful-timeout 2 -b 127.0.0.1:{port} web:asgi",
        hold=LONG,
    ),
    Proof(line="gunicorn -w 2 -k aiohttp.GunicornWebWorker -b 127.0.0.1:{port} aio:app"),
    Proof(
        line="gunicorn -w 2 -k aiohttp.GunicornWebWorker --graceful-timeout 2 -b 127.0.0.1:{port} aio:app", hold=LONG
    ),
)

UVICORN: Final = (
    Proof(line="uvicorn --port {port} web:asgi"),
    Proof(line="uvicorn --port {port} --timeout-graceful-shutdown 2 web:asgi", hold=LONG),
    Proof(line="uvicorn --port {port} web:asgi", environment={"UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN": "2"}, hold=LONG),
    Proof(line="uvicorn --port {port} --workers 2 web:asgi"),
    Proof(line="uvicorn --port {port} --workers 2 --timeout-graceful-shutdown 2 web:asgi", hold=LONG),
    Proof(line="uvicorn --port {port} --reload web:asgi"),
    Proof(line="uvicorn --port {port} web:asgi", signal="SIGINT"),
    Proof(line="uvicorn --port {port} web:asgi", signal="SIGQUIT"),
    Proof(line="fastapi run --port {port} {apps}/fast.py"),
    Proof(line="fastapi run --port {port} --workers 2 {apps}/fast.py"),
    Proof(line="fastapi run --port {port} --reload {apps}/fast.py"),
    Proof(line="fastapi run --port {port} {apps}/fast.py", signal="SIGINT"),
    Proof(line="fastapi run --port {port} {apps}/fast.py", signal="SIGQUIT"),
    Proof(line="fastapi dev --port {port} {apps}/fast.py"),
    Proof(line="fastapi dev --port {port} {apps}/fast.py", signal="SIGINT"),
    Proof(line="fastapi dev --port {port} {apps}/fast.py", signal="SIGQUIT"),
)

OTHERS: Final = (
    Proof(line="hypercorn -b 127.0.0.1:{port} --graceful-timeout 5 web:asgi"),
    Proof(line="hypercorn -b 127.0.0.1:{port} web:asgi", hold=LONG),
    Proof(line="hypercorn -b 127.0.0.1:{port} -w 0 --graceful-timeout 5 web:asgi"),
    Proof(line="hypercorn -b 127.0.0.1:{port} -w 2 --graceful-timeout 30 web:asgi", hold=LONG),
    Proof(line="hypercorn -b 127.0.0.1:{port} -w 2 --graceful-timeout 30 web:asgi", signal="SIGINT", hold=LONG),
    Proof(line="hypercorn -b 127.0.0.1:{port} --graceful-timeout 5 web:asgi", signal="SIGINT"),
    Proof(line="hypercorn -b 127.0.0.1:{port} web:asgi", signal="SIGQUIT"),
    Proof(line="granian --interface asgi --port {port} web:asgi"),
    Proof(line="granian --interface wsgi --port {port} web:wsgi"),
    Proof(line="granian --interface asgi --workers 2 --port {port} web:asgi"),
    Proof(line="granian --interface asgi --port {port} --workers-kill-timeout 2 web:asgi", hold=LONG),
    Proof(line="granian --interface asgi --port {port} web:asgi", signal="SIGINT"),
    Proof(line="granian --interface asgi --port {port} web:asgi", signal="SIGQUIT"),
    Proof(line="daphne -p {port} web:asgi", hold=LONG),
    Proof(line="daphne -p {port} web:asgi", signal="SIGINT", hold=LONG),
    Proof(line="daphne -p {port} web:asgi", signal="SIGQUIT"),
    Proof(line="waitress-serve --host 127.0.0.1 --port {port} web:wsgi"),
    Proof(line="waitress-serve --host 127.0.0.1 --port {port} web:wsgi", signal="SIGINT"),
    Proof(line="waitress-serve --host 127.0.0.1 --port {port} web:wsgi", signal="SIGINT", hold=LONG),
    Proof(line="waitress-serve --host 127.0.0.1 --port {port} web:wsgi", signal="SIGQUIT"),
    Proof(line="dumb-init --rewrite 15:2 waitress-serve --host 127.0.0.1 --port {port} web:wsgi"),
)

FLOWER: Final = (
    Proof(line="celery -A flowered flower --port={port}", hold=LONG),
    Proof(line="celery -A flowered flower --address=127.0.0.1 --port={port}", signal="SIGINT", hold=LONG),
    Proof(line="celery -A flowered flower", files={"flowerconfig.py": "port = {port}"}, signal="SIGQUIT"),
)

LOCUST: Final = (
    Proof(line="locust -f {apps}/locusted.py -P {port}", hold=LONG),
    Proof(
        line="locust -f {apps}/locusted.py --web-host 127.0.0.1",
        files={"locust.conf": "web-port = {port}"},
        signal="SIGINT",
        hold=LONG,
    ),
    Proof(line="locust -f {apps}/locusted.py -P {port} --web-host 127.0.0.1", signal="SIGQUIT"),
    Proof(line="locust -f {apps}/locusted.py -P {port} --autostart --users 2", hold=LONG),
)

_STREAMLIT: Final = "streamlit run {apps}/streamed.py --server.headless true"

STREAMLIT: Final = (
    Proof(line=f"{_STREAMLIT} --server.port {{port}}", session="browser.py", hold=LONG),
    Proof(
        line=f"{_STREAMLIT} --server.address=127.0.0.1",
        files={".streamlit/config.toml": "[server]\nport = {port}\n"},
        signal="SIGINT",
        session="browser.py",
        hold=LONG,
    ),
    Proof(line=f"{_STREAMLIT} --server.port {{port}}", signal="SIGQUIT", session="browser.py", hold=LONG),
)

AIOHTTP: Final = (
    Proof(line="python -m aiohttp.web -H 127.0.0.1 -P {port} aio:made", hold=150),
    Proof(line="python -m aiohttp.web -H 127.0.0.1 -P {port} aio:made"),
    Proof(line="python -m aiohttp.web -H 127.0.0.1 -P {port} aio:made", signal="SIGINT"),
    Proof(line="python -m aiohttp.web -H 127.0.0.1 -P {port} aio:made", signal="SIGQUIT"),
)

UWSGI: Final = (
    Proof(line="uwsgi --http-socket 127.0.0.1:{port} --module web:wsgi", hold=LONG, code=30),
    Proof(line="uwsgi --http-socket 127.0.0.1:{port} --module web:wsgi", signal="SIGINT", hold=LONG, code=30),
    Proof(line="uwsgi --http-socket 127.0.0.1:{port} --threads 2 --module web:wsgi", signal="SIGQUIT"),
    Proof(line="uwsgi --http-socket 127.0.0.1:{port} -M -p 2 --module web:wsgi", hold=LONG),
    Proof(line="uwsgi --http-socket 127.0.0.1:{port} -M -p 2 --module web:wsgi", signal="SIGINT", hold=LONG),
    Proof(line="uwsgi --http-socket 127.0.0.1:{port} -M -p 2 --module web:wsgi", signal="SIGQUIT", hold=LONG),
    Proof(line="uwsgi --http-socket 127.0.0.1:{port} -M -p 2 --die-on-term --module web:wsgi", hold=LONG),
    Proof(
        line="uwsgi --http-socket 127.0.0.1:{port} -M -p 2 --die-on-term --module web:wsgi", signal="SIGQUIT", hold=LONG
    ),
    Proof(line="uwsgi --http-socket 127.0.0.1:{port} -M -p 2 --exit-on-reload --module web:wsgi", hold=LONG),
    Proof(line=f"uwsgi --http-socket 127.0.0.1:{{port}} -M -p 2 {GRACEFUL_HOOK} --module web:wsgi"),
)

DEVELOPMENT: Final = (
    Proof(line="flask --app flasked run --port {port}"),
    Proof(line="flask --app flasked run --port {port}", signal="SIGINT", hold=LONG),
    Proof(line="flask --app flasked run --port {port}", signal="SIGQUIT"),
    Proof(line="flask --app flasked run --port {port} --reload", hold=LONG),
    Proof(line="flask --app flasked run --port {port} --debug", hold=LONG),
    Proof(line="flask --app flasked run --port {port}", environment={"FLASK_DEBUG": "1"}, hold=LONG),
    Proof(line="flask --app flasked run --port {port} --debug --no-reload"),
    Proof(line="python {apps}/manage.py runserver {port}", hold=LONG),
    Proof(line="python {apps}/manage.py runserver {port}", signal="SIGINT", hold=LONG),
    Proof(line="python {apps}/manage.py runserver {port}", signal="SIGQUIT"),
    Proof(line="python {apps}/manage.py runserver {port} --noreload"),
    Proof(line="python -m http.server {port}", slow_file=True),
    Proof(line="python -m http.server -b 127.0.0.1 {port}", signal="SIGINT", hold=LONG, slow_file=True),
    Proof(line="python -m http.server --bind 127.0.0.1 {port}", signal="SIGQUIT", slow_file=True),
)

# What takes longest begins first.
REQUESTS: Final = (
    *AIOHTTP,
    *WRAPPERS_IN_FRONT,
    *IN_GROUP,
    *GUNICORN,
    *UVICORN,
    *OTHERS,
    *FLOWER,
    *LOCUST,
    *STREAMLIT,
    *UWSGI,
    *DEVELOPMENT,
)
