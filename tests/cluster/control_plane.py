"""A real Kubernetes control plane without nodes: etcd, the API server and the controller manager."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import urllib3

from tests.cluster.client import Client
from tests.cluster.credentials import ADMINISTRATOR, CONTROLLER_MANAGER, Credentials
from tests.cluster.daemon import Daemon
from tests.cluster.programs import program

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LOOPBACK: Final = "127.0.0.1"
PATIENCE: Final = 90
"""Seconds within which each program is ready, also on a machine that is busy with other things."""


@dataclass(frozen=True)
class Profile:
    """How a control plane is set up."""

    address: str = LOOPBACK
    """Where the API server listens; a pod network's host address lets pods reach it."""

    controllers: bool = True
    """Whether the controller manager runs. Without it no Deployment gets Pods, and no namespace ServiceAccounts."""

    nodes: int = 0
    """How many fake nodes Pods are scheduled to, where they run, end and go at once. Without any, Pods stay pending."""

    audit: bool = False
    """Whether the API server writes down what it was asked, with the annotations of admission."""

    api_server: Mapping[str, str] = field(default_factory=dict)
    """Further flags of the API server, without dashes; they replace ours of the same name."""


class ControlPlane:
    """The programs of one control plane; everything that they write stays in one folder."""

    def __init__(self, folder: Path, profile: Profile | None = None) -> None:
        """Make ready to start; `folder` is an empty one."""
        self.folder: Final = folder
        self.profile: Final = profile or Profile()
        self.credentials: Final = Credentials(folder)
        self.url: Final = f"https://{self.profile.address}:{free_port(self.profile.address)}"
        self.client: Final = Client(self.url, self.credentials.authority, ADMINISTRATOR)
        self.kubeconfig: Final = self.credentials.kubeconfig(ADMINISTRATOR)
        self.daemons: Final[dict[str, Daemon]] = {}
        self._etcd: Final = f"http://{LOOPBACK}:{free_port(LOOPBACK)}"

    def start(self) -> None:
        """Start everything, and wait until it works.

        Raises:
            MissingProgramError: nobody has built the programs.
            DaemonError: one does not start; none of them runs then.
        """
        self.credentials.write(self.profile.address, self.url)
        with ExitStack() as if_this_fails:
            if_this_fails.callback(self.stop)
            self._start_etcd()
            self.start_api_server()
            if self.profile.controllers:
                self._start_controllers()
            if self.profile.nodes:
                self._start_nodes()
            if_this_fails.pop_all()

    def stop(self) -> None:
        """Stop everything: the API server before etcd, without which it would hang."""
        for daemon in reversed(self.daemons.values()):
            daemon.stop()

    def _daemon(self, name: str, flags: Mapping[str, object]) -> Daemon:
        command: list[str | Path] = [program(name), *(f"--{flag}={value}" for flag, value in flags.items())]
        self.daemons[name] = Daemon(name, command, self.folder / f"{name}.log")
        return self.daemons[name]

    def _start_etcd(self) -> None:
        flags = {
            "data-dir": self.folder / "etcd",
            "listen-client-urls": self._etcd,
            "advertise-client-urls": self._etcd,
            "listen-peer-urls": f"http://{LOOPBACK}:0",
            "unsafe-no-fsync": "true",
        }
        self._daemon("etcd", flags).ready(lambda: answers(f"{self._etcd}/health"), PATIENCE)

    def compact(self) -> None:
        """Have etcd forget everything but how things stand now; watches from before cannot go on (410)."""
        everything = urllib3.request("POST", f"{self._etcd}/v3/kv/range", json={"key": "AA=="}, timeout=5).json()
        now = {"revision": everything["header"]["revision"], "physical": True}
        answer = urllib3.request("POST", f"{self._etcd}/v3/kv/compaction", json=now, timeout=30)
        assert answer.status == 200, answer.data

    def start_api_server(self) -> None:
        """Start the API server, again if it was stopped; its address and what it knows stay the same."""
        flags = {**self._api_server_flags(), **(self._audit_flags() if self.profile.audit else {})}
        self._daemon("kube-apiserver", {**flags, **self.profile.api_server}).ready(self.client.ready, PATIENCE)

    def stop_api_server(self) -> None:
        """Stop the API server alone."""
        self.daemons["kube-apiserver"].stop()

    def _api_server_flags(self) -> dict[str, object]:
        return {
            "etcd-servers": self._etcd,
            "bind-address": self.profile.address,
            "advertise-address": self.profile.address,
            "secure-port": self.url.rpartition(":")[2],
            "tls-cert-file": self.credentials.certificate,
            "tls-private-key-file": self.credentials.key,
            "token-auth-file": self.credentials.tokens,
            "authorization-mode": "RBAC",
            "allow-privileged": "true",
            "service-account-issuer": "https://kubernetes.default.svc.cluster.local",
            "service-account-key-file": self.credentials.service_account_key,
            "service-account-signing-key-file": self.credentials.service_account_key,
            "service-cluster-ip-range": "10.96.0.0/16",
            "shutdown-watch-termination-grace-period": "1s",  # without it, the end of open watches takes a minute
            "enable-aggregator-routing": "true",  # to a Service's endpoints: no kube-proxy translates its address here
        }

    def _audit_flags(self) -> dict[str, object]:
        policy = self.folder / "audit-policy.json"
        rules = [{"level": "Metadata", "omitStages": ["RequestReceived"], "verbs": ["create", "update", "patch"]}]
        everything = {"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "rules": rules}
        policy.write_text(json.dumps(everything), encoding="utf-8")
        return {"audit-policy-file": policy, "audit-log-path": self._audit_log}

    @property
    def _audit_log(self) -> Path:
        return self.folder / "audit.log"

    def audit_events(self, about: str = "") -> Iterator[dict[str, Any]]:
        """What the API server was asked to write, in its order; `annotations` holds those of admission.

        Only events that hold the text `about` are read, which is quicker where there are many.
        """
        with self._audit_log.open(encoding="utf-8") as events:
            yield from (json.loads(event) for event in events if about in event)

    def _start_controllers(self) -> None:
        flags = {
            "kubeconfig": self.credentials.kubeconfig(CONTROLLER_MANAGER),
            "root-ca-file": self.credentials.authority,
            "service-account-private-key-file": self.credentials.service_account_key,
            "use-service-account-credentials": "true",  # each controller acts as itself, as in every real cluster
            "controllers": "*,-node-lifecycle-controller",  # it calls Pods not ready whose Node has no kubelet
            "leader-elect": "false",
            "secure-port": 0,
        }
        self._daemon("kube-controller-manager", flags).ready(self._has_service_account, PATIENCE)

    def _has_service_account(self) -> bool:
        account = {"name": "default", "namespace": "default"}
        return self.client.get({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": account}).admitted

    def _start_nodes(self) -> None:
        """Start a scheduler, and kwok in the place of kubelets; other Nodes than ours it leaves alone."""
        stages = self.folder / "kwok-stages.yaml"
        stages.write_text(self._run("kwok-stages").stdout, encoding="utf-8")
        for number in range(self.profile.nodes):
            metadata = {"name": f"fake-{number}", "annotations": {"kwok.x-k8s.io/node": "fake"}}
            node = self.client.create({"apiVersion": "v1", "kind": "Node", "metadata": metadata}).object()
            self.client.patch(node, {"spec": {"taints": None}}).object()  # nobody else takes "not ready" away
        scheduler = {"kubeconfig": self.kubeconfig, "leader-elect": "false", "secure-port": 0}
        kwok = {
            "kubeconfig": self.kubeconfig,
            "config": stages,
            "manage-nodes-with-annotation-selector": "kwok.x-k8s.io/node=fake",
        }
        self._daemon("kube-scheduler", scheduler)
        self._daemon("kwok", kwok).ready(self._nodes_run, PATIENCE)

    def _nodes_run(self) -> bool:
        return all(node["status"].get("phase") == "Running" for node in self.client.items("v1", "Node"))

    def kubectl(self, *arguments: str | Path, text: str = "") -> subprocess.CompletedProcess[str]:
        """Run kubectl as a user would, with `text` on its standard input, where status and output are of interest."""
        return self._run("kubectl", *arguments, text=text)

    def helm(self, *arguments: str | Path, text: str = "") -> subprocess.CompletedProcess[str]:
        """Run helm as a user would; its cache and settings stay in our folder."""
        return self._run("helm", *arguments, text=text)

    def _run(self, name: str, *arguments: str | Path, text: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [program(name), *arguments],
            input=text,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
            env={"PATH": os.defpath, "HOME": str(self.folder), "KUBECONFIG": str(self.kubeconfig)},
        )


@contextmanager
def running(profile: Profile | None = None, folder: Path | None = None) -> Iterator[ControlPlane]:
    """A control plane that runs, in a folder of its own that goes with it or in one that stays.

    Raises:
        MissingProgramError: nobody has built the programs.
        DaemonError: one does not start.
    """
    with ExitStack() as stack:
        where = folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="control-plane-")))
        control_plane = ControlPlane(where, profile)
        control_plane.start()
        stack.callback(control_plane.stop)
        yield control_plane


def free_port(address: str) -> int:
    """A port of the address where nobody listens."""
    with socket.socket() as listener:
        listener.bind((address, 0))
        port: int = listener.getsockname()[1]
        return port


def answers(url: str) -> bool:
    """Whether somebody answers there, and approves."""
    try:
        return urllib3.request("GET", url, timeout=5, retries=False).status < 400
    except urllib3.exceptions.HTTPError:
        return False
