"""Assembles the operator: everything that is made once, and the order in which it starts and stops."""

from __future__ import annotations

import asyncio
import signal
import sys
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import kopf
import structlog

from gracekeeper import logs
from gracekeeper.operator.admission import KINDS, RESOURCES, Admission
from gracekeeper.operator.api import Api
from gracekeeper.operator.certificates import Certificates
from gracekeeper.operator.cluster import NEIGHBOURS, Cluster
from gracekeeper.operator.default_policy import default_policy
from gracekeeper.operator.health import Health
from gracekeeper.operator.judges import Judges
from gracekeeper.operator.metrics import Metrics
from gracekeeper.operator.operations import Operations
from gracekeeper.operator.passing import Passing
from gracekeeper.operator.policies import PoliciesLive
from gracekeeper.operator.policy_admission import PolicyAdmission
from gracekeeper.operator.policy_objects import KINDS as POLICY_KINDS
from gracekeeper.operator.server import WebhookServer
from gracekeeper.operator.sight import Sight, login
from gracekeeper.operator.status_writer import StatusWriter
from gracekeeper.operator.tls import ServingCertificate
from gracekeeper_policies.catalog import RULES

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from gracekeeper.settings import OperatorSettings

_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)

_log: Final = structlog.get_logger(__name__)


def run(settings: OperatorSettings) -> None:
    """Run the operator until it is told to stop."""
    logs.configure(settings)
    try:
        with suppress(asyncio.CancelledError), asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(operate(settings))
    except BaseExceptionGroup as group:
        raise _first(group) from group


def _first(error: BaseException) -> BaseException:
    """What went wrong, of several things that then ended together."""
    return _first(error.exceptions[0]) if isinstance(error, BaseExceptionGroup) else error


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    if sys.platform == "win32":
        return None
    import uvloop  # noqa: PLC0415 - there is none for Windows

    return uvloop.new_event_loop


async def operate(settings: OperatorSettings) -> None:
    """Follow the cluster and answer its reviews until SIGTERM, then finish what is in flight."""
    _end_at_signals()
    health, metrics = Health(), Metrics()
    async with AsyncExitStack() as stack:
        api = await stack.enter_async_context(Api(login))
        cluster = Cluster()
        policies = PoliciesLive(RULES, default_policy(settings.default_policy, RULES))
        policies.when_changed(metrics.policies_changed.set_to_current_time)
        sight = Sight(api, [*((kind, cluster) for kind in NEIGHBOURS), *((kind, policies) for kind in POLICY_KINDS)])
        health.register("cluster", sight.amiss)
        judges = Judges(cluster, policies, RULES, _today, lambda: sight.version)
        registry = kopf.OperatorRegistry()
        kopf.on.login(id="login", registry=registry)(lambda **_: login())
        admission = Admission(_passing(settings), judges, metrics)
        admission.register(registry, resources(settings))
        PolicyAdmission(policies, settings.extra_kinds, _today).register(registry)
        statuses = StatusWriter(api, policies, cluster.namespaces, settings.extra_kinds, _now)
        certificates, shown = Certificates.of(settings, api, _now), ServingCertificate()
        health.register("certificate", certificates.amiss)
        metrics.certificate_expiry.set_function(certificates.expiry)
        server = WebhookServer(settings, shown.context, health, metrics, admission.recall)
        await stack.enter_async_context(Operations(settings, health, metrics))
        tasks = await stack.enter_async_context(asyncio.TaskGroup())
        following = [*sight.follow(tasks), tasks.create_task(statuses.run(sight.is_whole))]
        await stack.enter_async_context(certificates)
        following.append(tasks.create_task(shown.follow(certificates.changes())))
        await shown.loaded.wait()
        await _serve(registry, server)
        for task in following:
            task.cancel()


def _end_at_signals() -> None:
    """End at once while there is nothing to drain; a container's first process would ignore what it does not handle."""
    if operating := asyncio.current_task():
        for number in _SIGNALS:
            asyncio.get_running_loop().add_signal_handler(number, operating.cancel)


async def _serve(registry: kopf.OperatorRegistry, server: WebhookServer) -> None:
    """Have kopf answer reviews until a signal comes and the server has drained."""
    stop, others = asyncio.Event(), asyncio.all_tasks()
    tasks = await kopf.spawn_tasks(
        registry=registry, settings=_kopf_settings(server), standalone=True, clusterwide=True, stop_flag=stop
    )
    # kopf's own answer to a signal, set by now, is to stop at once.
    draining = _Draining(server, stop, others)
    for number in _SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, draining.begin, number)
    await kopf.run_tasks(tasks, ignored=others)


class _Draining:
    """Stops once, however often it is told to.

    kopf would wait 5 s for every task that is not among `others`, such as a connection that Prometheus keeps open. Once
    the server has drained, none of them is about a review any more.
    """

    def __init__(self, server: WebhookServer, stop: asyncio.Event, others: set[asyncio.Task[Any]]) -> None:
        self._server = server
        self._stop = stop
        self._others = others
        self._task: asyncio.Task[None] | None = None

    def begin(self, number: signal.Signals) -> None:
        """Drain the server, then stop kopf."""
        if self._task is None:
            _log.info("stopping", signal=number.name)
            self._task = asyncio.get_running_loop().create_task(self._drain())

    async def _drain(self) -> None:
        try:
            await self._server.drain()
        finally:
            self._others |= asyncio.all_tasks()
            self._stop.set()


def _kopf_settings(server: WebhookServer) -> kopf.OperatorSettings:
    """Kopf serves reviews and nothing else: what is watched is watched by us, and the chart owns the webhook."""
    settings = kopf.OperatorSettings()
    settings.admission.server = server
    settings.admission.managed = None
    settings.posting.enabled = False
    settings.scanning.disabled = True
    return settings


def _passing(settings: OperatorSettings) -> Passing:
    return Passing(settings.controller_users, KINDS, frozenset(each.group for each in settings.extra_kinds))


def resources(settings: OperatorSettings) -> list[tuple[str, str]]:
    """API group and plural of everything that is judged."""
    return [*RESOURCES, *((each.group, each.resource) for each in settings.extra_kinds)]


def _now() -> datetime:
    return datetime.now(UTC)


def _today() -> date:
    return _now().date()
