"""What the operator keeps in sight of its cluster: a reflector for each kind, and the cluster's own version."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import aiohttp
import kopf
import msgspec
import structlog

from gracekeeper.operator.api import RefusedError
from gracekeeper.operator.reflector import Reflector, pauses
from gracekeeper_policies.kubernetes import ASSUMED, KubernetesVersion

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gracekeeper.operator.api import Api
    from gracekeeper.operator.reflector import Kind, Shelf

_log: Final = structlog.get_logger(__name__)


class _Version(msgspec.Struct, rename="camel"):
    git_version: str


class Sight:
    """Follows the cluster from `follow` on. `version` is what rules may assume of Kubernetes."""

    def __init__(self, api: Api, shelves: Iterable[tuple[Kind, Shelf]]) -> None:
        """`shelves` are where the objects of each kind belong."""
        self.version = ASSUMED
        self._api = api
        self._knows_version = False
        self._reflectors = tuple(Reflector(api, kind, shelf) for kind, shelf in shelves)

    def is_whole(self) -> bool:
        """Whether everything was seen once."""
        return self.amiss() is None

    def amiss(self) -> str | None:
        """What was not seen yet, as a check of readiness: nobody can be judged beside neighbours that are not known."""
        unseen = [each.kind.plural for each in self._reflectors if not each.is_synced]
        if not self._knows_version:
            unseen.append("the version of Kubernetes")
        return f"not seen yet: {', '.join(unseen)}" if unseen else None

    def follow(self, group: asyncio.TaskGroup) -> list[asyncio.Task[None]]:
        """Start to follow the cluster; the tasks go on until they are cancelled."""
        return [group.create_task(self._learn_version()), *(group.create_task(each.run()) for each in self._reflectors)]

    async def _learn_version(self) -> None:
        for pause in pauses():
            try:
                told = msgspec.json.decode(await self._api.read("/version"), type=_Version)
                self.version = KubernetesVersion.parse(told.git_version)
            except (RefusedError, aiohttp.ClientError, TimeoutError, msgspec.MsgspecError, ValueError) as error:
                _log.warning("cluster_unreachable", error=type(error).__name__)
                await asyncio.sleep(pause)
            else:
                break
        self._knows_version = True
        _log.info("cluster_reached", kubernetes=str(self.version))


def login() -> kopf.ConnectionInfo:
    """The credentials of our service account, or of a kubeconfig outside of a cluster.

    Raises:
        kopf.LoginError: there are none.
    """
    settings = kopf.OperatorSettings()
    if in_cluster := kopf.login_with_service_account(settings=settings):
        return _by_address(in_cluster)
    # The official client is no dependency of ours (it weighs 120 MB), but it knows more ways for those who have it.
    credentials = kopf.login_via_client(logger=_log, settings=settings) or kopf.login_with_kubeconfig(settings=settings)
    if credentials is None:
        raise kopf.LoginError("There is neither a ServiceAccount's token nor a kubeconfig.")
    return credentials


def _by_address(credentials: kopf.ConnectionInfo) -> kopf.ConnectionInfo:
    """Find the API server by its address, as the official client does: the cluster's DNS may be away."""
    host, port = (os.environ.get(f"KUBERNETES_SERVICE_{each}", "") for each in ("HOST", "PORT"))
    address = f"[{host}]" if ":" in host else host
    return replace(credentials, server=f"https://{address}:{port}") if host else credentials
