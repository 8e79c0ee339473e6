"""One verdict everywhere: the webhook finds in real manifests what `check` finds in them.

Each folder's objects go into a namespace of their own, the neighbours first. What the API server makes of a workload is
then judged in three ways: by the webhook, whose findings stand in the audit event; by the same function, given files
and the word that there are no other neighbours; and by the command `gracekeeper check`, which cannot know that.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING, Final, TypeAlias

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
POLICY: Final = """
apiVersion: gracekeeper.dev/v1alpha1
kind: GracePolicy
metadata: {name: warn}
spec: {mode: warn}
"""
WARN: Final = GracePolicy("warn", mode=Mode.WARN)
Told: TypeAlias = tuple[str | None, ...]
NUMBERS: Final = count(1)
ABSENCE: Final = {
    "drain-delay-missing": "no Service leads to it, so nobody is cut off",
    "readiness-probe-missing": "no Service leads to it, so nobody is sent to it too early",
    "single-replica": "no HorizontalPodAutoscaler scales it up",
}
"""Rules that are surer or silent where a neighbour is known not to exist: from a cluster's index, never from files."""


@dataclass
class Outcome:
    """How many workloads were judged in both ways, those whom the API server refused itself, and who differed."""

    judged: int = 0
    refused: list[str] = field(default_factory=list)
    different: dict[str, tuple[str, str]] = field(default_factory=dict)
    reviewed: dict[str, set[Told]] = field(default_factory=lambda: defaultdict(set))
    made: list[Manifest] = field(default_factory=list)


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
        self.outcome.made += self.neighbours

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
        checked = self._checked(made, folder)
        self.outcome.made.append(made)
        self.outcome.judged += 1
        try:
            # What stands beside it may have come a moment ago.
            eventually(lambda: checked == self._reviewed(manifest) or checked == self._reviewed_again(manifest), 3)
        except TimeoutError:
            self.outcome.different[name_of(made)] = (self._reviewed(manifest), checked)
        self.outcome.reviewed[name_of(made)] |= {told(each) for each in json.loads(checked or "[]")}

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

    def _checked(self, made: Manifest, folder: Path) -> str:
        """The findings out of files, where these are all that there is."""
        for number, manifest in enumerate([made, *self.neighbours]):
            (folder / f"{number}.json").write_text(json.dumps(manifest), encoding="utf-8")
        documents = read([str(folder / f"{number}.json") for number in range(1 + len(self.neighbours))]).documents
        neighbours, misread = neighbours_among(documents)
        assert misread == ()
        neighbours = replace(neighbours, namespaces={self.namespace: {LABEL: "warn"}}, complete=True)
        verdict = judge(
            documents[:1],
            policies=[WARN],
            rules=RULES,
            neighbours=neighbours,
            now=datetime.now(UTC).date(),
            kubernetes_version=VERSION,
        )
        return audit("", [ruling for ruling in verdict.rulings if ruling.suppressed is None]).get("findings", "")


def name_of(manifest: Manifest) -> str:
    """Where a workload is found; each folder has a namespace of its own."""
    return f"{manifest['kind']} {manifest['metadata']['namespace']}/{manifest['metadata']['name']}"


def told(finding: Manifest) -> Told:
    """What the audit event and `check` both say of a finding."""
    return tuple(finding[key] for key in ("rule", "severity", "mode", "certainty", "container", "path"))


def by_command(made: Sequence[Manifest], folder: Path) -> dict[str, set[Told]]:
    """What `gracekeeper check` finds, given these objects and nothing else."""
    objects = folder / "objects"
    objects.mkdir()
    for number, manifest in enumerate(made):
        (objects / f"{number}.json").write_text(json.dumps(manifest), encoding="utf-8")
    (folder / "policy.yaml").write_text(POLICY, encoding="utf-8")
    command = [sys.executable, "-m", "gracekeeper", "check", str(objects), "--format=json", "--fail-on=never"]
    options = [f"--policy={folder / 'policy.yaml'}", f"--kubernetes-version={VERSION}"]
    checked = subprocess.run([*command, *options], capture_output=True, check=False, cwd=folder)
    assert checked.returncode == 0, checked.stderr
    found: dict[str, set[Told]] = defaultdict(set)
    for finding in json.loads(checked.stdout)["findings"]:
        workload = finding["workload"]
        if finding["suppressed"] is None:
            found[f"{workload['kind']} {workload['namespace']}/{workload['name']}"].add(told(finding))
    return found


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
    """Lines aside; what the API server itself refuses is counted."""
    assert operator.ready()
    root = request.getfixturevalue("corpus") if place == "corpus" else ROOT / "examples"
    folders: dict[str, list[Document]] = defaultdict(list)
    for document in read([str(root)]).documents:
        folders[document.origin.rpartition("/")[0]].append(document)
    outcome = Outcome()
    for each in [Folder(control_plane, documents, outcome) for documents in folders.values()]:
        each.compare(tmp_path)
    found = by_command(outcome.made, tmp_path)
    apart = {name: outcome.reviewed[name] ^ found[name] for name in {*outcome.reviewed, *found}}
    rules = Counter(rule for each in apart.values() for rule, *_ in each)
    print(f"judged {outcome.judged}, refused {len(outcome.refused)}, told otherwise by check: {rules}")  # noqa: T201
    assert outcome.different == {}
    assert set(rules) <= set(ABSENCE)
    assert outcome.judged >= least
