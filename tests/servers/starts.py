"""Every way in which a server is started to be measured: where it listens, how many it is, what that costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from tests.servers.proof import Proof
from tests.servers.tasks_in_flight import ARQ, CELERY, DJANGO_HUEY, DRAMATIQ, HUEY, RQ, TASKIQ, Worker

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gracekeeper_policies.process.python_process import PythonProcess


class Start(Struct, frozen=True, kw_only=True):
    """A command line, with the placeholders of a Proof.

    `beside` are the processes that there are beside its workers; None leaves uncounted and unweighed what is started
    only to see where it listens. A server that is not `lean` started so takes more than its floor says, and `silent`
    answers no HTTP everywhere. A flag in it that is cut short, `shortened`, is heeded by the server and leaves a doubt
    in what is stated. `through` starts it, `socket` is the Unix socket that it listens on, `logs` what it says once it
    is up where nobody can ask it. `worker` is whose task shows that it is up.
    """

    line: str
    environment: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    beside: int | None = None
    lean: bool = True
    silent: bool = False
    shortened: bool = False
    through: tuple[str, ...] = ()
    socket: str = ""
    logs: str = ""
    worker: Worker | None = None

    @property
    def proof(self) -> Proof:
        """The same line, as its stop would be proved."""
        return Proof(line=self.line, environment=self.environment, files=self.files)

    @property
    def process(self) -> PythonProcess:
        """What the product makes of it."""
        return self.proof.timeline().process

    @property
    def id(self) -> str:
        """The line and its variables."""
        return " ".join([*(f"{name}={value}" for name, value in self.environment.items()), self.line])


_HERE: Final = "127.0.0.1:8001"

_KOPF: Final = "kopf run {apps}/kopfed.py"
_NOWHERE: Final = {"KUBECONFIG": "kubeconfig", "WORK": "none"}
_KUBECONFIG: Final = {
    "kubeconfig": """
apiVersion: v1
kind: Config
clusters: [{name: nowhere, cluster: {server: "http://127.0.0.1:1"}}]
users: [{name: nobody, user: {token: none}}]
contexts: [{name: here, context: {cluster: nowhere, user: nobody}}]
current-context: here
"""
}

GUNICORN: Final = (
    Start(line="gunicorn empty:wsgi", beside=1),
    Start(line=f"gunicorn -b {_HERE} -w 4 empty:wsgi", beside=1),
    Start(line="gunicorn empty:wsgi", environment={"WEB_CONCURRENCY": "2", "PORT": "8002"}, beside=1),
    Start(line="gunicorn --threads 4 -b 127.0.0.1 empty:wsgi", beside=1),
    Start(line="gunicorn --bin 127.0.0.1:8001 empty:wsgi", shortened=True),
    Start(line="gunicorn -k gthread --threads 4 -w 4 empty:wsgi", beside=1),
    Start(line="gunicorn -k uvicorn_worker.UvicornWorker empty:asgi", beside=1),
    Start(line="gunicorn -k uvicorn_worker.UvicornWorker -w 4 empty:asgi", beside=1),
    Start(line="gunicorn -k uvicorn.workers.UvicornWorker empty:asgi", beside=1),
    Start(line="gunicorn -k uvicorn.workers.UvicornWorker -w 4 empty:asgi", beside=1),
)

UVICORN: Final = (
    Start(line="uvicorn empty:asgi", beside=0),
    Start(line="uvicorn --host 127.0.0.2 --port 8001 --workers 2 empty:asgi", beside=2),
    Start(line="uvicorn empty:asgi", environment={"WEB_CONCURRENCY": "4"}, beside=2),
    Start(line="uvicorn --uds sock empty:asgi", socket="sock"),
    Start(line="uvicorn --fd 3 empty:asgi", socket="sock", through=("python", "{apps}/inherit.py", "sock")),
    Start(line="fastapi run {apps}/empty_fast.py", beside=0),
    Start(line="fastapi run --host 127.0.0.2 --port 8001 --workers 2 {apps}/empty_fast.py", beside=2),
    Start(line="fastapi run {apps}/empty_fast.py", environment={"WEB_CONCURRENCY": "4"}, beside=2),
    Start(line="fastapi dev {apps}/empty_fast.py", beside=3, lean=False),
    Start(line="fastapi dev --host 127.0.0.2 --port 8001 {apps}/empty_fast.py"),
)

OTHERS: Final = (
    Start(line="hypercorn empty:asgi", beside=2),
    Start(line=f"hypercorn -b {_HERE} -w 4 empty:asgi", beside=2),
    Start(line=f"hypercorn --bin {_HERE} empty:asgi", shortened=True),
    Start(line="hypercorn -b 127.0.0.1 empty:asgi"),
    Start(line="granian --interface asgi empty:asgi", beside=1),
    Start(line="granian --interface asgi --host 127.0.0.2 --port 8001 --workers 4 empty:asgi", beside=1),
    Start(line="granian --interface wsgi empty:wsgi", beside=1),
    Start(line="granian --interface wsgi --workers 4 empty:wsgi", beside=1),
    Start(line="granian --interface asgi --uds sock empty:asgi", socket="sock"),
    Start(line="daphne empty:asgi", beside=1),
    Start(line="daphne -b 127.0.0.2 --port 8001 empty:asgi"),
    Start(line="daphne --por 8001 empty:asgi", shortened=True),
    Start(line="waitress-serve empty:wsgi", beside=1),
    Start(line="waitress-serve --host 127.0.0.2 --port 8001 empty:wsgi"),
    Start(line="waitress-serve --por 8001 empty:wsgi", shortened=True),
    Start(line=f"waitress-serve --listen {_HERE} --listen 127.0.0.2:8002 empty:wsgi"),
    Start(line="waitress-serve --listen 127.0.0.1 empty:wsgi"),
    Start(line="waitress-serve --unix-socket sock empty:wsgi", socket="sock"),
    Start(line="python -m aiohttp.web aio:made", beside=1),
    Start(line="python -m aiohttp.web -H 127.0.0.2 --port 8001 aio:made"),
    Start(line="python -m aiohttp.web --por 8001 aio:made", shortened=True),
    Start(line="python -m aiohttp.web -U sock aio:made", socket="sock"),
    Start(line="celery -A flowered flower", beside=1),
    Start(line="celery -A flowered flower --address=127.0.0.2 --port=8001"),
    Start(line="celery -A flowered flower --unix_socket=sock", socket="sock"),
    Start(line="streamlit run {apps}/streamed.py", beside=1),
    Start(line="streamlit run {apps}/streamed.py --server.address 127.0.0.2 --server.port=8001"),
    Start(line="locust -f {apps}/locusted.py", beside=1),
    Start(line="locust -f {apps}/locusted.py --web-host 127.0.0.2 -P 8001"),
    Start(line="locust -f {apps}/locusted.py --web-por 8001", shortened=True),
    Start(line="locust -f {apps}/locusted.py --master", silent=True),
    Start(line="locust -f {apps}/locusted.py --processes 2", silent=True),
)

UWSGI: Final = (
    Start(line=f"uwsgi --http-socket {_HERE} --module empty:wsgi", beside=0),
    Start(line="uwsgi --http-socket :8001 -p 4 --module empty:wsgi", beside=0),
    Start(line=f"uwsgi --http {_HERE} --module empty:wsgi"),
    Start(line=f"uwsgi --http11-socket {_HERE} --module empty:wsgi"),
    Start(line="uwsgi --https 127.0.0.1:8001,certificate,key --module empty:wsgi", silent=True),
    Start(line=f"uwsgi --socket {_HERE} --module empty:wsgi", silent=True),
    Start(line="uwsgi --socket sock --module empty:wsgi", socket="sock"),
)

DEVELOPMENT: Final = (
    Start(line="flask --app empty_flask run", beside=1),
    Start(line="flask --app empty_flask run -h 127.0.0.2 -p 8001"),
    Start(line="python {apps}/manage.py runserver", beside=2, lean=False),
    Start(line="python {apps}/manage.py runserver 8001 --noreload", beside=1),
    Start(line="python {apps}/manage.py runserver 127.0.0.2:8001 --noreload"),
    Start(line="python {apps}/manage.py runserver 8001 --norel", beside=2, shortened=True),
    Start(line="python -m http.server", beside=1),
    Start(line="python -m http.server -b 127.0.0.2 8001"),
    Start(line="python -m http.server --bi 127.0.0.2 8001", shortened=True),
)

TASKS: Final = (
    Start(line="celery -A celeried worker -c 1", worker=CELERY, beside=1),
    Start(line="celery -A celeried worker", worker=CELERY, beside=1),
    Start(line="celery -A celeried worker -c 4", worker=CELERY, beside=1),
    Start(line="celery -A celeried worker -c 9 --autoscale=3,2", worker=CELERY, beside=3, lean=False),
    Start(line="celery -A celeried worker -c 4 -P threads", worker=CELERY, beside=1),
    Start(line="celery -A celeried beat -s schedule", logs="is starting", beside=1),
    Start(line="dramatiq -p 1 dramatic", worker=DRAMATIQ, beside=1),
    Start(line="dramatiq --proc 3 dramatic", worker=DRAMATIQ, beside=1, shortened=True),
    Start(line="dramatiq dramatic", worker=DRAMATIQ, beside=1),
    Start(line="dramatiq -p 4 dramatic", worker=DRAMATIQ, beside=1),
    Start(line="rq worker -u unix://{broker}", worker=RQ, beside=1),
    Start(line="rq worker-pool -u unix://{broker}", worker=RQ, beside=2),
    Start(line="rq worker-pool -u unix://{broker} -n 4", worker=RQ, beside=2),
    Start(line="arq arqed.WorkerSettings", worker=ARQ, beside=1),
    Start(line="huey_consumer hueyed.huey", worker=HUEY, beside=1),
    Start(line="huey_consumer -w 4 hueyed.huey", worker=HUEY, beside=1),
    Start(line="huey_consumer -k process hueyed.huey", worker=HUEY, beside=2),
    Start(line="huey_consumer --worker-t process -w 3 hueyed.huey", worker=HUEY, beside=2, shortened=True),
    Start(line="huey_consumer -k process -w 4 hueyed.huey", worker=HUEY, beside=2),
    Start(line="python {apps}/djhuey/manage.py run_huey", worker=DJANGO_HUEY, beside=1, lean=False),
    Start(
        line=f"{_KOPF} -n shop", environment=_NOWHERE, files=_KUBECONFIG, logs="authentication has finished", beside=1
    ),
    Start(line=f"{_KOPF} -n shop -L http://127.0.0.2:8001/alive", environment=_NOWHERE, files=_KUBECONFIG, silent=True),
    Start(line=f"{_KOPF} -n shop -L http://:8001/alive", environment=_NOWHERE, files=_KUBECONFIG, silent=True),
    Start(line="taskiq worker tasked:broker", worker=TASKIQ, beside=1),
    Start(line="taskiq worker -w 3 tasked:broker", worker=TASKIQ, beside=1),
    Start(line="taskiq worker --worker 3 tasked:broker", worker=TASKIQ, beside=1, shortened=True),
)

STARTS: Final = (*UVICORN, *TASKS, *GUNICORN, *OTHERS, *UWSGI, *DEVELOPMENT)
