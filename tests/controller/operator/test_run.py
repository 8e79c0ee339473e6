"""The operator as a process, where there is nothing to serve yet."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_NOWHERE = """
apiVersion: v1
kind: Config
clusters: [{name: nowhere, cluster: {server: "http://127.0.0.1:1"}}]
contexts: [{name: nowhere, context: {cluster: nowhere, user: nobody}}]
users: [{name: nobody, user: {}}]
current-context: nowhere
"""


def test_who_waits_for_a_certificate_says_so_and_ends_at_once_when_told(tmp_path: Path) -> None:
    """As the first process of a container it would otherwise be killed, after the whole grace period."""
    config = tmp_path / "config"
    config.write_text(_NOWHERE)
    with socket.create_server(("127.0.0.1", 0)) as webhook, socket.create_server(("127.0.0.1", 0)) as operations:
        ports = [each.getsockname()[1] for each in (webhook, operations)]
    command = [sys.executable, "-m", "gracekeeper", "operator", "--certificate-source=files"]
    command += [f"--certificate-folder={tmp_path}", f"--webhook-port={ports[0]}", f"--operations-port={ports[1]}"]
    environment = {**os.environ, "KUBECONFIG": str(config)}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        lines = map(json.loads, process.stderr)
        trouble = next(each["trouble"] for each in lines if each["event"] == "certificate_not_looked_up")
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
    assert trouble == f"{tmp_path}/tls.crt cannot be read: No such file or directory."
