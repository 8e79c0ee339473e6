"""Linux capabilities: which ones every container has, and what a process gains by another.

Names are Kubernetes', without `CAP_`. After capabilities(7) and the Pod Security Standards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

ALL: Final = "ALL"

ORDINARY: Final[Mapping[str, str]] = {
    "AUDIT_WRITE": "writes to the kernel's audit log",
    "CHOWN": "gives any file it reaches to another user",
    "DAC_OVERRIDE": "reads and writes any file it reaches, whatever its permissions",
    "FOWNER": "changes the permissions of any file it reaches",
    "FSETID": "keeps set-uid bits on files it changes",
    "KILL": "signals the processes of every user",
    "MKNOD": "makes device files",
    "NET_BIND_SERVICE": "binds ports below 1024",
    "SETFCAP": "hands capabilities to programs on disk",
    "SETGID": "joins any group",
    "SETPCAP": "hands its capabilities on",
    "SETUID": "becomes any user",
    "SYS_CHROOT": "changes its root directory",
}
"""What the baseline level lets a container add, since runtimes give it anyway; and what a process can do with each."""

_BEYOND: Final[Mapping[str, str]] = {
    ALL: "has every power over the node's kernel that a container can be given",
    "BPF": "loads BPF programs into the node's kernel",
    "DAC_READ_SEARCH": "opens any file by its handle, the node's among them",
    "IPC_LOCK": "locks memory that the node then cannot swap",
    "NET_ADMIN": "rewrites addresses, routes and firewall rules of its network",
    "NET_RAW": "forges packets, in its neighbours' names too",
    "PERFMON": "watches the node's kernel and the processes on it",
    "SYSLOG": "reads the node's kernel log and the addresses in it",
    "SYS_ADMIN": "mounts file systems and changes kernel state, the usual way out of a container",
    "SYS_BOOT": "reboots, or loads another kernel",
    "SYS_MODULE": "loads code of its own into the node's kernel",
    "SYS_NICE": "takes processor time from its neighbours",
    "SYS_PTRACE": "reads and changes the memory of every process it sees",
    "SYS_RAWIO": "reads and writes the node's memory and devices",
    "SYS_RESOURCE": "lifts limits and quotas that hold for it",
    "SYS_TIME": "sets the node's clock",
}


def power(capability: str) -> str:
    """What a process does with a capability, as a verb's clause."""
    known = ORDINARY.get(capability) or _BEYOND.get(capability)
    return known or "has a power over the kernel that containers are not given"


def plain(capability: str) -> str:
    """A capability's name as Kubernetes writes it: `NET_RAW` for `cap_net_raw`."""
    return capability.upper().removeprefix("CAP_")
