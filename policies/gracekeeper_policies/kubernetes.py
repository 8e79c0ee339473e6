"""The Kubernetes version that is assumed, and which features it has."""

from __future__ import annotations

import re
from typing import Final

from msgspec import Struct


class KubernetesVersion(Struct, frozen=True, order=True):
    """A minor release, such as 1.34."""

    major: int
    minor: int

    @classmethod
    def parse(cls, text: str) -> KubernetesVersion:
        """Read `1.34`, `v1.34` or `v1.34.2-gke.1`.

        Raises:
            ValueError: the text names no version.
        """
        match = re.match(r"v?(\d{1,3})\.(\d{1,3})(?:[.+-].*)?\Z", text)
        if match is None:
            message = "expected a Kubernetes version such as 1.34"
            raise ValueError(message)
        return cls(int(match[1]), int(match[2]))

    def __str__(self) -> str:
        """`1.34`."""
        return f"{self.major}.{self.minor}"


ASSUMED: Final = KubernetesVersion(1, 34)
"""What is assumed unless said otherwise: the oldest release that has every feature named below switched on."""

NATIVE_SIDECARS: Final = KubernetesVersion(1, 29)
"""`restartPolicy: Always` on init containers (SidecarContainers, on by default since 1.29)."""

SLEEP_ACTION: Final = KubernetesVersion(1, 30)
"""`preStop.sleep` (PodLifecycleSleepAction, on by default since 1.30)."""

POD_RESOURCES: Final = KubernetesVersion(1, 34)
"""`spec.resources` of a pod (PodLevelResources, on by default since 1.34)."""
