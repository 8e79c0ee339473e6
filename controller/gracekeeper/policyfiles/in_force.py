"""Which policies and exceptions hold: those of the files that are named, of `gracekeeper.yaml`, or the built-in one."""

# ruff: noqa: PTH109, PTH112, PTH118, PTH120 - paths are kept as they were given, to be printed so

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from msgspec import structs

from gracekeeper.images.build import Build, Listed
from gracekeeper.sources.exclusion import Globs, globs
from gracekeeper.sources.input import STANDARD_INPUT, read
from gracekeeper.sources.problems import Problem, Skipped
from gracekeeper_policies.policy import STANDARD

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from collections.abc import Set as AbstractSet

    from gracekeeper.policyfiles.models import RepositoryImage
    from gracekeeper.policyfiles.reading import Reader
    from gracekeeper_policies.boundary import Misread
    from gracekeeper_policies.document import Document
    from gracekeeper_policies.exception import GraceException
    from gracekeeper_policies.policy import GracePolicy, PodTemplate, Profile
    from gracekeeper_policies.rule import Rule

FILE: Final = "gracekeeper.yaml"
"""The policy file that is found without being named, in the working directory or in one above it."""

_GROUP: Final = "gracekeeper.dev/"
_EMPTY: Final = "is empty, expected a GracePolicy, a GraceException or a GraceRepository"
_POLICIES: Final = ("GracePolicy", "GraceRepository")
_NO_SAY: Final = f"has no say among what is checked; --policy FILE or a {FILE} puts it in force"


@dataclass(frozen=True)
class InForce:
    """What a run judges by.

    `files` are the policy files, none where the built-in policy holds. `problems` and `misread` are what could not be
    read, `skipped` what has no say. Where `policies` is empty, what is asked could not be read, and nothing is judged.
    """

    policies: tuple[GracePolicy, ...]
    exceptions: tuple[GraceException, ...] = ()
    files: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    misread: tuple[Misread, ...] = ()
    skipped: tuple[Skipped, ...] = ()


class PolicyFiles:
    """The policy files of a run. They are read before what is checked, since they say what to leave out of it."""

    def __init__(self, named: Sequence[str], rules: Sequence[Rule], namespace: str) -> None:
        """Read the named files, else the `gracekeeper.yaml` that is near; `namespace` is for exceptions without one."""
        paths = named or near()
        refusals = {path: refusal for path in paths if (refusal := _refusal(path))}
        self.input = read(path for path in paths if path not in refusals)
        self._problems = (
            *(Problem(path, 0, 0, refusal) for path, refusal in refusals.items()),
            *self.input.problems,
            *(structs.replace(each, message=_EMPTY) for each in self.input.empty),
        )
        self._rules, self._namespace = rules, namespace
        self._reader = self._reading() if self.input.documents else None

    @property
    def exclude(self) -> tuple[Globs, ...]:
        """What they leave out of directories, relative to the folder of the file that says so."""
        said = self._reader.result.repositories if self._reader else []
        return tuple(
            globs(spec.exclude, os.path.dirname(document.origin) or ".", f"excluded by {document.origin}")
            for document, spec in said
            if spec.exclude
        )

    @property
    def images(self) -> tuple[Listed, ...]:
        """The Dockerfiles of images, with paths as they are found from the working directory."""
        said = self._reader.result.repositories if self._reader else []
        return tuple(_listed(os.path.dirname(document.origin), each) for document, spec in said for each in spec.images)

    @property
    def roots(self) -> tuple[tuple[str, str], ...]:
        """The folders of sources, as they are found from the working directory, each with its image."""
        said = self._reader.result.repositories if self._reader else []
        return tuple(
            (os.path.normpath(os.path.join(os.path.dirname(document.origin), each.path)), each.image)
            for document, spec in said
            for each in spec.source_roots
        )

    @property
    def pod_templates(self) -> tuple[PodTemplate, ...]:
        """The kinds of workloads that they add."""
        said = self._reader.result.policies if self._reader else []
        return tuple(template for policy in said for template in policy.pod_templates)

    def in_force(self, checked: Sequence[Document], profile: Profile | None = None) -> InForce:
        """Tell what holds for the documents that are checked, whose exceptions count; `profile` is every policy's."""
        files = tuple(dict.fromkeys(document.origin for document in self.input.documents))
        beside = _ours(checked, {os.path.realpath(file) for file in files})
        if not (files or beside or self._problems):
            return InForce((_under(STANDARD, profile),))
        reader = self._reader or self._reading()
        refused = bool(self._problems) or reader.result.refused
        reader.take(each for each in beside if each.kind not in _POLICIES)
        policies = reader.result.policies or ([] if refused else [STANDARD])
        return InForce(
            tuple(_under(policy, profile) for policy in policies),
            tuple(reader.result.exceptions),
            files,
            self._problems,
            tuple(reader.result.misread),
            tuple(Skipped(each.origin, f"{each.kind} {_NO_SAY}") for each in beside if each.kind in _POLICIES),
        )

    def _reading(self) -> Reader:
        # Most runs have neither policy files nor exceptions: they need not load what reads them.
        from gracekeeper.policyfiles.reading import Reader  # noqa: PLC0415

        reader = Reader(self._rules, self._namespace)
        reader.take(self.input.documents)
        return reader


def near() -> tuple[str, ...]:
    """The policy file in the working directory or in the nearest one above it that has one; empty where none has."""
    folder = os.getcwd()
    while True:
        path = os.path.join(folder, FILE)
        if os.path.lexists(path):
            return (os.path.relpath(path),)
        above = os.path.dirname(folder)
        if above == folder:
            return ()
        folder = above


def _refusal(path: str) -> str:
    if path == STANDARD_INPUT:
        return "a policy is not read from standard input, expected a file"
    return "is a directory, expected a file" if os.path.isdir(path) else ""


def _listed(folder: str, image: RepositoryImage) -> Listed:
    dockerfile = os.path.join(folder, image.dockerfile)
    context = os.path.join(folder, image.context) if image.context else ""
    return Listed(image.image, Build(dockerfile, context, image.target, image.args))


def _ours(documents: Iterable[Document], files: AbstractSet[str]) -> list[Document]:
    """Our documents among those that are checked, apart from those of the policy files."""
    ours = [document for document in documents if document.api_version.startswith(_GROUP)]
    return [document for document in ours if os.path.realpath(document.origin) not in files]


def _under(policy: GracePolicy, profile: Profile | None) -> GracePolicy:
    return policy if profile is None else structs.replace(policy, profile=profile)
