"""One verdict everywhere: the webhook finds in real manifests what `check` finds in them.

Each folder's objects go into a namespace of their own, the neighbours first. What the API server makes of a workload is
then judged in both ways: by the webhook, whose findings stand in the audit event, and out of files, as `check` does it.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING, Final

import pytest
from msgspec.structs import replace

from gracekeeper.reports.admission import audit
from gracekeeper.sources.input import read
from gracekeeper_policies.catalog import RULES
from gracekeeper_policies.judge import judge
from gracekeeper_policies.kubernetes import KubernetesVersion
from gracekeeper_policies.neighbours import neighbours_among
from gracekeeper_policies.policy import GracePolicy, Mode
from tests.admission.conftest import LABEL
from tests.cluster.client import eventually
from tests.cluster.programs import ROOT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gracekeeper_policies.document import Document
    from tests.admission.operator import Operator
    from tests.cluster.client import Manifest
    from tests.cluster.control_plane import ControlPlane

NEIGHBOURS: Final = {"Service", "ConfigMap", "LimitRange", "PodDisruptionBudget", "HorizontalPodAutoscaler"}
CHECKED: Final = {
    *(("v1", kind) for kind in ("Pod", "ReplicationController")),
    *(("apps/v1", kind) for kind in ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")),
    *(("batch/v1", kind) for kind in ("Job", "CronJob")),
}
VERSION: Final = KubernetesVersion(1, 36)
WARN: Final = GracePolicy("warn", mode=Mode.WARN)
NUMBERS: Final = count(1)
ABSENCE: Final = {
    "disruption-budget-missing",
    "drain-delay-missing",
    "readiness-probe-missing",
    "rollout-drops-capacity",
    "single-replica",
}
"""Rules that know more where all neighbours are known, as an index of the cluster knows them."""


@dataclass
class Outcome:
    """How many workloads were judged in both ways, those whom the API server refused itself, and who differed."""

    judged: int = 0
    refused: list[str] = field(default_factory=list)
    different: dict[str, tuple[str, str]] = field(default_factory=dict)
    only_in_a_cluster: Counter[str] = field(default_factory=Counter)


class Folder:
    """A folder's objects in a namespace of the cluster, where everything is admitted with warnings."""

    def __init__(self, control_plane: ControlPlane, documents: Sequence[Document], outcome: Outcome) -> None:
        """Create the neighbours."""
        self.control_plane = control_plane
        self.client = control_plane.client
        self.outcome = outcome
        self.namespace = self.client.namespace(f"corpus-{next(NUMBERS)}", {LABEL: "warn"})
        self.workloads = [self._own(each) for each in documents if (each.api_version, each.kind) in CHECKED]
        neighbours = [self._own(each) for each in documents if each.kind in NEIGHBOURS and each.api_version[0] != "s"]
        self.neighbours = [self.client.create(each).object() for each in neighbours]

    def _own(self, document: Document) -> Manifest:
        return {**document.values, "metadata": {**document.metadata, "namespace": self.namespace}}

    def compare(self, folder: Path) -> None:
        """Judge each workload in both ways, and note the outcome."""
        for manifest in self.workloads:
            answer = self.client.create(manifest, dry_run=True)
            if answer.admitted:
                self._compare(manifest, answer.object(), folder)
            else:
                assert "admission webhook" not in answer.message
                self.outcome.refused.append(answer.message)

    def _compare(self, manifest: Manifest, made: Manifest, folder: Path) -> None:
        checked, in_sight = (self._checked(made, folder, complete=complete) for complete in (True, False))
        self.outcome.judged += 1
        self.outcome.only_in_a_cluster.update(rules_of(checked) ^ rules_of(in_sight))
        try:
            # What stands beside it may have come a moment ago.
            eventually(lambda: checked == self._reviewed(manifest) or checked == self._reviewed_again(manifest), 3)
        except TimeoutError:
            name = f"{made['kind']} {made['metadata']['name']}"
            self.outcome.different[name] = (self._reviewed(manifest), checked)

    def _reviewed(self, manifest: Manifest) -> str:
        """The webhook's findings, when it was asked last."""
        (*_, event) = (
            each
            for each in self.control_plane.audit_events(self.namespace)
            if each["objectRef"].get("namespace") == self.namespace
            and each["objectRef"].get("name") == manifest["metadata"].get("name")
        )
        return str(event["annotations"].get("workloads.gracekeeper.dev/findings", ""))

    def _reviewed_again(self, manifest: Manifest) -> str:
        self.client.create(manifest, dry_run=True).object()
        return self._reviewed(manifest)

    def _checked(self, made: Manifest, folder: Path, *, complete: bool) -> str:
        """The findings out of files."""
        for number, manifest in enumerate([made, *self.neighbours]):
            (folder / f"{number}.json").write_text(json.dumps(manifest), encoding="utf-8")
        documents = read([str(folder / f"{number}.json") for number in range(1 + len(self.neighbours))]).documents
        neighbours, misread = neighbours_among(documents)
        assert misread == ()
        neighbours = replace(neighbours, namespaces={self.namespace: {LABEL: "warn"}}, complete=complete)
        verdict = judge(
            documents[:1],
            policies=[WARN],
            rules=RULES,
            neighbours=neighbours,
            now=datetime.now(UTC).date(),
            kubernetes_version=VERSION,
        )
        return audit("", [ruling for ruling in verdict.rulings if ruling.suppressed is None]).get("findings", "")


def rules_of(findings: str) -> set[str]:
    """The rules that findings name, with how sure they are."""
    return {f"{each['rule']} {each['certainty']}" for each in json.loads(findings or "[]")}


@pytest.mark.corpus
@pytest.mark.parametrize(("place", "least"), [("examples", 10), ("corpus", 150)])
def test_the_webhook_finds_what_check_finds(
    place: str,
    least: int,
    request: pytest.FixtureRequest,
    operator: Operator,
    control_plane: ControlPlane,
    tmp_path: Path,
) -> None:
    """Positions aside; what the API server itself refuses is counted."""
    assert operator.ready()
    root = request.getfixturevalue("corpus") if place == "corpus" else ROOT / "examples"
    folders: dict[str, list[Document]] = defaultdict(list)
    for document in read([str(root)]).documents:
        folders[document.origin.rpartition("/")[0]].append(document)
    outcome = Outcome()
    for each in [Folder(control_plane, documents, outcome) for documents in folders.values()]:
        each.compare(tmp_path)
    print(outcome)  # noqa: T201 - the counts are worth reading
    assert outcome.different == {}
    assert {each.partition(" ")[0] for each in outcome.only_in_a_cluster} <= ABSENCE
    assert outcome.judged >= least
