"""Shows the admission webhook at work, on a real cluster: `make cluster-demo`.

A control plane starts, helm installs the chart, its replicas run as processes behind their real Service, and kubectl
applies a good and three bad workloads. Nothing is left at the end.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import yaml

from tests.cluster.client import eventually
from tests.cluster.control_plane import Profile, running
from tests.cluster.daemon import DaemonError
from tests.cluster.network import NetworkError, temporary_network
from tests.cluster.node import Node, playing
from tests.cluster.programs import MissingProgramError

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Mapping

    from tests.cluster.control_plane import ControlPlane

ROOT: Final = Path(__file__).resolve().parents[2]
NAMESPACE: Final = "gracekeeper"
PATIENCE: Final = 90  # seconds
GOOD: Final = ROOT / "examples" / "01-gunicorn-web-app" / "manifest.yaml"

BAD: Final[Mapping[str, Callable[[dict[str, object], dict[str, object]], object]]] = {
    "it may stop for 65 s, but gets 30": lambda pod, web: (
        pod.update(terminationGracePeriodSeconds=30),
        web.update(args=["--bind=0.0.0.0:8000", "--graceful-timeout=55", "shop.wsgi"], command=["gunicorn"]),
    ),
    "a shell is PID 1 and passes no signal on": lambda _, web: (
        web.pop("args"),
        web.update(command=["sh", "-c", "cd /app && gunicorn --bind=0.0.0.0:8000 shop.wsgi; echo done"]),
    ),
    "it runs as root and may take all the memory of its node": lambda pod, web: (
        pod.pop("securityContext"),
        web.update(resources={}),
    ),
}
"""What is wrong, and what makes it of the good workload's pod and container."""


def main() -> None:
    """Run the demonstration; what it needs and cannot have is said in a sentence."""
    try:
        with (
            tempfile.TemporaryDirectory(prefix="cluster-demo-") as folder,
            temporary_network() as network,
            running(Profile(network.host)) as control_plane,
            playing(Node(control_plane, network, Path(folder), NAMESPACE)),
        ):
            demonstrate(control_plane)
    except (DaemonError, MissingProgramError, NetworkError) as error:
        sys.exit(f"The demonstration needs what cannot be had here: {error}")


def demonstrate(control_plane: ControlPlane) -> None:
    """Install the chart, apply what is good and what is not, and take the chart away."""
    words = ("install", "gracekeeper", "charts/gracekeeper", f"--namespace={NAMESPACE}", "--create-namespace")
    say(f"helm {' '.join(words)} --set policy.mode=enforce")
    told(control_plane.helm(words[0], words[1], ROOT / words[2], *words[3:], "--set", "policy.mode=enforce"))
    kubectl(control_plane, "rollout", "status", "deployment/gracekeeper", f"--namespace={NAMESPACE}")
    kubectl(control_plane, "create", "namespace", "shop")
    eventually(lambda: "denied" in apply(control_plane, worsened(*BAD.values()), "--dry-run=server").stderr, PATIENCE)
    say("kubectl apply -f examples/01-gunicorn-web-app/manifest.yaml")
    told(control_plane.kubectl("apply", "-f", GOOD))
    for number, (what, worsen) in enumerate(BAD.items(), 1):
        say(f"kubectl apply -f bad-{number}.yaml   # {what}")
        told(apply(control_plane, worsened(worsen, name=f"bad-{number}")))
    for verb in ("test", "uninstall"):
        say(f"helm {verb} gracekeeper --namespace={NAMESPACE}")
        told(control_plane.helm(verb, "gracekeeper", f"--namespace={NAMESPACE}"))


def worsened(*changes: Callable[[dict[str, object], dict[str, object]], object], name: str = "bad") -> str:
    """The good workload's manifest under another name, changed for the worse."""
    deployment = next(yaml.safe_load_all(GOOD.read_text(encoding="utf-8")))
    deployment["metadata"]["name"] = name
    pod = deployment["spec"]["template"]["spec"]
    for change in changes:
        change(pod, pod["containers"][0])
    return json.dumps(deployment)


def kubectl(control_plane: ControlPlane, *words: str) -> None:
    """Show a command of kubectl, and what it says."""
    say(f"kubectl {' '.join(words)}")
    told(control_plane.kubectl(*words))


def apply(control_plane: ControlPlane, manifest: str, *flags: str) -> subprocess.CompletedProcess[str]:
    """Apply a manifest."""
    return control_plane.kubectl("apply", *flags, "-f", "-", text=manifest)


def say(command: str) -> None:
    """Show a command before it runs."""
    sys.stdout.write(f"\n$ {command}\n")
    sys.stdout.flush()


def told(done: subprocess.CompletedProcess[str]) -> None:
    """Show what a command said."""
    sys.stdout.write(done.stdout + done.stderr)
    sys.stdout.flush()


if __name__ == "__main__":
    main()
