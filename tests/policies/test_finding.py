"""Findings: a remedy is a value, and the sentence a person reads derives from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gracekeeper_policies.document import Document
from gracekeeper_policies.finding import (
    Advice,
    Argument,
    Evidence,
    Finding,
    Related,
    Remove,
    Set,
    Severity,
    elided,
    evidence_of,
)
from gracekeeper_policies.provenance import Certainty, Default, Known, Unknown, Word, joined
from gracekeeper_policies.secrecy import NOTHING, Elision

if TYPE_CHECKING:
    from gracekeeper_policies.finding import Remedy
    from gracekeeper_policies.provenance import Sourced

CONTAINER = ("spec", "template", "spec", "containers", 0)


@pytest.mark.parametrize(
    ("remedy", "text"),
    [
        (Set(("spec", "template", "spec", "hostUsers"), value=False), "hostUsers: false"),
        (Set((*CONTAINER, "securityContext", "runAsNonRoot"), value=True), "securityContext.runAsNonRoot: true"),
        (Set((*CONTAINER, "resources", "limits", "memory"), "1Gi"), "resources.limits.memory: 1Gi"),
        (Set(("spec", "terminationGracePeriodSeconds"), 35), "terminationGracePeriodSeconds: 35"),
        (Set(("spec", "ports", 1, "targetPort"), 8000), "targetPort: 8000"),
        (Set(("metadata", "name"), "web"), "metadata.name: web"),
        (
            Set((*CONTAINER, "securityContext", "capabilities", "drop"), ("ALL",)),
            "securityContext.capabilities.drop: [ALL]",
        ),
        (Set((*CONTAINER, "capabilities", "add", 0), "NET_RAW"), "capabilities.add[0]: NET_RAW"),
        (Remove(("spec", "hostNetwork")), "hostNetwork"),
        (Remove((*CONTAINER, "livenessProbe", "httpGet", "host")), "livenessProbe.httpGet.host"),
        (Remove(("spec", "volumes", 1, "hostPath")), "hostPath"),
        (Remove((*CONTAINER, "securityContext", "capabilities", "add", 1)), "securityContext.capabilities.add[1]"),
    ],
)
def test_a_change_is_written_from_the_container_or_pod_on(remedy: Set | Remove, text: str) -> None:
    """As YAML; what leads there is known from the finding's place."""
    assert text == remedy.text


@pytest.mark.parametrize(
    ("remedies", "sentence"),
    [
        ((Set(("spec", "a"), 1),), "write a: 1"),
        ((Set(("spec", "a"), 1, "2 − 1"),), "write a: 1 (2 − 1)"),
        ((Remove(("spec", "a")),), "remove a"),
        ((Argument("--workers 4"),), "write --workers 4"),
        (
            (Advice("ask a person"), Argument("-w 4", because="the most that fit")),
            "ask a person; or write -w 4 (the most that fit)",
        ),
        ((), ""),
    ],
)
def test_remedies_make_one_sentence(remedies: tuple[Remedy, ...], sentence: str) -> None:
    """The smallest change first, its reason in brackets."""
    assert sentence == Finding(("spec",), "It is so.", remedies).remedy


@pytest.mark.parametrize(
    ("doubt", "certainty"), [("", Certainty.PROVEN), ("a file is not in sight", Certainty.SUSPECTED)]
)
def test_a_doubt_makes_a_suspicion(doubt: str, certainty: Certainty) -> None:
    """Nothing else does."""
    assert certainty is Finding((), "It is so.", (), doubt).certainty


@pytest.mark.parametrize(
    ("value", "unit", "evidence"),
    [
        (Known(30.0, "args[1]"), "s", Evidence("time", "30 s", "args[1]")),
        (Known(0.5, "args[1]"), "s", Evidence("time", "0.5 s", "args[1]")),
        (Known(12345678.0, "args[1]"), "s", Evidence("time", "12345678 s", "args[1]")),
        (Known("web", "env"), "", Evidence("time", "web", "env")),
        (Default(30.0, "gunicorn 27.0.1"), "s", Evidence("time", "30 s", "default of gunicorn 27.0.1")),
        (Default(None, "uvicorn 0.54.0"), "s", Evidence("time", "no limit", "default of uvicorn 0.54.0")),
        (Unknown("nobody says"), "s", Evidence("time", "unknown", "nobody says")),
    ],
)
def test_evidence_quotes_a_value_with_its_source(value: Sourced[object], unit: str, evidence: Evidence) -> None:
    """And what is not known with its reason."""
    assert evidence == evidence_of("time", value, unit)


def test_severities_have_the_words_of_every_report() -> None:
    """Higher is worse."""
    assert ["note", "warning", "error"] == [severity.label for severity in sorted(Severity)]


def test_doubts_are_said_once() -> None:
    """Empty ones not at all."""
    assert "a; b" == joined("a", "", "b", "a")
    assert "" == joined("", "")


def test_a_part_of_a_word_shares_its_place_and_its_doubt() -> None:
    """So `--bind=$(X)` is as unknown as `$(X)`."""
    word = Word("--bind=:80", "args[0]", ("args", 0), "X is a secret")
    assert Word(":80", "args[0]", ("args", 0), "X is a secret") == word.part(":80")


def test_a_finding_is_cleaned_of_secrets() -> None:
    """Whatever of it is shown, and nothing else of it changes."""
    document = Document({})
    finding = Finding(
        ("spec",),
        "It runs hunter2.",
        (Advice("drop hunter2", "of hunter2"), Argument("-p hunter2"), Set(("spec", "replicas"), 2, "hunter2")),
        doubt="hunter2 may fail",
        evidence=(Evidence("command", "hunter2", "args hunter2"),),
        related=(Related(document, ("spec",), "hunter2 again"),),
    )
    assert elided(finding, Elision(["hunter2"])) == Finding(
        ("spec",),
        "It runs ….",
        (Advice("drop …", "of …"), Argument("-p …"), Set(("spec", "replicas"), 2, "…")),
        doubt="… may fail",
        evidence=(Evidence("command", "…", "args …"),),
        related=(Related(document, ("spec",), "… again"),),
    )
    assert elided(finding, NOTHING) is finding


def test_an_item_of_a_list_is_removed_by_its_name() -> None:
    """Its number says nothing to people."""
    assert Remove((*CONTAINER, "env", 3), name="DEBUG").text == "DEBUG"
