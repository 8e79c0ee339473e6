"""Policies and exceptions of a real API server: seen at once by every replica, and told of in their status once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import kopf
import pytest

from gracekeeper.operator.api import Api
from gracekeeper.operator.default_policy import BUILT_IN
from gracekeeper.operator.policies import PoliciesLive
from gracekeeper.operator.policy_objects import KINDS
from gracekeeper.operator.reflector import Reflector
from gracekeeper.operator.status_writer import StatusWriter
from gracekeeper.policyfiles.crds import RESOURCES, crd
from gracekeeper.policyfiles.models import API_VERSION
from gracekeeper_policies.catalog import RULES
from tests.cluster.client import eventually
from tests.cluster.control_plane import Profile, running
from tests.cluster.credentials import ADMINISTRATOR

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from tests.cluster.client import Client, Manifest
    from tests.cluster.control_plane import ControlPlane

WITHIN_SECONDS = 2
"""So soon is a change in force."""

BAD: dict[str, Any] = {"rules": {"run-as-rot": {}}}


@pytest.fixture(scope="module")
def control_plane(
    cluster_programs: None,  # noqa: ARG001 - only that they are there
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[ControlPlane]:
    """A control plane of our own: on the common one an operator refuses what is bad here, and writes what we count."""
    with running(Profile(), tmp_path_factory.mktemp("policies")) as control_plane:
        yield control_plane


@pytest.fixture(scope="module", autouse=True)
def _definitions(control_plane: ControlPlane) -> None:
    for resource in RESOURCES:
        control_plane.client.apply(crd(resource)).object()
    eventually(lambda: all(control_plane.client.serves(API_VERSION, each.kind) for each in RESOURCES))


@pytest.fixture
def policy(client: Client, request: pytest.FixtureRequest) -> Iterator[Manifest]:
    """A strict policy, gone at the end."""
    name = f"policy-{abs(hash(request.node.nodeid)) % 10**8}"
    manifest: Manifest = {"apiVersion": API_VERSION, "kind": "GracePolicy", "metadata": {"name": name}}
    client.create({**manifest, "spec": {"profile": "strict"}}).object()
    yield manifest
    client.delete(manifest)


class Replica:
    """What one replica knows."""

    def __init__(self, api: Api) -> None:
        """Nothing yet."""
        self.live = PoliciesLive(RULES, BUILT_IN)
        self.reflectors = [Reflector(api, kind, self.live) for kind in KINDS]
        self.writer = StatusWriter(api, self.live, lambda: {"shop": {}}, (), lambda: datetime.now(UTC))

    def follow(self, group: asyncio.TaskGroup) -> list[asyncio.Task[None]]:
        """Follow the cluster."""
        following = [group.create_task(each.run()) for each in self.reflectors]
        return [*following, group.create_task(self.writer.run(self.is_whole))]

    def is_whole(self) -> bool:
        """Whether all was seen once."""
        return all(each.is_synced for each in self.reflectors)

    def profiles(self) -> list[str]:
        """The profiles of what is in force."""
        return [each.profile.label for each in self.live.in_force("shop").policies]


def with_replicas(control_plane: ControlPlane, number: int, then: Callable[[list[Replica]], Awaitable[None]]) -> None:
    """Let replicas follow the cluster, and do something beside them."""

    def login() -> kopf.ConnectionInfo:
        return kopf.ConnectionInfo(
            server=control_plane.url, ca_path=str(control_plane.credentials.authority), token=ADMINISTRATOR
        )

    async def run() -> None:
        async with Api(login) as api, asyncio.timeout(60), asyncio.TaskGroup() as group:
            replicas = [Replica(api) for _ in range(number)]
            tasks = [task for each in replicas for task in each.follow(group)]
            await until(lambda: all(each.is_whole() for each in replicas), 20)
            await then(replicas)
            for task in tasks:
                task.cancel()
        await asyncio.sleep(0.1)  # aiohttp leaves TLS connections to the loop to close

    asyncio.run(run())


async def until(question: Callable[[], object], seconds: float) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(seconds):
        while not question():  # noqa: ASYNC110 - it is asked from outside
            await asyncio.sleep(0.01)


def in_force(client: Client, policy: Manifest) -> tuple[str, str] | None:
    """Status and message of the condition, once there is one."""
    conditions = client.get(policy).object().get("status", {}).get("conditions", [])
    return next(((each["status"], each["message"]) for each in conditions if each["type"] == "InForce"), None)


def test_a_change_is_in_force_on_every_replica_within_two_seconds(
    control_plane: ControlPlane, client: Client, policy: Manifest
) -> None:
    """And so is what is deleted."""

    async def change(replicas: list[Replica]) -> None:
        await asyncio.to_thread(client.patch, policy, {"spec": {"profile": "baseline"}})
        await until(lambda: all(each.profiles() == ["baseline"] for each in replicas), WITHIN_SECONDS)
        await asyncio.to_thread(client.delete, policy)
        await until(lambda: all(each.live.in_force("shop") is BUILT_IN for each in replicas), WITHIN_SECONDS)

    with_replicas(control_plane, 3, change)


def test_a_bad_policy_that_got_in_leaves_the_good_one_in_force_for_replicas_to_come(
    control_plane: ControlPlane, client: Client, policy: Manifest
) -> None:
    """Nobody who starts later has seen the good one; it is in the status."""

    async def spoil(replicas: list[Replica]) -> None:
        await asyncio.to_thread(client.patch, policy, {"spec": BAD})
        await until(lambda: all(each.live.policies[0].complaints for each in replicas), 20)
        await asyncio.to_thread(eventually, lambda: (in_force(client, policy) or ("",))[0] == "False")
        assert [["strict"], ["strict"]] == [each.profiles() for each in replicas]

    async def look(replicas: list[Replica]) -> None:
        assert [["strict"]] == [each.profiles() for each in replicas]

    with_replicas(control_plane, 2, spoil)
    why = "spec.rules.run-as-rot: there is no rule run-as-rot; did you mean run-as-root?"
    message = f"Generation 1 stays in force, since generation 2 cannot be read: {why}"
    assert ("False", message) == in_force(client, policy)
    with_replicas(control_plane, 1, look)


def test_replicas_write_a_status_once_and_then_rest(
    control_plane: ControlPlane, client: Client, policy: Manifest
) -> None:
    """Who comes second is refused by the version that it saw, and has nothing left to do."""

    async def wait(_replicas: list[Replica]) -> None:
        await asyncio.to_thread(eventually, lambda: in_force(client, policy))

    with_replicas(control_plane, 3, wait)
    before = client.get(policy).object()["metadata"]["resourceVersion"]

    async def rest(replicas: list[Replica]) -> None:
        for each in replicas:
            await each.writer.write()

    with_replicas(control_plane, 3, rest)
    assert ("True", "Generation 1 is in force.") == in_force(client, policy)
    assert before == client.get(policy).object()["metadata"]["resourceVersion"]
    assert 1 == client.get(policy).object()["metadata"]["generation"]


def test_an_exception_tells_that_it_is_over(control_plane: ControlPlane, client: Client, namespace: str) -> None:
    """As it is created."""
    spec = {"rules": ["run-as-root"], "reason": "legacy", "expires": "2020-01-01"}
    metadata = {"name": "legacy", "namespace": namespace}
    exception = {"apiVersion": API_VERSION, "kind": "GraceException", "metadata": metadata, "spec": spec}

    async def create(replicas: list[Replica]) -> None:
        await asyncio.to_thread(client.create, exception)
        await asyncio.to_thread(eventually, lambda: in_force(client, exception))
        assert 1 == len(replicas[0].live.in_force(namespace).exceptions)

    with_replicas(control_plane, 1, create)
    assert ("False", "Its last day was 2020-01-01: it silences nothing.") == in_force(client, exception)
