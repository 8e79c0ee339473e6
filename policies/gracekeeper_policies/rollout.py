"""What a change of the pod template does to the running pods, in whole pods.

Arithmetic of `pkg/controller/deployment/util/deployment_util.go` and defaults of `pkg/apis/apps/v1/defaults.go`
(Kubernetes 1.36): a surge is rounded up, what may be missing is rounded down, and where both come to 0 one may be
missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from gracekeeper_policies.document import Path
    from gracekeeper_policies.podspec import ControllerSpec, RollingUpdate, Strategy

_DEFAULT: Final = "25%"
_STRATEGY: Final = ("spec", "strategy")


@dataclass(frozen=True)
class Rollout:
    """How old pods make way for new ones: up to `surge` more than wanted, up to `unavailable` fewer.

    `path` leads to the field that decides.
    """

    path: Path
    surge: int
    unavailable: int


def rollout_of(kind: str, spec: ControllerSpec, replicas: int) -> Rollout | None:
    """Work out the rollout of a controller; None for a kind, or a strategy, that replaces no pod by itself."""
    match kind:
        case "Deployment":
            return _of_deployment(spec.strategy, replicas)
        case "Rollout":
            return _of_argo(spec.strategy, replicas)
        case "StatefulSet" if spec.update_strategy.type == "RollingUpdate":
            # The old pod is gone before the new one is made; `maxUnavailable` stands behind a gate that is off.
            return Rollout(("spec", "updateStrategy"), 0, min(1, replicas))
    return None


def _of_deployment(strategy: Strategy, replicas: int) -> Rollout:
    if strategy.type == "Recreate":
        return Rollout((*_STRATEGY, "type"), 0, replicas)
    return _rolling(strategy.rolling_update, replicas, (*_STRATEGY, "rollingUpdate"))


def _of_argo(strategy: Strategy, replicas: int) -> Rollout:
    if strategy.canary is None and strategy.blue_green is not None:
        return Rollout((*_STRATEGY, "blueGreen"), replicas, 0)
    return _rolling(strategy.canary or strategy.rolling_update, replicas, (*_STRATEGY, "canary"))


def _rolling(update: RollingUpdate, replicas: int, path: Path) -> Rollout:
    if replicas <= 0:
        return Rollout(path, 0, 0)
    surge = _pods(_DEFAULT if update.max_surge is None else update.max_surge, replicas, up=True)
    missing = _pods(_DEFAULT if update.max_unavailable is None else update.max_unavailable, replicas, up=False)
    if surge == 0 and missing == 0:
        missing = 1
    return Rollout(path, surge, min(missing, replicas))


def _pods(portion: int | str, replicas: int, *, up: bool) -> int:
    if isinstance(portion, int):
        return portion
    hundredths = int(portion.removesuffix("%")) * replicas
    return -(-hundredths // 100) if up else hundredths // 100
