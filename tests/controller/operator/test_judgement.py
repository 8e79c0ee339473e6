"""A review's answer: what denies, what is only said, and what an update is not denied for."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest

from gracekeeper.operator.judgement import judgement
from gracekeeper_policies.policy import GracePolicy, Mode, Scope, Updates

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper.operator.judgement import Judgement
    from gracekeeper.operator.judges import Judges
    from gracekeeper.operator.review import Review

    Values = dict[str, Any]
    Reviewed = Callable[..., Review]
    Judged = Callable[..., Judges]


def container(deployment: Values) -> Values:
    """The first container of a Deployment."""
    found: Values = deployment["spec"]["template"]["spec"]["containers"][0]
    return found


def denied_for(judged: Judgement) -> list[str]:
    """The rules that deny."""
    return [ruling.rule.id for ruling in judged.denying]


def warned_of(judged: Judgement) -> list[str]:
    """The rules that kubectl is warned of."""
    return [warning.partition(":")[0].partition(" ")[0] for warning in judged.answer.warnings]


def test_a_good_workload_is_admitted_in_silence(reviewed: Reviewed, judges: Judged, deployment: Values) -> None:
    """Nobody is told anything whose manifest is fine."""
    judged = judgement(reviewed(deployment), judges().of("shop"))
    assert judged.answer.allowed
    assert judged.answer.warnings == ()
    assert judged.answer.audit == {"verdict": "allow"}


def test_all_that_denies_is_told_at_once(reviewed: Reviewed, judges: Judged, deployment: Values) -> None:
    """Whoever mends a manifest wants to mend it once; what only warns is told beside it."""
    container(deployment)["securityContext"] = {"privileged": True, "runAsUser": 0}
    judged = judgement(reviewed(deployment), judges().of("shop"))
    assert denied_for(judged) == ["run-as-root", "privileged-container"]
    assert judged.verdict == "deny"
    assert "capabilities-not-dropped" in warned_of(judged)
    assert not set(denied_for(judged)) & set(warned_of(judged))


@pytest.mark.parametrize(
    ("mode", "verdict", "warned"),
    [
        (Mode.ENFORCE, "deny", []),
        (Mode.WARN, "warn", ["privileged-container"]),
        (Mode.AUDIT, "allow", []),
        (Mode.OFF, "allow", []),
    ],
)
def test_the_mode_decides_what_a_finding_does(
    mode: Mode, verdict: str, warned: list[str], reviewed: Reviewed, judges: Judged, deployment: Values
) -> None:
    """Enforce denies, warn says it to kubectl, audit writes it down."""
    container(deployment)["securityContext"]["privileged"] = True
    container(deployment)["securityContext"].pop("allowPrivilegeEscalation")
    policy = GracePolicy("ours", mode=mode, modes={"privilege-escalation-allowed": Mode.OFF})
    judged = judgement(reviewed(deployment), judges(policy).of("shop"))
    assert (judged.verdict, warned_of(judged)) == (verdict, warned)
    assert ("privileged-container" in judged.answer.audit.get("findings", "")) == (mode is not Mode.OFF)


def test_a_doubt_never_denies(reviewed: Reviewed, judges: Judged, deployment: Values) -> None:
    """What may not be so is said, and no more."""
    container(deployment)["command"] = ["sh", "-c", "gunicorn --bind=0.0.0.0:8000 --graceful-timeout=20 app:app"]
    judged = judgement(reviewed(deployment), judges().of("shop"))
    assert judged.answer.allowed
    assert "stop-signal-not-delivered" in warned_of(judged)


def test_the_mending_of_an_old_workload_passes_before_it_is_whole(
    reviewed: Reviewed, judges: Judged, deployment: Values
) -> None:
    """Two faults from before the policy: who mends one of them is not denied for the other, and is told of it."""
    container(deployment)["securityContext"]["privileged"] = True
    container(deployment)["resources"] = {"limits": {"cpu": "1"}}
    mending = deepcopy(deployment)
    container(mending)["resources"]["limits"]["memory"] = "512Mi"
    judged = judgement(reviewed(mending, deployment), judges().of("shop"))
    assert denied_for(judged) == []
    assert warned_of(judged)[0] == "privileged-container"


def test_an_update_is_denied_for_what_it_adds_alone(reviewed: Reviewed, judges: Judged, deployment: Values) -> None:
    """The old fault is a warning, the new one a denial."""
    container(deployment)["securityContext"]["privileged"] = True
    worse = deepcopy(deployment)
    container(worse)["securityContext"]["capabilities"] = {"add": ["SYS_ADMIN"], "drop": ["ALL"]}
    judged = judgement(reviewed(worse, deployment), judges().of("shop"))
    assert denied_for(judged) == ["capability-added"]
    assert warned_of(judged)[0] == "privileged-container"


def test_a_policy_may_deny_an_update_for_all_that_is_wrong(
    reviewed: Reviewed, judges: Judged, deployment: Values
) -> None:
    """`updates: enforce` knows no yesterday; beside it another policy keeps its patience."""
    container(deployment)["securityContext"]["privileged"] = True
    container(deployment)["resources"] = {"limits": {"cpu": "1"}}
    scaled = deepcopy(deployment)
    scaled["spec"]["replicas"] = 3
    patient = GracePolicy("patient", modes={"privileged-container": Mode.OFF})
    unforgiving = GracePolicy("unforgiving", updates=Updates.ENFORCE, modes={"memory-limit-missing": Mode.OFF})
    judged = judgement(reviewed(scaled, deployment), judges(patient, unforgiving).of("shop"))
    assert denied_for(judged) == ["privileged-container"]
    assert "memory-limit-missing" in warned_of(judged)


def test_a_warning_that_becomes_an_error_is_added(reviewed: Reviewed, judges: Judged, deployment: Values) -> None:
    """A margin that was thin is now gone: the same rule at the same place, but it denies only now."""
    container(deployment)["command"][3] = "--graceful-timeout=29"
    worse = deepcopy(deployment)
    container(worse)["command"][3] = "--graceful-timeout=45"
    assert denied_for(judgement(reviewed(worse, deployment), judges().of("shop"))) == ["grace-period-too-short"]


def test_moving_a_container_adds_nothing(reviewed: Reviewed, judges: Judged, deployment: Values) -> None:
    """Places are told apart by names: a sidecar before it does not make a new fault of an old one."""
    faulty = container(deployment)
    faulty["securityContext"]["privileged"] = True
    beside = {**deepcopy(faulty), "name": "beside", "securityContext": {**faulty["securityContext"]}}
    beside["securityContext"].pop("privileged")
    moved = deepcopy(deployment)
    moved["spec"]["template"]["spec"]["containers"].insert(0, beside)
    denied = judgement(reviewed(moved, deployment), judges().of("shop")).denying
    assert [ruling for ruling in denied if ruling.rule.id == "privileged-container"] == []


def test_of_several_alike_only_the_further_ones_are_added(
    reviewed: Reviewed, judges: Judged, deployment: Values
) -> None:
    """A second capability is new, whichever place of the list it takes."""
    capabilities = container(deployment)["securityContext"]["capabilities"]
    capabilities["add"] = ["SYS_ADMIN"]
    worse = deepcopy(deployment)
    container(worse)["securityContext"]["capabilities"]["add"] = ["NET_ADMIN", "SYS_ADMIN"]
    judged = judgement(reviewed(worse, deployment), judges().of("shop"))
    assert denied_for(judged) == ["capability-added"]
    assert "NET_ADMIN" in judged.answer.message


def test_an_exemption_silences_and_taking_it_away_adds(reviewed: Reviewed, judges: Judged, deployment: Values) -> None:
    """What an annotation silenced was not there before it is taken away."""
    container(deployment)["securityContext"]["privileged"] = True
    container(deployment)["securityContext"].pop("allowPrivilegeEscalation")
    exempt = "privileged-container: talks to the device; privilege-escalation-allowed: the same"
    silenced = deepcopy(deployment)
    silenced["metadata"]["annotations"] = {"gracekeeper.dev/exempt": exempt}
    assert judgement(reviewed(silenced), judges().of("shop")).verdict == "allow"
    judged = judgement(reviewed(deployment, silenced), judges().of("shop"))
    assert denied_for(judged) == ["privileged-container"]


def test_an_annotation_that_does_nothing_is_told(reviewed: Reviewed, judges: Judged, deployment: Values) -> None:
    """Its author believes in it."""
    deployment["metadata"]["annotations"] = {"gracekeeper.dev/exempt": "run-as-rot: why"}
    judged = judgement(reviewed(deployment), judges().of("shop"))
    assert judged.verdict == "warn"
    expected = "gracekeeper.dev/exempt: there is no rule run-as-rot; did you mean run-as-root?"
    assert judged.answer.warnings[0] == expected


def test_the_policies_that_mean_it_are_named(reviewed: Reviewed, judges: Judged, deployment: Values) -> None:
    """Whoever is denied knows whom to ask."""
    container(deployment)["securityContext"]["privileged"] = True
    everyone, python = GracePolicy("everyone", scope=Scope.ALL), GracePolicy("python", scope=Scope.PYTHON)
    judged = judgement(reviewed(deployment), judges(everyone, python).of("shop"))
    assert judged.answer.message.splitlines()[0] == (
        'Deployment shop/web breaks a rule of policies "everyone", "python":'
    )


def test_what_runs_no_pods_is_admitted(reviewed: Reviewed, judges: Judged) -> None:
    """A webhook may be configured for more than there is to judge."""
    odd = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}}
    assert judgement(reviewed(odd), judges().of("shop")).verdict == "allow"


def test_what_cannot_be_read_is_admitted_and_told(reviewed: Reviewed, judges: Judged, deployment: Values) -> None:
    """The API server decides what is valid; a field that only we do not understand denies nobody."""
    container(deployment)["resources"]["limits"]["memory"] = "lots"
    judged = judgement(reviewed(deployment), judges().of("shop"))
    assert judged.verdict == "warn"
    assert judged.answer.warnings == ("memory: expected a quantity such as 500m, 2 or 512Mi",)
