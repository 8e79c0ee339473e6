"""Wrappers in front of a server: what stands between it and the signal."""

from __future__ import annotations

from typing import Final

from tests.servers.proof import LONG, Proof

_UVICORN: Final = "uvicorn --port {port} web:asgi"

WRAPPERS_IN_FRONT: Final = (
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
)
