"""The yardstick: a ValidatingAdmissionPolicy of ten expressions, such as people write to secure a Deployment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tests.cluster.client import Manifest

_POD: Final = "object.spec.template.spec"
_EACH: Final = f"{_POD}.containers.all(c, {{}})"

EXPRESSIONS: Final = (
    f"has({_POD}.securityContext.runAsNonRoot) && {_POD}.securityContext.runAsNonRoot",
    f"{_POD}.terminationGracePeriodSeconds >= 10",
    _EACH.format("!c.image.endsWith(':latest') && c.image.contains(':')"),
    _EACH.format("has(c.readinessProbe)"),
    _EACH.format("has(c.livenessProbe) && c.livenessProbe.periodSeconds >= 5"),
    _EACH.format("has(c.resources.limits) && 'memory' in c.resources.limits"),
    _EACH.format("has(c.resources.requests) && 'cpu' in c.resources.requests"),
    _EACH.format("has(c.securityContext.readOnlyRootFilesystem) && c.securityContext.readOnlyRootFilesystem"),
    _EACH.format("has(c.securityContext.allowPrivilegeEscalation) && !c.securityContext.allowPrivilegeEscalation"),
    _EACH.format(
        "has(c.securityContext.capabilities.drop) && c.securityContext.capabilities.drop.exists(d, d == 'ALL')"
    ),
)
_NAME: Final = "ten-expressions"


def policy(namespace: str) -> tuple[Manifest, Manifest]:
    """The policy, and its binding to one namespace; every Deployment that we measure with passes it."""
    rule = {"apiGroups": ["apps"], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["deployments"]}
    return (
        _object(
            "ValidatingAdmissionPolicy",
            failurePolicy="Fail",
            matchConstraints={"resourceRules": [rule]},
            validations=[{"expression": each} for each in EXPRESSIONS],
        ),
        _object(
            "ValidatingAdmissionPolicyBinding",
            policyName=_NAME,
            validationActions=["Deny"],
            matchResources={"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}}},
        ),
    )


def _object(kind: str, **spec: object) -> Manifest:
    version = "admissionregistration.k8s.io/v1"
    return {"apiVersion": version, "kind": kind, "metadata": {"name": _NAME}, "spec": spec}
