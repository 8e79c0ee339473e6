"""Kubernetes' API as tests ask it: a manifest goes in, and the API server's whole answer comes out."""

from __future__ import annotations

import json
import re
import time
from copy import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar
from urllib.parse import urlencode

import urllib3

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

Manifest: TypeAlias = dict[str, Any]
Resource: TypeAlias = tuple[str, bool]
T = TypeVar("T")

TIMEOUT: Final = 40
"""Seconds that a request may take: more than a webhook's longest timeout."""

WARNING: Final = re.compile(r'\d{3} \S+ "((?:[^"\\]|\\.)*)"')
MEDIA_TYPES: Final = {
    "apply": "application/apply-patch+yaml",
    "merge": "application/merge-patch+json",
    "json": "application/json-patch+json",
}


class RefusedError(Exception):
    """What the API server said when it refused a request."""


@dataclass(frozen=True)
class Answer:
    """What the API server said to one request."""

    status: int
    """HTTP's status code."""

    body: Manifest
    """An object, a list, or a `Status` that says what went wrong."""

    warnings: tuple[str, ...] = ()
    """The `Warning` headers' texts, in their order; kubectl prints each on a line of its own."""

    @property
    def admitted(self) -> bool:
        """Whether the request was carried out."""
        return self.status < 400

    @property
    def message(self) -> str:
        """What a `Status` says; empty where there is none."""
        return str(self.body.get("message", "")) if self.body.get("kind") == "Status" else ""

    def object(self) -> Manifest:
        """The object of a request that has to be carried out.

        Raises:
            RefusedError: it was not.
        """
        if not self.admitted:
            raise RefusedError(f"{self.status}: {self.message or self.body}")
        return self.body


def warning_texts(headers: list[str]) -> tuple[str, ...]:
    """The texts of `Warning` headers, without code, agent and quotes (RFC 7234, section 5.5)."""
    return tuple(re.sub(r"\\(.)", r"\1", text) for header in headers for text in WARNING.findall(header))


class Client:
    """Asks an API server, as one user; threads may share it."""

    def __init__(self, url: str, authority: Path, token: str) -> None:
        """`authority` is the file of the certificate that vouches for the server's; it is read when first asked."""
        self.url: Final = url
        self.headers: Mapping[str, str] = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        self._pool: Final = urllib3.PoolManager(maxsize=32, ca_certs=str(authority), retries=False, timeout=TIMEOUT)
        self._resources: Final[dict[str, dict[str, Resource]]] = {}

    def acting_as(self, user: str) -> Client:
        """The same client in the name of another user; a ServiceAccount brings its groups with it."""
        other = copy(self)
        other.headers = {**self.headers, "Impersonate-User": user}
        return other

    def request(
        self, method: str, path: str, body: object = None, content: str = "application/json", **query: str
    ) -> Answer:
        """Ask for any path of the API.

        Raises:
            urllib3.exceptions.HTTPError: there was no answer in time.
        """
        response = self._pool.request(
            method,
            f"{self.url}{path}?{urlencode(query)}",
            body=None if body is None else json.dumps(body).encode(),
            headers={**self.headers, "Content-Type": content},
        )
        is_json = response.headers.get("Content-Type", "").startswith("application/json")
        said = response.json() if is_json else {"kind": "Status", "message": response.data.decode("utf-8", "replace")}
        return Answer(response.status, said, warning_texts(response.headers.getlist("Warning")))

    def ready(self) -> bool:
        """Whether the API server answers, and says that it is ready."""
        try:
            return self.request("GET", "/readyz").admitted
        except urllib3.exceptions.HTTPError:
            return False

    def create(self, manifest: Manifest, *, dry_run: bool = False, subresource: str = "") -> Answer:
        """Create an object."""
        path = self.path(manifest, subresource) if subresource else self.collection(manifest)
        return self.request("POST", path, manifest, **dry_run_query(dry_run))

    def update(self, manifest: Manifest, *, dry_run: bool = False, subresource: str = "") -> Answer:
        """Replace an object."""
        return self.request("PUT", self.path(manifest, subresource), manifest, **dry_run_query(dry_run))

    def apply(self, manifest: Manifest, *, dry_run: bool = False) -> Answer:
        """Create or change an object, as `kubectl apply --server-side --force-conflicts` does."""
        query = {"fieldManager": "tests", "force": "true", **dry_run_query(dry_run)}
        return self.request("PATCH", self.path(manifest), manifest, MEDIA_TYPES["apply"], **query)

    def patch(
        self, manifest: Manifest, change: object, *, kind: str = "merge", dry_run: bool = False, subresource: str = ""
    ) -> Answer:
        """Change an object by a patch of kind `merge` or `json`; of `manifest` only the identity counts."""
        path = self.path(manifest, subresource)
        return self.request("PATCH", path, change, MEDIA_TYPES[kind], **dry_run_query(dry_run))

    def get(self, manifest: Manifest, *, subresource: str = "") -> Answer:
        """Read an object; of `manifest` only the identity counts."""
        return self.request("GET", self.path(manifest, subresource))

    def delete(self, manifest: Manifest, *, dry_run: bool = False) -> Answer:
        """Delete an object; of `manifest` only the identity counts."""
        return self.request("DELETE", self.path(manifest), **dry_run_query(dry_run))

    def items(self, api_version: str, kind: str, namespace: str = "", **query: str) -> list[Manifest]:
        """All objects of a kind in a namespace, or in all of them; `labelSelector` and its like go to the API."""
        metadata = {"namespace": namespace} if namespace else {}
        path = self.collection({"apiVersion": api_version, "kind": kind, "metadata": metadata}, everywhere=True)
        found: list[Manifest] = self.request("GET", path, **query).object()["items"]
        return found

    def namespace(self, name: str, labels: Mapping[str, str] | None = None) -> str:
        """Create a namespace, and wait until Pods can be created in it; returns its name."""
        metadata = {"name": name, "labels": dict(labels or {})}
        self.create({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}).object()
        account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": name}}
        eventually(lambda: self.get(account).admitted)
        return name

    def path(self, manifest: Manifest, subresource: str = "") -> str:
        """Where an object is found."""
        end = f"/{subresource}" if subresource else ""
        return f"{self.collection(manifest)}/{manifest['metadata']['name']}{end}"

    def collection(self, manifest: Manifest, *, everywhere: bool = False) -> str:
        """Where objects of a kind are found; without a namespace, in `default` or everywhere."""
        version = manifest["apiVersion"]
        plural, namespaced = self._resource(version, manifest["kind"])
        base = f"/apis/{version}" if "/" in version else f"/api/{version}"
        namespace = manifest.get("metadata", {}).get("namespace", "" if everywhere else "default")
        return f"{base}/namespaces/{namespace}/{plural}" if namespaced and namespace else f"{base}/{plural}"

    def serves(self, version: str, kind: str) -> bool:
        """Whether the API server knows a kind; one that a CRD brings takes a moment."""
        return kind in self._kinds(version)

    def _resource(self, version: str, kind: str) -> Resource:
        """A kind's name in paths, and whether it lives in namespaces; asked for again where a CRD may be new."""
        if kind not in self._resources.get(version, {}):
            self._resources[version] = self._kinds(version)
        return self._resources[version][kind]

    def _kinds(self, version: str) -> dict[str, Resource]:
        path = f"/apis/{version}" if "/" in version else f"/api/{version}"
        listed = self.request("GET", path).body.get("resources", ())
        return {each["kind"]: (each["name"], each["namespaced"]) for each in listed if "/" not in each["name"]}


def dry_run_query(dry_run: bool) -> dict[str, str]:
    """The query that lets the API server do everything but the writing."""
    return {"dryRun": "All"} if dry_run else {}


def eventually(question: Callable[[], T], seconds: float = 60) -> T:
    """Ask again and again until the answer is true or not empty, and return it.

    Raises:
        TimeoutError: with the last answer.
    """
    deadline = time.monotonic() + seconds
    while not (answer := question()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"still {answer!r} after {seconds} s")
        time.sleep(0.05)
    return answer
