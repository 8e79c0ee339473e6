"""Who asks the same again gets the same answer, at once; whatever could change the answer makes it another question."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest

from gracekeeper.operator.cluster import NEIGHBOURS, Cluster
from gracekeeper.operator.recollection import Answered, Recollection
from gracekeeper.operator.review import Answer, Review
from gracekeeper_policies.document import Document

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper.operator.judges import Judges

    Values = dict[str, Any]
    Reviewed = Callable[..., Review]
    Judged = Callable[..., Judges]

SERVICES = next(kind for kind in NEIGHBOURS if kind.name == "Service")
ANSWERED = Answered(Answer(warnings=("said",)), (("run-as-root", "warn"),))


def test_the_same_question_has_the_same_answer(reviewed: Reviewed, judges: Judged, deployment: Values) -> None:
    """Whatever the API server writes into an object is not part of the question, nor is the request's own id."""
    recollection, judge = Recollection(), judges().of("shop")
    recollection.keep(reviewed(deployment), judge, ANSWERED)
    again = copy.deepcopy(deployment)
    again["metadata"] |= {
        "uid": "another",
        "resourceVersion": "7",
        "generation": 2,
        "creationTimestamp": "2026-11-23T07:00:00Z",
        "managedFields": [{"manager": "argocd-controller"}],
    }
    again["status"] = {"replicas": 3}

    assert recollection.of(reviewed(again, uid="another", dryRun=True), judge) is ANSWERED


@pytest.mark.parametrize(
    "change",
    [
        {"spec": {"replicas": 5}},
        {"metadata": {"name": "web", "namespace": "shop", "annotations": {"gracekeeper.dev/exempt": "run-as-root: x"}}},
        {"metadata": {"name": "web", "namespace": "shop", "deletionTimestamp": "2026-11-23T07:00:00Z"}},
        {"metadata": {"name": "shop", "namespace": "shop"}},
        {"template": {}},
    ],
)
def test_another_object_is_another_question(
    reviewed: Reviewed, judges: Judged, deployment: Values, change: Values
) -> None:
    """Only status and what the API server keeps in metadata are left out, not what we have never heard of."""
    recollection, judge = Recollection(), judges().of("shop")
    recollection.keep(reviewed(deployment), judge, ANSWERED)

    assert recollection.of(reviewed(deployment | change), judge) is None
    assert recollection.of(reviewed(deployment, deployment | change), judge) is None


@pytest.mark.parametrize(
    "asked",
    [
        {"user": "system:serviceaccount:kube-system:replicaset-controller"},
        {"namespace": "bank"},
        {"subResource": "resize"},
        {"operation": "UPDATE"},
        {"name": "web"},
        {"kind": {"group": "apps", "version": "v1", "kind": "StatefulSet"}},
    ],
)
def test_another_request_is_another_question(
    reviewed: Reviewed, judges: Judged, deployment: Values, asked: Values
) -> None:
    """Who asks, for what and where counts."""
    recollection, judge = Recollection(), judges().of("shop")
    recollection.keep(reviewed(deployment), judge, ANSWERED)

    assert recollection.of(reviewed(deployment, **asked), judge) is None


def test_another_judge_is_asked_anew(reviewed: Reviewed, judges: Judged, deployment: Values) -> None:
    """A Service that appears, a policy that changes and a new day call another judge."""
    cluster, recollection = Cluster(), Recollection()
    court = judges(cluster=cluster)
    recollection.keep(reviewed(deployment), court.of("shop"), ANSWERED)
    cluster.put(SERVICES, Document({"metadata": {"name": "web", "namespace": "shop"}}))

    assert recollection.of(reviewed(deployment), court.of("shop")) is None


def test_what_nobody_asked_for_lately_is_forgotten(reviewed: Reviewed, judges: Judged, deployment: Values) -> None:
    """Memory is bounded, however many workloads there are."""
    recollection, judge = Recollection(most=2), judges().of("shop")
    for name in ("first", "second"):
        recollection.keep(reviewed(deployment, name=name), judge, ANSWERED)
    recollection.of(reviewed(deployment, name="first"), judge)
    recollection.keep(reviewed(deployment, name="third"), judge, ANSWERED)

    kept = [recollection.of(reviewed(deployment, name=name), judge) for name in ("first", "second", "third")]
    assert [ANSWERED, None, ANSWERED] == kept


@pytest.mark.parametrize("malformed", [None, 5, [], {"metadata": None}, {"metadata": 5}, {}])
def test_what_is_no_object_can_be_asked_about(reviewed: Reviewed, malformed: object) -> None:
    """Whoever judges it says what is wrong."""
    assert reviewed(malformed).digest == reviewed(malformed).digest != reviewed({"kind": "Pod"}).digest
