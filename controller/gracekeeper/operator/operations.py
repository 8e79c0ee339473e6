"""The port for kubelet and Prometheus: `/livez`, `/readyz` and `/metrics`, apart from the reviews."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from aiohttp import web

from gracekeeper.operator.listener import Listener
from gracekeeper.operator.metrics import CONTENT_TYPE
from gracekeeper.operator.refusal import RefusalError

if TYPE_CHECKING:
    from typing import Self

    from gracekeeper.operator.health import Health
    from gracekeeper.operator.metrics import Metrics
    from gracekeeper.settings import OperatorSettings


class Operations:
    """Serves while the `async with` block around it runs."""

    def __init__(self, settings: OperatorSettings, health: Health, metrics: Metrics) -> None:
        self._settings = settings
        self._health = health
        self._metrics = metrics
        self._listener = Listener("operations", self._answer, metrics, read_seconds=settings.read_timeout_seconds)

    @property
    def port(self) -> int | None:
        """Where it listens; None while it does not."""
        return self._listener.port

    async def __aenter__(self) -> Self:
        """Listen.

        Raises:
            OSError: the address cannot be listened on.
        """
        self._listener.open(self._settings.operations_address, self._settings.operations_port)
        return self

    async def __aexit__(self, *_error: object) -> None:
        """Stop listening."""
        await self._listener.close(drain_seconds=0)

    async def _answer(self, request: web.BaseRequest) -> web.Response:
        if request.method not in {"GET", "HEAD"}:
            raise RefusalError(HTTPStatus.METHOD_NOT_ALLOWED, "This port is only read from.")
        match request.path:
            case "/livez":
                return web.Response(text="ok\n")
            case "/readyz":
                return _readiness(await self._health.amiss())
            case "/metrics":
                return web.Response(body=self._metrics.exposition(), headers={"Content-Type": CONTENT_TYPE})
        raise RefusalError(HTTPStatus.NOT_FOUND, "Here are /livez, /readyz and /metrics.")


def _readiness(amiss: dict[str, str | None]) -> web.Response:
    # The signs are those of Kubernetes' own components.
    lines = [f"[-]{name}: {told}" if told else f"[+]{name} ok" for name, told in amiss.items()]
    ready = not any(amiss.values())
    lines.append("ready" if ready else "not ready")
    return web.Response(text="\n".join(lines) + "\n", status=HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE)
