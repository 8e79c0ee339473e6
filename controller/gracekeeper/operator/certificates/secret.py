"""The Secret by which replicas agree on their certificates: who writes first wins, the others read what he wrote."""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import msgspec
from msgspec import Struct

from gracekeeper.errors import ConfigurationError
from gracekeeper.operator.api import RefusedError
from gracekeeper.operator.certificates.keypair import KeyPair, parsed
from gracekeeper.operator.certificates.renewal import Authorities

if TYPE_CHECKING:
    from gracekeeper.operator.api import Api
    from gracekeeper.operator.certificates.renewal import Kept

Manifest: TypeAlias = "dict[str, Any]"
Data: TypeAlias = dict[str, bytes]

OURS: Final = "gracekeeper.dev/certificates"
"""The annotation of a Secret whose content is ours to replace."""

_NOT_FOUND: Final = 404
_CONFLICT: Final = 409


class Found(Struct, frozen=True):
    """The Secret as it was read; what it lacks or what cannot be read of it is None."""

    manifest: Manifest
    authorities: Authorities | None = None
    leaf: KeyPair | None = None


class SharedSecret:
    """The Secret of this name, ours if it says so or holds nothing yet."""

    def __init__(self, api: Api, namespace: str, name: str) -> None:
        """Nothing is read yet."""
        self._api = api
        self._namespace = namespace
        self._name = name
        self._folder = f"/api/v1/namespaces/{namespace}/secrets"

    async def read(self) -> Found:
        """Read it; a Secret that does not exist is found empty.

        Raises:
            ConfigurationError: it holds what somebody else put there.
            RefusedError, aiohttp.ClientError, TimeoutError: the API server does not answer with it.
        """
        try:
            manifest = msgspec.json.decode(await self._api.read(f"{self._folder}/{self._name}"))
        except RefusedError as refused:
            if refused.code != _NOT_FOUND:
                raise
            return Found({"metadata": {"name": self._name}})
        return self._found(manifest)

    async def write(self, found: Found, kept: Kept) -> bool:
        """Write it unless somebody did since it was found, and tell whether it was written; raises as `read` does."""
        body = msgspec.json.encode(_manifest(found.manifest, kept))
        exists = "resourceVersion" in found.manifest["metadata"]
        try:
            if exists:
                await self._api.write("PUT", f"{self._folder}/{self._name}", body)
            else:
                await self._api.write("POST", self._folder, body)
        except RefusedError as refused:
            if refused.code != _CONFLICT:
                raise
            return False
        return True

    def _found(self, manifest: Manifest) -> Found:
        data = {key: b64decode(value) for key, value in (manifest.get("data") or {}).items()}
        if any(data.values()) and OURS not in (manifest["metadata"].get("annotations") or {}):
            raise ConfigurationError(
                f"The Secret {self._name} in {self._namespace} holds something that is not ours to replace.",
                "Another name (`certificates.secretName` in the chart) leaves it alone.",
            )
        return Found(manifest, _authorities(data), _pair(data, "tls"))


def _authorities(data: Data) -> Authorities | None:
    current = _pair(data, "ca")
    if current is None:
        return None
    return Authorities(current, _pair(data, "next-ca"), _readable(data.get("previous-ca.crt", b"")))


def _pair(data: Data, name: str) -> KeyPair | None:
    try:
        return KeyPair.read(data.get(f"{name}.crt", b""), data.get(f"{name}.key", b""))
    except ConfigurationError:
        return None


def _readable(pem: bytes) -> bytes:
    try:
        parsed(pem)
    except ConfigurationError:
        return b""
    return pem


def _manifest(found: Manifest, kept: Kept) -> Manifest:
    metadata = found["metadata"]
    annotations = {**(metadata.get("annotations") or {}), OURS: "self-managed"}
    data = {key: b64encode(value).decode() for key, value in _data(kept).items()}
    return {**found, "metadata": {**metadata, "annotations": annotations}, "data": data}


def _data(kept: Kept) -> Data:
    authorities = kept.authorities
    data = _named("ca", authorities.current) | _named("tls", kept.leaf)
    if authorities.successor:
        data |= _named("next-ca", authorities.successor)
    if authorities.predecessor:
        data["previous-ca.crt"] = authorities.predecessor
    return data


def _named(name: str, pair: KeyPair) -> Data:
    return {f"{name}.crt": pair.certificate, f"{name}.key": pair.key}
