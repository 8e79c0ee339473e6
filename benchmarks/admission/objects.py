"""What is asked about: Deployments of which no two are alike, of 2 KB and of 1.4 MB, and reviews of them."""

from __future__ import annotations

import hashlib
import json
from copy import deepcopy
from itertools import accumulate, count, islice
from typing import TYPE_CHECKING, Final

import yaml

from benchmarks.manifests import deployment as written

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tests.cluster.client import Manifest

LARGE_BYTES: Final = 1_400_000
_MANY: Final = 40_000
_NUMBERS: Final = count()


def deployment(number: int, namespace: str) -> Manifest:
    """A Deployment of 2 KB, as somebody writes it; a good half of them have findings."""
    manifest: Manifest = yaml.load(written(number, of_a_mould=False), Loader=yaml.CSafeLoader)
    manifest["metadata"]["namespace"] = namespace
    return manifest


def created(made: Manifest) -> bytes:
    """The review of an object that is created; `made` is what the API server makes of the manifest."""
    return _review("CREATE", made, None)


def updated(made: Manifest) -> bytes:
    """The review of an object whose image becomes another one."""
    changed = deepcopy(made)
    changed["spec"]["template"]["spec"]["containers"][0]["image"] += "-1"
    return _review("UPDATE", changed, made)


def _review(operation: str, new: Manifest, old: Manifest | None) -> bytes:
    metadata = new["metadata"]
    request = {
        "uid": f"{next(_NUMBERS):08}-0000-4000-8000-000000000000",
        "kind": {"group": "apps", "version": "v1", "kind": "Deployment"},
        "resource": {"group": "apps", "version": "v1", "resource": "deployments"},
        "name": metadata["name"],
        "namespace": metadata["namespace"],
        "operation": operation,
        "userInfo": {"username": "jane", "groups": ["developers", "system:authenticated"]},
        "object": new,
        "oldObject": old,
        "dryRun": True,
    }
    review = {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request}
    return json.dumps(review, separators=(",", ":")).encode()


def _variables(container: Manifest, salt: int) -> None:
    values = ((number, hashlib.sha256(b"%d %d" % (salt, number)).hexdigest()) for number in range(12_500))
    container["env"] += [{"name": f"SETTING_{number:05}", "value": value} for number, value in values]


def _long_text(container: Manifest, salt: int) -> None:
    lines = (f"team-{salt}-{number}: the quick brown fox jumps over it\n" for number in count())
    container["env"].append({"name": "NOTES", "value": _filled(lines)})


def _script(container: Manifest, salt: int) -> None:
    lines = (
        f"export SETTING_{number}={salt}\n"
        f'if [ -f "/etc/shop/{number}.env" ]; then . "/etc/shop/{number}.env"; fi\n'
        f'echo "read the settings of shop {number}"\n'
        for number in count()
    )
    container["command"] = ["sh", "-c", _filled(lines) + "exec gunicorn --bind 0.0.0.0:8000 shop.wsgi"]


def _filled(lines: Iterable[str]) -> str:
    """As many of the lines as make an object large."""
    enough = list(islice(lines, _MANY))
    sizes = accumulate(len(json.dumps(line)) - len('""') for line in enough)
    return "".join(line for line, size in zip(enough, sizes, strict=True) if size <= LARGE_BYTES)


FILLINGS: Final[Mapping[str, Callable[[Manifest, int], None]]] = {
    "12,500 variables": _variables,
    "a variable of one long text": _long_text,
    "a script of 1.4 MB": _script,
}
"""What can be large about a container, by what it is called."""


def large(made: Manifest, fill: Callable[[Manifest, int], None], salt: int) -> Manifest:
    """The same object with 1.4 MB more in its container."""
    grown = deepcopy(made)
    fill(grown["spec"]["template"]["spec"]["containers"][0], salt)
    return grown
