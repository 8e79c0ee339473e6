"""An image's configuration: what follows from it, and what becomes of the parts that cannot be told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gracekeeper_policies.process.image import ImageConfig
from gracekeeper_policies.process.recognition import Runtime
from gracekeeper_policies.process.shell.dialect import Shell
from gracekeeper_policies.provenance import Known, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper_policies.process.command import CommandLine
    from gracekeeper_policies.process.python_process import PythonProcess

UNTOLD: Final = Unknown("the base image acme/base is not known")
BEFORE: Final = f"an entrypoint may run before it: {UNTOLD.reason}"
ELSEWHERE: Final = "only its folder's name says so"


@pytest.mark.parametrize(
    ("user", "uid"),
    [
        ("", 0),
        ("0", 0),
        ("0:0", 0),
        ("1000", 1000),
        ("1000:app", 1000),
        (":1000", 0),
        ("root", None),
        ("app", None),
        ("app:1000", None),
        ("1000x", None),
        ("-1", None),
        (UNTOLD, UNTOLD),
    ],
)
def test_a_user_has_the_number_that_the_runtime_reads(user: str | Unknown, uid: int | Unknown | None) -> None:
    """A name has none, not even `root`: the kubelet cannot verify it."""
    assert uid == ImageConfig("registry", user=user).uid


@pytest.mark.parametrize(
    ("written", "signal"),
    [
        ("SIGTERM", "SIGTERM"),
        ("TERM", "SIGTERM"),
        ("sigint", "SIGINT"),
        ("15", "SIGTERM"),
        ("3", "SIGQUIT"),
        ("", "SIGTERM"),
        ("SIGRTMIN+3", "SIGRTMIN+3"),
        ("37", "SIG37"),
        (UNTOLD, UNTOLD),
    ],
)
def test_a_stop_signal_has_one_name(written: str | Unknown, signal: str | Unknown) -> None:
    """However the Dockerfile writes it."""
    assert signal == ImageConfig("registry", stop_signal=written).signal


def test_a_source_names_the_line_else_the_field() -> None:
    """The line says best where to look."""
    image = ImageConfig("web/Dockerfile", places={"user": "web/Dockerfile:9", "environment.PORT": "web/Dockerfile:4"})
    told = [image.source(name) for name in ("user", "environment.PORT", "environment.HOST", "command")]
    assert [
        "image: web/Dockerfile:9",
        "image: web/Dockerfile:4",
        "image: web/Dockerfile, HOST",
        "image: web/Dockerfile, command",
    ] == told


def told(line: CommandLine | Unknown) -> tuple[str, str]:
    """The words and the doubt, or why there are none."""
    return ("", line.reason) if isinstance(line, Unknown) else (" ".join(word.text for word in line.words), line.doubt)


@pytest.mark.parametrize(
    ("container", "image", "expected"),
    [
        ("{}", ImageConfig("i", entrypoint=UNTOLD, command=("gunicorn", "a:a")), ("gunicorn a:a", BEFORE)),
        ("{}", ImageConfig("i", entrypoint=UNTOLD, command=("--workers=2",)), ("", UNTOLD.reason)),
        ("{}", ImageConfig("i", entrypoint=UNTOLD, command=()), ("", UNTOLD.reason)),
        ("{}", ImageConfig("i", entrypoint=UNTOLD, command=UNTOLD), ("", UNTOLD.reason)),
        ("{}", ImageConfig("i", entrypoint=("tini", "--"), command=UNTOLD), ("", UNTOLD.reason)),
        ("{args: [uvicorn]}", ImageConfig("i", entrypoint=UNTOLD), ("uvicorn", BEFORE)),
        ("{args: [--workers=2]}", ImageConfig("i", entrypoint=UNTOLD), ("", UNTOLD.reason)),
        ("{args: [uvicorn]}", ImageConfig("i", entrypoint=("tini", "--"), command=UNTOLD), ("tini -- uvicorn", "")),
        ("{command: [celery]}", ImageConfig("i", entrypoint=UNTOLD, command=UNTOLD), ("celery", "")),
        ("{}", ImageConfig("i", entrypoint=("",), command=("gunicorn",)), ("gunicorn", "")),
        ("{}", ImageConfig("i", doubt=ELSEWHERE, command=("gunicorn",)), ("gunicorn", ELSEWHERE)),
        (
            "{args: [uvicorn]}",
            ImageConfig("i", doubt=ELSEWHERE, entrypoint=UNTOLD),
            ("uvicorn", f"{BEFORE}; {ELSEWHERE}"),
        ),
        ("{command: [celery]}", ImageConfig("i", doubt=ELSEWHERE, command=("gunicorn",)), ("celery", "")),
    ],
)
def test_what_an_image_does_not_tell_proves_nothing(
    process: Callable[..., PythonProcess], container: str, image: ImageConfig, expected: tuple[str, str]
) -> None:
    """An unknown entrypoint may run before the words; a doubt about the image is one about its words."""
    assert expected == told(process(f"containers: [{container}]", image).command)


WORDS: Final = st.lists(st.sampled_from(["", "tini", "--", "gunicorn", "-w", "a:a"]), max_size=3).map(tuple)
PARTS: Final = st.one_of(st.just(UNTOLD), WORDS)


@given(st.sampled_from(["{}", "{args: [uvicorn]}", "{args: [-w]}", "{command: [celery]}"]), PARTS, PARTS, WORDS, WORDS)
def test_what_is_certain_holds_whatever_the_unknown_parts_are(
    process: Callable[..., PythonProcess],
    container: str,
    entrypoint: tuple[str, ...] | Unknown,
    command: tuple[str, ...] | Unknown,
    real_entrypoint: tuple[str, ...],
    real_command: tuple[str, ...],
) -> None:
    """No unknown part of an image becomes proven: without a doubt, every image that it may be starts the same words."""
    found = told(
        process(f"containers: [{container}]", ImageConfig("i", entrypoint=entrypoint, command=command)).command
    )
    real = ImageConfig(
        "i",
        entrypoint=real_entrypoint if isinstance(entrypoint, Unknown) else entrypoint,
        command=real_command if isinstance(command, Unknown) else command,
    )
    assume(found[0] and not found[1])
    assert found == told(process(f"containers: [{container}]", real).command)


def test_beside_a_command_of_the_manifest_a_doubtful_image_tells_no_variable(
    process: Callable[..., PythonProcess],
) -> None:
    """Nothing else would carry the doubt; the image's own command does."""
    image = ImageConfig("i", doubt=ELSEWHERE, environment={"PORT": "80"}, command=("gunicorn",))
    beside, own = process("containers: [{command: [gunicorn]}]", image), process("containers: [{}]", image)
    assert Unknown(f"PORT comes from an image that may be another: {ELSEWHERE}") == beside.variable("PORT")
    assert Known("80", "image: i, PORT") == own.variable("PORT")


SCRIPT: Final = "{image: shop/web, command: [sh, -c, 'cd /app && gunicorn a:a']}"


@pytest.mark.parametrize(
    ("image", "shells"),
    [
        (ImageConfig("i", shell=Shell.BASH), [Shell.BASH]),
        (ImageConfig("i"), list(Shell)),
        (ImageConfig("i", shell=Shell.BASH, doubt=ELSEWHERE), list(Shell)),
    ],
)
def test_the_image_tells_which_shell_sh_is(
    process: Callable[..., PythonProcess], image: ImageConfig, shells: list[Shell]
) -> None:
    """Where it is certain which image that is."""
    assert shells == list(process(f"containers: [{SCRIPT}]", image).launches)


@pytest.mark.parametrize(
    ("image", "folder"),
    [
        (ImageConfig("i", working_dir="/app"), "/app"),
        (ImageConfig("i", working_dir=UNTOLD), ""),
        (ImageConfig("i", working_dir="/app", doubt=ELSEWHERE), ""),
        (Unknown("unread"), ""),
    ],
)
def test_the_image_tells_the_folder_it_starts_in(
    process: Callable[..., PythonProcess], image: ImageConfig | Unknown, folder: str
) -> None:
    """Where the manifest does not."""
    assert folder == process("containers: [{command: [gunicorn]}]", image).working_dir
    assert "/srv" == process("containers: [{command: [gunicorn], workingDir: /srv}]", image).working_dir


def test_an_image_with_pythons_version_is_python(process: Callable[..., PythonProcess]) -> None:
    """Also where its program's name says nothing."""
    assert (
        Runtime.PYTHON is process("containers: [{command: [./run]}]", ImageConfig("i", python_version="3.12")).runtime
    )
    assert Runtime.UNKNOWN is process("containers: [{command: [./run]}]", ImageConfig("i")).runtime


def test_an_unknown_stop_signal_is_presumed_to_be_sigterm(process: Callable[..., PythonProcess]) -> None:
    """As that of an image that was not read."""
    assert (
        "SIGTERM"
        == process("containers: [{command: [gunicorn]}]", ImageConfig("i", stop_signal=UNTOLD)).shutdown.stop_signal
    )
