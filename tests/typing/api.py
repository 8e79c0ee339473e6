"""How the public API is used, read by the type checker and run by a test: if a name or a type changes, this breaks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, assert_type

from gracekeeper_policies import (
    RULES,
    STANDARD,
    Advice,
    Argument,
    Card,
    Certainty,
    Container,
    Document,
    Evidence,
    Finding,
    GracePolicy,
    Identity,
    ImageConfig,
    Judged,
    KubernetesVersion,
    Misread,
    Mode,
    Neighbours,
    Path,
    Profile,
    Remedy,
    Remove,
    Rule,
    Ruling,
    Scope,
    Set,
    Severity,
    Timeline,
    Unknown,
    Verdict,
    Workload,
    evidence_of,
    judge,
    neighbours_among,
    parameter,
    render_path,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gracekeeper_policies import Images, PythonProcess

MANIFEST: dict[str, object] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web", "namespace": "shop"},
    "spec": {
        "template": {"spec": {"containers": [{"name": "web", "image": "shop/web", "command": ["gunicorn", "app:app"]}]}}
    },
}


def a_verdict() -> Verdict:
    """Ask for a verdict: documents and policies in, findings out."""
    documents = [Document(MANIFEST, origin="deploy.yaml")]
    neighbours, misread = neighbours_among(documents)
    assert_type(neighbours, Neighbours)
    assert_type(misread, tuple[Misread, ...])
    assert_type(documents[0].identity(), Identity)
    return judge(
        documents,
        policies=[STANDARD, GracePolicy(profile=Profile.STRICT, mode=Mode.WARN, scope=Scope.ALL)],
        rules=[*RULES, Rule(OwnRule())],
        neighbours=neighbours,
        now=date(2026, 11, 22),
        images=what_images_hold(),
        kubernetes_version=KubernetesVersion.parse("1.34"),
    )


def what_images_hold() -> Images:
    """What is known of images is a function: facts that arrive late mean a second call."""
    known = {"shop/web": ImageConfig("registry", user="10001")}
    return lambda reference: known.get(reference, Unknown("it was not read"))


def reported(verdict: Verdict) -> list[str]:
    """Read a verdict as a report does."""
    assert_type(verdict.judged, tuple[Judged, ...])
    for ruling in verdict.rulings:
        assert_type(ruling, Ruling)
        assert_type(ruling.rule, Rule)
        assert_type(ruling.workload, Workload | None)
        assert_type(ruling.document, Document)
        assert_type(ruling.identity, Identity)
        assert_type(ruling.container, Container | None)
        assert_type(ruling.severity, Severity)
        assert_type(ruling.suppressed, str | None)
        assert_type(ruling.finding.certainty, Certainty)
        assert_type(ruling.finding.remedies, tuple[Remedy, ...])
    return [f"{ruling.severity.label} {render_path(ruling.finding.at)}: {spoken(ruling)}" for ruling in verdict.rulings]


def spoken(ruling: Ruling) -> str:
    """Act on a remedy by its kind."""
    match ruling.finding.remedies[0]:
        case Set(path=path, value=value):
            return f"{render_path(path)} = {value}"
        case Remove(path=path):
            return f"no {render_path(path)}"
        case Argument(text=text) | Advice(text=text):
            return text


def explained(judged: Judged) -> list[str]:
    """Read what was worked out as `explain` does."""
    assert_type(judged.timelines, tuple[Timeline, ...])
    processes: tuple[PythonProcess, ...] = judged.processes
    return [f"{process.name} stops: {evidence_of('drain', process.shutdown.drain, 's').value}" for process in processes]


@dataclass(frozen=True)
class Letters:
    """What a policy may set of the rule below."""

    enough: int = parameter(4, "", "how many letters are enough")


class OwnRule:
    """A rule of one's own, put together by hand; a module with the same parts is the usual form."""

    __name__ = "shop.rules.hygiene.name_too_short"
    __doc__ = "A name is too short."
    CARD = Card(severity=Severity.NOTE, profile=Profile.BASELINE, since="1.0")
    BAD: Mapping[str, str] = {"one letter": "containers: [{name: w}]  # finding"}
    GOOD: Mapping[str, str] = {"a word": "containers: [{name: web}]"}
    Parameters = Letters

    def check(self, container: Container, parameters: Letters) -> Iterator[Finding]:
        """Count the letters."""
        at: Path = (*container.path, "name")
        if len(container.name) < parameters.enough:
            evidence = (Evidence("letters", str(len(container.name)), "name"),)
            yield Finding(at, "The name says little.", (Advice("write a longer name"),), evidence=evidence)


LINES = reported(a_verdict())
EXPLAINED = explained(a_verdict().judged[0])
