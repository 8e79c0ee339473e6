"""Policies at work: which rules apply, how hard, to whom, with which parameters, and who is excused."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from gracekeeper_policies.boundary import typed
from gracekeeper_policies.catalog import RULES
from gracekeeper_policies.document import Document, Identity, render_path
from gracekeeper_policies.exception import GraceException
from gracekeeper_policies.finding import Severity
from gracekeeper_policies.judge import judge
from gracekeeper_policies.neighbours import neighbours_among
from gracekeeper_policies.neighbourspec import LabelSelector
from gracekeeper_policies.policy import GracePolicy, Mode, PodTemplate, Profile, Scope
from gracekeeper_policies.rules.hygiene.exception_ends_soon import Parameters as EndsSoon
from gracekeeper_policies.rules.shutdown.grace_period_too_short import Parameters
from gracekeeper_policies.selection import EVERYTHING, NAME_LABEL, Match

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gracekeeper_policies.verdict import Ruling, Verdict

    Read = Callable[[str], list[Document]]

NOW = date(2026, 11, 22)
ANOTHER = "another workload, which was not read, may need it"
WEB = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  template: {spec: {containers: [{name: web, image: shop/web, command: [gunicorn, --graceful-timeout=20, "a:a"]}]}}
"""
NAMESPACE = """
---
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {team: a, gracekeeper.dev/mode: audit}}
"""


def judged(documents: Sequence[Document], *policies: GracePolicy, exceptions: Sequence[GraceException] = ()) -> Verdict:
    """The verdict on documents and what stands beside them."""
    neighbours, _ = neighbours_among(documents)
    return judge(documents, policies=policies, rules=RULES, neighbours=neighbours, now=NOW, exceptions=exceptions)


def found(verdict: Verdict) -> dict[str, Ruling]:
    """What is found, by rule; what is silenced is left out."""
    return {each.rule.id: each for each in verdict.rulings if each.suppressed is None}


def excused(*rules: str, match: Match = EVERYTHING, last: date = NOW, namespace: str = "shop") -> GraceException:
    """An exception in a document of its own."""
    values = {"spec": {"rules": list(rules), "match": {}, "expires": str(last)}}
    identity = Identity("gracekeeper.dev/v1alpha1", "GraceException", namespace, "legacy")
    return GraceException(Document(values), identity, rules, match, "old", last)


def in_namespaces(labels: dict[str, str]) -> Match:
    """A match on the labels of namespaces."""
    return Match(namespace_selector=typed(LabelSelector, {"matchLabels": labels}))


# ---- rules, modes and parameters -------------------------------------------------------------------------------------


def test_a_rule_has_a_mode_of_its_own(documents: Read) -> None:
    """Instead of the policy's."""
    policy = GracePolicy(mode=Mode.AUDIT, modes={"run-as-root": Mode.ENFORCE, "image-tag-mutable": Mode.OFF})
    told = found(judged(documents(WEB), policy))
    assert (Mode.ENFORCE, Severity.ERROR) == (told["run-as-root"].mode, told["run-as-root"].severity)
    assert (Mode.AUDIT, Severity.NOTE) == (told["memory-limit-missing"].mode, told["memory-limit-missing"].severity)
    assert "image-tag-mutable" not in told


@pytest.mark.parametrize("mode", [None, Mode.WARN])
def test_a_rule_that_is_named_applies_whatever_the_profile(documents: Read, mode: Mode | None) -> None:
    """In the policy's mode, if it has no own."""
    mild = GracePolicy(profile=Profile.BASELINE)
    named = GracePolicy(profile=Profile.BASELINE, modes={"image-tag-mutable": mode})
    assert "image-tag-mutable" not in found(judged(documents(WEB), mild))
    assert (mode or Mode.ENFORCE) is found(judged(documents(WEB), named))["image-tag-mutable"].mode


def test_a_policy_that_is_off_applies_the_rules_that_are_on(documents: Read) -> None:
    """So a policy can ask for single rules alone."""
    policy = GracePolicy(mode=Mode.OFF, modes={"run-as-root": Mode.WARN})
    assert ["run-as-root"] == list(found(judged(documents(WEB), policy)))


def test_policies_that_mean_the_same_workload_each_have_their_parameters(documents: Read) -> None:
    """Of what two find at one place the stricter one speaks."""
    own = GracePolicy("own", parameters={"grace-period-too-short": Parameters(margin_seconds=15)})
    mild = GracePolicy("mild", mode=Mode.AUDIT, modes={"run-as-root": Mode.ENFORCE})
    for pair in ((own, mild), (mild, own)):
        told = found(judged(documents(WEB), *pair))
        assert "20 + 15 margin" in told["grace-period-too-short"].finding.remedy
        assert Severity.ERROR is told["run-as-root"].severity
        assert Severity.ERROR is told["memory-limit-missing"].severity


# ---- whom a policy means ---------------------------------------------------------------------------------------------


def test_a_policy_is_for_those_whom_it_means(documents: Read) -> None:
    """What no policy means is kept apart, not lost."""
    policy = GracePolicy(match=Match(names=("api",)))
    verdict = judged(documents(WEB), policy)
    assert ((), (), ["web"]) == (
        verdict.judged,
        verdict.rulings,
        [each.workload.identity.name for each in verdict.unmeant],
    )


def test_a_namespace_that_is_not_in_sight_is_meant_and_that_is_told(documents: Read) -> None:
    """Silence would hide what the cluster denies."""
    policy = GracePolicy(match=in_namespaces({"team": "b"}))
    unseen, seen = judged(documents(WEB), policy), judged(documents(WEB + NAMESPACE), policy)
    assert (1, ("shop",)) == (len(unseen.judged), unseen.undecided)
    assert ((), ()) == (seen.judged, seen.undecided)


def test_a_namespaces_name_decides_without_its_labels(documents: Read) -> None:
    """Kubernetes gives every namespace a label with its name."""
    policy = GracePolicy(match=in_namespaces({NAME_LABEL: "shop"}))
    verdict = judged(documents(WEB), policy)
    assert (1, ()) == (len(verdict.judged), verdict.undecided)


def test_a_namespace_chooses_its_mode_where_it_may(documents: Read) -> None:
    """But not that of a rule with a mode of its own."""
    modes: dict[str, Mode | None] = {"run-as-root": Mode.ENFORCE}
    free, bound = GracePolicy(modes=modes, allow_namespace_mode=True), GracePolicy(modes=modes)
    told = found(judged(documents(WEB + NAMESPACE), free))
    assert (Mode.AUDIT, Mode.ENFORCE) == (told["memory-limit-missing"].mode, told["run-as-root"].mode)
    assert Mode.ENFORCE is found(judged(documents(WEB + NAMESPACE), bound))["memory-limit-missing"].mode


def test_a_namespaces_mode_that_is_not_in_sight_is_told(documents: Read) -> None:
    """The policy's own holds."""
    verdict = judged(documents(WEB), GracePolicy(allow_namespace_mode=True))
    assert ("shop",) == verdict.undecided
    assert Mode.ENFORCE is found(verdict)["memory-limit-missing"].mode


@pytest.mark.parametrize("mode", ["of", "false"])
def test_a_mode_that_does_not_exist_is_told(documents: Read, mode: str) -> None:
    """`off` without quotes is false; nobody reads the label where no policy allows it."""
    text = WEB + NAMESPACE.replace("audit", mode)
    free, bound = (judged(documents(text), GracePolicy(allow_namespace_mode=allowed)) for allowed in (True, False))
    assert [('metadata.labels["gracekeeper.dev/mode"]', 'expected enforce, warn, audit or "off" in quotes')] == [
        (render_path(each.path), each.message) for each in free.misread
    ]
    assert () == bound.misread


def test_a_policy_adds_kinds_of_workloads(documents: Read) -> None:
    """Known by group, kind and the place of their pod template."""
    text = WEB.replace("apps/v1", "apps.example.com/v1").replace("Deployment", "WebApp").replace("template", "pods")
    policy = GracePolicy(scope=Scope.ALL, pod_templates=(PodTemplate("apps.example.com", "WebApp", ("spec", "pods")),))
    assert () == judged(documents(text), GracePolicy()).judged
    assert "spec.pods.spec.containers[0].image" == render_path(
        found(judged(documents(text), policy))["image-tag-mutable"].finding.at
    )


# ---- exceptions ------------------------------------------------------------------------------------------------------


def test_an_exception_silences_its_rules_through_its_last_day(documents: Read) -> None:
    """The finding stays in the verdict and names what silences it."""
    verdict = judged(documents(WEB), GracePolicy(), exceptions=[excused("run-as-root")])
    assert {"run-as-root": "GraceException shop/legacy until 2026-11-22: old"} == {
        each.rule.id: each.suppressed for each in verdict.rulings if each.suppressed
    }
    assert "exception-expired" not in found(verdict)


def test_an_exception_that_has_ended_silences_nothing(documents: Read) -> None:
    """And is itself found, without a workload, with what counts again."""
    exception = excused("run-as-root", last=NOW - timedelta(days=1))
    told = found(judged(documents(WEB), GracePolicy(), exceptions=[exception]))
    assert "run-as-root" in told
    expired = told["exception-expired"]
    assert (None, exception.document, exception.identity) == (expired.workload, expired.document, expired.identity)
    assert (
        "The exception ended on 2026-11-21 and silences nothing; 1 finding that it would silence counts."
        == expired.finding.message
    )


@pytest.mark.parametrize(
    "exception",
    [
        excused("run-as-root", namespace="bank"),
        excused("run-as-root", match=Match(names=("api",))),
        excused("run-as-root", match=Match(kinds=frozenset({"Job"}))),
        excused("image-tag-mutable"),
    ],
)
def test_an_exception_excuses_nobody_else(documents: Read, exception: GraceException) -> None:
    """Of another namespace, name or kind; nor from another rule."""
    assert "run-as-root" in found(judged(documents(WEB), GracePolicy(), exceptions=[exception]))


def test_nobody_is_excused_from_a_rule_that_is_not_exemptible(documents: Read) -> None:
    """Neither by an exception nor by an annotation."""
    policy = GracePolicy(unexemptible=frozenset({"run-as-root"}))
    annotated = WEB.replace(
        "namespace: shop}", 'namespace: shop, annotations: {gracekeeper.dev/exempt: "run-as-root: x"}}'
    )
    assert "run-as-root" not in found(judged(documents(annotated), GracePolicy()))
    assert "run-as-root" in found(judged(documents(annotated), policy, exceptions=[excused("run-as-root")]))


def test_an_exception_that_is_met_is_not_unused_though_nobody_may_be_excused(documents: Read) -> None:
    """The rule finds something: the exception is refused, not superfluous."""
    policy = GracePolicy(unexemptible=frozenset({"run-as-root"}))
    assert "exception-unused" not in found(judged(documents(WEB), policy, exceptions=[excused("run-as-root")]))


@pytest.mark.parametrize(
    ("exception", "doubt"),
    [
        (excused("job-unbounded-x", "task-outlives-grace"), ANOTHER),
        (excused("task-outlives-grace", match=Match(names=("web",))), ""),
        (
            excused("task-outlives-grace", match=Match(names=("w*",))),
            ANOTHER,
        ),
        (excused("task-outlives-grace", match=Match(names=("api",))), "a workload that was not read may match"),
    ],
)
def test_an_exception_that_nobody_needs_is_found(documents: Read, exception: GraceException, doubt: str) -> None:
    """Proven where every workload that it can mean was judged."""
    assert (
        doubt == found(judged(documents(WEB), GracePolicy(), exceptions=[exception]))["exception-unused"].finding.doubt
    )


@pytest.mark.parametrize(
    ("exception", "policy"),
    [
        (excused("run-as-root"), GracePolicy()),
        (excused("task-outlives-grace", namespace="bank"), GracePolicy()),
        (excused("task-outlives-grace"), GracePolicy(modes={"task-outlives-grace": Mode.OFF})),
        (excused("task-outlives-grace", last=NOW - timedelta(days=1)), GracePolicy()),
    ],
    ids=["needed", "of another namespace", "from a rule that is off", "ended"],
)
def test_an_exception_that_may_be_needed_is_not(
    documents: Read, exception: GraceException, policy: GracePolicy
) -> None:
    """Nor where its rule judges nobody here, or its end is found already."""
    assert "exception-unused" not in found(judged(documents(WEB), policy, exceptions=[exception]))


def test_an_exception_beside_one_that_has_ended_is_needed(documents: Read) -> None:
    """What the other silences does not count again."""
    ended = excused("run-as-root", last=NOW - timedelta(days=1))
    told = found(judged(documents(WEB), GracePolicy(), exceptions=[ended, excused("run-as-root")]))
    assert "exception-unused" not in told
    assert told["exception-expired"].finding.message.endswith("silences nothing.")


@pytest.mark.parametrize(
    ("left", "when"),
    [(0, "today, on 2026-11-22"), (1, "tomorrow, on 2026-11-23"), (30, "in 30 days, on 2026-12-22")],
)
def test_an_exception_that_is_about_to_end_says_when_and_what_counts_again(
    documents: Read, left: int, when: str
) -> None:
    """Thirty days ahead, as a note: what it silences is silent still."""
    exception = excused("run-as-root", last=NOW + timedelta(days=left))
    told = found(judged(documents(WEB), GracePolicy(), exceptions=[exception]))
    soon = told["exception-ends-soon"]
    assert (Severity.NOTE, exception.document) == (soon.severity, soon.document)
    sentence = ", and 1 finding that it silences counts again: 1 of run-as-root."
    assert f"The exception ends {when}{sentence}" == soon.finding.message
    assert "run-as-root" not in told


@pytest.mark.parametrize("left", [-1, 31])
def test_an_exception_that_has_ended_or_has_time_is_not_about_to_end(documents: Read, left: int) -> None:
    """The one is found already, the other would only be in the way."""
    exception = excused("run-as-root", last=NOW + timedelta(days=left))
    assert "exception-ends-soon" not in found(judged(documents(WEB), GracePolicy(), exceptions=[exception]))


def test_a_policy_says_how_long_ahead(documents: Read) -> None:
    """Whoever needs a quarter to mend something asks for it."""
    exception = excused("run-as-root", last=NOW + timedelta(days=90))
    policy = GracePolicy(parameters={"exception-ends-soon": EndsSoon(days=90)})
    assert "exception-ends-soon" in found(judged(documents(WEB), policy, exceptions=[exception]))


@pytest.mark.parametrize(
    ("text", "beside", "policy"),
    [
        (WEB, [excused("run-as-root", last=NOW + timedelta(days=99))], GracePolicy()),
        (WEB.replace("shop}", 'shop, annotations: {gracekeeper.dev/exempt: "run-as-root: x"}}'), [], GracePolicy()),
        (WEB, [], GracePolicy(unexemptible=frozenset({"run-as-root"}))),
        (WEB, [], GracePolicy(modes={"run-as-root": Mode.OFF})),
    ],
    ids=["an exception that lasts longer", "an annotation", "a rule that nobody is excused from", "a rule that is off"],
)
def test_what_is_silent_for_another_reason_does_not_count_again(
    documents: Read, text: str, beside: list[GraceException], policy: GracePolicy
) -> None:
    """Its end uncovers only what it alone silences."""
    exceptions = [excused("run-as-root", last=NOW + timedelta(days=3)), *beside]
    (soon,) = [
        each
        for each in judged(documents(text), policy, exceptions=exceptions).rulings
        if each.rule.id == "exception-ends-soon"
    ]
    assert soon.finding.message.endswith("; nothing that was read counts again.")


def test_the_order_of_exceptions_decides_nothing(documents: Read) -> None:
    """Of two that silence the same finding, the same one is named."""
    pair = [excused("run-as-root"), excused("run-as-root", last=NOW + timedelta(days=9))]
    first, second = (judged(documents(WEB), GracePolicy(), exceptions=order) for order in (pair, pair[::-1]))
    assert [each.suppressed for each in first.rulings] == [each.suppressed for each in second.rulings]


def test_policies_of_other_namespaces_do_not_find_exceptions(documents: Read) -> None:
    """An exception is judged by those who mean its namespace."""
    policy = GracePolicy(match=in_namespaces({NAME_LABEL: "bank"}))
    ended = excused("run-as-root", last=NOW - timedelta(days=1))
    assert {} == found(judged(documents(WEB), policy, exceptions=[ended]))
