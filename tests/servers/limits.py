"""Every way in which a server is started to see what limits it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from tests.servers.proof import Proof

if TYPE_CHECKING:
    from tests.servers.broker import Broker

AT_ONCE: Final = (
    Proof(line="gunicorn -w 2 -b 127.0.0.1:{port} busy:wsgi"),
    Proof(line="gunicorn -w 2 --threads 2 -b 127.0.0.1:{port} busy:wsgi"),
    Proof(line="waitress-serve --host 127.0.0.1 --port {port} busy:wsgi"),
    Proof(line="waitress-serve --host 127.0.0.1 --port {port} --threads 2 busy:wsgi"),
    Proof(line="uwsgi --http-socket 127.0.0.1:{port} -p 2 --threads 2 --module busy:wsgi"),
    Proof(line="uwsgi --http-socket 127.0.0.1:{port} --async 3 --ugreen --module busy:wsgi"),
    Proof(line="uwsgi --http-socket 127.0.0.1:{port} --gevent 3 --module busy:wsgi"),
)

REQUESTS_LIMITED: Final = (
    Proof(line="gunicorn -t 2 -b 127.0.0.1:{port} web:wsgi"),
    Proof(line="gunicorn -t 2 --threads 2 -b 127.0.0.1:{port} web:wsgi"),
    Proof(line="gunicorn -t 2 -k uvicorn_worker.UvicornWorker -b 127.0.0.1:{port} web:asgi"),
    Proof(line="uwsgi --http-socket 127.0.0.1:{port} -M -t 2 --module web:wsgi"),
)

TASKS_LIMITED: Final = (
    Proof(line="celery -A celeried worker -c 1 --time-limit 2"),
    Proof(line="celery -A celeried worker -c 1 --soft-time-limit 2"),
    Proof(line="celery -A celeried worker -c 1 --time-limit 2 -P threads"),
)


class Clock(Struct, frozen=True):
    """A scheduler, the key under which what it sends is counted, and how often one of it sends in so many seconds.

    huey sends what is due each minute, and for the first time when it starts.
    """

    proof: Proof
    key: str
    times: int
    seconds: float

    def senders(self, broker: Broker) -> int:
        """How many send, as what has come in tells."""
        deadline = time.monotonic() + 60
        while not broker.holds(self.key) and time.monotonic() < deadline and self.times > 1:
            time.sleep(0.1)
        time.sleep(1)
        before = broker.holds(self.key) if self.times > 1 else 0
        time.sleep(self.seconds)
        return round((broker.holds(self.key) - before) / self.times)


CLOCKS: Final = (
    Clock(Proof(line="huey_consumer -w 1 clocked.huey"), "clock", 1, 10),
    Clock(Proof(line="huey_consumer -n clocked.huey"), "clock", 1, 10),
    Clock(Proof(line="celery -A clocked beat -s schedule"), "clock", 6, 6),
    Clock(Proof(line="celery -A clocked worker -B -c 1"), "clock", 6, 6),
    Clock(Proof(line="celery -A clocked worker -c 1"), "clock", 1, 10),
)
