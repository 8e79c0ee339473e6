"""Annotations: exemptions with their reasons, declarations, and what is said of those that cannot be read."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

import pytest

from gracekeeper_policies.catalog import RULES
from gracekeeper_policies.document import Document, render_path
from gracekeeper_policies.judge import judge
from gracekeeper_policies.neighbours import Neighbours
from gracekeeper_policies.policy import GracePolicy

if TYPE_CHECKING:
    from gracekeeper_policies.verdict import Verdict

NOW = date(2026, 11, 22)

CONTAINER = {"name": "web", "image": "shop/web", "command": ["gunicorn", "a:a"]}


def annotated(
    own: dict[str, str] | None = None, template: dict[str, str] | None = None, *, allowed: bool = True
) -> Verdict:
    """The verdict on a Deployment with annotations of its own and of its pod template."""
    values = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "annotations": own or {}},
        "spec": {"template": {"metadata": {"annotations": template or {}}, "spec": {"containers": [CONTAINER]}}},
    }
    return judge(
        [Document(values)],
        policies=[GracePolicy(allow_annotation_exemptions=allowed)],
        rules=RULES,
        neighbours=Neighbours(),
        now=NOW,
    )


def silenced(verdict: Verdict) -> dict[str, str]:
    """What silences rules, by rule."""
    return {each.rule.id: each.suppressed for each in verdict.rulings if each.suppressed is not None}


def complaints(verdict: Verdict) -> list[str]:
    """What could not be read."""
    return [each.message for each in verdict.misread]


@pytest.mark.parametrize("place", ["own", "template"])
def test_an_exemption_silences_its_rule_from_either_place(place: str) -> None:
    """With its reason, and nothing else; the finding stays in the verdict."""
    text = {"gracekeeper.dev/exempt": "image-tag-mutable: built for every commit"}
    verdict = annotated(text) if place == "own" else annotated(template=text)
    assert {"image-tag-mutable": "annotation gracekeeper.dev/exempt: built for every commit"} == silenced(verdict)
    assert [] == complaints(verdict)
    assert len(annotated().rulings) == len(verdict.rulings)


def test_both_places_count_together() -> None:
    """Each for its own rules."""
    verdict = annotated(
        {"gracekeeper.dev/exempt": "run-as-root: legacy"},
        {"gracekeeper.dev/exempt": "image-tag-mutable: by digest later"},
    )
    assert {"run-as-root", "image-tag-mutable"} == set(silenced(verdict))


def test_one_annotation_may_hold_several_exemptions() -> None:
    """Between semicolons; a reason may hold a colon; empty entries are nothing."""
    verdict = annotated({"gracekeeper.dev/exempt": " run-as-root : see: OPS-7 ;; image-tag-mutable: x; "})
    told = {rule: text.removeprefix("annotation gracekeeper.dev/exempt: ") for rule, text in silenced(verdict).items()}
    assert {"run-as-root": "see: OPS-7", "image-tag-mutable": "x"} == told
    assert [] == complaints(verdict)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("image-tag-mutabel: x", "there is no rule image-tag-mutabel; did you mean image-tag-mutable?"),
        ("zzz: x", "there is no rule zzz"),
        ("no such rule!: x", "there is no rule of that name"),
        (": x", "there is no rule of that name"),
    ],
)
def test_an_exemption_that_cannot_be_read_is_reported_and_silences_nothing(text: str, complaint: str) -> None:
    """Somebody relies on it."""
    verdict = annotated({"gracekeeper.dev/exempt": text})
    assert [complaint] == complaints(verdict)
    assert {} == silenced(verdict)
    assert ['metadata.annotations["gracekeeper.dev/exempt"]'] == [render_path(each.path) for each in verdict.misread]


@pytest.mark.parametrize(
    "text", ["image-tag-mutable", "image-tag-mutable:  ", "run-as-root: legacy; image-tag-mutable"]
)
def test_an_exemption_without_a_reason_silences_nothing_and_is_found(text: str) -> None:
    """At the annotation, as a warning."""
    verdict = annotated({"gracekeeper.dev/exempt": text})
    found = [each for each in verdict.rulings if each.rule.id == "exemption-without-reason"]
    assert ["The exemption from image-tag-mutable gives no reason, so it silences nothing."] == [
        each.finding.message for each in found
    ]
    assert ['metadata.annotations["gracekeeper.dev/exempt"]'] == [render_path(each.finding.at) for each in found]
    assert "image-tag-mutable" not in silenced(verdict)
    assert [] == complaints(verdict)


def test_a_bad_entry_spoils_no_other() -> None:
    """Each is read for itself."""
    verdict = annotated({"gracekeeper.dev/exempt": "zzz: x; run-as-root: legacy"})
    assert (["run-as-root"], 1) == (list(silenced(verdict)), len(complaints(verdict)))


def test_a_policy_may_forbid_exemptions() -> None:
    """Then the finding counts, whoever gives a reason."""
    text = {"gracekeeper.dev/exempt": "run-as-root: legacy"}
    assert {} == silenced(annotated(text, allowed=False))


def test_of_two_policies_the_one_that_forbids_wins() -> None:
    """Being counted is stricter than being silenced."""
    values = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"annotations": {"gracekeeper.dev/exempt": "run-as-root: legacy"}},
        "spec": {"containers": [CONTAINER]},
    }
    policies = [GracePolicy("mild"), GracePolicy("stern", allow_annotation_exemptions=False)]
    for order in (policies, policies[::-1]):
        verdict = judge([Document(values)], policies=order, rules=RULES, neighbours=Neighbours(), now=NOW)
        assert {} == silenced(verdict)


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("runtime", "java", "expected python or other"),
        ("shutdown-seconds", "45s", "expected a number of seconds such as 45"),
        ("request-seconds", "-1", "expected a number of seconds such as 45"),
        ("startup-seconds", "", "expected a number of seconds such as 45"),
        ("web.startup-seconds", "soon", "expected a number of seconds such as 45"),
        (
            "shutdown-second",
            "45",
            "there is no annotation gracekeeper.dev/shutdown-second; did you mean shutdown-seconds?",
        ),
        ("exemt", "x: y", "there is no annotation gracekeeper.dev/exemt; did you mean exempt?"),
        ("zzz", "x", "there is no annotation gracekeeper.dev/zzz"),
        ("api.shutdown-seconds", "45", "there is no container api"),
    ],
)
def test_a_declaration_that_means_nothing_is_reported(name: str, text: str, complaint: str) -> None:
    """A typing error in it would otherwise be believed."""
    assert [complaint] == complaints(annotated({f"gracekeeper.dev/{name}": text}))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("runtime", "python"),
        ("runtime", "other"),
        ("shutdown-seconds", "45"),
        ("web.shutdown-seconds", "0.5"),
        ("request-seconds", "7"),
    ],
)
def test_a_declaration_that_can_be_read_is_not_reported(name: str, text: str) -> None:
    """For the pod, and for one container of it."""
    verdict = annotated(template={f"gracekeeper.dev/{name}": text})
    assert [] == complaints(verdict)
    assert verdict.judged or text == "other"


def test_foreign_annotations_are_nobodys_business() -> None:
    """Whatever they hold."""
    foreign = {"kubectl.kubernetes.io/last-applied-configuration": json.dumps({"a": 1}), "example.com/exempt": "zzz"}
    assert [] == complaints(annotated(foreign, foreign))
