"""Every situation in which a worker is stopped with a task in its hands, and proved to do what its table says."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from tests.servers.proof import LONG, Fate, Proof


class Worker(Struct, frozen=True):
    """The module of `apps` that a worker loads, and the key of the queue that it takes its tasks from."""

    module: str
    queue: str


CELERY: Final = Worker("celeried", "celery")
DRAMATIQ: Final = Worker("dramatic", "dramatiq:default")
RQ: Final = Worker("queued", "rq:queue:default")
ARQ: Final = Worker("arqed", "arq:queue")
HUEY: Final = Worker("hueyed", "huey.redis.hueyed")
DJANGO_HUEY: Final = Worker("djhueyed", "huey.redis.djhuey")
TASKIQ: Final = Worker("tasked", "taskiq")

_TO_THE_GROUP: Final = ("dumb-init", "tini -g --", "timeout 300")
_TO_IT_ALONE: Final = ("dumb-init --single-child", "tini --", "timeout --foreground 300")
_COLD: Final = {"REMAP_SIGTERM": "SIGQUIT"}

TASKS: Final = {
    CELERY: (
        Proof(line="celery -A celeried worker -c 2"),
        Proof(line="celery -A celeried worker -c 2 -P threads"),
        Proof(line="celery -A celeried worker -c 2 -P gevent"),
        Proof(line="celery -A celeried worker -P solo"),
        Proof(line="celery -A celeried worker -c 2", signal="SIGINT", code=1),
        Proof(line="celery -A celeried worker -c 2", signal="SIGQUIT", hold=LONG),
        Proof(line="celery -A celeried worker -c 2", environment=_COLD, hold=LONG),
        Proof(line="celery -A celeried worker -c 2", environment={**_COLD, "LATE": "1"}, hold=LONG, fate=Fate.RETURNED),
        Proof(
            line="celery --config=late -A celeried worker -c 2",
            environment=_COLD,
            files={"late.py": "task_acks_late = True\n"},
            hold=LONG,
        ),
        Proof(
            line="supervisord -n -c worker.conf",
            files={
                "worker.conf": "[supervisord]\nlogfile=/dev/null\nlogfile_maxbytes=0\n"
                "[program:worker]\ncommand=celery -A celeried worker -c 2\n"
            },
            hold=LONG,
        ),
        *(Proof(line=f"{init} celery -A celeried worker -c 2", hold=LONG) for init in _TO_THE_GROUP),
        *(Proof(line=f"{init} celery -A celeried worker -c 2") for init in _TO_IT_ALONE),
        Proof(line="dumb-init celery -A celeried worker -c 2", environment={"DUMB_INIT_SETSID": "0"}),
        Proof(line="dumb-init celery -A celeried worker -c 2", environment={"DUMB_INIT_SETSID": "no"}, hold=LONG),
        Proof(line="tini -- celery -A celeried worker -c 2", environment={"TINI_KILL_PROCESS_GROUP": ""}, hold=LONG),
        Proof(line="dumb-init celery -A celeried worker -c 2 -P threads"),
        Proof(line="honcho start", files={"Procfile": "worker: celery -A celeried worker -c 2\n"}, hold=LONG, code=143),
        Proof(
            line="supervisord -n -c worker.conf",
            files={
                "worker.conf": "[supervisord]\nlogfile=/dev/null\nlogfile_maxbytes=0\n"
                "[program:worker]\ncommand=celery -A celeried worker -c 2\nstopasgroup=true\n"
            },
            hold=LONG,
        ),
    ),
    DRAMATIQ: (
        # Where the two signals arrive as one, nothing is dropped.
        Proof(line="dumb-init dramatiq -p 1 -t 1 dramatic", hold=LONG, code=1),
        Proof(line="dramatiq -p 1 -t 1 dramatic"),
        Proof(line="dramatiq -p 1 -t 1 --worker-shutdown-timeout 2000 dramatic", hold=LONG),
    ),
    RQ: (
        Proof(line="rq worker -u unix://{broker}"),
        Proof(line="rqworker -u unix://{broker}"),
        Proof(line="rq worker-pool -u unix://{broker} -n 2"),
        Proof(line="dumb-init rq worker -u unix://{broker}"),
        # An idle worker of it hangs now and then where it is told twice.
        Proof(line="dumb-init rq worker-pool -u unix://{broker} -n 1"),
    ),
    ARQ: (
        Proof(line="arq arqed.WorkerSettings", hold=LONG),
        Proof(line="dumb-init arq arqed.WorkerSettings", hold=LONG),
    ),
    HUEY: (
        Proof(line="huey_consumer hueyed.huey", hold=LONG),
        Proof(line="huey_consumer -k process hueyed.huey", hold=LONG),
        Proof(line="huey_consumer hueyed.huey", signal="SIGINT"),
        Proof(line="huey_consumer hueyed.huey", signal="SIGQUIT"),
        Proof(line="huey_consumer -g TERM hueyed.huey"),
        Proof(line="dumb-init huey_consumer -g TERM -k process hueyed.huey"),
        Proof(line="huey_consumer -g TERM -t 2 hueyed.huey", hold=LONG),
    ),
    DJANGO_HUEY: (
        Proof(line="python {apps}/djhuey/manage.py run_huey", hold=LONG),
        Proof(line="python {apps}/djhuey/manage.py run_huey -g TERM"),
    ),
    TASKIQ: (
        Proof(line="taskiq worker tasked:broker"),
        Proof(line="taskiq worker -w 1 --wait-tasks-timeout 2 tasked:broker", hold=LONG),
    ),
}
