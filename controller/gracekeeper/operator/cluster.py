"""What stands beside workloads in the cluster, held in memory, so that no review asks the API server for it.

Objects are kept as the documents that `check` would read, without what no rule asks for; a namespace's neighbours are
gathered from them by the same function, when a review first needs them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final, cast

import structlog
from msgspec.structs import replace

from gracekeeper.operator.reflector import Kind
from gracekeeper_policies.neighbours import neighbours_among

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from gracekeeper.operator.reflector import Values
    from gracekeeper_policies.document import Document
    from gracekeeper_policies.neighbours import Neighbours

_log: Final = structlog.get_logger(__name__)

CONFIGURATION_BYTES: Final = 64 * 1024
"""No server's configuration is longer; dashboards, scripts and bundles of certificates are."""

_VARIABLE: Final = r"[A-Za-z_][A-Za-z0-9_]*"
_FILE: Final = r"[\w.-]*\.(?:py|ini|cfg|conf|config|toml|ya?ml|json|xml|env|sh|properties)"
_CONFIGURATION: Final = re.compile(rf"(?:{_VARIABLE}|{_FILE})\Z")


def spec_of(*fields: str) -> Callable[[Values], Values]:
    """Keep an object's identity, and these fields of its specification."""

    def keep(values: Values) -> Values:
        spec = values.get("spec") or {}
        return {"metadata": _identity(values), "spec": {name: spec[name] for name in fields if name in spec}}

    return keep


def _labels(values: Values) -> Values:
    metadata = values.get("metadata") or {}
    return {"metadata": {**_identity(values), "labels": metadata.get("labels") or {}}}


def _configuration(values: Values) -> Values:
    """The texts of a ConfigMap that a program can be configured with."""
    data = values.get("data") or {}
    kept = {key: text for key, text in data.items() if _CONFIGURATION.match(key) and len(text) <= CONFIGURATION_BYTES}
    return {"metadata": _identity(values), "data": kept}


def _identity(values: Values) -> dict[str, Any]:
    metadata = values.get("metadata") or {}
    return {key: metadata[key] for key in ("namespace", "name") if key in metadata}


NEIGHBOURS: Final = (
    Kind("v1", "Namespace", "namespaces", _labels),
    Kind("v1", "Service", "services", spec_of("selector", "ports", "type", "clusterIP", "publishNotReadyAddresses")),
    Kind("v1", "ConfigMap", "configmaps", _configuration),
    Kind("v1", "LimitRange", "limitranges", spec_of("limits")),
    Kind(
        "policy/v1",
        "PodDisruptionBudget",
        "poddisruptionbudgets",
        spec_of("selector", "minAvailable", "maxUnavailable"),
    ),
    Kind(
        "autoscaling/v2",
        "HorizontalPodAutoscaler",
        "horizontalpodautoscalers",
        spec_of("scaleTargetRef", "minReplicas"),
    ),
    Kind("keda.sh/v1alpha1", "ScaledObject", "scaledobjects", spec_of("scaleTargetRef", "minReplicaCount")),
)
"""The kinds that a verdict may depend on. Reflectors keep them true."""


class Cluster:
    """The neighbours of every namespace. A Shelf for the reflectors of `NEIGHBOURS`."""

    def __init__(self) -> None:
        """Nothing is in sight yet."""
        self._documents: dict[str, dict[tuple[str, str], Document]] = defaultdict(dict)
        self._neighbours: dict[str, Neighbours] = {}

    def neighbours(self, namespace: str) -> Neighbours:
        """What stands in a namespace: the same object until something there changes."""
        known = self._neighbours.get(namespace)
        if known is None:
            known = self._neighbours[namespace] = self._gathered(namespace)
        return known

    def namespaces(self) -> dict[str, Mapping[str, str]]:
        """The labels of all namespaces, by name."""
        seen = (held.get(("Namespace", name)) for name, held in self._documents.items())
        return {each.identity().name: cast("Mapping[str, str]", each.metadata["labels"]) for each in seen if each}

    def _gathered(self, namespace: str) -> Neighbours:
        documents = self._documents.get(namespace, {})
        neighbours, misread = neighbours_among(documents.values(), namespace)
        for each in misread:
            _log.warning("neighbour_unread", object=str(each.document.identity(namespace)), field=str(each.path[-1]))
        # What could not be read is not absent.
        return replace(neighbours, complete=not misread)

    def replace(self, kind: Kind, documents: Iterable[Document]) -> None:
        """Take these for all there are of their kind."""
        fresh = {_place(document): document for document in documents}
        gone = [each for each in self._all(kind) if _place(each) not in fresh]
        for document in fresh.values():
            self.put(kind, document)
        for document in gone:
            self.remove(kind, document)

    def put(self, kind: Kind, document: Document) -> None:
        """Take an object; one that is no other than before changes nothing."""
        namespace, name = _place(document)
        before = self._documents[namespace].get((kind.name, name))
        if before is None or before.values != document.values:
            self._documents[namespace][kind.name, name] = document
            self._neighbours.pop(namespace, None)

    def remove(self, kind: Kind, document: Document) -> None:
        """Let go of an object."""
        namespace, name = _place(document)
        self._documents[namespace].pop((kind.name, name), None)
        self._neighbours.pop(namespace, None)
        if not self._documents[namespace]:
            del self._documents[namespace]

    def _all(self, kind: Kind) -> list[Document]:
        return [
            document for held in self._documents.values() for (name, _), document in held.items() if name == kind.name
        ]


def _place(document: Document) -> tuple[str, str]:
    """The namespace that an object counts for, and its name; a Namespace counts for itself."""
    identity = document.identity("")
    return identity.namespace or identity.name, identity.name
