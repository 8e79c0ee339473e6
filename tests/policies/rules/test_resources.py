"""The rules on resources: what the API server refuses, and what bounds a container."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gracekeeper_policies.document import render_path

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper_policies.verdict import Verdict

CONTAINER = "containers: [{{name: web, image: 'shop/web:1', resources: {}}}]"
RANGE = """
---
apiVersion: v1
kind: LimitRange
metadata: {name: all, namespace: shop}
spec: {limits: [{type: Container, default: {memory: 1Gi}}]}
"""


@pytest.fixture
def told(verdict: Callable[..., Verdict]) -> Callable[..., list[tuple[str, str]]]:
    """The paths and messages of what one rule finds."""

    def _told(rule: str, text: str) -> list[tuple[str, str]]:
        found = [each.finding for each in verdict(text).rulings if each.rule.id == rule]
        return [(render_path(finding.at).removeprefix("spec.template.spec."), finding.message) for finding in found]

    return _told


@pytest.mark.parametrize(
    ("resources", "place"),
    [
        ("{requests: {cpu: 2}, limits: {cpu: 1500m}}", "requests.cpu"),
        ("{requests: {ephemeral-storage: 2Gi}, limits: {ephemeral-storage: 1Gi}}", "requests.ephemeral-storage"),
        (
            "{requests: {cpu: 1, hugepages-2Mi: 2Mi}, limits: {cpu: 1, hugepages-2Mi: 4Mi}}",
            "requests.hugepages-2Mi",
        ),
        ("{requests: {hugepages-2Mi: 2Mi, cpu: 1}}", "requests.hugepages-2Mi"),
        ("{requests: {nvidia.com/gpu: 1}, limits: {nvidia.com/gpu: 2}}", 'requests["nvidia.com/gpu"]'),
        ("{requests: {nvidia.com/gpu: 1}}", 'requests["nvidia.com/gpu"]'),
    ],
)
def test_what_the_api_server_refuses_in_a_container(
    told: Callable[..., list[tuple[str, str]]], resources: str, place: str
) -> None:
    """More than the limit; of what cannot be shared, anything but the limit."""
    found = told("request-exceeds-limit", CONTAINER.format(resources))
    assert [f"containers[0].resources.{place}"] == [path for path, _ in found]


@pytest.mark.parametrize(
    "resources",
    [
        "{requests: {cpu: 1500m}, limits: {cpu: 1500m}}",
        "{requests: {memory: 1Gi}, limits: {memory: 1024Mi}}",
        "{requests: {memory: 1Gi}}",
        "{limits: {memory: 1Gi, nvidia.com/gpu: 2}}",
        "{requests: {nvidia.com/gpu: 2}, limits: {nvidia.com/gpu: 2}}",
        "{requests: {nvidia.com/gpu: 0}}",
        "{requests: {cpu: 1, hugepages-2Mi: 4Mi}, limits: {hugepages-2Mi: 4Mi}}",
    ],
)
def test_what_the_api_server_lets_pass(told: Callable[..., list[tuple[str, str]]], resources: str) -> None:
    """Equal is enough, in whatever unit it is written."""
    assert [] == told("request-exceeds-limit", CONTAINER.format(resources))


def test_a_limit_that_a_limit_range_fills_in_counts(told: Callable[..., list[tuple[str, str]]]) -> None:
    """It stops the pods, not their controller."""
    assert [
        (
            "containers[0].resources.requests.memory",
            "It requests 2Gi of memory, but a LimitRange limits it to 1Gi of memory: the API server refuses its pods.",
        )
    ] == told("request-exceeds-limit", CONTAINER.format("{requests: {memory: 2Gi}}") + RANGE)
    assert [] == told("request-exceeds-limit", CONTAINER.format("{requests: {memory: 1Gi}}") + RANGE)


@pytest.mark.parametrize(
    ("pod", "one", "other", "places"),
    [
        ("{requests: {cpu: 1}}", "{requests: {cpu: 600m}}", "{requests: {cpu: 600m}}", ["resources.requests.cpu"]),
        ("{requests: {cpu: 1}}", "{requests: {cpu: 500m}}", "{requests: {cpu: 500m}}", []),
        ("{limits: {memory: 1Gi}}", "{limits: {memory: 1Gi}}", "{limits: {memory: 1Mi}}", ["resources.limits.memory"]),
        (
            "{limits: {memory: 2Gi}}",
            "{limits: {memory: 3Gi}, requests: {memory: 1Gi}}",
            "{}",
            ["containers[0].resources.limits.memory"],
        ),
        ("{requests: {memory: 2Gi}, limits: {memory: 1Gi}}", "{}", "{}", ["resources.requests.memory"]),
        ("{limits: {memory: 2Gi}}", "{requests: {memory: 1Gi}}", "{requests: {memory: 1Gi}}", []),
    ],
)
def test_containers_fit_into_their_pod(
    told: Callable[..., list[tuple[str, str]]], pod: str, one: str, other: str, places: list[str]
) -> None:
    """Each limit below the pod's, all requests together below the pod's; a missing request is the limit."""
    text = f"resources: {pod}\ncontainers: [{{name: web, resources: {one}}}, {{name: proxy, resources: {other}}}]"
    assert places == [path for path, _ in told("request-exceeds-limit", text)]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        (CONTAINER.format("{limits: {memory: 1Gi}}"), []),
        (CONTAINER.format("{requests: {memory: 1Gi}}"), []),
        (CONTAINER.format("{requests: {memory: 1Gi}}") + RANGE, []),
        (CONTAINER.format("{requests: {memory: 512Mi}}") + RANGE, ["containers[0].resources.requests.memory"]),
        (
            "resources: {limits: {memory: 2Gi}}\n"
            + CONTAINER.format("{requests: {memory: 1Gi}, limits: {memory: 2Gi}}"),
            ["resources.requests.memory"],
        ),
        ("resources: {limits: {memory: 2Gi}}\n" + CONTAINER.format("{}"), []),
    ],
)
def test_memory_is_kept_for_a_pod_with_a_limit_or_for_each_container(
    told: Callable[..., list[tuple[str, str]]], text: str, places: list[str]
) -> None:
    """A limit alone is the request too; the pod's own limit decides before its containers'."""
    assert places == [path for path, _ in told("memory-request-below-limit", text)]


@pytest.mark.parametrize("rule", ["cpu-limit-missing", "ephemeral-storage-limit-missing"])
def test_containers_that_end_need_no_limit(told: Callable[..., list[tuple[str, str]]], rule: str) -> None:
    """Native sidecars go on, and do."""
    found = told(
        rule,
        """
        initContainers: [{name: migrate}, {name: proxy, restartPolicy: Always}]
        containers: [{name: web, resources: {limits: {cpu: 1, ephemeral-storage: 1Gi}}}]
        """,
    )
    assert ["initContainers[1]"] == [path.partition(".")[0] for path, _ in found]


@pytest.mark.parametrize(
    ("rule", "remedy"),
    [
        (
            "memory-limit-missing",
            "set resources.limits.memory above the highest use you measured, loading its model included",
        ),
        ("memory-request-missing", "set resources.requests.memory to what it uses in an ordinary hour"),
        ("cpu-limit-missing", "set resources.limits.cpu to what it uses in a busy minute"),
        (
            "ephemeral-storage-limit-missing",
            "set resources.limits.ephemeral-storage above what it writes, the models it downloads included",
        ),
    ],
)
def test_no_number_is_offered_for_what_computes_on_a_device(
    verdict: Callable[..., Verdict], rule: str, remedy: str
) -> None:
    """A limit that is a start for a web application kills one that loads a model."""
    text = CONTAINER.format("{limits: {nvidia.com/gpu: 1}}")
    assert [remedy] == [each.finding.remedy for each in verdict(text).rulings if each.rule.id == rule]


def test_what_a_container_with_a_device_requests_is_a_start_for_its_limit(verdict: Callable[..., Verdict]) -> None:
    """The request tells more than a guess."""
    text = CONTAINER.format("{requests: {memory: 16Gi}, limits: {nvidia.com/gpu: 1}}")
    [found] = [each.finding for each in verdict(text).rulings if each.rule.id == "memory-limit-missing"]
    expected = "write resources.limits.memory: 16Gi (what it requests; raise it to the highest use you measured)"
    assert expected == found.remedy


@pytest.mark.parametrize(
    ("requested", "written"), [("", "1Gi"), ("ephemeral-storage: 100Mi", "1Gi"), ("ephemeral-storage: 40Gi", "40Gi")]
)
def test_no_limit_on_storage_is_offered_below_the_request(
    verdict: Callable[..., Verdict], requested: str, written: str
) -> None:
    """The API server would refuse it."""
    text = CONTAINER.format(f"{{requests: {{{requested}}}}}")
    [found] = [each.finding for each in verdict(text).rulings if each.rule.id == "ephemeral-storage-limit-missing"]
    assert found.remedy.startswith(f"write resources.limits.ephemeral-storage: {written} ")
