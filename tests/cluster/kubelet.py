"""What a scheduler and a kubelet would say of a Pod, where there are none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tests.cluster.client import Client, Manifest

NODE: Final[Manifest] = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node"}}
"""The node that all Pods are bound to; no Service leads to a Pod without one."""


def report_running(client: Client, pod: Manifest, address: str, *, ready: bool = True) -> None:
    """Say that a Pod runs at an address, ready or not; a Service that selects it leads there while it is ready."""
    if "nodeName" not in client.get(pod).object()["spec"]:
        client.apply(NODE).object()
        target = {"kind": "Node", "name": NODE["metadata"]["name"]}
        binding = {"apiVersion": "v1", "kind": "Binding", "metadata": pod["metadata"], "target": target}
        client.request("POST", client.path(pod, "binding"), binding).object()
    says = "True" if ready else "False"
    status = {
        "phase": "Running",
        "podIP": address,
        "podIPs": [{"ip": address}],
        "conditions": [{"type": condition, "status": says} for condition in ("ContainersReady", "Ready")],
    }
    client.patch(pod, {"status": status}, subresource="status").object()


def report_completed(client: Client, pod: Manifest, status: int) -> None:
    """Say that a Pod that is not started again has ended by itself, with this status."""
    phase = "Failed" if status else "Succeeded"
    client.patch(pod, {"status": {"phase": phase}}, subresource="status").object()


def report_ended(client: Client, pod: Manifest) -> None:
    """Say that a deleted Pod's processes have ended, whereupon it is gone."""
    client.request("DELETE", client.path(pod), gracePeriodSeconds="0").object()
