"""An admission review is read once, its objects when somebody asks for them."""

from __future__ import annotations

import msgspec

from gracekeeper.operator.review import LONG_BYTES, GroupVersionKind, GroupVersionResource, Review, UserInfo


def test_a_request_is_typed_and_what_we_do_not_ask_for_is_left_alone() -> None:
    """Fields that a newer API server adds do no harm."""
    request = {
        "uid": "705ab4f5",
        "kind": {"group": "apps", "version": "v1", "kind": "Deployment"},
        "resource": {"group": "apps", "version": "v1", "resource": "deployments"},
        "requestKind": {"group": "apps", "version": "v1", "kind": "Deployment"},
        "name": "web",
        "namespace": "shop",
        "operation": "UPDATE",
        "userInfo": {"username": "ada", "groups": ["developers"], "extra": {"reason": ["a"]}},
        "object": {"kind": "Deployment"},
        "oldObject": {"kind": "Deployment", "spec": {}},
        "dryRun": True,
        "tomorrow": 1,
    }
    review = _read(request)
    assert review.kind == GroupVersionKind("apps", "v1", "Deployment")
    assert review.resource == GroupVersionResource("apps", "v1", "deployments")
    assert review.user_info == UserInfo("ada", ("developers",))
    assert (review.object, review.old_object) == ({"kind": "Deployment"}, {"kind": "Deployment", "spec": {}})
    assert (review.dry_run, review.sub_resource, review.name) == (True, "", "web")


def test_an_object_that_is_not_there_is_empty() -> None:
    """A create has no old object, a delete no new one; the API server writes null."""
    assert _read({"object": None}).object == {}
    assert _read({}).old_object == {}


def test_long_is_what_both_objects_weigh_together() -> None:
    """An update carries two objects, and both have to be read."""
    half = {"data": "x" * (LONG_BYTES // 2)}
    assert not _read({"object": half}).is_long
    assert _read({"object": half, "oldObject": half}).is_long


def _read(request: dict[str, object]) -> Review:
    minimal = {"uid": "1", "kind": {}, "resource": {}, "operation": "CREATE", "userInfo": {}}
    return msgspec.json.decode(msgspec.json.encode(minimal | request), type=Review)
