"""Neighbours: what stands beside a workload in the same input, and whom it concerns."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from gracekeeper_policies.boundary import typed
from gracekeeper_policies.document import Document, Identity, render_path
from gracekeeper_policies.neighbours import ConfigMap, matches, neighbours_among
from gracekeeper_policies.neighbourspec import LabelSelector

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

BESIDE = """
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: http}]}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web, namespace: shop}
spec: {selector: {matchLabels: {app: web}}, maxUnavailable: 1}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {PORT: "8000", wrong: 7}
---
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {team: web}}
---
apiVersion: serving.knative.dev/v1
kind: Service
metadata: {name: knative}
---
apiVersion: example.com/v1
kind: ConfigMap
metadata: {name: foreign}
"""


def test_an_input_shows_its_neighbours(documents: Callable[[str], list[Document]]) -> None:
    """Each by its kind and group; what is no neighbour is passed by."""
    neighbours, misread = neighbours_among(documents(BESIDE), "default")
    assert () == misread
    assert [Identity("v1", "Service", "shop", "web")] == [service.identity for service in neighbours.services]
    assert ["web"] == [budget.identity.name for budget in neighbours.budgets]
    assert {("default", "settings"): {"PORT": "8000"}} == {at: each.data for at, each in neighbours.config_maps.items()}
    assert {"shop": {"team": "web"}} == neighbours.namespaces


def test_what_one_input_holds_is_never_complete(documents: Callable[[str], list[Document]]) -> None:
    """So an absence proves nothing."""
    assert not neighbours_among(documents(BESIDE))[0].complete


def test_the_order_of_documents_does_not_matter(documents: Callable[[str], list[Document]]) -> None:
    """Of several Services and LimitRanges neither."""
    more = "".join(
        f"---\napiVersion: v1\nkind: {kind}\nmetadata: {{name: {name}, namespace: shop}}\nspec: {spec}\n"
        for kind, name, spec in [
            ("Service", "api", "{selector: {app: web}}"),
            ("LimitRange", "b", "{limits: [{type: Container, default: {memory: 1Gi}}]}"),
            ("LimitRange", "a", "{limits: [{type: Container, default: {memory: 2Gi, cpu: 1}}]}"),
        ]
    )
    there, _ = neighbours_among(documents(BESIDE + more))
    back, _ = neighbours_among(documents(BESIDE + more)[::-1])
    assert [each.identity for each in there.services] == [each.identity for each in back.services]
    assert there.limit_ranges == back.limit_ranges
    assert {"memory": Fraction(2 * 1024**3), "cpu": Fraction(1)} == there.limit_ranges["shop"].limits


@pytest.mark.parametrize("kind", ["Service", "LimitRange"])
def test_a_neighbour_of_wrong_types_is_named(documents: Callable[[str], list[Document]], kind: str) -> None:
    """It cannot be judged with, and that is said."""
    _, misread = neighbours_among(documents(f"{{apiVersion: v1, kind: {kind}, spec: {{ports: 80, limits: 80}}}}"))
    assert ["expected a list, found an integer"] == [each.message for each in misread]
    assert [each.path[0] for each in misread] == ["spec"]


def test_a_budget_without_a_selector_protects_nobody(documents: Callable[[str], list[Document]]) -> None:
    """An empty selector protects every pod of its namespace."""
    text = """
        {apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: none}, spec: {}}
        ---
        {apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: all}, spec: {selector: {}}}
    """
    budgets = neighbours_among(documents(text))[0].budgets
    told = {budget.identity.name: budget.selects("default", {"app": "web"}) for budget in budgets}
    assert {"none": False, "all": True} == told
    assert not any(budget.selects("other", {"app": "web"}) for budget in budgets)


@pytest.mark.parametrize(
    ("selector", "labels", "expected"),
    [
        ({}, {}, True),
        ({"matchLabels": {"app": "web"}}, {"app": "web", "tier": "front"}, True),
        ({"matchLabels": {"app": "web"}}, {"app": "api"}, False),
        ({"matchExpressions": [{"key": "app", "operator": "In", "values": ["web", "api"]}]}, {"app": "api"}, True),
        ({"matchExpressions": [{"key": "app", "operator": "In", "values": ["web"]}]}, {}, False),
        ({"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["web"]}]}, {"app": "web"}, False),
        ({"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["web"]}]}, {}, True),
        ({"matchExpressions": [{"key": "app", "operator": "Exists"}]}, {"app": ""}, True),
        ({"matchExpressions": [{"key": "app", "operator": "Exists"}]}, {}, False),
        ({"matchExpressions": [{"key": "app", "operator": "DoesNotExist"}]}, {}, True),
        ({"matchExpressions": [{"key": "app", "operator": "DoesNotExist"}]}, {"app": "x"}, False),
        ({"matchExpressions": [{"key": "app", "operator": "Resembles"}]}, {"app": "x"}, False),
        (
            {"matchLabels": {"app": "web"}, "matchExpressions": [{"key": "tier", "operator": "Exists"}]},
            {"app": "web"},
            False,
        ),
    ],
)
def test_a_label_selector_matches_as_in_kubernetes(
    selector: dict[str, object], labels: Mapping[str, str], *, expected: bool
) -> None:
    """All labels and all expressions hold."""
    assert expected == matches(typed(LabelSelector, selector), labels)


def test_a_config_maps_text_has_a_place() -> None:
    """Where a finding may point."""
    assert 'data["gunicorn.conf.py"]' == render_path(ConfigMap.path("gunicorn.conf.py"))


AUTOSCALERS = """
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: cpu, namespace: shop}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: StatefulSet, name: web}, minReplicas: 3, maxReplicas: 9}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: plain, namespace: shop}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: api}, maxReplicas: 9}
---
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: queue, namespace: shop}
spec: {scaleTargetRef: {name: worker}, minReplicaCount: 2}
---
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: asleep, namespace: shop}
spec: {scaleTargetRef: {name: batch}}
"""


def test_an_autoscaler_says_how_few_replicas_there_are(documents: Callable[[str], list[Document]]) -> None:
    """One where nothing is written; what KEDA scales to 0 starts again with one."""
    neighbours, misread = neighbours_among(documents(AUTOSCALERS))
    assert () == misread
    assert {
        ("shop", "StatefulSet", "web"): (3, ("spec", "minReplicas")),
        ("shop", "Deployment", "api"): (1, ("spec", "minReplicas")),
        ("shop", "Deployment", "worker"): (2, ("spec", "minReplicaCount")),
        ("shop", "Deployment", "batch"): (1, ("spec", "minReplicaCount")),
    } == {target: (scaler.least, scaler.path) for target, scaler in neighbours.autoscalers.items()}


BUDGETS = """
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: everything, namespace: shop}
spec: {selector: {}, maxUnavailable: 1}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: both, namespace: shop}
spec: {selector: {matchLabels: {app: web, tier: front}}, maxUnavailable: 1}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: expression, namespace: shop}
spec: {selector: {matchExpressions: [{key: app, operator: In, values: [web]}]}, maxUnavailable: 1}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: elsewhere, namespace: other}
spec: {selector: {matchLabels: {app: web}}, maxUnavailable: 1}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: nobody, namespace: shop}
spec: {maxUnavailable: 1}
"""


@pytest.mark.parametrize(
    ("namespace", "labels", "expected"),
    [
        ("shop", {"app": "web", "tier": "front"}, {"everything", "both", "expression"}),
        ("shop", {"tier": "front", "app": "web"}, {"everything", "both", "expression"}),
        ("shop", {"app": "web"}, {"everything", "expression"}),
        ("shop", {"app": "api"}, {"everything"}),
        ("shop", {}, {"everything"}),
        ("other", {"app": "web"}, {"elsewhere"}),
        ("none", {"app": "web"}, set()),
    ],
)
def test_a_budget_protects_whom_its_selector_names(
    documents: Callable[[str], list[Document]], namespace: str, labels: Mapping[str, str], expected: set[str]
) -> None:
    """In its own namespace; an empty selector names every pod, none names nobody."""
    neighbours, _ = neighbours_among(documents(BUDGETS))
    assert expected == {budget.identity.name for budget in neighbours.budgets_of(namespace, labels)}


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        (
            {"ports": [{"port": 80, "name": "http-web"}, {"port": 9090, "name": "metrics", "protocol": "UDP"}]},
            {
                "MY_WEB_SERVICE_HOST": "ADDRESS",
                "MY_WEB_SERVICE_PORT": "80",
                "MY_WEB_SERVICE_PORT_HTTP_WEB": "80",
                "MY_WEB_SERVICE_PORT_METRICS": "9090",
                "MY_WEB_PORT": "tcp://ADDRESS:80",
            },
        ),
        (
            {"clusterIP": "10.96.0.17", "ports": [{"port": 53, "protocol": "UDP"}]},
            {"MY_WEB_SERVICE_HOST": "10.96.0.17", "MY_WEB_SERVICE_PORT": "53", "MY_WEB_PORT": "udp://10.96.0.17:53"},
        ),
        ({"clusterIP": "None", "ports": [{"port": 80}]}, {}),
        ({"type": "ExternalName", "ports": [{"port": 80}]}, {}),
        ({}, {}),
    ],
)
def test_a_service_gives_variables_as_the_kubelet_names_them(
    spec: dict[str, object], expected: Mapping[str, str]
) -> None:
    """The first port without its name, each named port with it; dashes become underscores."""
    document = Document({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "my-web"}, "spec": spec})
    neighbours, misread = neighbours_among([document])
    assert misread == ()
    assert [each.variables for each in neighbours.services] == [expected]
