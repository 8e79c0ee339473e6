"""What is no archive, or a broken one, is one sentence, however large it says it is."""

from __future__ import annotations

import gzip
import json
import re
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, TypeAlias

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gracekeeper.images.archives.reading import read_archive
from gracekeeper.images.archives.storage import ArchiveError
from tests.controller.images.archives.making import LAYERS, Layout, digest_of, laid_out, piece, saved, tarred

Write: TypeAlias = Callable[[Layout], str]


def complaint(path: str) -> str:
    """Why an archive cannot be used."""
    with pytest.raises(ArchiveError) as raised:
        read_archive(path)
    return str(raised.value)


def _changed(layout: Layout, old: bytes, new: bytes) -> Layout:
    """The same layout, with something else in the piece that holds a text."""
    return {name: data.replace(old, new) for name, data in layout.items()}


def _without(layout: Layout, number: int) -> Layout:
    missing = f"blobs/{digest_of(LAYERS[number]).replace(':', '/')}"
    return {name: data for name, data in layout.items() if name != missing}


def _topped(index: object) -> Layout:
    return {"index.json": json.dumps(index).encode()}


BAD: Final[dict[str, tuple[Callable[[Layout], Layout], str]]] = {
    "a layer is missing": (lambda web: _without(web, 1), r"its layer blobs/sha256/[0-9a-f]{12}… is missing"),
    "a layer is cut off": (
        lambda web: {name: data[:-1] if data in LAYERS else data for name, data in web.items()},
        r"its piece sha256:[0-9a-f]{12}… has \d+ bytes, and \d+ by its manifest",
    ),
    "a configuration is not what its digest says": (
        lambda web: _changed(web, b'"User": "1000"', b'"User": "1001"'),
        r"its piece sha256:[0-9a-f]{12}… is not what its digest says: it has sha256:[0-9a-f]{12}…",
    ),
    "an index is no JSON": (lambda _: {"index.json": b"index"}, r"its index.json cannot be read: it is no JSON"),
    "an index nests without end": (
        lambda _: {"index.json": b'{"x":' + b"[" * 10**6 + b"]" * 10**6 + b"}"},
        r"its index.json cannot be read: it is nested too deeply",
    ),
    "an index is something else": (
        lambda _: _topped({"manifests": [{"digest": 5}]}),
        r"its index.json cannot be read: Expected `str`, got `int` - at `\$.manifests\[0\].digest`",
    ),
    "a digest is none": (
        lambda _: _topped({"manifests": [{"digest": "sha256:../../etc/passwd"}]}),
        r"names a piece by something that is no digest, expected sha256:… or sha512:…",
    ),
    "an index is empty": (lambda _: _topped({"manifests": []}), r"holds no image"),
    "a manifest is missing": (
        lambda _: _topped({"manifests": [{"digest": f"sha256:{'0' * 64}"}]}),
        r"its blobs/sha256/0{12}… is missing",
    ),
    "it is a chart": (
        lambda _: _chart(),
        r"holds no container image but application/vnd.cncf.helm.config.v1\+json",
    ),
    "it is no image": (lambda _: {"readme.txt": b"x"}, r"is no image archive, expected an OCI layout .*"),
    "what docker saved names nothing": (
        lambda _: saved(None),
        r"names no image; --image-archive IMAGE=\S+ says which one it is",
    ),
    "what docker saved is nothing": (lambda _: {"manifest.json": b"[]"}, r"holds no image"),
    "what docker saved lacks a layer": (
        lambda _: {name: data for name, data in saved(["w:1"]).items() if name != "c.tar"},
        r"its layer b/layer.tar is missing",
    ),
    "what docker saved was changed": (
        lambda _: saved(["w:1"]) | {_saved_name(): b"{}"},
        r"its piece sha256:[0-9a-f]{12}… is not what its digest says: .*",
    ),
}


def _saved_name() -> str:
    return next(iter(saved(["w:1"])))


def _chart() -> Layout:
    layout: Layout = {}
    config = {"mediaType": "application/vnd.cncf.helm.config.v1+json", "digest": f"sha256:{'0' * 64}", "size": 2}
    top = piece(layout, {"config": config, "layers": []}, "application/vnd.oci.image.manifest.v1+json")
    return laid_out(top, layout=layout)


@pytest.mark.parametrize("situation", BAD)
def test_bad_input_is_one_sentence(web: Layout, archive: Write, situation: str) -> None:
    """It says what is wrong with which piece."""
    spoil, sentence = BAD[situation]
    told = complaint(archive(spoil(web)))
    assert re.fullmatch(sentence, told), told


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is no image archive, expected an OCI layout or what `docker save` writes"),
        (b"kind: Pod\n" * 100, "is no image archive, expected an OCI layout or what `docker save` writes"),
        (b"\x1f\x8b\x08\0broken", "is broken or cut off: it cannot be read to its end"),
        (b"\x28\xb5\x2f\xfd" + b"\0" * 600, "is compressed by zstd, expected a tar file, plain or compressed by gzip"),
    ],
)
def test_what_is_no_archive_is_told(tmp_path: Path, content: bytes, sentence: str) -> None:
    """A file of another kind, or the piece of one."""
    (tmp_path / "file").write_bytes(content)
    assert sentence == complaint(str(tmp_path / "file"))


def test_an_archive_that_is_cut_off_is_told(web: Layout, packed: Write) -> None:
    """As by a download that broke."""
    path = Path(packed(web))
    path.write_bytes(path.read_bytes()[:-200])
    assert "is broken or cut off: it cannot be read to its end" == complaint(str(path))


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    """Neither file nor folder, and a folder without a layout."""
    assert "cannot be read: no such file or directory" == complaint(str(tmp_path / "none"))
    assert complaint(str(tmp_path)).startswith("is no image archive, expected an OCI layout")
    assert "is neither a file nor a directory, expected an image archive" == complaint("/dev/null")


@pytest.mark.parametrize("form", ["folder", "tar"])
def test_a_gigabyte_of_configuration_is_refused_unread(web: Layout, folder: Write, tmp_path: Path, form: str) -> None:
    """What a piece claims to be does not fill the memory."""
    path = Path(folder(web))
    index = path / "index.json"
    if form == "tar":
        path = tmp_path / "large.tar"
        with path.open("wb") as file:
            header = bytearray(tarred({"index.json": b"x" * 8})[:512])
            header[124:136] = b"10000000000\0"
            header[148:156] = b" " * 8
            header[148:156] = b"%06o\0 " % sum(header)
            file.write(header)
            file.truncate(2**30 + 2048)
    else:
        with index.open("r+b") as file:
            file.truncate(2**30)
    tracemalloc.start()
    told = complaint(str(path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "its index.json has 1,024 MiB, expected 4 MiB at most" == told
    assert peak < 2**20


def test_a_gigabyte_of_a_name_is_refused_unread(tmp_path: Path) -> None:
    """Names in a tar file may be as long as they say."""
    header = bytearray(tarred({"././@LongLink": b"x" * 8})[:512])
    header[124:136] = b"10000000000\0"
    header[156:157] = b"L"
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    path = tmp_path / "long.tar"
    with path.open("wb") as file:
        file.write(header)
        file.truncate(2**30 + 2048)
    tracemalloc.start()
    told = complaint(str(path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert told.startswith("is no image archive")
    assert peak < 2**20


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_archive_is_too_broken(web: Layout, tmp_path: Path, data: st.DataObject) -> None:
    """Whatever stands where, it is read or told in a sentence."""
    whole = bytearray(tarred(web))
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(whole) - 1))
        whole[start : start + data.draw(st.integers(0, 64))] = data.draw(st.binary(max_size=64))
    path = tmp_path / "broken.tar"
    path.write_bytes(gzip.compress(whole) if data.draw(st.booleans()) else whole)
    with suppress(ArchiveError):
        read_archive(str(path))
