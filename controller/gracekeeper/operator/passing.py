"""Which requests pass without a verdict, and why: nothing that runs would change, or somebody was judged before."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final

from gracekeeper_policies.workload import PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet

    from gracekeeper.operator.review import Review

_MIRROR: Final = "kubernetes.io/config.mirror"
_KUBELET: Final = "system:node:"
_JUDGED_SUBRESOURCES: Final = ("", "ephemeralcontainers", "resize")
_JUDGED_OPERATIONS: Final = ("CREATE", "UPDATE")
_BESIDE: Final = ("metadata", "status")


class Passing:
    """Tells which requests need no verdict.

    `controllers` are globs of the users that controllers are. What they make for a workload was judged with it: `kinds`
    are the workloads of every cluster that are judged, by API group and kind, `groups` those of the kinds beyond.
    """

    def __init__(
        self, controllers: Iterable[str], kinds: AbstractSet[tuple[str, str]], groups: AbstractSet[str] = frozenset()
    ) -> None:
        """All come from the settings."""
        self._controllers = tuple(controllers)
        self._kinds = kinds
        self._groups = groups

    def reason(self, review: Review) -> str:
        """Why a request passes without a verdict; empty where it needs one."""
        if review.operation not in _JUDGED_OPERATIONS or review.sub_resource not in _JUDGED_SUBRESOURCES:
            return "runs nothing new"
        new = review.object
        metadata = _mapping(new.get("metadata"))
        if metadata.get("deletionTimestamp"):
            return "is being deleted"
        if _MIRROR in _mapping(metadata.get("annotations")) and review.user_info.username.startswith(_KUBELET):
            return "mirrors a pod that runs already"
        if self._is_made_by_its_controller(review.user_info.username, metadata):
            return "is made by the controller of a workload that is judged itself"
        if review.operation == "UPDATE" and _essence(new) == _essence(review.old_object):
            return "changes nothing that runs"
        return ""

    def _is_made_by_its_controller(self, user: str, metadata: Mapping[str, Any]) -> bool:
        # Anybody may write an owner into a manifest, so the user counts as well.
        return any(map(self._is_judged, metadata.get("ownerReferences") or ())) and any(
            fnmatchcase(user, glob) for glob in self._controllers
        )

    def _is_judged(self, owner: object) -> bool:
        owner = _mapping(owner)
        group = str(owner.get("apiVersion", "")).rpartition("/")[0]
        judged = group in self._groups or (group, str(owner.get("kind", ""))) in self._kinds
        return judged and bool(owner.get("controller"))


def _essence(values: Mapping[str, Any]) -> tuple[object, ...]:
    """What a verdict can depend on: everything but the status and what others write into the metadata."""
    annotations = _mapping(_mapping(values.get("metadata")).get("annotations"))
    own = {key: text for key, text in annotations.items() if key.startswith(PREFIX)}
    return {key: value for key, value in values.items() if key not in _BESIDE}, own


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
