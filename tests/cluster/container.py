"""A pod's container as a process of this machine: command, environment and volumes are those of its manifest."""

from __future__ import annotations

import base64
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.cluster.client import Manifest
    from tests.cluster.control_plane import ControlPlane

ACCOUNT: Final = "/var/run/secrets/kubernetes.io/serviceaccount"
"""Where a pod finds its ServiceAccount's token."""

MOUNTING: Final = """
mount -t overlay -o "lowerdir=$1/etc:/etc" overlay /etc && mount -t tmpfs tmpfs /run || exit 1
shift
while [ "$1" != -- ]; do mkdir -p "$2" && mount --bind "$1" "$2" || exit 1; shift 2; done
shift
exec "$@"
"""
"""Mounts volumes for one process alone. What lies below /etc is made before, since the host's stays as it is."""


class Container:
    """The first container of a pod, with its volumes in a folder of its own."""

    def __init__(self, control_plane: ControlPlane, pod: Manifest, folder: Path) -> None:
        """Read what it needs from the API server, as a kubelet does."""
        self.spec: Final[dict[str, Any]] = pod["spec"]["containers"][0]
        self._control_plane = control_plane
        self._pod = pod
        self._folder = folder
        self._name_services()
        self.command: Final = self._command()
        self.environment: Final = self._environment()

    @property
    def restarts(self) -> bool:
        """Whether it is started again when it ends."""
        return bool(self._pod["spec"]["restartPolicy"] == "Always")

    @property
    def readiness(self) -> dict[str, Any] | None:
        """Its probe of readiness, with the number of its port; None where it has none."""
        if (probe := self.spec.get("readinessProbe")) is None:
            return None
        (port,) = (each["containerPort"] for each in self.spec["ports"] if each["name"] == probe["httpGet"]["port"])
        return {**probe, "path": probe["httpGet"]["path"], "port": port}

    @property
    def pre_stop_seconds(self) -> int:
        """How long its pre-stop hook sleeps; 0 where it has none."""
        return int(self.spec["lifecycle"]["preStop"]["sleep"]["seconds"]) if "lifecycle" in self.spec else 0

    def _name_services(self) -> None:
        """Write down the addresses of its namespace's Services, since there is no name server."""
        namespace = self._pod["metadata"]["namespace"]
        services = self._control_plane.client.items("v1", "Service", namespace)
        lines = [f"{each['spec']['clusterIP']} {each['metadata']['name']}.{namespace}.svc" for each in services]
        hosts = self._folder / "etc" / "hosts"
        hosts.parent.mkdir()
        hosts.write_text("\n".join(["127.0.0.1 localhost", *lines, ""]), encoding="utf-8")

    def _command(self) -> list[str]:
        """The command line that runs it, given a mount namespace of its own."""
        mounts = {**self._volumes(), ACCOUNT: self._token()}
        if Path(sys.prefix).is_relative_to("/tmp"):  # the program itself has to stay in sight
            mounts.pop("/tmp", None)
        last = sorted(mounts, key=lambda path: path == "/tmp")  # the volumes' own folders may lie in there
        for path in mounts:
            self._folder.joinpath(f".{path}").mkdir(parents=True, exist_ok=True)
        bound = [word for path in last for word in (str(mounts[path]), path)]
        return ["sh", "-c", MOUNTING, "sh", str(self._folder), *bound, "--", *self.spec["command"]]

    def _environment(self) -> dict[str, str]:
        """What is set in it: by the kubelet, by the image, by its manifest."""
        server = urlsplit(self._control_plane.url)
        return {
            "KUBERNETES_SERVICE_HOST": str(server.hostname),
            "KUBERNETES_SERVICE_PORT": str(server.port),
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
            **{each["name"]: self._value(each) for each in self.spec.get("env", ())},
        }

    def _value(self, variable: Mapping[str, Any]) -> str:
        if "valueFrom" not in variable:
            return str(variable.get("value", ""))
        value: Any = self._pod
        for step in variable["valueFrom"]["fieldRef"]["fieldPath"].split("."):
            value = value[step]
        return str(value)

    def _volumes(self) -> dict[str, Path]:
        volumes = {each["name"]: each for each in self._pod["spec"]["volumes"]}
        return {
            mount["mountPath"]: self._filled(volumes[mount["name"]])
            for mount in self.spec.get("volumeMounts", ())
            if mount["mountPath"] != ACCOUNT
        }

    def _filled(self, volume: Mapping[str, Any]) -> Path:
        folder: Path = self._folder / "volumes" / volume["name"]
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in self._files(volume):
            (folder / name).write_bytes(content)
        return folder

    def _files(self, volume: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
        match volume:
            case {"configMap": {"name": name}}:
                yield from ((key, text.encode()) for key, text in self._object("ConfigMap", name)["data"].items())
            case {"secret": {"secretName": name}}:
                yield from ((key, base64.b64decode(text)) for key, text in self._object("Secret", name)["data"].items())

    def _object(self, kind: str, name: str) -> Manifest:
        metadata = {"name": name, "namespace": self._pod["metadata"]["namespace"]}
        return self._control_plane.client.get({"apiVersion": "v1", "kind": kind, "metadata": metadata}).object()

    def _token(self) -> Path:
        folder = self._folder / "volumes" / "token"
        folder.mkdir(parents=True)
        namespace = self._pod["metadata"]["namespace"]
        metadata = {"name": self._pod["spec"]["serviceAccountName"], "namespace": namespace}
        client = self._control_plane.client
        path = client.path({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}, "token")
        token = client.request("POST", path, {"spec": {}}).object()["status"]["token"]
        (folder / "token").write_text(token, encoding="utf-8")
        (folder / "namespace").write_text(namespace, encoding="utf-8")
        (folder / "ca.crt").write_bytes(self._control_plane.credentials.authority.read_bytes())
        return folder
