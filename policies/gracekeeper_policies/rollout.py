"""What a change of the pod template does to the running pods, in whole pods.

Arithmetic of `pkg/controller/deployment/util/deployment_util.go` and defaults of `pkg/apis/apps/v1/defaults.go`
(Kubernetes 1.36): a surge is rounded up, what may be missing is rounded down, and where both come to 0 one may be
missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from gracekeeper_policies.provenance import Default, Known, Unknown
from gracekeeper_policies.quantity import whole_part

if TYPE_CHECKING:
    from gracekeeper_policies.controllerspec import ControllerSpec, RollingUpdate, Strategy
    from gracekeeper_policies.document import Path
    from gracekeeper_policies.provenance import Sourced

_SCALED: Final = frozenset({"Deployment", "StatefulSet", "ReplicaSet", "ReplicationController", "Rollout"})
_DEFAULT: Final = "25%"
_STRATEGY: Final = ("spec", "strategy")


class Rollout(Struct, frozen=True):
    """How old pods make way for new ones: up to `surge` more than wanted, up to `unavailable` fewer.

    `path` leads to the field that decides.
    """

    path: Path
    surge: int
    unavailable: int


def scale_of(kind: str, written: int | None, least: Known[int] | None, *, certain: bool) -> Sourced[int]:
    """The least number of replicas: an autoscaler's `least`, else what is `written`, else Kubernetes' default.

    The default is a doubtful one unless it is `certain` that no autoscaler exists.
    """
    if kind not in _SCALED:
        return Unknown(f"a {kind} has no replicas")
    # No autoscaler wakes what was scaled to 0 by hand.
    if least is not None and written != 0:
        return least
    # The API server writes 1 where nothing was written: nobody can tell the two apart afterwards.
    if written is None or written == 1:
        return Default(1, "Kubernetes", "" if certain else "an autoscaler out of sight may set the replicas")
    return Known(written, "replicas", ("spec", "replicas"))


def rollout_of(kind: str, spec: ControllerSpec, replicas: int) -> Rollout | None:
    """Work out the rollout of a controller; None for a kind, or a strategy, that replaces no pod by itself."""
    match kind:
        case "Deployment":
            return _of_deployment(spec.strategy, replicas)
        case "Rollout":
            return _of_argo(spec.strategy, replicas)
        case "StatefulSet" if spec.update_strategy.type == "RollingUpdate":
            # The old pod is gone before the new one is made; `maxUnavailable` stands behind a gate that is off.
            rolled = replicas > spec.update_strategy.rolling_update.partition
            return Rollout(("spec", "updateStrategy"), 0, int(rolled))
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
    surge = whole_part(_DEFAULT if update.max_surge is None else update.max_surge, replicas, up=True)
    missing = whole_part(_DEFAULT if update.max_unavailable is None else update.max_unavailable, replicas, up=False)
    if surge == 0 and missing == 0:
        missing = 1
    return Rollout(path, surge, min(missing, replicas))
