"""Pod specs: Kubernetes' defaults are filled in once, so that the command line judges what a webhook sees."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from gracekeeper_policies.boundary import Misread, Misreadings, read, typed
from gracekeeper_policies.document import Document
from gracekeeper_policies.neighbourspec import BudgetSpec, ServicePort, ServiceSpec
from gracekeeper_policies.podspec import (
    Container,
    ContainerPort,
    EnvVar,
    HttpGet,
    Lifecycle,
    Metadata,
    PodSpec,
    Probe,
    Resources,
)
from gracekeeper_policies.securityspec import SecurityContext
from gracekeeper_policies.volumespec import Volume

if TYPE_CHECKING:
    from gracekeeper_policies.model import Model


def test_a_pod_has_kubernetes_defaults() -> None:
    """As `pkg/apis/core/v1/defaults.go` fills them in."""
    pod = typed(PodSpec, {"containers": [{}]})
    assert (30, "Always", "linux") == (pod.termination_grace_period_seconds, pod.restart_policy, pod.os.name)


def test_nothing_of_the_host_is_shared_by_default() -> None:
    """But the user namespace is the host's."""
    pod = typed(PodSpec, {})
    assert (False, False, False) == (pod.host_network, pod.host_pid, pod.share_process_namespace)
    assert pod.host_users


def test_a_probe_has_kubernetes_defaults() -> None:
    """Ten seconds apart, one second each, three failures."""
    probe = typed(Probe, {"httpGet": {"port": 80}})
    assert (0, 10, 1, 1, 3) == (
        probe.initial_delay_seconds,
        probe.period_seconds,
        probe.timeout_seconds,
        probe.success_threshold,
        probe.failure_threshold,
    )
    assert HttpGet(port=80, path="/", scheme="HTTP", host="") == probe.http_get


@pytest.mark.parametrize("field", ["periodSeconds", "timeoutSeconds", "successThreshold", "failureThreshold"])
def test_an_explicit_zero_in_a_probe_means_the_default(field: str) -> None:
    """The API server replaces it, so a webhook never sees it."""
    assert typed(Probe, {}) == typed(Probe, {field: 0})


def test_an_initial_delay_of_zero_stays() -> None:
    """It is its own default."""
    assert 0 == typed(Probe, {"initialDelaySeconds": 0}).initial_delay_seconds


@pytest.mark.parametrize(
    ("probe", "handler", "port"),
    [
        ({}, "", None),
        ({"httpGet": {"port": "http"}}, "httpGet", "http"),
        ({"tcpSocket": {"port": 5432}}, "tcpSocket", 5432),
        ({"grpc": {"port": 50051}}, "grpc", 50051),
        ({"exec": {"command": ["true"]}}, "exec", None),
    ],
)
def test_a_probe_says_how_it_asks(probe: dict[str, Any], handler: str, port: object) -> None:
    """By its field's name, with the port it asks."""
    read = typed(Probe, probe)
    assert (handler, port) == (read.handler, read.port)


@pytest.mark.parametrize(
    ("model", "field"),
    [
        (PodSpec, "terminationGracePeriodSeconds"),
        (PodSpec, "containers"),
        (PodSpec, "securityContext"),
        (PodSpec, "hostPID"),
        (Container, "resources"),
        (Container, "livenessProbe"),
        (Container, "env"),
        (Container, "image"),
        (Lifecycle, "preStop"),
        (SecurityContext, "readOnlyRootFilesystem"),
        (Metadata, "annotations"),
        (ServiceSpec, "publishNotReadyAddresses"),
    ],
)
def test_null_counts_as_absent(model: type[Model], field: str) -> None:
    """As in Kubernetes; charts write it to take a default away."""
    assert model() == read(model, {field: None}, document=Document({}), path=())


def test_null_counts_as_absent_however_deep() -> None:
    """In a list, and beside a fault, which keeps its place."""
    values = {"containers": [{"name": "web", "image": None, "resources": {"limits": None}}, {"env": None, "tty": 1}]}
    nulls = {"containers": [{"name": "web", "env": [{"name": "A", "value": None}]}, None, {"name": 1, "args": None}]}

    assert ("", {}, ()) == _second(read(PodSpec, values, document=Document({}), path=()))
    assert [("containers", 1), ("containers", 2, "name")] == [
        each.path for each in _misread(read(PodSpec, nulls, document=Document({}), path=()))
    ]


def _second(spec: PodSpec | Misreadings) -> tuple[str, dict[str, Fraction], tuple[EnvVar, ...]]:
    assert isinstance(spec, PodSpec)
    web, other = spec.containers
    return web.image, web.resources.limits, other.env


def _misread(outcome: PodSpec | Misreadings) -> tuple[Misread, ...]:
    assert isinstance(outcome, Misreadings)
    return outcome.fields


@pytest.mark.parametrize(
    ("model", "field", "value", "told"),
    [
        (PodSpec, "hostPID", True, "host_pid"),
        (PodSpec, "hostNetwork", True, "host_network"),
        (PodSpec, "shareProcessNamespace", True, "share_process_namespace"),
        (SecurityContext, "readOnlyRootFilesystem", True, "read_only_root_filesystem"),
        (SecurityContext, "allowPrivilegeEscalation", False, "allow_privilege_escalation"),
        (ServiceSpec, "publishNotReadyAddresses", True, "publish_not_ready_addresses"),
        (BudgetSpec, "minAvailable", "50%", "min_available"),
        (ContainerPort, "protocol", "UDP", "protocol"),
    ],
)
def test_fields_are_read_by_their_names_in_a_manifest(model: type[Model], field: str, value: object, told: str) -> None:
    """Their spelling is Kubernetes', capitals included."""
    required = {"containerPort": 80} if model is ContainerPort else {}
    assert value == getattr(typed(model, {field: value, **required}), told)


def test_a_null_label_is_an_empty_one() -> None:
    """So Go reads null into a string."""
    metadata = read(Metadata, {"labels": {"app": None, "b": "c"}}, document=Document({}), path=())
    assert Metadata(labels={"app": "", "b": "c"}) == metadata


def test_a_quantity_may_be_a_number() -> None:
    """YAML writes `cpu: 2` and `cpu: 0.5`."""
    limits = {"cpu": 0.5, "memory": 1024, "ephemeral-storage": "1Ki"}
    read = typed(Container, {"resources": {"limits": limits}}).resources.limits
    assert {"cpu": Fraction(1, 2), "memory": Fraction(1024), "ephemeral-storage": Fraction(1024)} == read


def test_a_null_quantity_is_zero() -> None:
    """So Go reads it; charts write it to take a limit away."""
    assert {"memory": Fraction(0)} == typed(Container, {"resources": {"limits": {"memory": None}}}).resources.limits


def test_a_quantity_is_read_beside_a_null() -> None:
    """What was read on the way to the nulls is not read again as something else."""
    found = read(Container, {"image": None, "resources": {"limits": {"cpu": "1"}}}, document=Document({}), path=())
    assert Container(resources=Resources(limits={"cpu": Fraction(1)})) == found


def test_ports_speak_tcp_unless_told() -> None:
    """Of containers and of Services."""
    assert "TCP" == typed(ContainerPort, {"containerPort": 80}).protocol
    assert "TCP" == typed(ServicePort, {"port": 80}).protocol


def test_unread_fields_are_ignored() -> None:
    """Kubernetes grows; what no rule reads is not ours to refuse."""
    assert typed(PodSpec, {}) == typed(PodSpec, {"dnsPolicy": 7, "someday": {}})


def test_a_pod_spec_does_not_change() -> None:
    """Rules share it."""
    pod = typed(PodSpec, {})
    with pytest.raises(AttributeError, match="immutable"):
        pod.host_network = True  # type: ignore[misc]


@pytest.mark.parametrize(
    ("volume", "sources"),
    [
        ({"name": "v", "hostPath": {"path": "/srv"}}, {"hostPath"}),
        ({"name": "v", "nfs": {}}, {"nfs"}),
        ({"name": "v", "nfs": None, "secret": {}}, {"secret"}),
        ({"name": "v", "configMap": {}, "downwardAPI": {}}, {"configMap", "downwardAPI"}),
        ({"name": "v"}, {"emptyDir"}),
    ],
)
def test_a_volumes_sources_are_told_whether_or_not_rules_read_them(volume: dict[str, Any], sources: set[str]) -> None:
    """By the manifest's names; without one the API server fills in an emptyDir."""
    found = read(Volume, volume, document=Document({}), path=())
    assert isinstance(found, Volume)
    assert sources == found.sources
