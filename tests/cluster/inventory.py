"""Whatever is in a cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tests.cluster.control_plane import ControlPlane

_TEMPLATE: Final = '{range .items[*]}{.kind} {.metadata.namespace}/{.metadata.name}{"\\n"}{end}'
_PASSING: Final = {"ComponentStatus", "Event", "Lease", "Namespace"}


def everything(control_plane: ControlPlane, namespace: str) -> set[str]:
    """All objects of a namespace and all that are in none, of every kind there is: `Secret shop/certificate`.

    Namespaces themselves are left out, and what comes and goes by itself: events, leases, states of components.
    """
    kinds = [_listable(control_plane, namespaced=each) for each in ("true", "false")]
    found = [_listed(control_plane, kinds[0], namespace), _listed(control_plane, kinds[1], "")]
    return {line for lines in found for line in lines if line.partition(" ")[0] not in _PASSING}


def _listable(control_plane: ControlPlane, *, namespaced: str) -> str:
    words = ("api-resources", "--verbs=list", f"--namespaced={namespaced}", "--output=name")
    told = control_plane.kubectl(*words)
    assert told.returncode == 0, told.stderr
    return ",".join(told.stdout.split())


def _listed(control_plane: ControlPlane, kinds: str, namespace: str) -> list[str]:
    told = control_plane.kubectl("get", kinds, f"--namespace={namespace}", f"--output=jsonpath={_TEMPLATE}")
    assert told.returncode == 0, told.stderr
    return told.stdout.splitlines()
