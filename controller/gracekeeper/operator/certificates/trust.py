"""Tells API servers whom to trust: the caBundle of each webhook in our ValidatingWebhookConfiguration."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec import Struct, field

from gracekeeper.operator.api import STRATEGIC_MERGE_PATCH, RefusedError

if TYPE_CHECKING:
    from gracekeeper.operator.api import Api

_FOLDER: Final = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations"
_NOT_FOUND: Final = 404


class _ClientConfig(Struct, rename="camel"):
    ca_bundle: str = ""


class _Webhook(Struct, rename="camel"):
    name: str
    client_config: _ClientConfig


class _Configuration(Struct):
    webhooks: list[_Webhook] = field(default_factory=list)


class Trust:
    """The webhook configuration of this name; whoever calls by it trusts the bundle that it is told."""

    def __init__(self, api: Api, name: str) -> None:
        """Nothing is read yet."""
        self._api = api
        self._path = f"{_FOLDER}/{name}"

    async def tell(self, bundle: bytes) -> bool:
        """Write the bundle where it is missing; tells whether it stood everywhere before.

        Where there is no configuration yet, nobody calls us, so nobody trusts anything else.

        Raises:
            RefusedError, aiohttp.ClientError, TimeoutError: the API server does not do it.
        """
        wanted = b64encode(bundle).decode()
        configuration = await self._read()
        outdated = [each.name for each in configuration.webhooks if each.client_config.ca_bundle != wanted]
        if outdated:
            await self._api.write("PATCH", self._path, _patch(outdated, wanted), STRATEGIC_MERGE_PATCH)
        return not outdated

    async def _read(self) -> _Configuration:
        try:
            return msgspec.json.decode(await self._api.read(self._path), type=_Configuration)
        except RefusedError as refused:
            if refused.code != _NOT_FOUND:
                raise
            return _Configuration()


def _patch(names: list[str], bundle: str) -> bytes:
    # A webhook that was taken out meanwhile does not come back: the API server refuses one of just these fields.
    webhooks = [{"name": name, "clientConfig": {"caBundle": bundle}} for name in names]
    return msgspec.json.encode({"webhooks": webhooks})
