"""From documents to policies and exceptions: each is read whole, or refused with every place that is wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Final

from gracekeeper.policyfiles import models
from gracekeeper.policyfiles.parameters import read_parameters
from gracekeeper.policyfiles.selectors import faults
from gracekeeper.policyfiles.typed import read
from gracekeeper.sources.exclusion import globs
from gracekeeper_policies.boundary import Misread, Misreadings, nearest
from gracekeeper_policies.exception import GraceException
from gracekeeper_policies.kinds import KINDS
from gracekeeper_policies.policy import GracePolicy, Mode, PodTemplate, Profile, Scope, Updates
from gracekeeper_policies.process.image import ImageReference
from gracekeeper_policies.selection import Match

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gracekeeper_policies.document import Document, Path
    from gracekeeper_policies.rule import Rule

_MODELS: Final = {model.__name__: model for model in models.DOCUMENTS}
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_NO_IMAGE: Final = "is no image, expected one such as registry.example.com/shop/web, or a glob"
_NAME: Final = re.compile(r"[a-z0-9.*?-]{1,253}\Z")


@dataclass
class PolicySet:
    """What the policy documents of a run say.

    `repositories` are the GraceRepository documents with what they say, `misread` is what could not be read. `refused`
    tells that a policy is among it: what it asks is not known.
    """

    policies: list[GracePolicy] = field(default_factory=list)
    exceptions: list[GraceException] = field(default_factory=list)
    repositories: list[tuple[Document, models.RepositorySpec]] = field(default_factory=list)
    misread: list[Misread] = field(default_factory=list)
    refused: bool = False


class Reader:
    """Reads policy documents beside the rules that they may name; `result` is what they say."""

    def __init__(self, rules: Sequence[Rule], namespace: str, kinds: Iterable[str] = ()) -> None:
        """`namespace` is that of exceptions which name none, `kinds` are workloads that other policies add."""
        self.result = PolicySet()
        self._rules = {rule.id: rule for rule in rules}
        self._namespace = namespace
        self._kinds = {*KINDS, *kinds}
        self._templates: dict[tuple[str, str], str] = {}
        self._names: dict[tuple[str, str, str], Document] = {}

    def take(self, documents: Iterable[Document]) -> None:
        """Read documents of any kind; kinds of workloads that one of them adds may be named by all."""
        typed = [(document, model) for document in documents if (model := self._typed(document)) is not None]
        for _, model in typed:
            if isinstance(model, models.GracePolicy):
                self._kinds.update(template.kind for template in model.spec.pod_templates)
        for document, model in typed:
            match model:
                case models.GracePolicy():
                    self._policy(document, model)
                case models.GraceException():
                    self._exception(document, model)
                case models.GraceRepository():
                    self._repository(document, model)

    def _typed(self, document: Document) -> models.Strict | None:
        model = _MODELS.get(document.kind)
        if model is None or document.api_version != models.API_VERSION:
            self._refuse(document, [_stranger(document)])
            return None
        outcome = read(model, document.values, document=document, path=())
        if isinstance(outcome, Misreadings):
            self._refuse(document, [*outcome.fields, *self._beside(document)])
            return None
        return outcome

    def _beside(self, document: Document) -> Iterator[Misread]:
        """What is wrong with rules beside a fault of another kind: whoever mends a file wants to hear all at once."""
        spec = document.values.get("spec")
        rules = spec.get("rules") if isinstance(spec, Mapping) else None
        at: Path = ("spec", "rules")
        if isinstance(rules, list):
            unknown = [(number, name) for number, name in enumerate(rules) if isinstance(name, str)]
            yield from (self._unknown(document, (*at, step), name) for step, name in unknown if name not in self._rules)
        for name, setting in rules.items() if isinstance(rules, Mapping) else ():
            parameters = setting.get("parameters") if isinstance(setting, Mapping) else None
            if name not in self._rules:
                yield self._unknown(document, (*at, name), name)
            elif isinstance(parameters, Mapping):
                outcome = read_parameters(self._rules[name], parameters, document, (*at, name, "parameters"))
                yield from outcome.fields if isinstance(outcome, Misreadings) else ()

    def _unknown(self, document: Document, path: Path, name: str) -> Misread:
        return Misread(document, path, _no_rule(name, self._rules))

    def _refuse(self, document: Document, misread: Sequence[Misread]) -> None:
        self.result.misread += misread
        self.result.refused |= document.kind not in ("GraceException", "GraceRepository")

    def _policy(self, document: Document, model: models.GracePolicy) -> None:
        spec = model.spec
        settings = _Settings(self._rules, document, spec)
        wrong = [
            *self._taken(document),
            *self._match_faults(document, spec.match),
            *settings.misread,
            *self._template_faults(document, spec),
        ]
        if wrong:
            self._refuse(document, wrong)
            return
        policy = GracePolicy(
            model.metadata.name,
            Profile[spec.profile.upper()],
            Mode(spec.mode),
            Scope(spec.scope),
            settings.parameters,
            spec.allow_annotation_exemptions,
            {rule: Mode(each.mode) if each.mode else None for rule, each in spec.rules.items()},
            frozenset(rule for rule, each in spec.rules.items() if not each.exemptible),
            _match(spec.match),
            Updates(spec.updates),
            spec.allow_namespace_mode,
            tuple(PodTemplate(each.group, each.kind, tuple(each.path.split("."))) for each in spec.pod_templates),
        )
        self.result.policies.append(policy)

    def _exception(self, document: Document, model: models.GraceException) -> None:
        spec = model.spec
        expires = _date(spec.expires)
        wrong = [*self._taken(document), *self._match_faults(document, spec.match), *self._rule_faults(document, spec)]
        if not spec.reason.strip():
            wrong.append(Misread(document, ("spec", "reason"), "is blank, expected why these workloads are excused"))
        if expires is None:
            wrong.append(Misread(document, ("spec", "expires"), "expected a day such as 2027-03-01"))
        if wrong or expires is None:
            self._refuse(document, wrong)
            return
        identity = document.identity(self._namespace)
        match = _match(spec.match)
        self.result.exceptions.append(
            GraceException(document, identity, spec.rules, match, " ".join(spec.reason.split()), expires)
        )

    def _repository(self, document: Document, model: models.GraceRepository) -> None:
        if self.result.repositories:
            first = self.result.repositories[0][0].origin
            self._refuse(
                document, [Misread(document, ("kind",), f"is the second GraceRepository; one stands in {first}")]
            )
            return
        wrong = [*_exclude_faults(document, model.spec), *_image_faults(document, model.spec)]
        if wrong:
            self._refuse(document, wrong)
        else:
            self.result.repositories.append((document, model.spec))

    def _taken(self, document: Document) -> Iterator[Misread]:
        """A name that two documents bear: in a cluster the second one would replace the first."""
        identity = document.identity(self._namespace)
        namespace = identity.namespace if document.kind == "GraceException" else ""
        first = self._names.setdefault((identity.kind, namespace, identity.name), document)
        if first is not document:
            message = f"a second {identity.kind} of the name {identity.name}; the first one stands in {first.origin}"
            yield Misread(document, ("metadata", "name"), message)

    def _match_faults(self, document: Document, match: models.ExceptionMatch) -> Iterator[Misread]:
        at: Path = ("spec", "match")
        for number, kind in enumerate(match.kinds):
            if kind not in self._kinds:
                message = f"{kind} is no kind of workload{nearest(kind, self._kinds)}"
                yield Misread(document, (*at, "kinds", number), message)
        for number, name in enumerate(match.names):
            if not _NAME.match(name):
                message = "matches no name: names hold lower-case letters, digits, dots and dashes, globs also * and ?"
                yield Misread(document, (*at, "names", number), message)
        for name in ("object_selector", "namespace_selector"):
            for path, message in faults(getattr(match, name, None)):
                yield Misread(document, (*at, _CAMEL[name], *path), message)

    def _rule_faults(self, document: Document, spec: models.ExceptionSpec) -> Iterator[Misread]:
        for number, rule in enumerate(spec.rules):
            if rule not in self._rules:
                yield self._unknown(document, ("spec", "rules", number), rule)

    def _template_faults(self, document: Document, spec: models.PolicySpec) -> Iterator[Misread]:
        for number, each in enumerate(spec.pod_templates):
            at: Path = ("spec", "podTemplates", number)
            if each.group in KINDS.get(each.kind, ((), ()))[0]:
                yield Misread(document, at, f"{each.kind} is known already; take the entry out")
            elif self._templates.setdefault((each.group, each.kind), each.path) != each.path:
                yield Misread(document, (*at, "path"), f"another path of {each.kind} is named before")


class _Settings:
    """What a policy sets of single rules: their parameters by id, and what is wrong with them."""

    def __init__(self, rules: dict[str, Rule], document: Document, spec: models.PolicySpec) -> None:
        self.parameters: dict[str, object] = {}
        self.misread: list[Misread] = []
        for rule, setting in spec.rules.items():
            at: Path = ("spec", "rules", rule)
            if rule not in rules:
                self.misread.append(Misread(document, at, _no_rule(rule, rules)))
            else:
                self._add(rules[rule], setting, document, (*at, "parameters"))

    def _add(self, rule: Rule, setting: models.RuleSetting, document: Document, at: Path) -> None:
        parameters = read_parameters(rule, setting.parameters, document, at)
        if isinstance(parameters, Misreadings):
            self.misread += parameters.fields
        elif parameters is not None:
            self.parameters[rule.id] = parameters


_CAMEL: Final = {"object_selector": "objectSelector", "namespace_selector": "namespaceSelector"}


def _exclude_faults(document: Document, spec: models.RepositorySpec) -> Iterator[Misread]:
    for number, pattern in enumerate(spec.exclude):
        try:
            globs([pattern], ".", "")
        except ValueError as error:
            yield Misread(document, ("spec", "exclude", number), str(error))


def _image_faults(document: Document, spec: models.RepositorySpec) -> Iterator[Misread]:
    for number, root in enumerate(spec.source_roots):
        if root.image and not _is_image(root.image):
            yield Misread(document, ("spec", "sourceRoots", number, "image"), _NO_IMAGE)
    for number, each in enumerate(spec.images):
        at: Path = ("spec", "images", number)
        if not _is_image(each.image):
            yield Misread(document, (*at, "image"), _NO_IMAGE)
        if "*" in each.dockerfile and "*" not in each.image:
            yield Misread(document, (*at, "dockerfile"), "has a *, and image has none that it could stand for")


def _is_image(text: str) -> bool:
    return "*" in text or "?" in text or ImageReference.parse(text) is not None


def _match(model: models.ExceptionMatch) -> Match:
    namespaces: models.Selector | None = getattr(model, "namespace_selector", None)
    objects = model.object_selector
    return Match(
        frozenset(model.kinds),
        model.names,
        namespaces.plain if namespaces else None,
        objects.plain if objects else None,
    )


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DATE.match(text) else None
    except ValueError:
        return None


def _no_rule(name: str, rules: Iterable[str]) -> str:
    return f"there is no rule {name}{nearest(name, rules) or '; `gracekeeper rules` lists them'}"


def _stranger(document: Document) -> Misread:
    if document.kind in _MODELS:
        return Misread(document, ("apiVersion",), f"expected {models.API_VERSION}, found another version")
    near = nearest(document.kind, _MODELS) or f"; expected one of {', '.join(_MODELS)}"
    return Misread(document, ("kind",), f"a policy file holds no {document.kind}{near}")
