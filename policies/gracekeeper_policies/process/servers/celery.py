"""A celery worker: its warm shutdown waits without limit for the tasks that run.

Every option of the command line has a variable too: `celery(auto_envvar_prefix="CELERY")` in celery/bin/celery.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gracekeeper_policies.process.node_cpus import NODE_CPUS
from gracekeeper_policies.process.python_settings import literal_assignments, path_of_module
from gracekeeper_policies.process.server import (
    ConfigurationFile,
    Form,
    MemoryFloor,
    OnTerm,
    Option,
    Purpose,
    Schedule,
    Server,
)
from gracekeeper_policies.process.traits import Stopping, WritableFolder

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gracekeeper_policies.provenance import Known, Unknown

_OLD_NAMES: Final = {
    "CELERYD_CONCURRENCY": "worker_concurrency",
    "CELERYD_TASK_TIME_LIMIT": "task_time_limit",
    "CELERYD_TASK_SOFT_TIME_LIMIT": "task_soft_time_limit",
    "CELERYD_POOL": "worker_pool",
    "CELERY_ACKS_LATE": "task_acks_late",
}


_COLD: Final = frozenset({"SIGQUIT"}).__contains__


def _settings(_: str, text: str) -> Mapping[str, Known[object] | Unknown]:
    return {_OLD_NAMES.get(name, name): value for name, value in literal_assignments(text).items()}


SERVER: Final = Server(
    name="celery worker",
    version="5.7.0",
    purpose=Purpose.TASKS,
    on_term=OnTerm.FINISHES,
    executables=("celery",),
    modules=("celery", "celery.__main__"),
    subcommand="worker",
    leading_flags=("-A", "--app", "-b", "--broker", "--result-backend", "--loader", "--config", "--workdir"),
    options=(
        Option(
            "concurrency",
            ("-c", "--concurrency"),
            ("CELERY_WORKER_CONCURRENCY",),
            default=NODE_CPUS,
            form=Form.INTEGER,
            setting="worker_concurrency",
            code="worker_concurrency",
        ),
        Option("pool", ("-P", "--pool"), ("CELERY_WORKER_POOL",), default="prefork"),
        Option(
            "task time limit",
            ("--time-limit",),
            ("CELERY_WORKER_TIME_LIMIT",),
            form=Form.SECONDS,
            setting="task_time_limit",
            code="task_time_limit",
        ),
        Option(
            "soft task time limit",
            ("--soft-time-limit",),
            ("CELERY_WORKER_SOFT_TIME_LIMIT",),
            form=Form.SECONDS,
            setting="task_soft_time_limit",
            code="task_soft_time_limit",
        ),
        Option("autoscale", ("--autoscale",), ("CELERY_WORKER_AUTOSCALE",)),
        Option("beat", ("-B", "--beat"), ("CELERY_WORKER_BEAT",), form=Form.SWITCH),
        Option("scheduler", ("--scheduler",), ("CELERY_WORKER_SCHEDULER",), code="beat_scheduler"),
        Option("SIGTERM acts as", environment=("REMAP_SIGTERM",)),
        Option("late acknowledgement", setting="task_acks_late", form=Form.SWITCH, code="task_acks_late"),
        Option("configuration", ("--config",), ("CELERY_CONFIG_MODULE",)),
    ),
    configuration=ConfigurationFile("configuration", read=_settings, path=path_of_module),
    workers="concurrency",
    autoscale="autoscale",
    variant="pool",
    forks=("prefork", "processes"),
    memory={"prefork": MemoryFloor(first_mib=60.0, further_mib=24.0)},
    start_cpu_seconds=1.2,
    # billiard: the semaphores of the prefork pool.
    writes=WritableFolder(variants=("prefork",)),
    task_limit="task time limit",
    soft_task_limit="soft task time limit",
    schedule=Schedule(
        turned_on="beat",
        scheduler="scheduler",
        unlocked=(
            None,
            "celery.beat:PersistentScheduler",
            "celery.beat.PersistentScheduler",
            "django",
            "django_celery_beat.schedulers:DatabaseScheduler",
            "django_celery_beat.schedulers.DatabaseScheduler",
        ),
    ),
    # billiard/common.py: a cold shutdown at once, which gives back what is acknowledged late, and loses the rest.
    stopping=(
        Stopping(OnTerm.GIVES_BACK, when={"SIGTERM acts as": _COLD, "late acknowledgement": bool}),
        Stopping(
            OnTerm.DROPS,
            when={"SIGTERM acts as": _COLD},
            doubt="tasks that are acknowledged late go back into the queue",
            chosen="take REMAP_SIGTERM out, or set task_acks_late where tasks may run twice",
        ),
        # The processes of the pool have no handler for SIGTERM.
        Stopping(OnTerm.DROPS, when={"pool": frozenset({"prefork", "processes"}).__contains__}, in_group=True),
        Stopping(OnTerm.FINISHES, ("SIGINT",), code=1),
        Stopping(OnTerm.DROPS, ("SIGQUIT",)),
    ),
)
