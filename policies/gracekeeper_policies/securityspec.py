"""Security contexts of pods and containers, as far as rules read them, with Kubernetes' defaults filled in."""

from __future__ import annotations

from gracekeeper_policies.model import Integer, Model


class Capabilities(Model):
    """Linux capabilities added and dropped."""

    add: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()


class ConfinementProfile(Model):
    """A seccomp or AppArmor profile: RuntimeDefault, Localhost or Unconfined."""

    type: str = ""


class SELinuxOptions(Model):
    """The SELinux label that processes get; an empty part is the runtime's."""

    type: str = ""
    user: str = ""
    role: str = ""


class WindowsOptions(Model):
    """What only Windows knows."""

    host_process: bool = False


class Sysctl(Model):
    """A kernel parameter of the pod."""

    name: str = ""


class CommonSecurityContext(Model):
    """What a pod's security context and a container's have in common; None where the other, or nothing, decides."""

    run_as_user: Integer | None = None
    run_as_non_root: bool | None = None
    seccomp_profile: ConfinementProfile | None = None
    app_armor_profile: ConfinementProfile | None = None
    se_linux_options: SELinuxOptions | None = None
    windows_options: WindowsOptions | None = None


class SecurityContext(CommonSecurityContext):
    """A container's security context."""

    privileged: bool = False
    allow_privilege_escalation: bool | None = None
    read_only_root_filesystem: bool = False
    capabilities: Capabilities = Capabilities()
    proc_mount: str = "Default"


class PodSecurityContext(CommonSecurityContext):
    """A pod's security context: what its containers inherit."""

    sysctls: tuple[Sysctl, ...] = ()
