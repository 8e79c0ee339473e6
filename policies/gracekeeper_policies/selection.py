"""Whom a policy or an exception means: by kind, name, namespace and labels, as Kubernetes' own selectors do."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from gracekeeper_policies.neighbours import matches
from gracekeeper_policies.neighbourspec import LabelSelector

if TYPE_CHECKING:
    from gracekeeper_policies.neighbours import Neighbours
    from gracekeeper_policies.workload import Workload

NAME_LABEL: Final = "kubernetes.io/metadata.name"
"""The label that Kubernetes itself gives to every namespace: its name."""


class Match(Struct, frozen=True):
    """What has to hold of a workload; what is left empty holds of every one.

    `names` are globs with `*` and `?`. `object_selector` asks the labels of the workload itself, not those of its pods.
    """

    kinds: frozenset[str] = frozenset()
    names: tuple[str, ...] = ()
    namespace_selector: LabelSelector | None = None
    object_selector: LabelSelector | None = None

    def means(self, workload: Workload) -> bool:
        """Tell whether a workload is meant, whatever its namespace."""
        return (
            (not self.kinds or workload.kind in self.kinds)
            and (not self.names or any(fnmatchcase(workload.identity.name, name) for name in self.names))
            and (self.object_selector is None or matches(self.object_selector, workload.metadata.labels))
        )

    def means_namespace(self, namespace: str, neighbours: Neighbours) -> bool | None:
        """Tell whether a namespace is meant; None where labels decide that are not in sight."""
        if self.namespace_selector is None:
            return True
        labels = {**neighbours.namespaces.get(namespace, {}), NAME_LABEL: namespace}
        if namespace in neighbours.namespaces or neighbours.complete:
            return matches(self.namespace_selector, labels)
        if not matches(_about_the_name(self.namespace_selector), labels):
            return False
        return None if _asks_more(self.namespace_selector) else True


EVERYTHING: Final = Match()
"""What a policy means that says nothing."""


def _about_the_name(selector: LabelSelector) -> LabelSelector:
    labels = {key: value for key, value in selector.match_labels.items() if key == NAME_LABEL}
    expressions = tuple(each for each in selector.match_expressions if each.key == NAME_LABEL)
    return LabelSelector(labels, expressions)


def _asks_more(selector: LabelSelector) -> bool:
    keys = {*selector.match_labels, *(each.key for each in selector.match_expressions)}
    return not keys <= {NAME_LABEL}
