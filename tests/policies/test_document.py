"""Documents: what an object is called, where a value stands in it, and what a List holds."""

from __future__ import annotations

import pytest

from gracekeeper_policies.document import Document, Identity, Path, render_path


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ((), ""),
        (("spec",), "spec"),
        (("spec", "containers", 0, "image"), "spec.containers[0].image"),
        (("items", 3, "spec"), "items[3].spec"),
        (("metadata", "annotations", "gracekeeper.dev/exempt"), 'metadata.annotations["gracekeeper.dev/exempt"]'),
        (("data", "gunicorn.conf.py"), 'data["gunicorn.conf.py"]'),
        (("data", "my-key"), "data.my-key"),
        (("data", "1st"), 'data["1st"]'),
        (("data", ""), 'data[""]'),
    ],
)
def test_a_path_is_written_as_people_write_it(path: Path, text: str) -> None:
    """Steps that are no plain words are quoted, so that no two paths read alike."""
    assert text == render_path(path)


def test_an_object_names_itself() -> None:
    """Its own namespace beats the input's."""
    values = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "shop"}}
    assert Identity("apps/v1", "Deployment", "shop", "web") == Document(values).identity("other")


def test_an_object_without_a_namespace_gets_the_inputs() -> None:
    """`--namespace` for the command line, `default` where nobody says."""
    document = Document({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}})
    assert ["default", "shop"] == [document.identity().namespace, document.identity("shop").namespace]


def test_a_generated_name_stands_in_for_a_name() -> None:
    """`kubectl create` fills in the rest only in the cluster."""
    assert "job-" == Document({"kind": "Job", "metadata": {"generateName": "job-"}}).identity().name


def test_an_identity_reads_as_people_speak() -> None:
    """Kind, namespace, name."""
    assert "Deployment shop/web" == str(Identity("apps/v1", "Deployment", "shop", "web"))


@pytest.mark.parametrize("wrong", [None, 7, ["Pod"], {"a": 1}])
def test_wrong_types_in_an_identity_count_as_missing(wrong: object) -> None:
    """An object that names itself badly is named with what is left."""
    document = Document({"apiVersion": wrong, "kind": wrong, "metadata": {"name": wrong, "namespace": wrong}})
    assert Identity("", "", "default", "") == document.identity()


@pytest.mark.parametrize("wrong", [None, 7, "text", ["list"]])
def test_metadata_that_is_no_mapping_counts_as_empty(wrong: object) -> None:
    """Nothing is looked up in it."""
    assert {} == Document({"metadata": wrong}).metadata


def test_a_document_is_the_first_of_its_text_unless_told() -> None:
    """As of an admission review, which holds one and has no text."""
    document = Document({})
    assert ("", 0, ()) == (document.origin, document.index, document.base)
