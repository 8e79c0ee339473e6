"""Servers that are started where nothing can be written but in shared memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from gracekeeper_policies.process.folders import lack_of
from tests.servers.proof import Proof

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gracekeeper_policies.process.server import Server


class ReadOnly(Struct, frozen=True, kw_only=True):
    """A command line, and what it says once it is up, for one that serves no requests."""

    line: str
    environment: Mapping[str, str] = field(default_factory=dict)
    logs: str = ""

    @property
    def proof(self) -> Proof:
        """The same line, as its stop would be proved."""
        return Proof(line=self.line, environment=self.environment)

    @property
    def id(self) -> str:
        """The line and its variables."""
        return " ".join([*(f"{name}={value}" for name, value in self.environment.items()), self.line])

    @property
    def server(self) -> Server:
        """Whose table it is."""
        server = self.proof.timeline().process.server
        assert server is not None
        return server

    @property
    def lacks(self) -> bool:
        """Whether the product says that it lacks a folder there."""
        process = self.proof.timeline().process
        assert process.settings is not None
        return lack_of(process.container, process.settings, "/srv") is not None


_SHARED: Final = {"TMPDIR": "/dev/shm"}
_READY: Final = "ready."

READ_ONLY: Final = (
    ReadOnly(line="gunicorn empty:wsgi"),
    ReadOnly(line="gunicorn empty:wsgi", environment=_SHARED),
    ReadOnly(line="gunicorn --worker-tmp-dir /dev/shm empty:wsgi"),
    ReadOnly(line="gunicorn -k uvicorn_worker.UvicornWorker empty:asgi"),
    ReadOnly(line="uvicorn --workers 2 empty:asgi"),
    ReadOnly(line="hypercorn -w 2 empty:asgi"),
    ReadOnly(line="granian --interface asgi empty:asgi"),
    ReadOnly(line="daphne empty:asgi"),
    ReadOnly(line="waitress-serve empty:wsgi"),
    ReadOnly(line="fastapi run {apps}/empty_fast.py"),
    ReadOnly(line="uwsgi --http-socket :8001 -M -p 2 --module empty:wsgi"),
    ReadOnly(line="python -m aiohttp.web aio:made"),
    ReadOnly(line="streamlit run {apps}/streamed.py"),
    ReadOnly(line="flask --app empty_flask run"),
    ReadOnly(line="celery -A bare_worker worker -l INFO -c 1", logs=_READY),
    ReadOnly(line="celery -A bare_worker worker -l INFO -c 1", environment=_SHARED, logs=_READY),
    ReadOnly(line="celery -A bare_worker worker -l INFO -c 1 -P threads", logs=_READY),
    ReadOnly(line="celery -A bare_worker beat -l INFO", logs="beat: Starting"),
    ReadOnly(line="celery -A bare_worker beat -l INFO -s /dev/shm/schedule", logs="beat: Starting"),
)
