"""The operator as a process of this machine; its chart tells a control plane to call it by its address."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from signal import Signals
from typing import TYPE_CHECKING, Any, Final

import trustme
import urllib3

from tests.cluster.client import eventually
from tests.cluster.control_plane import LOOPBACK, free_port
from tests.cluster.programs import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cluster.control_plane import ControlPlane

NAME: Final = "gracekeeper"
CHART: Final = ROOT / "charts" / NAME
PATIENCE: Final = 60
"""Seconds within which it is ready, also on a machine that is busy with other things."""


class Operator:
    """One replica: it sees the cluster by the chart's ServiceAccount, and shows a certificate out of files."""

    def __init__(self, control_plane: ControlPlane, folder: Path, policy: Path, **settings: str) -> None:
        """Make ready to start; `policy` is its default policy, `settings` are by the names of their variables."""
        self.folder: Final = folder
        self.url: Final = f"https://{LOOPBACK}:{free_port(LOOPBACK)}"
        self.operations: Final = f"http://{LOOPBACK}:{free_port(LOOPBACK)}"
        self.authority: Final = trustme.CA()
        self._control_plane = control_plane
        self._settings = {"DEFAULT_POLICY": str(policy), **settings}
        self._process: subprocess.Popen[bytes] | None = None

    def install(self, *flags: str) -> None:
        """Install the chart, so that the API server calls here, and refuses what we do not answer; flags are helm's."""
        authority = self.folder / "authority.crt"
        self.authority.cert_pem.write_to_path(authority)
        installing = self._control_plane.helm(
            *("upgrade", "--install", NAME, CHART, "--namespace", NAME, "--create-namespace"),
            *(
                "--set",
                f"webhook.url={self.url},webhook.failurePolicy=Fail,certificates.source=secret,certificates.secretName=ours",
            ),
            *("--set-file", f"certificates.caBundle={authority}"),
            *flags,
        )
        assert not installing.returncode, installing.stderr

    def start(self) -> None:
        """Start, and wait until it is ready to judge."""
        certificate = self.authority.issue_cert(LOOPBACK)
        certificate.cert_chain_pems[0].write_to_path(self.folder / "tls.crt")
        certificate.private_key_pem.write_to_path(self.folder / "tls.key")
        with self._log.open("ab") as log:
            command = [sys.executable, "-m", "gracekeeper", "operator"]
            self._process = subprocess.Popen(command, env=self._environment(), stdout=log, stderr=log)
        try:
            eventually(self.ready, PATIENCE)
        except TimeoutError:
            self.stop()
            raise AssertionError(self._log.read_text(encoding="utf-8")[-4000:]) from None

    def _environment(self) -> dict[str, str]:
        port, operations = (url.rpartition(":")[2] for url in (self.url, self.operations))
        settings = {
            "WEBHOOK_ADDRESS": LOOPBACK,
            "WEBHOOK_PORT": port,
            "OPERATIONS_ADDRESS": LOOPBACK,
            "OPERATIONS_PORT": operations,
            "CERTIFICATE_SOURCE": "files",
            "CERTIFICATE_FOLDER": str(self.folder),
            "ENDPOINT_DELAY_SECONDS": "0",
            "NAMESPACE": NAME,
            **self._settings,
        }
        ours = {f"GRACEKEEPER_{name}": value for name, value in settings.items()}
        return {"PATH": os.defpath, "HOME": str(self.folder), "KUBECONFIG": str(self._kubeconfig()), **ours}

    def _kubeconfig(self) -> Path:
        """By which it finds the API server, as the ServiceAccount that the chart gives rights to."""
        account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": NAME, "namespace": NAME}}
        path = self._control_plane.client.path(account, "token")
        token = self._control_plane.client.request("POST", path, {"spec": {}}).object()["status"]["token"]
        config: dict[str, Any] = json.loads(self._control_plane.kubeconfig.read_text(encoding="utf-8"))
        config["users"][0]["user"]["token"] = token
        written = self.folder / "kubeconfig"
        written.write_text(json.dumps(config), encoding="utf-8")
        return written

    @property
    def _log(self) -> Path:
        return self.folder / "operator.log"

    def log(self) -> str:
        """All that it has logged."""
        return self._log.read_text(encoding="utf-8")

    def ready(self) -> bool:
        """Whether it says that it is ready."""
        if self._process is not None and self._process.poll() is not None:
            raise AssertionError(self.log()[-4000:])
        try:
            return urllib3.request("GET", f"{self.operations}/readyz", timeout=3, retries=False).status == 200
        except urllib3.exceptions.HTTPError:
            return False

    @property
    def process_id(self) -> int:
        """Its process, which runs."""
        assert self._process is not None
        return self._process.pid

    def metric(self, line: str) -> float:
        """What a metric counts, by the beginning of its line; 0 where it counts nothing yet."""
        said = urllib3.request("GET", f"{self.operations}/metrics", timeout=3, retries=False).data.decode()
        return sum(float(value) for value in re.findall(rf"^{re.escape(line)}\S* (\S+)$", said, re.MULTILINE))

    def peak_memory(self) -> int:
        """The most memory that it ever had, in bytes."""
        assert self._process is not None
        told = Path(f"/proc/{self._process.pid}/status").read_text(encoding="utf-8")
        return 1024 * int(re.findall(r"^VmHWM:\s+(\d+) kB$", told, re.MULTILINE)[0])

    def signal(self, number: Signals) -> None:
        """Send it a signal."""
        assert self._process is not None
        self._process.send_signal(number)

    def stop(self, number: Signals = Signals.SIGTERM) -> tuple[int, float]:
        """Stop it, and tell its status and how long that took, in seconds."""
        assert self._process is not None
        began = time.monotonic()
        self.signal(number)
        status = self._process.wait(PATIENCE)
        return status, time.monotonic() - began


@contextmanager
def installed(
    control_plane: ControlPlane, folder: Path, policy: str, *flags: str, **settings: str
) -> Iterator[Operator]:
    """An operator that judges by a policy file's text; at its end nothing of it is left in the cluster.

    Flags are helm's, for the chart.
    """
    file = folder / "policy.yaml"
    file.write_text(policy, encoding="utf-8")
    operator = Operator(control_plane, folder, file, **settings)
    operator.install(*flags)
    try:
        operator.start()
        yield operator
        operator.stop()
    finally:
        uninstalling = control_plane.helm("uninstall", NAME, "--namespace", NAME, "--no-hooks")
        assert not uninstalling.returncode, uninstalling.stderr
