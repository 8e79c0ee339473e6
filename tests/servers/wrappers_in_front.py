"""Wrappers in front of a server: what stands between it and the signal."""

from __future__ import annotations

from typing import Final

from tests.servers.proof import LONG, Proof

_UVICORN: Final = "uvicorn --port {port} web:asgi"

_SUPERVISORD: Final = "supervisord -n -c web.conf"
_SILENT: Final = "[supervisord]\nlogfile=/dev/null\nlogfile_maxbytes=0\n"
_WEB: Final = f"{_SILENT}[program:web]\ncommand=gunicorn --bind 127.0.0.1:{{port}} web:wsgi\n"
_DEAF: Final = "python -c 'import signal; signal.signal(15, signal.SIG_IGN); signal.pause()'"

SUPERVISORS: Final = (
    Proof(line=_SUPERVISORD, files={"web.conf": _WEB}),
    Proof(line=_SUPERVISORD, files={"web.conf": _WEB}, hold=LONG),
    Proof(line=_SUPERVISORD, files={"web.conf": f"{_WEB}stopwaitsecs=4\n"}, hold=LONG),
    Proof(line=_SUPERVISORD, files={"web.conf": f"{_WEB}stopsignal=QUIT\n"}),
    # The shell in front of gunicorn dies of the signal; supervisord takes it for the end.
    Proof(
        line=_SUPERVISORD,
        files={
            "web.conf": f"{_SILENT}[program:web]\ncommand=sh -c 'cd . && gunicorn --bind 127.0.0.1:{{port}} web:wsgi'\n"
        },
    ),
    # The last name comes first, and gunicorn hears nothing until it is gone.
    Proof(line=_SUPERVISORD, files={"web.conf": f"{_WEB}[program:z]\ncommand={_DEAF}\nstopwaitsecs=5\n"}, alone=True),
    Proof(line="honcho start", files={"Procfile": f"web: {_UVICORN}\n"}, code=143),
    # Every process of the group is told, the shell in front too.
    Proof(line="honcho start", files={"Procfile": f"web: cd . && {_UVICORN}\n"}, code=143),
    Proof(line="honcho start", files={"Procfile": f"web: {_UVICORN}\nidle: sleep 1000\n"}, hold=LONG, code=143),
    Proof(line="honcho start -p {port}", files={"Procfile": "web: gunicorn web:wsgi\n"}, code=143),
)

WRAPPERS_IN_FRONT: Final = (
    *SUPERVISORS,
    # Behind another process uvicorn ends by the signal itself, once it has finished.
    Proof(line=f"tini -- {_UVICORN}", code=143),
    Proof(line=f"dumb-init {_UVICORN}", code=143),
    Proof(line=f"env X=1 {_UVICORN}"),
    Proof(line=f"nice -n 5 {_UVICORN}"),
    Proof(line=f"ionice -c 3 {_UVICORN}"),
    Proof(line=f"nohup {_UVICORN}"),
    Proof(line=f"stdbuf -o L {_UVICORN}"),
    Proof(line=f"prlimit --nofile=1024 {_UVICORN}"),
    Proof(line=f"setpriv --reuid 0 {_UVICORN}"),
    Proof(line=f"taskset 1 {_UVICORN}"),
    Proof(line=f"chroot --skip-chdir / {_UVICORN}"),
    Proof(line=f"timeout 300 {_UVICORN}", code=143),
    Proof(line=f"timeout -k 2 300 {_UVICORN}", hold=LONG, code=137),
    Proof(
        line="su -s /bin/sh root -c 'exec {bin}/uvicorn --port {port} --app-dir {apps} web:asgi'", hold=LONG, code=143
    ),
    Proof(
        line="runuser root -s /bin/sh -c 'exec {bin}/uvicorn --port {port} --app-dir {apps} web:asgi'",
        hold=LONG,
        code=143,
    ),
    Proof(line=f"xargs -a /etc/hostname -I _ {_UVICORN}"),
    Proof(line=f"uv run --no-project --active {_UVICORN}", code=143),
    Proof(line=f"dotenv -f {{apps}}/variables.env run {_UVICORN}"),
    Proof(line=f"sh -c '{_UVICORN}'"),
    Proof(line=f"setsid -w {_UVICORN}"),
    Proof(line=f"gosu root {_UVICORN}"),
    Proof(line=f"time {_UVICORN}"),
    Proof(line=f"strace -o /dev/null {_UVICORN}"),
    Proof(line=f"poetry -P {{apps}}/poetic run {_UVICORN}"),
    Proof(line=f"newrelic-admin run-program {_UVICORN}"),
    Proof(line="newrelic-admin run-python -m uvicorn --port {port} web:asgi"),
    Proof(line=f"ddtrace-run {_UVICORN}"),
    Proof(line=f"opentelemetry-instrument {_UVICORN}"),
    Proof(line=f"honcho run {_UVICORN}"),
    Proof(line=f"watchmedo auto-restart -d {{apps}} -- {_UVICORN}"),
)
