"""What a policy's or an exception's status says, and how it gets there."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pytest

from gracekeeper.operator.api import RefusedError
from gracekeeper.operator.default_policy import BUILT_IN
from gracekeeper.operator.policies import PoliciesLive
from gracekeeper.operator.policy_objects import EXCEPTION_KIND, POLICY_KIND
from gracekeeper.operator.status_writer import StatusWriter
from gracekeeper.settings import ExtraKind
from gracekeeper_policies.catalog import RULES

if TYPE_CHECKING:
    from gracekeeper.operator.api import Method

NOW = dt.datetime(2026, 11, 23, 1, 30, tzinfo=dt.UTC)
BEFORE = "2026-11-20T00:00:00Z"
NAMESPACES = {"shop": {"team": "shop"}, "blog": {"gracekeeper.dev/mode": "warn"}, "old": {"gracekeeper.dev/mode": "no"}}
ROLLOUTS = ExtraKind(resource="rollouts", version="v1alpha1", group="argoproj.io")
BAD: dict[str, Any] = {"rules": {"run-as-rot": {}}}
TEMPLATE = {"group": "apps.example.com", "kind": "WebApp", "path": "spec.template"}


class Server:
    """An API server that takes what is written, and gives it to the shelf as a watch would; or refuses."""

    def __init__(self, live: PoliciesLive) -> None:
        """It refuses nothing."""
        self.live = live
        self.objects: dict[str, dict[str, Any]] = {}
        self.paths: list[str] = []
        self.refusals: list[Exception] = []

    def has(self, kind: str, name: str, spec: dict[str, Any], namespace: str = "", **metadata: Any) -> None:  # noqa: ANN401
        """Somebody writes an object."""
        where = POLICY_KIND if kind == "GracePolicy" else EXCEPTION_KIND
        known = {"name": name, "uid": "1", "generation": 1, "resourceVersion": "1"} | metadata
        values = {"metadata": known | ({"namespace": namespace} if namespace else {}), "spec": spec}
        within = f"/namespaces/{namespace}" if namespace else ""
        path = f"/apis/gracekeeper.dev/v1alpha1{within}/{where.plural}/{name}/status"
        self.objects[path] = values | {"status": self.objects.get(path, {}).get("status", {})}
        self.live.put(where, where.document(self.objects[path]))

    async def write(self, method: Method, path: str, body: bytes, content_type: str) -> bytes:
        """Replace a status."""
        self.paths.append(path)
        if self.refusals:
            raise self.refusals.pop(0)
        version, status = json.loads(body)
        values = self.objects[path]
        assert ("PATCH", "application/json-patch+json") == (method, content_type)
        assert values["metadata"]["resourceVersion"] == version["value"]
        values["status"] = status["value"]
        where = EXCEPTION_KIND if "namespace" in values["metadata"] else POLICY_KIND
        self.live.put(where, where.document(values))
        return b"{}"

    def condition(self, name: str, kind: str = "InForce") -> tuple[str, str, str]:
        """Status, reason and message of a condition."""
        (found,) = (each for each in self.status(name)["conditions"] if each["type"] == kind)
        return found["status"], found["reason"], found["message"]

    def status(self, name: str) -> dict[str, Any]:
        """The status of an object."""
        (found,) = (each for each in self.objects.values() if each["metadata"]["name"] == name)
        status: dict[str, Any] = found["status"]
        return status


@pytest.fixture
def server() -> Server:
    """An API server without objects."""
    return Server(PoliciesLive(RULES, BUILT_IN))


def write(server: Server, now: dt.datetime = NOW, *extra: ExtraKind, times: int = 1) -> None:
    """Have the statuses written."""

    async def each_time() -> None:
        writer = StatusWriter(server, server.live, lambda: NAMESPACES, extra, lambda: now)
        for _ in range(times):
            await writer.write()

    asyncio.run(each_time())


def test_a_good_policy_says_that_it_is_in_force_and_for_whom(server: Server) -> None:
    """With the generation that is meant."""
    server.has("GracePolicy", "ours", {}, generation=3)
    write(server, NOW, ROLLOUTS)
    assert {
        "observedGeneration": 3,
        "conditions": [
            {
                "type": "InForce",
                "status": "True",
                "observedGeneration": 3,
                "lastTransitionTime": "2026-11-23T01:30:00Z",
                "reason": "Read",
                "message": "Generation 3 is in force.",
            }
        ],
        "namespaces": 3,
        "resources": [
            "pods",
            "replicationcontrollers",
            "deployments.apps",
            "statefulsets.apps",
            "daemonsets.apps",
            "replicasets.apps",
            "jobs.batch",
            "cronjobs.batch",
            "rollouts.argoproj.io",
        ],
    } == server.status("ours")


def test_a_narrow_policy_says_so(server: Server) -> None:
    """By namespace and by kind; a kind of somebody else is known by its resource."""
    match = {"kinds": ["Rollout", "Deployment"], "namespaceSelector": {"matchLabels": {"team": "shop"}}}
    server.has("GracePolicy", "ours", {"match": match})
    write(server, NOW, ROLLOUTS, ExtraKind(resource="services", version="v1", group="serving.knative.dev"))
    status = server.status("ours")
    assert (1, ["deployments.apps", "rollouts.argoproj.io"]) == (status["namespaces"], status["resources"])


def test_a_bad_policy_says_what_stays_and_why(server: Server) -> None:
    """And keeps what was good for replicas that start later."""
    server.has("GracePolicy", "ours", {"profile": "strict"}, generation=2)
    server.has("GracePolicy", "ours", BAD, generation=3)
    write(server)
    message = (
        "Generation 2 stays in force, since generation 3 cannot be read: "
        "spec.rules.run-as-rot: there is no rule run-as-rot; did you mean run-as-root?"
    )
    assert ("False", "Refused", message) == server.condition("ours")
    assert {"generation": 2, "spec": {"profile": "strict"}} == server.status("ours")["lastGood"]


def test_what_was_good_is_forgotten_once_it_is_mended(server: Server) -> None:
    """A copy that nobody needs would mislead."""
    server.has("GracePolicy", "ours", {"profile": "strict"})
    server.has("GracePolicy", "ours", BAD, generation=2)
    write(server)
    server.has("GracePolicy", "ours", {"profile": "baseline"}, generation=3)
    write(server)
    assert "lastGood" not in server.status("ours")
    assert ("True", "Read", "Generation 3 is in force.") == server.condition("ours")


def test_a_policy_that_was_never_good_is_not_in_force(server: Server) -> None:
    """Whom it would mean nobody knows."""
    server.has("GracePolicy", "ours", {"rules": {f"no-rule-{number}": {} for number in range(8)}})
    write(server)
    status, reason, message = server.condition("ours")
    assert ("False", "Refused") == (status, reason)
    assert message.startswith("Nothing of it is in force, since generation 1 cannot be read: spec.rules.no-rule-0: ")
    assert message.endswith(" and 3 more")
    assert not {"namespaces", "resources", "lastGood"} & server.status("ours").keys()


def test_a_kind_that_is_never_sent_is_told(server: Server) -> None:
    """The policy adds it, but the webhook is not asked about it."""
    server.has("GracePolicy", "ours", {"podTemplates": [TEMPLATE]})
    write(server)
    message = "The API server asks about none of WebApp.apps.example.com: --extra-kinds names no such kind."
    assert ("False", "NotSent", message) == server.condition("ours", "KindsReviewed")
    write(server, NOW, ExtraKind(resource="webapps", version="v1", group="apps.example.com"))
    assert ("True", "Sent") == server.condition("ours", "KindsReviewed")[:2]


def test_a_namespace_that_chooses_no_mode_is_told(server: Server) -> None:
    """Where the policy lets namespaces choose; the policy's own mode holds there."""
    server.has("GracePolicy", "ours", {"allowNamespaceMode": True})
    write(server)
    message = "Namespaces choose a mode that does not exist, so the policy's own holds: old."
    assert ("False", "Unknown", message) == server.condition("ours", "NamespaceModes")


def test_an_exception_says_that_it_is_over(server: Server) -> None:
    """On the day after its last one, though nobody wrote anything."""
    server.has("GraceException", "legacy", {"rules": ["run-as-root"], "reason": "x", "expires": "2026-11-23"}, "shop")
    write(server)
    assert ("True", "Read", "Generation 1 is in force.") == server.condition("legacy")
    write(server, NOW + dt.timedelta(days=1))
    assert ("False", "Expired", "Its last day was 2026-11-23: it silences nothing.") == server.condition("legacy")


def test_a_condition_keeps_its_time_while_it_stays(server: Server) -> None:
    """It tells since when."""
    server.has("GracePolicy", "ours", {})
    write(server)
    server.has("GracePolicy", "ours", {"profile": "strict"}, generation=2)
    write(server, NOW + dt.timedelta(hours=1))
    (condition,) = server.status("ours")["conditions"]
    assert (2, "2026-11-23T01:30:00Z") == (condition["observedGeneration"], condition["lastTransitionTime"])


def test_what_is_so_already_is_not_written(server: Server) -> None:
    """Neither again, nor by another replica."""
    server.has("GracePolicy", "ours", {})
    server.has("GraceException", "legacy", {"rules": ["run-as-root"], "reason": "x", "expires": "2027-03-01"}, "shop")
    write(server, times=2)
    write(server)
    assert [
        "/apis/gracekeeper.dev/v1alpha1/gracepolicies/ours/status",
        "/apis/gracekeeper.dev/v1alpha1/namespaces/shop/graceexceptions/legacy/status",
    ] == server.paths


@pytest.mark.parametrize("code", [404, 409])
def test_who_comes_second_goes_on_with_the_next(server: Server, code: int) -> None:
    """Another replica was first, or the object is gone."""
    server.refusals.append(RefusedError(code))
    server.has("GracePolicy", "a", {})
    server.has("GracePolicy", "b", {})
    write(server)
    assert ({}, True) == (server.status("a"), "conditions" in server.status("b"))


@pytest.mark.parametrize("error", [RefusedError(403), TimeoutError()])
def test_where_nothing_can_be_written_one_refusal_is_enough(server: Server, error: Exception) -> None:
    """5,000 exceptions would be 5,000 lines of log; the next time tries again."""
    server.refusals.append(error)
    for number in range(3):
        spec = {"rules": ["run-as-root"], "reason": "x", "expires": "2027-03-01"}
        server.has("GraceException", f"e{number}", spec, "shop")
    write(server)
    assert 1 == len(server.paths)
    write(server)
    assert 4 == len(server.paths)


def test_nothing_is_written_before_all_is_seen(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a cluster looks like one in which policies mean nobody; then what changes is written at once."""
    monkeypatch.setattr("gracekeeper.operator.status_writer.random.uniform", lambda *_: 0)
    seen: list[bool] = []

    async def watched() -> None:
        writer = StatusWriter(server, server.live, lambda: NAMESPACES, (), lambda: NOW)
        task = asyncio.create_task(writer.run(lambda: bool(seen)))
        server.has("GracePolicy", "a", {})
        await asyncio.sleep(0.05)
        assert [] == server.paths
        seen.append(True)
        server.has("GracePolicy", "b", {})
        await asyncio.sleep(0.05)
        task.cancel()

    asyncio.run(watched())
    assert 2 == len(server.paths)


def test_the_operator_stops_though_somebody_writes_at_that_moment(server: Server) -> None:
    """A writer that did not hear it would hold up the whole end."""

    async def stopped() -> bool:
        writer = StatusWriter(server, server.live, lambda: NAMESPACES, (), lambda: NOW)
        task = asyncio.create_task(writer.run(lambda: False))
        await asyncio.sleep(0)
        server.has("GracePolicy", "ours", {})
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task], timeout=0.5)
        return task.cancelled()

    assert asyncio.run(stopped())


def test_what_another_replica_writes_meanwhile_is_left_to_it(server: Server) -> None:
    """Thousands of exceptions take a while, and two replicas would refuse each other at every one."""
    spec = {"rules": ["run-as-root"], "reason": "x", "expires": "2027-03-01"}
    for number in range(4):
        server.has("GraceException", f"e{number}", spec, "shop")
    other = Server(server.live)
    other.objects = server.objects

    class Slow:
        async def write(self, method: Method, path: str, body: bytes, content_type: str) -> bytes:
            answer = await server.write(method, path, body, content_type)
            await StatusWriter(other, server.live, lambda: NAMESPACES, (), lambda: NOW).write()
            return answer

    asyncio.run(StatusWriter(Slow(), server.live, lambda: NAMESPACES, (), lambda: NOW).write())
    assert (1, 3) == (len(server.paths), len(other.paths))
