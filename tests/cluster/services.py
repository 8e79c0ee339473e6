"""The Services of a namespace as a pod finds them, by name and by address: what a cluster's DNS and kube-proxy do."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cluster.client import Client, Manifest

LISTENS: Final = "listens"
"""What the process says once Services can be reached."""


@dataclass(frozen=True)
class Route:
    """From a Service's address and port to those of a ready endpoint."""

    name: str
    address: str
    port: int
    to_address: str
    to_port: int

    def __str__(self) -> str:
        return f"{self.address} {self.port} {self.to_address} {self.to_port}"


def routes(client: Client, namespace: str) -> Iterator[Route]:
    """Where each Service of a namespace leads at this moment."""
    for service in client.items("v1", "Service", namespace):
        name = service["metadata"]["name"]
        label = f"kubernetes.io/service-name={name}"
        for slice_ in client.items("discovery.k8s.io/v1", "EndpointSlice", namespace, labelSelector=label):
            yield from _routes(service, slice_)


def _routes(service: Manifest, slice_: Manifest) -> Iterator[Route]:
    metadata, spec = service["metadata"], service["spec"]
    ready = [each for each in slice_["endpoints"] or () if each["conditions"]["ready"]]
    numbers: dict[str, int] = {each["name"]: each["port"] for each in slice_["ports"] or ()}
    for port in spec["ports"] if ready else ():
        address = f"{metadata['name']}.{metadata['namespace']}.svc", spec["clusterIP"], port["port"]
        yield Route(*address, ready[0]["addresses"][0], numbers[port.get("name", "")])


async def lead(*routes: str) -> None:
    """Listen at each route's address, say so, and lead there for ever."""
    for route in routes:
        address, port, *to = route.split()
        await asyncio.start_server(lambda *pair, to=to: _lead(*pair, *to), address, int(port))
    sys.stdout.write(f"{LISTENS}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


async def _lead(reader: Any, writer: Any, address: str, port: str) -> None:  # noqa: ANN401 - asyncio's two streams
    there_reader, there_writer = await asyncio.open_connection(address, int(port))
    await asyncio.gather(_pump(reader, there_writer), _pump(there_reader, writer))


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


if __name__ == "__main__":
    asyncio.run(lead(*sys.argv[1:]))
