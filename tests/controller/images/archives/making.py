"""Makes archives by hand: as tools write them, and so that one thing may be wrong."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

Layout: TypeAlias = dict[str, bytes]

CONFIG: Final = {
    "User": "1000",
    "Env": ["PATH=/usr/local/bin:/usr/bin", "PYTHON_VERSION=3.12.7"],
    "Entrypoint": ["/app/start.sh"],
    "Cmd": ["gunicorn", "app:app"],
    "WorkingDir": "/app",
    "StopSignal": "SIGINT",
    "ExposedPorts": {"8000/tcp": {}, "53/udp": {}},
    "Labels": {"team": "shop"},
}
OS_RELEASE: Final = b'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\n'
SCRIPT: Final = b'#!/bin/sh\nexec "$@"\n'
INDEX_TYPE: Final = "application/vnd.oci.image.index.v1+json"
MANIFEST_TYPE: Final = "application/vnd.oci.image.manifest.v1+json"
CONFIG_TYPE: Final = "application/vnd.oci.image.config.v1+json"
LAYER_TYPE: Final = "application/vnd.oci.image.layer.v1.tar+gzip"


def tarred(pieces: Mapping[str, bytes | str]) -> bytes:
    """A tar file: bytes are files, texts are where links lead."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        for name, piece in pieces.items():
            member = tarfile.TarInfo(name)
            if isinstance(piece, str):
                member.type, member.linkname = tarfile.SYMTYPE, piece
                tar.addfile(member)
            else:
                member.size = len(piece)
                tar.addfile(member, io.BytesIO(piece))
    return stream.getvalue()


LAYERS: Final = (
    gzip.compress(tarred({"etc/os-release": OS_RELEASE, "bin/sh": "dash"}), mtime=0),
    gzip.compress(tarred({"app/start.sh": SCRIPT}), mtime=0),
)


def digest_of(data: bytes) -> str:
    """A digest as descriptors name it."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def described(data: bytes, media_type: str, **more: object) -> dict[str, Any]:
    """What points to a piece."""
    return {"mediaType": media_type, "digest": digest_of(data), "size": len(data), **more}


def piece(layout: Layout, value: object, media_type: str, **more: object) -> dict[str, Any]:
    """Put a piece into a layout and give what points to it."""
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    layout[f"blobs/sha256/{hashlib.sha256(data).hexdigest()}"] = data
    return described(data, media_type, **more)


def image(layout: Layout, config: Mapping[str, object] = CONFIG, architecture: str = "amd64") -> dict[str, Any]:
    """Put an image into a layout and give what points to its manifest."""
    configuration = {"os": "linux", "architecture": architecture, "config": config, "rootfs": {"type": "layers"}}
    manifest = {
        "schemaVersion": 2,
        "config": piece(layout, configuration, CONFIG_TYPE),
        "layers": [piece(layout, layer, LAYER_TYPE) for layer in LAYERS],
    }
    return piece(layout, manifest, MANIFEST_TYPE, platform={"os": "linux", "architecture": architecture})


def laid_out(*tops: Mapping[str, Any], layout: Layout) -> Layout:
    """The whole layout, with its index."""
    index = {"schemaVersion": 2, "manifests": tops}
    return {
        "oci-layout": b'{"imageLayoutVersion":"1.0.0"}',
        "index.json": json.dumps(index).encode(),
        **layout,
    }


def named(descriptor: dict[str, Any], name: str, full_name: str = "") -> dict[str, Any]:
    """What points to an image, with the name that tools write beside it."""
    annotations = {"org.opencontainers.image.ref.name": name}
    if full_name:
        annotations["io.containerd.image.name"] = full_name
    return {**descriptor, "annotations": annotations}


def saved(tags: list[str] | None, config: Mapping[str, object] = CONFIG) -> Layout:
    """What `docker save` wrote before its version 25: the second layer is a link."""
    data = json.dumps({"os": "linux", "architecture": "amd64", "config": config}).encode()
    name = f"{hashlib.sha256(data).hexdigest()}.json"
    listed = [{"Config": name, "RepoTags": tags, "Layers": ["a/layer.tar", "b/layer.tar"]}]
    pieces: Any = {
        name: data,
        "a/layer.tar": gzip.decompress(LAYERS[0]),
        "b/layer.tar": "../c.tar",
        "c.tar": gzip.decompress(LAYERS[1]),
        "manifest.json": json.dumps(listed).encode(),
    }
    return dict(pieces)
