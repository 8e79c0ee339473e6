"""A policy or an exception that cannot be read is not let in, and its author hears why."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import TYPE_CHECKING, Any

import kopf
import pytest

from gracekeeper.operator.default_policy import BUILT_IN
from gracekeeper.operator.policies import PoliciesLive
from gracekeeper.operator.policy_admission import PolicyAdmission
from gracekeeper.operator.policy_objects import POLICY_KIND
from gracekeeper.operator.review import Answer, current_review
from gracekeeper_policies.catalog import RULES

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper.operator.review import Review

    Reviewed = Callable[..., Review]

TODAY = date(2026, 11, 23)
EXCUSE = {"rules": ["run-as-root"], "reason": "legacy", "expires": "2027-03-01"}
TEMPLATE = {"group": "apps.example.com", "kind": "WebApp", "path": "spec.template"}
BAD: dict[str, Any] = {"rules": {"run-as-rot": {}, "grace-period-too-short": {"parameters": {"marginSeconds": "5s"}}}}


def written(kind: str, spec: dict[str, Any], **metadata: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """An object as the API server sends it, with what it adds itself."""
    added = {"name": "ours", "uid": "1", "generation": 1, "managedFields": [], "creationTimestamp": "2026-11-23"}
    return {
        "apiVersion": "gracekeeper.dev/v1alpha1",
        "kind": kind,
        "metadata": added | metadata,
        "spec": spec,
        "status": {"observedGeneration": 1},
    }


@pytest.fixture
def live() -> PoliciesLive:
    """A cluster with one policy that adds a kind."""
    policies = PoliciesLive(RULES, BUILT_IN)
    policies.put(POLICY_KIND, POLICY_KIND.document(written("GracePolicy", {"podTemplates": [TEMPLATE]}, name="adds")))
    return policies


@pytest.fixture
def answered(live: PoliciesLive, reviewed: Reviewed) -> Callable[..., Answer]:
    """Reviews an object, or the update of an old one."""
    return lambda *objects: PolicyAdmission(live, (), lambda: TODAY).answer(reviewed(*objects))


def test_a_good_one_is_let_in(answered: Callable[..., Answer]) -> None:
    """Of either kind."""
    allowed = Answer(audit={"verdict": "allow"})
    assert allowed == answered(written("GracePolicy", {"profile": "strict"}))
    assert allowed == answered(written("GraceException", EXCUSE, namespace="shop"))


def test_what_has_no_effect_is_let_in_with_a_warning(answered: Callable[..., Answer]) -> None:
    """Its author hears so at once, not when somebody looks at the status."""
    over = answered(written("GraceException", EXCUSE | {"expires": "2026-11-22"}, namespace="shop"))
    unasked = answered(written("GracePolicy", {"podTemplates": [TEMPLATE | {"kind": "Worker"}]}))
    assert over == Answer(
        warnings=("spec.expires: 2026-11-22 is over, so it silences nothing",), audit={"verdict": "warn"}
    )
    assert unasked.warnings == (
        "spec.podTemplates: nobody asks about Worker.apps.example.com, since --extra-kinds names no such kind",
    )


def test_a_bad_policy_is_refused_with_every_place(answered: Callable[..., Answer]) -> None:
    """In the sentences that a policy file gets."""
    answer = answered(written("GracePolicy", BAD))
    assert not answer.allowed
    assert answer.message == (
        "GracePolicy ours cannot be read:\n"
        " 1. spec.rules.run-as-rot: there is no rule run-as-rot; did you mean run-as-root?\n"
        " 2. spec.rules.grace-period-too-short.parameters.marginSeconds: "
        "expected a whole number of seconds, 0 or more, found a string; write 5"
    )
    assert (403, "Forbidden", {"verdict": "deny"}) == (answer.code, answer.reason, answer.audit)


def test_a_bad_exception_is_refused(answered: Callable[..., Answer]) -> None:
    """It is named with its namespace."""
    answer = answered(written("GraceException", EXCUSE | {"expires": "soon"}, namespace="shop"))
    assert answer.message == (
        "GraceException shop/ours cannot be read:\n 1. spec.expires: expected a day such as 2027-03-01"
    )


def test_kinds_that_others_add_may_be_named(answered: Callable[..., Answer]) -> None:
    """And their own path stands, so another one for the same kind is refused."""
    match = {"match": {"kinds": ["WebApp"]}}
    assert answered(written("GracePolicy", match)).allowed
    assert answered(written("GraceException", EXCUSE | match, namespace="shop")).allowed
    other = answered(written("GracePolicy", {"podTemplates": [TEMPLATE | {"path": "spec.pod"}]}))
    assert "spec.podTemplates[0].path: another path of WebApp is named before" in other.message


def test_a_policy_may_change_what_it_said_itself(answered: Callable[..., Answer]) -> None:
    """It is read beside the others, not beside its former self."""
    old = written("GracePolicy", {"podTemplates": [TEMPLATE]}, name="adds")
    new = written("GracePolicy", {"podTemplates": [TEMPLATE | {"path": "spec.pod"}]}, name="adds")
    assert answered(new, old).allowed


@pytest.mark.parametrize("metadata", [{"labels": {"a": "b"}}, {"finalizers": []}, {"deletionTimestamp": "2026-11-23"}])
def test_what_says_nothing_new_passes(answered: Callable[..., Answer], metadata: dict[str, Any]) -> None:
    """A bad one that got in while nobody answered can still be labelled and deleted."""
    old = written("GracePolicy", BAD)
    assert Answer(audit={"verdict": "pass"}) == answered(written("GracePolicy", BAD, **metadata), old)


def test_reading_leaves_no_trace(answered: Callable[..., Answer], live: PoliciesLive) -> None:
    """A dry run changes nothing."""
    before = live.in_force("shop")
    answered(written("GracePolicy", {"profile": "strict"}))
    assert before is live.in_force("shop")
    assert 1 == len(live.policies)


def test_kopf_is_told_as_of_a_workload(live: PoliciesLive, reviewed: Reviewed) -> None:
    """By the exception that it takes for a denial, with the answer left in the review."""
    registry = kopf.OperatorRegistry()
    handler = PolicyAdmission(live, (), lambda: TODAY)
    handler.register(registry)
    review = reviewed(written("GracePolicy", BAD))

    async def validated() -> None:
        current_review.set(review)
        await handler.validate(warnings=[])

    with pytest.raises(kopf.AdmissionError, match="cannot be read"):
        asyncio.run(validated())
    assert review.answer is not None
    assert not review.answer.allowed
    assert ["policies", "policies"] == [each.id for each in registry._webhooks.get_all_handlers()]
