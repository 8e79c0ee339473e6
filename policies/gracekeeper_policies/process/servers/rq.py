"""RQ: a worker finishes the job it has, however long that takes; a pool runs several such workers."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from gracekeeper_policies.process.server import Form, MemoryFloor, OnTerm, Option, Purpose, Server

# A job's limit is set where it is sent, or by its queue; the worker has no flag for it.
_JOB_LIMIT: Final = Option("job timeout", default=180, form=Form.SECONDS, code="job_timeout")

WORKER: Final = Server(
    name="rq worker",
    version="3.0.0",
    purpose=Purpose.TASKS,
    on_term=OnTerm.FINISHES,
    executables=("rq",),
    modules=("rq.cli", "rq"),
    subcommand="worker",
    options=(_JOB_LIMIT,),
    memory={"": MemoryFloor(first_mib=26.0)},
    start_cpu_seconds=0.5,
    task_limit="job timeout",
    # rq/worker/base.py: a second one within a second is taken for the same.
    second_cuts=1.0,
)

RQWORKER: Final = replace(WORKER, executables=("rqworker",), modules=(), subcommand="")

POOL: Final = replace(
    WORKER,
    name="rq worker-pool",
    subcommand="worker-pool",
    options=(_JOB_LIMIT, Option("workers", ("-n", "--num-workers"), default=1, form=Form.INTEGER)),
    workers="workers",
    memory={"": MemoryFloor(first_mib=41.0, further_mib=8.5)},
)
