"""What an image tells: of the real manifests, how many containers' programs are known with its CMD and without.

The corpus names, for some of its manifests, the Dockerfile that makes the image and what its last stage starts.
"""

from __future__ import annotations

import csv
import json
import os
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from gracekeeper.sources.input import read
from gracekeeper_policies.boundary import Misreadings
from gracekeeper_policies.container import Role
from gracekeeper_policies.kubernetes import ASSUMED
from gracekeeper_policies.neighbours import neighbours_among
from gracekeeper_policies.process.image import ImageConfig
from gracekeeper_policies.process.pod import PodProcesses
from gracekeeper_policies.process.recognition import Runtime
from gracekeeper_policies.provenance import Unknown
from gracekeeper_policies.workload import read_workload

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gracekeeper_policies.process.python_process import PythonProcess

UPDATE: Final = "GRACEKEEPER_UPDATE_EXPECTED"
PAGE: Final = Path(__file__).parents[2] / "docs" / "precision.md"
REGION: Final = re.compile(r"<!-- counted: recognition -->\n(.*?)<!-- end of counted -->\n", re.DOTALL)
LEAST: Final = 0.9
TOLD: Final = {
    "nothing": "Neither command nor arguments",
    "script-or-args": "Arguments only, or a command that is a script",
    "python-opaque": "A Python script",
    "server": "The server itself",
}
BESIDE: Final = re.compile(
    r"cloudsql-docker/|cloud-sql-connectors/|endpoints-runtime:|/maxengine-server:"
    r"|pytorch-server/Dockerfile .*/jetstream-http:"
)
"""Images beside the one that a Dockerfile makes, behind the Dockerfile's path."""

KNOWN_BETTER: Final = {("opaque script", "feast")}
"""What the corpus calls opaque and is right: the image starts `feast`, and the manifest gives it `serve`."""

SCRIPTS: Final = ("run.sh", "uchi-inspec.sh", "aibrix-kvcached-runtime-supervisor", "_entrypoint.sh")
"""What a Dockerfile starts whose text the corpus does not hold, and which so stays unknown."""


@dataclass(frozen=True)
class Case:
    """A container: how much its manifest shows, the server that a person found, and what is known with its CMD."""

    visibility: str
    expected: str
    before: PythonProcess
    after: PythonProcess
    has_command: bool

    @property
    def decides(self) -> bool:
        """Whether the image decides what runs."""
        return self.has_command and not self.before.container.spec.command


def said(text: str, arguments: tuple[str, ...]) -> ImageConfig | Unknown:
    """The image of a cell such as `["a"] ["b"]` or `a b`."""
    if not text:
        return Unknown("no Dockerfile is named")
    lists: list[tuple[str, ...]] = []
    rest = text.strip()
    while rest.startswith("["):
        words, end = json.JSONDecoder().raw_decode(rest)
        lists.append(tuple(words))
        rest = rest[end:].strip()
    if not lists:
        return ImageConfig("Dockerfile", command=("/bin/sh", "-c", rest))
    # The cell does not say which of the two a lone list is. Arguments that begin with a dash name no program.
    alone = len(lists) == 1 and not (arguments and arguments[0].startswith("-"))
    entrypoint, command = ((), lists[0]) if alone else (lists[0], lists[1] if lists[1:] else ())
    return ImageConfig("Dockerfile", entrypoint=entrypoint, command=command)


def processes(path: Path, dockerfile: str, cell: str) -> Iterator[tuple[PythonProcess, PythonProcess]]:
    """The main processes of a manifest, without its image and with it."""
    documents = read([str(path)]).documents
    neighbours, _ = neighbours_among(documents)
    for document in documents:
        workload = read_workload(document, neighbours, kubernetes=ASSUMED)
        if isinstance(workload, Misreadings):
            continue
        images = {
            each.spec.image: said("" if BESIDE.search(f"{dockerfile} {each.spec.image}") else cell, each.spec.args)
            for each in workload.containers
        }
        unread = PodProcesses(workload, lambda _: Unknown("not read"))
        both = zip(unread.all, PodProcesses(workload, images.__getitem__).all, strict=True)
        yield from ((before, after) for before, after in both if before.container.role is Role.MAIN)


@pytest.fixture(scope="module")
def cases(corpus: Path) -> list[Case]:
    """Every main container of the corpus that is Python or may be."""
    with (corpus / "MANIFEST.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return [
        Case(row["visibility"], row["server"].removeprefix("image:"), before, after, has_command)
        for row in rows
        for before, after in processes(corpus / row["file"], row["dockerfile"], row["dockerfile_entrypoint_cmd"])
        for has_command in [not isinstance(after.image, Unknown)]
        if after.runtime is not Runtime.OTHER
    ]


def share(cases: list[Case], *, after: bool) -> float:
    """How many of so many are known."""
    return sum((each.after if after else each.before).program is not None for each in cases) / len(cases)


def lines(cases: list[Case]) -> Iterator[str]:
    """The table by what the manifest shows."""
    yield "| the manifest shows | containers | known | the image decides in | known without it | known with its CMD |"
    yield "| --- | --: | --: | --: | --: | --: |"
    for visibility, what in TOLD.items():
        alike = [each for each in cases if each.visibility == visibility]
        decided = [each for each in alike if each.decides]
        told = (f"{share(decided, after=False):.0%}", f"{share(decided, after=True):.0%}") if decided else ("–", "–")
        yield f"| {what} | {len(alike)} | {share(alike, after=False):.0%} | {len(decided)} | {' | '.join(told)} |"


def named(process: PythonProcess) -> str:
    """The program in the words of the corpus."""
    if process.program is None:
        return "opaque script"
    plain = process.server is not None and process.server.name == "python"
    return "python script (opaque)" if plain else process.name.partition(" ")[0]


def test_the_page_counts_what_is_known(cases: list[Case]) -> None:
    """With the CMD of the image and without; the variable UPDATE writes it anew."""
    page = written = PAGE.read_text(encoding="utf-8")
    region = REGION.search(page)
    assert region is not None
    page = page[: region.start(1)] + "\n".join(lines(cases)) + "\n" + page[region.end(1) :]
    if os.environ.get(UPDATE):
        PAGE.write_text(page, encoding="utf-8", newline="\n")
        written = page
    assert written == page, f"{UPDATE}=1 writes docs/precision.md anew"


def test_with_its_command_nine_containers_in_ten_are_known(cases: list[Case]) -> None:
    """Where the image decides what runs."""
    assert share([each for each in cases if each.decides], after=True) >= LEAST


def test_each_server_is_named_as_a_person_did(cases: list[Case]) -> None:
    """What stays unknown is a script of the image, whose text the corpus lacks."""
    decided = [each for each in cases if each.decides]
    wrong = {(each.expected, named(each.after)) for each in decided if each.expected != named(each.after)}
    assert wrong == KNOWN_BETTER
    unknown = Counter(
        any(name in each.after.unknown for name in SCRIPTS) for each in decided if each.after.program is None
    )
    assert {True} == set(unknown)
