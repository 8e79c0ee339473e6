"""Workloads good and bad, as plain values."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tests.cluster.client import Manifest

_SAFE: Final = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "readOnlyRootFilesystem": True,
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}
_CONTAINER: Final = {
    "name": "web",
    "image": "registry.example.com/web:1.4.2",
    "command": ["gunicorn", "--bind=0.0.0.0:8000", "--timeout=15", "--graceful-timeout=20", "app:app"],
    "resources": {"limits": {"memory": "512Mi", "cpu": "1"}},
    "readinessProbe": {"httpGet": {"path": "/ready", "port": 8000}},
    "livenessProbe": {"httpGet": {"path": "/alive", "port": 8000}, "failureThreshold": 30},
    "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],
    "env": [{"name": "PYTHONUNBUFFERED", "value": "1"}],
    "securityContext": _SAFE,
}


def pod(namespace: str, changed: Manifest | None = None, name: str = "web") -> Manifest:
    """A Pod in which no rule finds an error, but for what is changed of its container."""
    spec = {"containers": [{**deepcopy(_CONTAINER), **(changed or {})}], "volumes": [{"name": "tmp", "emptyDir": {}}]}
    metadata = {"name": name, "namespace": namespace, "labels": {"app": name}}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def deployment(namespace: str, changed: Manifest | None = None, name: str = "web") -> Manifest:
    """A Deployment of two such Pods."""
    template = pod(namespace, changed, name)
    metadata = {"name": name, "namespace": namespace}
    labels = template["metadata"]["labels"]
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata,
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": template["spec"]},
        },
    }


ROOT_USER: Final[Manifest] = {"securityContext": {**_SAFE, "runAsNonRoot": False, "runAsUser": 0}}
"""A container that runs as root."""

UNBOUNDED: Final[Manifest] = {"resources": {"limits": {"cpu": "1"}}}
"""A container whose memory nothing bounds."""
