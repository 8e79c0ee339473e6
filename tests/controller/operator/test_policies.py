"""Which policies and exceptions are in force, whatever people write and in whatever order it is seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest
from structlog.testing import capture_logs

from gracekeeper.operator.default_policy import BUILT_IN
from gracekeeper.operator.policies import PoliciesLive
from gracekeeper.operator.policy_objects import EXCEPTION_KIND, POLICY_KIND
from gracekeeper_policies.catalog import RULES
from gracekeeper_policies.policy import Profile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gracekeeper_policies.document import Document

BAD: dict[str, Any] = {"rules": {"run-as-rot": {}}}
EXCUSE = {"rules": ["run-as-root"], "reason": "legacy", "expires": "2027-03-01"}


def policy(name: str, spec: dict[str, Any] | None = None, *, created: str = "2026-11-22", **more: Any) -> Document:  # noqa: ANN401
    """A GracePolicy as a reflector keeps it."""
    metadata = {"name": name, "uid": f"uid of {name}", "generation": 1, "creationTimestamp": created} | more
    status = metadata.pop("status", {})
    return POLICY_KIND.document({"metadata": metadata, "spec": spec or {}, "status": status})


def exception(namespace: str, name: str = "legacy", **spec: Any) -> Document:  # noqa: ANN401 - any JSON
    """A GraceException as a reflector keeps it."""
    metadata = {"name": name, "namespace": namespace, "uid": f"{namespace}/{name}", "generation": 1}
    return EXCEPTION_KIND.document({"metadata": metadata, "spec": EXCUSE | spec})


@pytest.fixture
def live() -> PoliciesLive:
    """A cluster without objects of ours."""
    return PoliciesLive(RULES, BUILT_IN)


@pytest.fixture
def logged() -> Iterator[list[dict[str, Any]]]:
    """What is logged."""
    with capture_logs() as lines:
        yield cast("list[dict[str, Any]]", lines)


def names(live: PoliciesLive) -> list[str]:
    """The policies in force."""
    return [each.name for each in live.in_force("shop").policies]


def profiles(live: PoliciesLive) -> list[Profile]:
    """The profiles of the policies in force."""
    return [each.profile for each in live.in_force("shop").policies]


def reasons(live: PoliciesLive, namespace: str = "shop") -> list[str]:
    """Why somebody is excused."""
    return [each.reason for each in live.in_force(namespace).exceptions]


def test_the_default_holds_until_there_is_a_policy(live: PoliciesLive) -> None:
    """And again when there is none any more."""
    assert ["standard"] == names(live)
    live.put(POLICY_KIND, policy("ours"))
    assert ["ours"] == names(live)
    live.remove(POLICY_KIND, policy("ours"))
    assert ["standard"] == names(live)


def test_a_policy_changes_at_once(live: PoliciesLive) -> None:
    """With the next review."""
    live.put(POLICY_KIND, policy("ours", {"profile": "strict"}))
    assert [Profile.STRICT] == profiles(live)
    live.put(POLICY_KIND, policy("ours", {"profile": "baseline"}, generation=2))
    assert [Profile.BASELINE] == profiles(live)


def test_policies_come_oldest_first_on_every_replica(live: PoliciesLive) -> None:
    """In whatever order they are seen."""
    live.replace(POLICY_KIND, [policy("a", created="2026-11-22"), policy("b", created="2026-11-20")])
    live.put(POLICY_KIND, policy("c", created="2026-11-21"))
    assert ["b", "c", "a"] == names(live)


def test_what_cannot_be_read_changes_nothing(live: PoliciesLive) -> None:
    """What the policy said before stays in force, and what is wrong is known."""
    live.put(POLICY_KIND, policy("ours", {"profile": "strict"}))
    live.put(POLICY_KIND, policy("ours", BAD, generation=2))
    (held,) = live.policies
    assert [Profile.STRICT] == profiles(live)
    assert held.good is not None
    assert (1, 2) == (held.good.generation, held.now.generation)
    assert ["spec.rules.run-as-rot: there is no rule run-as-rot; did you mean run-as-root?"] == held.sentences


def test_what_was_mended_is_in_force(live: PoliciesLive) -> None:
    """And nothing is held against it."""
    live.put(POLICY_KIND, policy("ours", BAD))
    live.put(POLICY_KIND, policy("ours", {"profile": "strict"}, generation=2))
    (held,) = live.policies
    assert [Profile.STRICT] == profiles(live)
    assert [] == held.sentences


def test_a_replica_that_starts_late_learns_what_was_good_from_the_status(live: PoliciesLive) -> None:
    """It was not there when the good one was."""
    remembered = {"lastGood": {"generation": 4, "spec": {"profile": "strict"}}}
    live.put(POLICY_KIND, policy("ours", BAD, generation=5, status=remembered))
    (held,) = live.policies
    assert [Profile.STRICT] == profiles(live)
    assert held.good is not None
    assert held.good.generation == 4


@pytest.mark.parametrize("status", [{}, {"lastGood": {"generation": 4, "spec": BAD}}, {"lastGood": "x"}])
def test_without_anything_good_a_policy_asks_nothing(live: PoliciesLive, status: dict[str, Any]) -> None:
    """The default stays away too: under another policy the verdict would mislead."""
    live.put(POLICY_KIND, policy("ours", BAD, status=status))
    assert [] == names(live)


def test_one_bad_policy_leaves_the_others_alone(live: PoliciesLive) -> None:
    """Each speaks for itself."""
    live.replace(POLICY_KIND, [policy("a"), policy("b", BAD), policy("c")])
    assert ["a", "c"] == names(live)


def test_another_of_the_same_name_inherits_nothing(live: PoliciesLive) -> None:
    """It was deleted and created anew while nobody watched."""
    live.put(POLICY_KIND, policy("ours", {"profile": "strict"}))
    live.put(POLICY_KIND, policy("ours", BAD, uid="another"))
    assert [] == names(live)


def test_what_a_list_lacks_is_gone(live: PoliciesLive) -> None:
    """Whatever was deleted while the watch was away."""
    live.replace(POLICY_KIND, [policy("a"), policy("b")])
    live.replace(EXCEPTION_KIND, [exception("shop", "a"), exception("shop", "b", reason="other"), exception("blog")])
    live.replace(POLICY_KIND, [policy("b")])
    live.replace(EXCEPTION_KIND, [exception("shop", "b", reason="other")])
    assert (["b"], ["other"], []) == (names(live), reasons(live), reasons(live, "blog"))


def test_an_exception_holds_in_its_namespace(live: PoliciesLive) -> None:
    """And nowhere else."""
    live.put(EXCEPTION_KIND, exception("shop"))
    assert (["legacy"], []) == (reasons(live), reasons(live, "blog"))
    live.remove(EXCEPTION_KIND, exception("shop"))
    assert [] == reasons(live)


def test_an_exception_that_cannot_be_read_changes_nothing(live: PoliciesLive) -> None:
    """As a policy."""
    live.put(EXCEPTION_KIND, exception("shop"))
    live.put(EXCEPTION_KIND, exception("shop", reason="better", expires="next spring"))
    live.put(EXCEPTION_KIND, exception("shop", "other", reason="never good", expires="next spring"))
    assert ["legacy"] == reasons(live)


def test_kinds_that_a_policy_adds_may_be_named_by_all(live: PoliciesLive) -> None:
    """Whichever of them is seen first, and no longer once the policy is gone."""
    template = {"group": "apps.example.com", "kind": "WebApp", "path": "spec.template"}
    adds, names_it = policy("adds", {"podTemplates": [template]}), policy("a", {"match": {"kinds": ["WebApp"]}})
    live.put(EXCEPTION_KIND, exception("shop", match={"kinds": ["WebApp"]}))
    assert [] == reasons(live)
    live.replace(POLICY_KIND, [names_it, adds])
    assert (["a", "adds"], ["legacy"]) == (names(live), reasons(live))
    live.replace(POLICY_KIND, [names_it])
    assert ([], []) == (names(live), reasons(live))


def test_a_refused_policy_spoils_no_other_one(live: PoliciesLive) -> None:
    """It names another path for a kind, but nothing of it is in force."""
    template = {"group": "apps.example.com", "kind": "WebApp", "path": "spec.template"}
    bad = BAD | {"podTemplates": [template | {"path": "spec.pod"}]}
    live.replace(POLICY_KIND, [policy("a", bad), policy("b", {"podTemplates": [template]})])
    assert ["b"] == names(live)


def test_what_holds_is_the_same_object_until_something_changes(live: PoliciesLive) -> None:
    """By that a judge knows that nothing has changed."""
    live.put(POLICY_KIND, policy("ours"))
    live.put(EXCEPTION_KIND, exception("shop"))
    shop, blog = live.in_force("shop"), live.in_force("blog")
    live.put(POLICY_KIND, policy("ours", status={"observedGeneration": 1}, resourceVersion="7"))
    assert shop is live.in_force("shop")
    live.put(EXCEPTION_KIND, exception("shop", reason="other"))
    assert shop is not live.in_force("shop")
    assert blog is live.in_force("blog")


def test_nothing_is_kept_of_namespaces_that_somebody_invents(live: PoliciesLive) -> None:
    """Whoever reaches the webhook's port may name as many as he likes."""
    assert live.in_force("no-such-namespace") is live.in_force("nor-this-one")


def test_what_happens_to_policies_is_logged(live: PoliciesLive, logged: list[dict[str, Any]]) -> None:
    """One line for each change; of exceptions, of which there are thousands, only of the bad ones."""
    live.put(POLICY_KIND, policy("ours"))
    live.put(POLICY_KIND, policy("ours", BAD, generation=2))
    live.put(POLICY_KIND, policy("ours", BAD, generation=2, status={"observedGeneration": 2}))
    live.remove(POLICY_KIND, policy("ours"))
    live.put(POLICY_KIND, policy("never-good", BAD))
    live.put(EXCEPTION_KIND, exception("shop"))
    live.put(EXCEPTION_KIND, exception("shop", "other", expires="soon"))
    assert [
        ("info", "policy_in_force"),
        ("warning", "policy_refused"),
        ("info", "policy_gone"),
        ("warning", "policy_refused"),
        ("error", "nothing_in_force"),
        ("debug", "policy_in_force"),
        ("warning", "policy_refused"),
    ] == [(each["log_level"], each["event"]) for each in logged]


def test_listeners_are_called_for_what_people_write_alone(live: PoliciesLive) -> None:
    """A status that we write ourselves would keep us busy for ever."""
    called: list[str] = []
    live.when_changed(lambda: called.append("changed"))
    live.put(POLICY_KIND, policy("ours"))
    live.put(POLICY_KIND, policy("ours", status={"observedGeneration": 1}))
    live.put(EXCEPTION_KIND, exception("shop"))
    live.put(EXCEPTION_KIND, exception("shop"))
    live.remove(EXCEPTION_KIND, exception("shop", "never-there"))
    assert ["changed", "changed"] == called
