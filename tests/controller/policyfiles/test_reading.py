"""Policy documents: what they say, and the sentence for each mistake, with its place and the nearest known name."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from gracekeeper_policies.policy import STANDARD, GracePolicy, Mode, PodTemplate, Profile, Scope, Updates
from gracekeeper_policies.rules.shutdown.grace_period_too_short import Parameters

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper.policyfiles.reading import PolicySet

    Said = Callable[[str], PolicySet]
    Complaints = Callable[[str], list[str]]
    Around = Callable[[str], str]

EXCEPTION = """
rules: [task-outlives-grace]
match: {kinds: [Deployment], names: ["batch-*"]}
reason: "tasks are  idempotent
  and acked late"
expires: 2027-03-01
"""


def test_a_policy_that_says_nothing_is_the_built_in_one(said: Said, policy: Around) -> None:
    """But for its name."""
    assert [replace(STANDARD, name="ours")] == said(policy("{}")).policies


def test_a_policy_says_everything(said: Said, policy: Around) -> None:
    """Each field in its own type."""
    text = """
        profile: strict
        mode: warn
        updates: enforce
        scope: all
        allowAnnotationExemptions: false
        allowNamespaceMode: true
        podTemplates: [{group: apps.example.com, kind: WebApp, path: spec.template}]
        rules:
          grace-period-too-short: {mode: enforce, parameters: {marginSeconds: 5}, exemptible: false}
          image-tag-mutable: {mode: "off"}
          run-as-root:
    """
    assert [
        GracePolicy(
            "ours",
            Profile.STRICT,
            Mode.WARN,
            Scope.ALL,
            {"grace-period-too-short": Parameters(margin_seconds=5)},
            allow_annotation_exemptions=False,
            modes={"grace-period-too-short": Mode.ENFORCE, "image-tag-mutable": Mode.OFF, "run-as-root": None},
            unexemptible=frozenset({"grace-period-too-short"}),
            updates=Updates.ENFORCE,
            allow_namespace_mode=True,
            pod_templates=(PodTemplate("apps.example.com", "WebApp", ("spec", "template")),),
        )
    ] == said(policy(text)).policies


def test_a_policy_says_whom_it_means(said: Said, policy: Around) -> None:
    """By kind, name and the labels of the workload and its namespace; a kind may be one that it adds itself."""
    text = """
        match:
          kinds: [Deployment, WebApp]
          names: ["web-*"]
          namespaceSelector: {matchLabels: {team: shop}}
          objectSelector: {matchExpressions: [{key: tier, operator: NotIn, values: [internal]}]}
        podTemplates: [{group: apps.example.com, kind: WebApp, path: spec.template}]
    """
    match = said(policy(text)).policies[0].match
    assert (frozenset({"Deployment", "WebApp"}), ("web-*",)) == (match.kinds, match.names)
    assert match.namespace_selector is not None
    assert {"team": "shop"} == match.namespace_selector.match_labels
    assert match.object_selector is not None
    assert ("internal",) == match.object_selector.match_expressions[0].values


def test_an_exception_says_who_is_excused_why_and_until_when(said: Said, exception: Around) -> None:
    """Its reason is one line, however it was written."""
    found = said(exception(EXCEPTION)).exceptions[0]
    assert "GraceException shop/batch until 2027-03-01: tasks are idempotent and acked late" == str(found)
    assert (date(2027, 3, 1), ("task-outlives-grace",)) == (found.expires, found.rules)
    assert (frozenset({"Deployment"}), ("batch-*",)) == (found.match.kinds, found.match.names)


def test_what_a_cluster_adds_is_no_mistake(said: Said, exception: Around) -> None:
    """An exception that was fetched with kubectl reads as it is."""
    fetched = exception(EXCEPTION).replace(
        "{name: batch,", "{uid: x, resourceVersion: '7', creationTimestamp: null, managedFields: [], name: batch,"
    )
    assert 1 == len(said(fetched).exceptions)


def test_all_mistakes_are_told_at_once(complaints: Complaints, policy: Around, exception: Around) -> None:
    """A field of the wrong type hides neither a rule that does not exist nor a parameter in the wrong unit."""
    text = """
        mode: off
        rules:
          grace-period-to-short: {}
          grace-period-too-short: {parameters: {marginSeconds: 5s}}
    """
    told = [complaint.partition(": ")[2] for complaint in complaints(policy(text))]
    assert ["mode", "grace-period-to-short", "marginSeconds"] == [each.partition(":")[0] for each in told]

    text = EXCEPTION.replace("[task-outlives-grace]", "[task-outlives-grase]").replace("expires", "expired")
    told = [complaint.partition(": ")[2] for complaint in complaints(exception(text))]
    assert {"rules", "expires", "expired"} == {each.partition(":")[0] for each in told}


def test_several_documents_stand_in_one_file(said: Said, policy: Around, exception: Around, repository: Around) -> None:
    """Of every kind."""
    found = said("---\n".join([policy("{}"), exception(EXCEPTION), repository("exclude: [vendor/]")]))
    assert (1, 1, [("vendor/",)]) == (
        len(found.policies),
        len(found.exceptions),
        [spec.exclude for _, spec in found.repositories],
    )


@pytest.mark.parametrize(
    ("spec", "complaint"),
    [
        ("rules: {run-as-rot: {}}", "5:11: run-as-rot: there is no rule run-as-rot; did you mean run-as-root?"),
        ("rules: {zzz: {}}", "5:11: zzz: there is no rule zzz; `gracekeeper rules` lists them"),
        ("profil: strict", "5:3: profil: there is no field profil here; did you mean profile?"),
        ("{match: {names: [a], kind: [Job]}}", "5:24: kind: there is no field kind here; did you mean kinds?"),
        ("profile: strickt", "5:3: profile: expected baseline, standard or strict; did you mean strict?"),
        (
            "mode: off",
            (
                "5:3: mode: expected enforce, warn, audit or off, found false, which a bare off is in YAML; "
                'write "off" in quotes'
            ),
        ),
        (
            "rules: {run-as-root: {mode: off}}",
            (
                "5:25: mode: expected enforce, warn, audit or off, found false, which a bare off is in YAML; "
                'write "off" in quotes'
            ),
        ),
        ("rules: {run-as-root: off}", "5:11: run-as-root: expected a mapping, found a boolean"),
        ("rules: {run-as-root: {parameters: {x: 1}}}", "5:25: parameters: run-as-root has no parameters"),
        ("allowNamespaceMode: yes please", "5:3: allowNamespaceMode: expected true or false, found a string"),
        ("match: {kinds: []}", "5:11: kinds: expected at least one entry, found none"),
        ("match: {kinds: [Deploymnt]}", "5:19: kinds: Deploymnt is no kind of workload; did you mean Deployment?"),
        (
            "match: {names: [Web_1]}",
            "5:19: names: matches no name: names hold lower-case letters, digits, dots and dashes, globs also * and ?",
        ),
        (
            "podTemplates: [{group: apps, kind: Deployment, path: spec.template}]",
            "5:18: podTemplates: Deployment is known already; take the entry out",
        ),
        (
            "podTemplates: [{group: a.b, kind: Web, path: a}, {group: a.b, kind: Web, path: b}]",
            "5:76: path: another path of Web is named before",
        ),
    ],
)
def test_a_mistake_in_a_policy_is_told_with_its_place(
    complaints: Complaints, policy: Around, spec: str, complaint: str
) -> None:
    """And with what was meant, where that can be guessed."""
    assert [complaint] == complaints(policy(spec))


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        ("5s", "found a string; write 5"),
        ("1m", "found a string; write 60"),
        ("1 h", "found a string; write 3600"),
        ('"5"', "found a string"),
        ("-2", "found one below 0"),
        ("2.5", "found a number"),
        ("[5]", "found a list"),
        ("yes", "found a boolean"),
    ],
)
def test_a_wrong_unit_is_told_with_the_right_one(
    complaints: Complaints, policy: Around, value: str, complaint: str
) -> None:
    """A time with a unit is converted; no other value is quoted."""
    spec = f"rules: {{grace-period-too-short: {{parameters: {{marginSeconds: {value}}}}}}}"
    expected = f"5:49: marginSeconds: expected a whole number of seconds, 0 or more, {complaint}"
    assert [expected] == complaints(policy(spec))


def test_an_unknown_parameter_is_told_with_the_nearest_one(complaints: Complaints, policy: Around) -> None:
    """Minutes are no parameter."""
    spec = "rules: {grace-period-too-short: {parameters: {marginMinutes: 1}}}"
    expected = "5:49: marginMinutes: there is no field marginMinutes here; did you mean marginSeconds?"
    assert [expected] == complaints(policy(spec))


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('reason: "tasks', 'because: "tasks', "reason: expected the field reason, which is missing"),
        ("expires: 2027-03-01", "", "expires: expected the field expires, which is missing"),
        ("2027-03-01", "2027-02-30", "expires: expected a day such as 2027-03-01"),
        ("2027-03-01", "01.03.2027", "expires: expected a day such as 2027-03-01"),
        ("2027-03-01", "20270301", "expires: expected a string, found an integer"),
        ("[task-outlives-grace]", "[]", "rules: expected at least one entry, found none"),
        (
            "[task-outlives-grace]",
            "[task-outlives-grac]",
            "rules: there is no rule task-outlives-grac; did you mean task-outlives-grace?",
        ),
        ("names:", "namespaceSelector: {}, names:", "namespaceSelector: there is no field namespaceSelector here"),
    ],
)
def test_a_mistake_in_an_exception_is_told(
    complaints: Complaints, exception: Around, old: str, new: str, complaint: str
) -> None:
    """Without a reason and a last day nobody is excused."""
    text = exception(EXCEPTION)
    assert old in text
    assert any(complaint in told for told in complaints(text.replace(old, new)))


def test_a_blank_reason_is_none(complaints: Complaints, exception: Around) -> None:
    """Quotes around nothing excuse nobody."""
    text = exception('{rules: [run-as-root], reason: " ", expires: 2027-03-01}')
    assert ["5:26: reason: is blank, expected why these workloads are excused"] == complaints(text)


def test_a_last_day_that_is_over_is_no_mistake(said: Said, exception: Around) -> None:
    """It is a finding, so that the status tells it apart from what cannot be read."""
    assert 1 == len(said(exception(EXCEPTION.replace("2027", "2001"))).exceptions)


def test_two_policies_of_one_name_are_told(complaints: Complaints, policy: Around) -> None:
    """In a cluster the second one would replace the first."""
    text = f"{policy('{}')}---\n{policy('profile: strict')}"
    assert ["9:12: name: a second GracePolicy of the name ours; the first one stands in p.yaml"] == complaints(text)


def test_two_exceptions_of_one_name_live_in_two_namespaces(said: Said, exception: Around) -> None:
    """In one, the second is told."""
    other = exception(EXCEPTION).replace("namespace: shop", "namespace: bank")
    assert 2 == len(said(f"{exception(EXCEPTION)}---\n{other}").exceptions)
    assert 1 == len(said(f"{other}---\n{other}").misread)


def test_a_repository_has_its_settings_once(complaints: Complaints, repository: Around) -> None:
    """Two of them would leave open which one holds."""
    text = f"{repository('{}')}---\n{repository('{}')}"
    assert ["7:1: kind: is the second GraceRepository; one stands in p.yaml"] == complaints(text)


def test_a_repository_says_what_its_images_are_built_from(said: Said, repository: Around) -> None:
    """With all that a builder is told."""
    entry = "{image: shop/*, dockerfile: src/*/Dockerfile, context: ., target: live, args: {A: b}}"
    ((_, spec),) = said(repository(f"images: [{entry}]")).repositories
    assert ["shop/*", "src/*/Dockerfile", ".", "live", {"A": "b"}] == list(spec.images[0].model_dump().values())


@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        (
            "{image: Shop/Web, dockerfile: a}",
            "image: is no image, expected one such as registry.example.com/shop/web, or a glob",
        ),
        (
            "{image: shop/web, dockerfile: '*/Dockerfile'}",
            "dockerfile: has a *, and image has none that it could stand for",
        ),
        ("{image: shop/web}", "dockerfile: expected the field dockerfile, which is missing"),
    ],
)
def test_a_mistake_in_images_is_told(complaints: Complaints, repository: Around, entry: str, complaint: str) -> None:
    """With its place."""
    (told,) = complaints(repository(f"images: [{entry}]"))
    assert told.partition(" ")[2] == complaint


@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        (
            "{path: web, image: 'Shop Web'}",
            "is no image, expected one such as registry.example.com/shop/web, or a glob",
        ),
        ("{image: shop/web}", "expected the field path, which is missing"),
    ],
)
def test_a_mistake_in_source_roots_is_told(
    complaints: Complaints, repository: Around, entry: str, complaint: str
) -> None:
    """With its place."""
    (told,) = complaints(repository(f"sourceRoots: [{entry}]"))
    assert told.endswith(complaint)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (
            "apiVersion: gracekeeper.dev/v1\nkind: GracePolicy\n",
            "1:1: apiVersion: expected gracekeeper.dev/v1alpha1, found another version",
        ),
        (
            "apiVersion: gracekeeper.dev/v1alpha1\nkind: GracePolcy\n",
            "2:1: kind: a policy file holds no GracePolcy; did you mean GracePolicy?",
        ),
        (
            "apiVersion: apps/v1\nkind: Deployment\n",
            (
                "2:1: kind: a policy file holds no Deployment; "
                "expected one of GracePolicy, GraceException, GraceRepository"
            ),
        ),
        (
            "apiVersion: gracekeeper.dev/v1alpha1\nkind: GracePolicy\nmetadata: {}\n",
            "3:1: name: expected the field name, which is missing",
        ),
        (
            "apiVersion: gracekeeper.dev/v1alpha1\nkind: GracePolicy\nmetadata: {name: a, namespce: b}\n",
            "3:21: namespce: there is no field namespce here; did you mean name?",
        ),
    ],
)
def test_what_is_no_policy_document_is_told(complaints: Complaints, text: str, complaint: str) -> None:
    """By its version, its kind or its name."""
    assert [complaint] == complaints(text)


def test_a_document_with_a_mistake_says_nothing_and_the_others_do(said: Said, policy: Around) -> None:
    """Half a policy is none; that it is missing is remembered."""
    other = policy("rules: {zzz: {}}").replace("ours", "theirs")
    found = said(f"{policy('{}')}---\n{other}")
    assert (["ours"], True) == ([each.name for each in found.policies], found.refused)


def test_every_mistake_is_told_at_once(complaints: Complaints, policy: Around) -> None:
    """Whoever mends a file reads it once."""
    spec = """
        match: {kinds: [Deploymnt], names: [A]}
        rules: {zzz: {}, grace-period-too-short: {parameters: {marginSeconds: x, other: 1}}}
    """
    assert 5 == len(complaints(policy(spec)))
