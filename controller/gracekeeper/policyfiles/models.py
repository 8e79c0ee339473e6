"""The documents that say what is asked, of whom, and who is excused.

These models are the one place where a field is declared: files and clusters are read by them, and the JSON Schema (and
the custom resource definitions) are made from them, descriptions and all.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from gracekeeper_policies.neighbourspec import LabelSelector, LabelSelectorRequirement

API_VERSION: Final = "gracekeeper.dev/v1alpha1"

CEL: Final = "x-kubernetes-validations"
"""Where a schema says what the API server has to hold when one field depends on another."""

ModeName = Literal["enforce", "warn", "audit", "off"]
_MODE: Final = (
    'enforce: a proven error denies; warn: findings are warnings at most; audit: they are notes; "off": nothing is '
    'looked for. Write "off" in quotes: a bare off is false in YAML.'
)


def _null_is_empty(values: object) -> object:
    if not isinstance(values, dict):
        return values
    return {key: "" if text is None else text for key, text in values.items()}


Texts = Annotated[dict[str, str], BeforeValidator(_null_is_empty, json_schema_input_type=dict[str, str | None])]


class Strict(BaseModel):
    """A strict, frozen model that refuses a field it does not know: somebody relies on what is written."""

    model_config = ConfigDict(alias_generator=to_camel, strict=True, frozen=True, extra="forbid", defer_build=True)


class Requirement(Strict):
    """One expression of a label selector."""

    model_config = ConfigDict(
        json_schema_extra={
            CEL: [
                {
                    "rule": "(self.operator in ['In', 'NotIn']) == (has(self.values) && size(self.values) > 0)",
                    "message": "In and NotIn need at least one value, Exists and DoesNotExist take none",
                }
            ]
        }
    )

    key: str = Field(description="The label that is asked for.")
    operator: Literal["In", "NotIn", "Exists", "DoesNotExist"] = Field(
        description="In and NotIn compare the label with `values`; Exists and DoesNotExist take no values."
    )
    values: tuple[str, ...] = Field(default=(), strict=False, description="The values to compare with.")


class Selector(Strict):
    """A Kubernetes label selector; an empty one selects everything, and all that it says has to hold."""

    match_labels: Texts = Field(default_factory=dict, description="Labels with the value that each has to have.")
    match_expressions: tuple[Requirement, ...] = Field(
        default=(), strict=False, description="Expressions on labels that all have to hold."
    )

    @property
    def plain(self) -> LabelSelector:
        """The same selector as neighbours have it."""
        expressions = (
            LabelSelectorRequirement(each.key, each.operator, each.values) for each in self.match_expressions
        )
        return LabelSelector(self.match_labels, tuple(expressions))


_KINDS: Final = Field(
    default=(), strict=False, min_length=1, description="Kinds of workloads, such as Deployment; without it every kind."
)
_NAMES: Final = Field(
    default=(),
    strict=False,
    min_length=1,
    description="Names of workloads, as globs with * and ?; without it every name.",
)
_OBJECT_SELECTOR: Final = Field(
    default=None, description="Labels of the workload itself (its metadata.labels, not its pods')."
)


class ExceptionMatch(Strict):
    """Whom an exception means; what is left out holds of every workload of its namespace."""

    kinds: tuple[str, ...] = _KINDS
    names: tuple[str, ...] = _NAMES
    object_selector: Selector | None = _OBJECT_SELECTOR


class PolicyMatch(ExceptionMatch):
    """Whom a policy means; what is left out holds of every workload."""

    namespace_selector: Selector | None = Field(
        default=None,
        description=(
            "Labels of the namespace. The command line reads them from the Namespace documents of its input; a "
            "selector that cannot be decided matches, and that is said."
        ),
    )


class RuleSetting(Strict):
    """How a policy applies a rule; a rule that is named applies whatever the profile."""

    mode: ModeName | None = Field(default=None, description=f"How hard, instead of the policy's own mode. {_MODE}")
    parameters: dict[str, object] = Field(default_factory=dict, description="The rule's own numbers and names.")
    exemptible: bool = Field(default=True, description="Whether an exception or an annotation may silence it.")


class PodTemplate(Strict):
    """A further kind of workload."""

    group: str = Field(description="Its API group, such as apps.example.com; empty for the core group.")
    kind: str = Field(min_length=1, description="Its kind.")
    path: str = Field(
        pattern=r"^[A-Za-z][\w-]*(\.[A-Za-z][\w-]*)*$",
        description="Where its pod template stands: field names between dots, such as spec.template.",
    )


def _null_says_nothing(values: object) -> object:
    if not isinstance(values, dict):
        return values
    return {name: {} if setting is None else setting for name, setting in values.items()}


class PolicySpec(Strict):
    """What is asked, of whom, and how hard."""

    profile: Literal["baseline", "standard", "strict"] = Field(
        default="standard",
        description="Which rules apply: baseline, what is broken; standard, what production needs; strict, hardening.",
    )
    mode: ModeName = Field(default="enforce", description=f"What a finding does. {_MODE}")
    updates: Literal["ratchet", "enforce"] = Field(
        default="ratchet",
        description=(
            "What an update in a cluster is denied for. ratchet: only what it adds; enforce: all that the object has. "
            "The command line sees no updates."
        ),
    )
    scope: Literal["python", "python-or-unknown", "all"] = Field(
        default="python-or-unknown",
        description=(
            "Which workloads are judged. python: recognised as Python; python-or-unknown: also what cannot be told; "
            "all: every workload."
        ),
    )
    match: PolicyMatch = Field(default_factory=PolicyMatch, description="Whom the policy means; empty: every workload.")
    rules: Annotated[
        dict[str, RuleSetting],
        BeforeValidator(_null_says_nothing, json_schema_input_type=dict[str, RuleSetting | None]),
    ] = Field(
        default_factory=dict,
        description=(
            "Rules that apply otherwise than the profile and the mode say, by their id. A rule without more to "
            "say is written {}: kubectl drops what is empty."
        ),
    )
    allow_annotation_exemptions: bool = Field(
        default=True, description="Whether the annotation gracekeeper.dev/exempt on a workload silences findings."
    )
    allow_namespace_mode: bool = Field(
        default=False,
        description="Whether a namespace may choose another mode than the policy's by its label gracekeeper.dev/mode.",
    )
    pod_templates: tuple[PodTemplate, ...] = Field(
        default=(), strict=False, description="Further kinds that run pods, and where their pod template stands."
    )


class ExceptionSpec(Strict):
    """Which rules are silent, for whom, why, and until when."""

    rules: tuple[str, ...] = Field(strict=False, min_length=1, description="Ids of the rules that are silent.")
    match: ExceptionMatch = Field(
        default_factory=ExceptionMatch,
        description="Whom the exception means; empty: every workload of its namespace.",
    )
    reason: str = Field(
        min_length=1, description="Why these workloads are excused.", json_schema_extra={"pattern": r"\S"}
    )
    expires: str = Field(
        description="The last day on which it holds, in UTC, such as 2027-03-01; after it the exception is a finding.",
        json_schema_extra={"format": "date"},
    )


class RepositoryImage(Strict):
    """How images are built; what is left out is as `docker build` has it. Paths start at the policy file's folder."""

    image: str = Field(
        min_length=1,
        description=(
            "The image, without a tag for every tag. A glob means several; * stands for what is between two slashes."
        ),
    )
    dockerfile: str = Field(
        min_length=1, description="Its Dockerfile; a * in its path is what the last * of `image` stands for."
    )
    context: str = Field(
        default="",
        description="The folder that is sent to the builder; by default the nearest that holds what is copied.",
    )
    target: str = Field(default="", description="The stage that is built; the last one by default.")
    args: Texts = Field(default_factory=dict, description="Build arguments, as `--build-arg` gives them.")


class RepositorySource(Strict):
    """A folder that an image is built from. Its path starts at the policy file's folder."""

    path: str = Field(min_length=1, description="The folder; what lies in it lies where the image starts.")
    image: str = Field(
        default="",
        description=(
            "The image that is built from it, as under `images`. Without it, what follows from the folder is only "
            "suspected."
        ),
    )


class RepositorySpec(Strict):
    """What only a repository needs."""

    images: tuple[RepositoryImage, ...] = Field(
        default=(),
        strict=False,
        description="Which Dockerfiles images are built from; the first entry that means an image holds.",
    )

    source_roots: tuple[RepositorySource, ...] = Field(
        default=(),
        strict=False,
        description="Folders that images are built from, where no Dockerfile tells what they hold.",
    )

    exclude: tuple[str, ...] = Field(
        default=(),
        strict=False,
        description="Files and directories that are not read, as globs like those of .gitignore.",
    )


_ADDED_BY_A_CLUSTER: Final = frozenset(
    "creationTimestamp deletionGracePeriodSeconds deletionTimestamp finalizers generateName generation managedFields "
    "ownerReferences resourceVersion selfLink uid".split()
)


class ClusterMetadata(Strict):
    """The name of an object that has no namespace; what a cluster adds is ignored."""

    name: str = Field(min_length=1, description="Its name, by which reports speak of it.")
    labels: Texts = Field(default_factory=dict, description="Labels, for your own use.")
    annotations: Texts = Field(default_factory=dict, description="Annotations, for your own use.")

    @model_validator(mode="before")
    @classmethod
    def _without_what_a_cluster_adds(cls, values: object) -> object:
        if not isinstance(values, dict):
            return values
        return {name: value for name, value in values.items() if name not in _ADDED_BY_A_CLUSTER}


class NamespacedMetadata(ClusterMetadata):
    """The name of an object in a namespace; what a cluster adds is ignored."""

    namespace: str = Field(default="", description="Its namespace; without it that of --namespace.")


class _Stored(Strict):
    """A document that a cluster may hold, which then says in `status` what became of it; that is ignored."""

    @model_validator(mode="before")
    @classmethod
    def _without_status(cls, values: object) -> object:
        return {key: each for key, each in values.items() if key != "status"} if isinstance(values, dict) else values


class GracePolicy(_Stored):
    """A policy: which rules apply, how hard, and to what. Of several that mean a workload the strictest speaks."""

    api_version: Literal["gracekeeper.dev/v1alpha1"] = Field(description="The version of this format.")
    kind: Literal["GracePolicy"] = Field(description="A policy.")
    metadata: ClusterMetadata = Field(description="The policy's name.")
    spec: PolicySpec = Field(default_factory=PolicySpec, description="The policy itself.")


class GraceException(_Stored):
    """An exception: rules that are silent for workloads of a namespace, for a reason, until a day."""

    api_version: Literal["gracekeeper.dev/v1alpha1"] = Field(description="The version of this format.")
    kind: Literal["GraceException"] = Field(description="An exception.")
    metadata: NamespacedMetadata = Field(description="The exception's name and namespace.")
    spec: ExceptionSpec = Field(description="The exception itself.")


class GraceRepository(Strict):
    """What only a repository needs; it has no meaning in a cluster."""

    api_version: Literal["gracekeeper.dev/v1alpha1"] = Field(description="The version of this format.")
    kind: Literal["GraceRepository"] = Field(description="A repository's own settings.")
    metadata: ClusterMetadata | None = Field(default=None, description="A name, if you like.")
    spec: RepositorySpec = Field(default_factory=RepositorySpec, description="The settings.")


DOCUMENTS: Final = (GracePolicy, GraceException, GraceRepository)
"""Every kind of document that a policy file holds."""
