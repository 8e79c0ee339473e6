"""What is no admission review, and the answer it gets: a `Status`, whose message the API server passes on."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

import msgspec
from aiohttp import web

_JSON: Final = "application/json"


class RefusalError(Exception):
    """A request that cannot be answered with a verdict, and why."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message

    def response(self) -> web.Response:
        """The answer; the connection ends with it, since what else comes on it cannot be trusted."""
        response = web.Response(status=self.status, body=_status(self.status, self.message), content_type=_JSON)
        response.force_close()
        return response


def _status(status: HTTPStatus, message: str) -> bytes:
    return msgspec.json.encode(
        {
            "apiVersion": "v1",
            "kind": "Status",
            "metadata": {},
            "status": "Failure",
            "message": message,
            "reason": _REASONS.get(status, "InternalError"),
            "code": status.value,
        }
    )


_REASONS: Final = {
    HTTPStatus.BAD_REQUEST: "BadRequest",
    HTTPStatus.METHOD_NOT_ALLOWED: "MethodNotAllowed",
    HTTPStatus.NOT_FOUND: "NotFound",
    HTTPStatus.REQUEST_TIMEOUT: "Timeout",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "RequestEntityTooLarge",
    HTTPStatus.SERVICE_UNAVAILABLE: "ServiceUnavailable",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "UnsupportedMediaType",
}
"""Kubernetes' words for a status, where it has one."""
