"""What we read is what Kubernetes reads, or we say why we do not read it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gracekeeper.sources.readings import Broken, Read, readings

pytestmark = pytest.mark.go

Kubernetes = Callable[[list[str]], list[dict[str, Any]]]

SCALARS: Final[list[str]] = json.loads(Path(__file__).with_name("awkward_scalars.json").read_text("utf-8"))
DOCUMENTS: Final[list[str]] = json.loads(Path(__file__).with_name("awkward_documents.json").read_text("utf-8"))

TAGS: Final = """
    !!str !!int !!float !!bool !!null !!timestamp !!binary !!seq ! !Ref !!python/name:a !<tag:yaml.org,2002:str>
    !<tag:yaml.org,2002:int>
""".split()

SHAPES: Final = {
    "a value": "k: {}\n",
    "a list item": "- {}\n- x\n",
    "a flow item": "k: [{}, x]\n",
    "a flow value": "k: {{a: {}}}\n",
    "a key": "{}: x\n",
    "an explicit key": "? {}\n: x\n",
    "a quoted value": 'k: "{}"\n',
    "a single-quoted value": "k: '{}'\n",
    "a block": "k: |\n  {}\n",
    "a stripped block": "k: |-\n  {}\n",
    "a kept block": "k: |+\n  {}\n\n",
    "a folded block": "k: >\n  {}\n  b\n",
    "two lines": "k: {}\n  b\n",
    "a comment behind": "k: {} # c\n",
    "the value below": "k:\n  {}\n",
    "an anchor": "k: &a {}\nb: *a\n",
    "a key by alias": "k: &a {}\n*a : x\n",
    **{f"the tag {tag}": f"k: {tag} {{}}\n" for tag in TAGS},
    "a tagged quotation": 'k: !!int "{}"\n',
}


def disagreements(kubernetes: Kubernetes, texts: list[str]) -> Iterator[str]:
    """Texts that we read differently from Kubernetes, with both readings; we may refuse what it reads."""
    for text, answer in zip(texts, kubernetes(texts), strict=True):
        documents = list(readings(text.replace("\r\n", "\n")))
        got = [document.values for document in documents if isinstance(document, Read)]
        if len(got) == len(documents) and got != expected(text, answer):
            yield f"{text!r}: {got} instead of {answer}"


def expected(text: str, answer: dict[str, Any]) -> list[Any] | None:
    """The documents that Kubernetes reads; null ones are none. None where it refuses the text.

    Its strict decoder judges, but for two things which kubectl reads and it does not: several documents, and merges
    that are overridden. JSON has escapes that its YAML decoder does not know.
    """
    strict, lenient = answer["strict"], answer["lenient"]
    if text.startswith(("---", "...")) or "\n---" in text or (text.lstrip().startswith("{") and answer["stream"]):
        return None if "streamError" in answer else [document for document in answer["stream"] if document is not None]
    reading = lenient if "<<" in text and "already set" in strict.get("error", "") else strict
    return None if "error" in reading else [] if reading["json"] is None else [reading["json"]]


def test_the_corpus_reads_as_kubernetes_reads_it(manifests: dict[str, str], kubernetes: Kubernetes) -> None:
    """Every real manifest gives exactly the values that Kubernetes decodes, and none is refused."""
    texts = [text if text.endswith("\n") else text + "\n" for text in manifests.values()]

    assert list(disagreements(kubernetes, texts)) == []
    assert [text for text in texts if any(isinstance(reading, Broken) for reading in readings(text))] == []


@pytest.mark.parametrize("shape", SHAPES)
def test_awkward_scalars_mean_what_they_mean_to_kubernetes(shape: str, kubernetes: Kubernetes) -> None:
    """A scalar in any place of a document becomes the value that Kubernetes makes of it, or is refused."""
    texts = [SHAPES[shape].format(scalar) for scalar in SCALARS]

    assert list(disagreements(kubernetes, texts)) == []


def test_awkward_documents_mean_what_they_mean_to_kubernetes(kubernetes: Kubernetes) -> None:
    """Indentation, blocks, merges, separators and JSON give what Kubernetes makes of them, or are refused."""
    assert list(disagreements(kubernetes, DOCUMENTS)) == []


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_lines_mean_what_they_mean_to_kubernetes(
    data: st.DataObject, manifest_lines: st.SearchStrategy[str], kubernetes: Kubernetes
) -> None:
    """Lines put together at random give what Kubernetes makes of them, or are refused."""
    texts = data.draw(st.lists(manifest_lines, min_size=50, max_size=50))

    assert list(disagreements(kubernetes, texts)) == []
