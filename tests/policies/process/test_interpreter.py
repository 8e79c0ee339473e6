"""Files that are started: by the interpreter that their first line names, as the kernel of this machine does it."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Final

import pytest

from gracekeeper_policies.process.files import File
from gracekeeper_policies.process.interpreter import interpreted
from gracekeeper_policies.provenance import Unknown, Word

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SHOW: Final = '#!/bin/sh\nprintf "%s\\0" "$0" "$@"\n'


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., File]:
    """Makes a file, whose `{show}` stands for a program that prints its words."""

    def make(first: str, *, mode: int = 0o755) -> File:
        show, path = tmp_path / "show", tmp_path / "start"
        show.write_text(SHOW)
        show.chmod(0o755)
        path.write_bytes(f"{first.format(show=show)}\n".encode())
        path.chmod(mode)
        return File(str(path), "the image", path.read_bytes().decode(), bool(mode & 0o111))

    return make


def read(file: File) -> tuple[Word, ...] | Unknown:
    """What becomes of the file with two arguments."""
    return interpreted((Word(file.path), Word("a"), Word("b c")), file, by_kernel=True)


@pytest.mark.parametrize(
    "first",
    [
        "#!{show}",
        "#! \t{show}",
        "#!{show} -e",
        "#!{show} \t-e -u  x \t",
        "#!/usr/bin/env {show}",
        "#!/usr/bin/env -S {show} -e 'x y'",
        "#!/usr/bin/env --split-string={show} -e",
    ],
)
def test_the_kernel_starts_just_these_words(first: str, file: Callable[..., File]) -> None:
    """The interpreter, one argument with all its blanks, the file and what it was called with."""
    made = file(first)
    words = read(made)
    assert not isinstance(words, Unknown)
    told = [word.text for word in words if not word.text.endswith("/env")]
    done = subprocess.run([made.path, "a", "b c"], capture_output=True, text=True, check=True)
    assert done.stdout.split("\0")[:-1] == told


@pytest.mark.parametrize(
    ("first", "mode"), [("#!{show}", 0o644), ("echo", 0o755), ("#!", 0o755), ("#!{show}\r", 0o755), ("#!  ", 0o755)]
)
def test_the_kernel_refuses_what_is_told_to_be_refused(first: str, mode: int, file: Callable[..., File]) -> None:
    """The permission is missing, or the first line names nothing that could run it."""
    made = file(first, mode=mode)
    assert isinstance(read(made), Unknown)
    with pytest.raises(OSError, match=r"Permission|format|No such file"):
        subprocess.run([made.path], check=False, capture_output=True)
