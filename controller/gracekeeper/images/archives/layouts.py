"""The images of an archive, in either of the two forms that there are: an OCI layout, and `docker save`'s own.

What Docker has saved since its version 25 is both at once; then the layout counts, whose pieces bear their digests.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec
from msgspec import Struct, field

from gracekeeper.images.archives.storage import ArchiveError, short
from gracekeeper.images.platforms import Platform  # noqa: TC001 - msgspec reads the annotations
from gracekeeper_policies.process.image import ImageReference

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gracekeeper.images.archives.storage import Storage

T = TypeVar("T")

_DIGEST: Final = re.compile(r"(?P<algorithm>sha256|sha512):(?P<hex>[0-9a-f]{64}(?:[0-9a-f]{64})?)\Z")
_HEX_NAME: Final = re.compile(r"(?:blobs/sha256/)?(?P<hex>[0-9a-f]{64})(?:\.json)?\Z")
_CONFIGURATIONS: Final = (
    "application/vnd.oci.image.config.v1+json",
    "application/vnd.docker.container.image.v1+json",
)
_FULL_NAME: Final = "io.containerd.image.name"
_NAME: Final = "org.opencontainers.image.ref.name"
_ATTESTATION: Final = "vnd.docker.reference.type"
_ELSEWHERE: Final = re.compile(r"foreign|nondistributable")
_MAX_DEPTH: Final = 4
_MAX_IMAGES: Final = 1000


class Descriptor(Struct, rename="camel", frozen=True):
    """What points to another piece of a layout."""

    digest: str
    size: int = -1
    media_type: str = ""
    platform: Platform | None = None
    annotations: dict[str, str] | None = None

    @property
    def name(self) -> str:
        """The piece's name. ArchiveError: its digest is none."""
        match = _DIGEST.match(self.digest)
        if match is None:
            raise ArchiveError("names a piece by something that is no digest, expected sha256:… or sha512:…")
        return f"blobs/{match['algorithm']}/{match['hex']}"

    @property
    def is_image(self) -> bool:
        """Whether it is something to run, not what somebody says about it."""
        unknown = self.platform is not None and self.platform.os == "unknown"
        return not (unknown or _ATTESTATION in (self.annotations or {}))


class _Manifest(Struct, frozen=True):
    """An index of images, or the manifest of one."""

    manifests: tuple[Descriptor, ...] | None = None
    config: Descriptor | None = None
    layers: tuple[Descriptor, ...] | None = None


class _Saved(Struct, frozen=True):
    """An image in the list that `docker save` writes."""

    config: str = field(name="Config")
    repo_tags: tuple[str, ...] | None = field(name="RepoTags", default=None)
    layers: tuple[str, ...] | None = field(name="Layers", default=None)


class Layer(Struct, frozen=True):
    """A layer: its piece of the archive, and how many bytes that has."""

    name: str
    size: int


class Stored(Struct, frozen=True):
    """An image as an archive holds it; `tag` is all that a layout may say of its name, `names` are whole ones.

    `platform` is what an index says of it; `digests` are those by which a manifest may name it.
    """

    configuration: bytes
    layers: tuple[Layer, ...]
    names: tuple[ImageReference, ...] = ()
    tag: str = ""
    platform: Platform | None = None
    digests: frozenset[str] = frozenset()


def images(storage: Storage) -> list[Stored]:
    """All images of an archive, those for several platforms too.

    Raises:
        ArchiveError: it holds none, or one of its pieces is missing or not what its digest says.
    """
    if storage.size("index.json") is not None:
        return list(_laid_out(storage))
    if storage.size("manifest.json") is not None:
        return list(_saved(storage))
    raise ArchiveError("is no image archive, expected an OCI layout (index.json) or what `docker save` writes")


def _laid_out(storage: Storage) -> Iterator[Stored]:
    index = _typed(_Manifest, storage.text("index.json"), "index.json")
    tags = _tags(storage)
    found = [(top, way) for top in index.manifests or () for way in _images_of(storage, (top,))]
    if not found:
        raise ArchiveError("holds no image")
    if len(found) > _MAX_IMAGES:
        raise ArchiveError(f"holds {len(found)} images, expected {_MAX_IMAGES} at most")
    for top, way in found:
        yield _image(storage, top, way, tags)


def _images_of(storage: Storage, way: tuple[Descriptor, ...]) -> Iterator[tuple[Descriptor, ...]]:
    """The ways to the manifests of images through the indexes between; the last of each is the manifest's."""
    last = way[-1]
    if not last.is_image:
        return
    below = _typed(_Manifest, _piece(storage, last), f"manifest {short(last.digest)}").manifests
    if below is None:
        yield way
        return
    if len(way) > _MAX_DEPTH:
        raise ArchiveError("nests indexes in one another more deeply than any image does")
    for each in below:
        yield from _images_of(storage, (*way, each))


def _image(
    storage: Storage, top: Descriptor, way: tuple[Descriptor, ...], tags: dict[str, tuple[ImageReference, ...]]
) -> Stored:
    manifest = _typed(_Manifest, _piece(storage, way[-1]), f"manifest {short(way[-1].digest)}")
    config = manifest.config
    if config is None or (config.media_type and config.media_type not in _CONFIGURATIONS):
        raise ArchiveError(f"holds no container image but {config.media_type if config else 'something else'}")
    said = top.annotations or {}
    names = _names([said.get(_FULL_NAME, ""), *filter(_is_full, [said.get(_NAME, "")])])
    return Stored(
        _piece(storage, config),
        tuple(_layer(storage, each) for each in manifest.layers or ()),
        names or tags.get(config.name, ()),
        "" if _is_full(said.get(_NAME, "")) else said.get(_NAME, ""),
        way[-1].platform,
        frozenset(each.digest for each in way),
    )


def _tags(storage: Storage) -> dict[str, tuple[ImageReference, ...]]:
    """The names by the piece of the configuration, as `docker save` lists them beside its layout."""
    if storage.size("manifest.json") is None:
        return {}
    listed = _typed(tuple[_Saved, ...], storage.text("manifest.json"), "manifest.json")
    return {each.config: _names(each.repo_tags or ()) for each in listed}


def _saved(storage: Storage) -> Iterator[Stored]:
    listed = _typed(tuple[_Saved, ...], storage.text("manifest.json"), "manifest.json")
    if not listed:
        raise ArchiveError("holds no image")
    for each in listed:
        match = _HEX_NAME.match(each.config)
        configuration = storage.text(each.config)
        if match:
            _verify(configuration, f"sha256:{match['hex']}")
        layers = tuple(Layer(name, _size(storage, name)) for name in each.layers or ())
        yield Stored(configuration, layers, _names(each.repo_tags or ()))


def _layer(storage: Storage, descriptor: Descriptor) -> Layer:
    name = descriptor.name
    if _ELSEWHERE.search(descriptor.media_type) and storage.size(name) is None:
        return Layer("", max(descriptor.size, 0))
    size = _size(storage, name)
    _compare_size(descriptor, size)
    return Layer(name, size)


def _size(storage: Storage, name: str) -> int:
    size = storage.size(name)
    if size is None:
        raise ArchiveError(f"its layer {short(name)} is missing")
    return size


def _piece(storage: Storage, descriptor: Descriptor) -> bytes:
    text = storage.text(descriptor.name)
    _compare_size(descriptor, len(text))
    _verify(text, descriptor.digest)
    return text


def _compare_size(descriptor: Descriptor, size: int) -> None:
    if descriptor.size not in (-1, size):
        raise ArchiveError(
            f"its piece {short(descriptor.digest)} has {size:,} bytes, and {descriptor.size:,} by its manifest"
        )


def _verify(text: bytes, digest: str) -> None:
    algorithm, _, expected = digest.partition(":")
    found = hashlib.new(algorithm, text).hexdigest()
    if found != expected:
        raise ArchiveError(f"its piece {short(digest)} is not what its digest says: it has {algorithm}:{found[:12]}…")


def _is_full(name: str) -> bool:
    # A layout's `1.4` or `latest` is a tag alone, though a name may look so, too.
    return "/" in name or ":" in name


def _names(texts: Iterable[str]) -> tuple[ImageReference, ...]:
    parsed = (ImageReference.parse(text) for text in texts if text)
    return tuple(dict.fromkeys(name for name in parsed if name is not None))


def _typed(form: type[T], text: bytes, what: str) -> T:
    try:
        return msgspec.json.decode(text, type=form)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise ArchiveError(f"its {what} cannot be read: {complaint(error)}") from None


def complaint(error: Exception) -> str:
    """What is wrong with a text, without a word of it."""
    if isinstance(error, msgspec.ValidationError):
        return str(error)
    return "it is nested too deeply" if isinstance(error, RecursionError) else "it is no JSON"
