"""The command line: manifest and image combined as the container runtime combines them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gracekeeper_policies.process.command import CommandLine
from gracekeeper_policies.process.image import UNREAD, ImageConfig
from gracekeeper_policies.provenance import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper_policies.process.python_process import PythonProcess

IMAGE = ImageConfig("registry", entrypoint=("tini", "--"), command=("gunicorn", "app:app"))
BARE = ImageConfig("registry")


def texts(line: CommandLine | Unknown) -> str:
    """The words, or why there are none."""
    return line.reason if isinstance(line, Unknown) else " ".join(word.text for word in line.words)


@pytest.mark.parametrize(
    ("container", "image", "expected"),
    [
        ("{}", IMAGE, "tini -- gunicorn app:app"),
        ("{command: [], args: []}", IMAGE, "tini -- gunicorn app:app"),
        ("{args: [uvicorn, x:y]}", IMAGE, "tini -- uvicorn x:y"),
        ("{command: [celery]}", IMAGE, "celery"),
        ("{command: [celery], args: [worker]}", IMAGE, "celery worker"),
        ("{}", BARE, "neither the manifest nor the image names a command"),
        ("{args: [uvicorn]}", BARE, "uvicorn"),
        ("{command: [celery]}", Unknown("unread"), "celery"),
        ("{command: [celery], args: [worker]}", Unknown("unread"), "celery worker"),
        ("{args: [uvicorn, x:y]}", Unknown("unread"), "uvicorn x:y"),
        ("{}", UNREAD, "its command stands in the image"),
        (
            "{}",
            Unknown("its Dockerfile may be a or b"),
            "its command stands in the image: its Dockerfile may be a or b",
        ),
        (
            "{args: [--workers=2]}",
            Unknown("unread"),
            "the program stands in the image, the manifest gives only its arguments",
        ),
    ],
)
def test_manifest_and_image_combine_as_in_the_runtime(
    process: Callable[..., PythonProcess], container: str, image: ImageConfig | Unknown, expected: str
) -> None:
    """`command` drops the image's whole; `args` drops its command only; empty lists count as unset."""
    assert expected == texts(process(f"containers: [{container}]", image).command)


@pytest.mark.parametrize(
    ("container", "image", "doubt"),
    [
        ("{args: [uvicorn, x:y]}", Unknown("unread"), "the image's entrypoint runs before these arguments"),
        ("{args: [uvicorn, x:y]}", BARE, ""),
        ("{command: [uvicorn, x:y]}", Unknown("unread"), ""),
    ],
)
def test_arguments_alone_prove_nothing_without_the_image(
    process: Callable[..., PythonProcess], container: str, image: ImageConfig | Unknown, doubt: str
) -> None:
    """An entrypoint may stand before them."""
    line = process(f"containers: [{container}]", image).command
    assert isinstance(line, CommandLine)
    assert doubt == line.doubt


def test_a_word_says_where_it_stands(process: Callable[..., PythonProcess]) -> None:
    """So that a finding can point at it."""
    line = process("containers: [{command: [gunicorn], args: [app:app]}]").command
    assert isinstance(line, CommandLine)
    told = [(word.source, word.path and word.path[-2:]) for word in line.words]
    at = "spec.template.spec.containers[0]"
    assert [(f"{at}.command[0]", ("command", 0)), (f"{at}.args[0]", ("args", 0))] == told


def test_words_from_the_image_have_no_place(process: Callable[..., PythonProcess]) -> None:
    """Their source names the image's tier."""
    line = process("containers: [{}]", IMAGE).command
    assert isinstance(line, CommandLine)
    assert {None} == {word.path for word in line.words}
    assert ["image: registry, entrypoint", "image: registry, command"] == [
        line.words[0].source,
        line.words[-1].source,
    ]


def test_references_in_words_expand(process: Callable[..., PythonProcess]) -> None:
    """With the environment's final values; what cannot be told marks its word."""
    line = process("""
        containers:
        - command: [gunicorn, --bind, "$(HOST):$(PORT)", "$(SECRET)", "$(NONE)"]
          env:
          - {name: HOST, value: localhost}
          - {name: PORT, value: "1"}
          - {name: PORT, value: "2"}
          - {name: SECRET, valueFrom: {secretKeyRef: {name: keys, key: a}}}
    """).command
    assert isinstance(line, CommandLine)
    assert ["gunicorn", "--bind", "localhost:2", "$(SECRET)", "$(NONE)"] == [word.text for word in line.words]
    assert ["", "", "", "SECRET comes from Secret keys", ""] == [word.unknown for word in line.words]


@pytest.mark.parametrize("first", ["model_name=gemma-7b", "run", "PROJECT:us-central1:db"])
def test_a_first_argument_that_names_no_known_program_is_the_entrypoints(
    process: Callable[..., PythonProcess], first: str
) -> None:
    """Nobody is told that `run` is a program."""
    expected = "the program stands in the image, the manifest gives only its arguments"
    assert expected == process(f"containers: [{{args: ['{first}', --port=80]}}]").unknown
    assert expected != process(f"containers: [{{command: ['{first}']}}]").unknown
