"""The kinds that run pods, and where each keeps its pod template.

Rules never mention `spec.jobTemplate`: that is said once, here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from gracekeeper_policies.document import Document, Path

KINDS: Final[Mapping[str, tuple[frozenset[str], Path]]] = {
    "Pod": (frozenset({""}), ()),
    "ReplicationController": (frozenset({""}), ("spec", "template")),
    "PodTemplate": (frozenset({""}), ("template",)),
    "Deployment": (frozenset({"apps", "extensions"}), ("spec", "template")),
    "StatefulSet": (frozenset({"apps"}), ("spec", "template")),
    "DaemonSet": (frozenset({"apps", "extensions"}), ("spec", "template")),
    "ReplicaSet": (frozenset({"apps", "extensions"}), ("spec", "template")),
    "Job": (frozenset({"batch"}), ("spec", "template")),
    "CronJob": (frozenset({"batch"}), ("spec", "jobTemplate", "spec", "template")),
    "Rollout": (frozenset({"argoproj.io"}), ("spec", "template")),
    "Service": (frozenset({"serving.knative.dev"}), ("spec", "template")),
}
"""Kind → the API groups it is known in, and where its pod template stands."""

PodTemplates: TypeAlias = Mapping[tuple[str, str], "Path"]
"""Further kinds, with their API group before them → where the pod template stands."""

NO_TEMPLATES: Final[PodTemplates] = {}

JOB_KINDS: Final = frozenset({"Job", "CronJob"})


def is_workload(document: Document, templates: PodTemplates = NO_TEMPLATES) -> bool:
    """Tell whether a document is of a kind that runs pods, and has a template to judge; `templates` adds kinds."""
    template = template_path(document, templates)
    return template is not None and reached(document.values, (*template, "spec"))[1] is not None


def template_path(document: Document, templates: PodTemplates = NO_TEMPLATES) -> Path | None:
    """Where the pod template of a document's kind stands; None for a kind that runs no pods."""
    groups, template = KINDS.get(document.kind, (frozenset(), ()))
    group = document.api_version.rpartition("/")[0]
    return template if group in groups else templates.get((group, document.kind))


def reached(values: object, path: Path) -> tuple[Path, object]:
    """What stands at a path, and the part of the path that leads to it: shorter where the way ends before."""
    # Where something else than a mapping stands on the way, that is what is reached.
    for position, step in enumerate(path):
        # Asking for the abstract type alone would take longer than all the rest.
        if type(values) is not dict and not isinstance(values, Mapping):
            return path[:position], values
        values = values.get(step)
    return path, values
