"""Reviews as the API server sends them, and those who answer them."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from datetime import date
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec
import pytest

from gracekeeper.operator.cluster import Cluster
from gracekeeper.operator.judges import Judges
from gracekeeper.operator.review import Review
from gracekeeper_policies.catalog import RULES
from gracekeeper_policies.policy import STANDARD

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gracekeeper_policies.exception import GraceException
    from gracekeeper_policies.policy import GracePolicy

Values: TypeAlias = dict[str, Any]
Reviewed: TypeAlias = Callable[..., Review]
Judged: TypeAlias = Callable[..., Judges]

DAY = date(2026, 11, 22)

_SAFE: Values = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "readOnlyRootFilesystem": True,
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}
_CONTAINER: Values = {
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
_DEPLOYMENT: Values = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web", "namespace": "shop"},
    "spec": {
        "replicas": 2,
        "selector": {"matchLabels": {"app": "web"}},
        "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {"containers": [_CONTAINER], "volumes": [{"name": "tmp", "emptyDir": {}}]},
        },
    },
}


@pytest.fixture
def deployment() -> Values:
    """A Deployment in which no rule finds an error; the test's own to change."""
    return deepcopy(_DEPLOYMENT)


@pytest.fixture
def reviewed() -> Reviewed:
    """Makes the review of an object: of its creation, or of its update where there is an old one."""

    def make(new: Values | None, old: Values | None = None, user: str = "ada", **fields: object) -> Review:
        request = {
            "uid": "705ab4f5-6393-11e8-b7cc-42010a800002",
            "kind": {"group": "apps", "version": "v1", "kind": "Deployment"},
            "resource": {"group": "apps", "version": "v1", "resource": "deployments"},
            "operation": "CREATE" if old is None else "UPDATE",
            "namespace": "shop",
            "userInfo": {"username": user},
            "object": new,
            "oldObject": old,
        }
        return msgspec.json.decode(msgspec.json.encode(request | fields), type=Review)

    return make


class Held:
    """Policies and exceptions that hold everywhere."""

    def __init__(self, policies: Sequence[GracePolicy], exceptions: Sequence[GraceException] = ()) -> None:
        """They never change."""
        self.policies = policies
        self.exceptions = exceptions

    def in_force(self, _namespace: str) -> Held:
        """The same in every namespace."""
        return self


@pytest.fixture
def judges() -> Judged:
    """Makes those who judge under some policies, in an empty cluster unless there is another one."""

    def make(*policies: GracePolicy, cluster: Cluster | None = None) -> Judges:
        return Judges(cluster or Cluster(), Held(policies or (STANDARD,)), RULES, lambda: DAY)

    return make
