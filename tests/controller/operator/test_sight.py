"""What has to be seen of a cluster before anybody is judged in it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import TYPE_CHECKING, cast

import kopf
import pytest

from gracekeeper.operator import reflector
from gracekeeper.operator.api import RefusedError
from gracekeeper.operator.cluster import NEIGHBOURS, Cluster
from gracekeeper.operator.sight import Sight, login
from gracekeeper_policies.kubernetes import ASSUMED, KubernetesVersion

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    from gracekeeper.operator.api import Api


class Server:
    """An API server with one Service, that refuses some paths; watches tell of nothing."""

    def __init__(self, **refused: int) -> None:
        """`refused` gives HTTP's code by the last word of a path, for the first request."""
        self.refused = refused

    async def read(self, path: str, _parameters: Mapping[str, str] | None = None) -> bytes:
        """Answer a list, or the version."""
        last = path.rpartition("/")[2]
        if last in self.refused:
            raise RefusedError(self.refused.pop(last))
        if last == "version":
            return b'{"gitVersion": "v1.36.3", "major": "1"}'
        items = [{"metadata": {"name": "web", "namespace": "shop"}, "spec": {}}] if last == "services" else []
        return json.dumps({"metadata": {"resourceVersion": "1"}, "items": items}).encode()

    async def lines(self, _path: str, _parameters: Mapping[str, str], _seconds: float) -> AsyncIterator[bytes]:
        """Say nothing for ever."""
        await asyncio.get_running_loop().create_future()
        yield b""


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses are short in tests."""
    monkeypatch.setattr(reflector, "_FIRST_PAUSE", 0.001)


def seen(server: Server) -> tuple[Sight, Cluster]:
    """Look at a cluster until all was seen."""

    async def look() -> tuple[Sight, Cluster]:
        cluster = Cluster()
        sight = Sight(cast("Api", server), [(kind, cluster) for kind in NEIGHBOURS])
        async with asyncio.timeout(5), asyncio.TaskGroup() as group:
            tasks = sight.follow(group)
            while sight.amiss():  # noqa: ASYNC110 - it is asked from outside, as a probe does
                await asyncio.sleep(0.001)
            for task in tasks:
                task.cancel()
        return sight, cluster

    return asyncio.run(look())


def test_all_kinds_are_followed() -> None:
    """Each kind's objects come to stand beside the workloads."""
    sight, cluster = seen(Server())
    assert sight.is_whole()
    assert [service.identity.name for service in cluster.neighbours("shop").services] == ["web"]
    assert sight.version == KubernetesVersion(1, 36)


def test_before_it_looked_everything_is_amiss() -> None:
    """The check of readiness says what is missing."""
    sight = Sight(cast("Api", Server()), [(kind, Cluster()) for kind in NEIGHBOURS])
    assert (sight.version, sight.is_whole()) == (ASSUMED, False)
    assert sight.amiss() == (
        "not seen yet: namespaces, services, configmaps, limitranges, poddisruptionbudgets, "
        "horizontalpodautoscalers, scaledobjects, the version of Kubernetes"
    )


def test_what_is_refused_at_first_is_asked_again() -> None:
    """An API server that starts refuses for a while."""
    sight, cluster = seen(Server(version=503, services=403))
    assert sight.version == KubernetesVersion(1, 36)
    assert len(cluster.neighbours("shop").services) == 1


@pytest.mark.parametrize(
    ("host", "server"),
    [
        ("10.96.0.1", "https://10.96.0.1:443"),
        ("fd00::1", "https://[fd00::1]:443"),
        ("", "https://kubernetes.default.svc"),
    ],
)
def test_in_a_cluster_the_api_server_is_found_by_its_address(
    host: str, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cluster's DNS may be away, and its Pods may even wait for our verdict."""
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", host)
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "443")
    token = kopf.ConnectionInfo(server="https://kubernetes.default.svc", token="t")  # noqa: S106 - no secret
    monkeypatch.setattr(kopf, "login_with_service_account", lambda **_: token)
    assert login() == replace(token, server=server)


def test_outside_of_a_cluster_a_kubeconfig_says_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As for kubectl."""
    config = {
        "current-context": "c",
        "contexts": [{"name": "c", "context": {"cluster": "a", "user": "u"}}],
        "clusters": [{"name": "a", "cluster": {"server": "https://a.example:6443"}}],
        "users": [{"name": "u", "user": {"token": "t"}}],
    }
    (tmp_path / "config").write_text(json.dumps(config), encoding="utf-8")
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "config"))
    assert (login().server, login().token) == ("https://a.example:6443", "t")


def test_without_either_the_error_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody tries it outside of a cluster."""
    monkeypatch.delenv("KUBECONFIG", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(kopf.LoginError, match=r"neither a ServiceAccount's token nor a kubeconfig\.$"):
        login()
