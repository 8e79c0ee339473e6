"""What a large cluster costs a replica: memory, and the time that a review takes. `make bench-cluster`.

The operator runs by the chart beside a real control plane, in a process of its own, twice: where there is nothing but
what Kubernetes itself brings, and where there are 500 namespaces with 5,000 GraceExceptions, 2,000 Services and 2,000
ConfigMaps. Reviews are sent to its port, one at a time, each of a Deployment in the next namespace.
"""

from __future__ import annotations

import json
import ssl
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPSConnection
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from tests.admission.manifests import deployment
from tests.admission.operator import Operator
from tests.cluster.client import eventually
from tests.cluster.control_plane import running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cluster.client import Client, Manifest

NAMESPACES: Final = 500
EXCEPTIONS_EACH: Final = 10
SERVICES_EACH: Final = 4
CONFIGURATIONS_EACH: Final = 4
FIRST: Final = 500
REVIEWS: Final = 5000
CLIENTS: Final = 16
MIB: Final = 2**20
POLICY: Final = """
apiVersion: gracekeeper.dev/v1alpha1
kind: GracePolicy
metadata: {name: bench}
spec: {mode: enforce}
"""


@dataclass(frozen=True)
class Figures:
    """What was measured in one cluster; seconds and bytes."""

    ready: float
    idle: int
    judged: int
    peak: int
    first: list[float]
    further: list[float]


def main() -> None:
    """Measure both clusters, and print the table."""
    with tempfile.TemporaryDirectory(prefix="cluster-size-") as folder, running() as control_plane:
        policy = Path(folder, "policy.yaml")
        policy.write_text(POLICY, encoding="utf-8")
        operator = Operator(control_plane, Path(folder), policy)
        operator.install()
        empty = measured(operator, ["default"])
        operator.start()  # the exceptions are reviewed, too
        names = fill(control_plane.client)
        operator.stop()
        full = measured(operator, names)
    print("| | nothing else | 500 namespaces |")
    print("| --- | --- | --- |")
    for row in rows(empty, full):
        print(row)


def fill(client: Client) -> list[str]:
    """Create everything; gives the namespaces' names."""
    names = [f"team-{number}" for number in range(NAMESPACES)]
    eventually(lambda: client.serves("gracekeeper.dev/v1alpha1", "GraceException"))
    with ThreadPoolExecutor(CLIENTS) as threads:
        list(threads.map(lambda name: [client.apply(each).object() for each in contents(name)], names))
    return names


def contents(namespace: str) -> Iterator[Manifest]:
    """A namespace, and what stands in it."""
    yield {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace, "labels": {"team": namespace}}}
    for number in range(EXCEPTIONS_EACH):
        spec = {
            "rules": ["run-as-root", "memory-limit-missing"],
            "reason": f"is moved to the new base image by team {namespace}",
            "expires": "2999-12-31",
            "match": {"names": [f"legacy-{number}-*"]},
        }
        yield named("gracekeeper.dev/v1alpha1", "GraceException", f"legacy-{number}", namespace, spec=spec)
    for number in range(SERVICES_EACH):
        ports = [{"name": "http", "port": 80, "targetPort": 8000}]
        leads = {"selector": {"app": "web" if number == 0 else f"web-{number}"}, "ports": ports}
        yield named("v1", "Service", f"web-{number}", namespace, spec=leads)
    for number in range(CONFIGURATIONS_EACH):
        data = {"settings.yaml": "debug: false\n" * 40, "WEB_CONCURRENCY": "2"}
        yield named("v1", "ConfigMap", f"settings-{number}", namespace, data=data)


def named(version: str, kind: str, name: str, namespace: str, **fields: object) -> Manifest:
    """An object of a namespace."""
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name, "namespace": namespace}, **fields}


def measured(operator: Operator, namespaces: list[str]) -> Figures:
    """Start a replica, have it review, and stop it."""
    began = time.monotonic()
    operator.start()
    ready = time.monotonic() - began
    idle = int(operator.metric("process_resident_memory_bytes"))
    first = list(reviewed(operator, namespaces, FIRST))
    further = list(reviewed(operator, namespaces, REVIEWS))
    judged, peak = int(operator.metric("process_resident_memory_bytes")), operator.peak_memory()
    operator.stop()
    return Figures(ready, idle, judged, peak, first, further)


def reviewed(operator: Operator, namespaces: list[str], number: int) -> Iterator[float]:
    """Send so many reviews on one connection, and tell how long each took."""
    url = urlsplit(operator.url)
    anybody = ssl.create_default_context()
    anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
    connection = HTTPSConnection(str(url.hostname), url.port, timeout=60, context=anybody)
    for index in range(number):
        body = json.dumps(review(namespaces[index % len(namespaces)], index)).encode()
        began = time.perf_counter()
        connection.request("POST", "/workloads", body, {"Content-Type": "application/json"})
        answer = json.loads(connection.getresponse().read())["response"]
        yield time.perf_counter() - began
        if "verdict" not in answer["auditAnnotations"]:
            raise SystemExit(f"A review was not judged: {answer}")
    connection.close()


def review(namespace: str, number: int) -> Manifest:
    """The review of a Deployment's creation."""
    manifest = deployment(namespace, name="web")
    kind = {"group": "apps", "version": "v1"}
    request = {
        "uid": f"review-{number}",
        "kind": {**kind, "kind": "Deployment"},
        "resource": {**kind, "resource": "deployments"},
        "name": "web",
        "namespace": namespace,
        "operation": "CREATE",
        "userInfo": {"username": "ada"},
        "object": manifest,
    }
    return {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request}


def rows(*clusters: Figures) -> Iterator[str]:
    """The table's lines."""
    lines = {
        "ready after, s": [f"{each.ready:.1f}" for each in clusters],
        "memory once ready, MiB": [f"{each.idle / MIB:.0f}" for each in clusters],
        "memory after all reviews, MiB": [f"{each.judged / MIB:.0f}" for each in clusters],
        "most memory ever, MiB": [f"{each.peak / MIB:.0f}" for each in clusters],
        "first 500 reviews, ms, p50 (p99)": [milliseconds(each.first) for each in clusters],
        "5,000 further ones, ms, p50 (p99)": [milliseconds(each.further) for each in clusters],
    }
    return (f"| {what} | {' | '.join(cells)} |" for what, cells in lines.items())


def milliseconds(seconds: list[float]) -> str:
    """Median and 99th percentile."""
    return f"{1000 * statistics.median(seconds):.2f} ({1000 * statistics.quantiles(seconds, n=100)[-1]:.2f})"


if __name__ == "__main__":
    main()
