"""The Pod Security Standards, control by control: our rules decide as Kubernetes' own evaluator does.

Each control has its rules; where they decide otherwise on purpose, `DEVIATIONS` says when and why.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final, Protocol

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gracekeeper.sources.input import read
from gracekeeper_policies.catalog import RULES
from gracekeeper_policies.document import Document
from gracekeeper_policies.finding import Severity
from gracekeeper_policies.judge import judge
from gracekeeper_policies.neighbours import Neighbours
from gracekeeper_policies.policy import GracePolicy, Profile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from gracekeeper_policies.container import Container
    from gracekeeper_policies.verdict import Ruling
    from gracekeeper_policies.workload import Workload

pytestmark = pytest.mark.go

Pod = dict[str, Any]

BASELINE: Final = {
    "appArmorProfile": {"apparmor-unconfined"},
    "capabilities_baseline": {"capability-added"},
    "hostNamespaces": {"host-namespace-shared"},
    "hostPathVolumes": {"host-path-mounted"},
    "hostPorts": {"host-port-used"},
    "hostProbesAndHostLifecycle": {"probe-host-set"},
    "privileged": {"privileged-container"},
    "procMount": {"unsafe-proc-mount"},
    "seLinuxOptions": {"selinux-options-custom"},
    "seccompProfile_baseline": {"seccomp-unconfined"},
    "sysctls": {"unsafe-sysctl"},
    "windowsHostProcess": {"windows-host-process"},
}
RESTRICTED: Final = {
    "allowPrivilegeEscalation": {"privilege-escalation-allowed"},
    "capabilities_restricted": {"capabilities-not-dropped", "capability-added"},
    "procMount_restricted": {"unsafe-proc-mount"},
    "restrictedVolumes": {"volume-type-restricted", "host-path-mounted"},
    "runAsNonRoot": {"run-as-root"},
    "runAsUser": {"run-as-root", "non-root-unverifiable"},
    "seccompProfile_restricted": {"seccomp-profile-missing", "seccomp-unconfined"},
}
CONTROLS: Final = {**BASELINE, **RESTRICTED}
LIFTED_IN_USER_NAMESPACES: Final = {"procMount", "runAsNonRoot", "runAsUser"}
"""There a finding of ours is a warning, and only an error counts as an objection."""


@dataclass(frozen=True)
class Deviation:
    """Where our rules object (`ours`) or are silent whatever the control says."""

    control: str
    reason: str
    applies: Callable[[Workload], bool]
    ours: bool


def may_be_root(container: Container) -> bool:
    """Whether nothing that the manifest says of this container rules root out."""
    return container.run_as_user[0] is None and not container.run_as_non_root[0]


def is_uid_0(container: Container) -> bool:
    """Whether the manifest makes it root; a container's own user replaces its pod's."""
    return container.run_as_user[0] == 0


DEVIATIONS: Final = (
    Deviation(
        "hostPorts",
        "in the node's network every port is the node's and Kubernetes fills hostPort in: host-namespace-shared speaks",
        lambda workload: workload.pod.host_network,
        ours=False,
    ),
    Deviation(
        "runAsNonRoot",
        "a Windows container has no uid that could be 0",
        lambda workload: workload.pod.os.name == "windows",
        ours=False,
    ),
    Deviation(
        "runAsNonRoot",
        "a numeric runAsUser rules root out as well as runAsNonRoot does, and of runAsUser: 0 the other control speaks",
        lambda workload: not any(map(may_be_root, workload.containers)),
        ours=False,
    ),
    Deviation(
        "runAsUser",
        "a pod's runAsUser: 0 that every container replaces makes nobody root",
        lambda workload: not any(map(is_uid_0, workload.containers)),
        ours=False,
    ),
    Deviation(
        "runAsUser",
        "in a user namespace too a container that is told to be uid 0 and not to be root never starts",
        lambda workload: any(is_uid_0(each) and each.run_as_non_root[0] for each in workload.containers),
        ours=True,
    ),
)
STRICT: Final = GracePolicy(name="test", profile=Profile.STRICT)


class Evaluator(Protocol):
    """Kubernetes' own evaluator of the standards."""

    def __call__(self, questions: Sequence[object]) -> list[dict[str, Any]]:
        """Of each pod what each control objects, empty where it does not."""

    def module(self, name: str) -> Path:
        """Where a Go module stands that it is made of."""


@pytest.fixture(scope="session")
def evaluator(oracle: Callable[[str], Evaluator]) -> Evaluator:
    """`k8s.io/pod-security-admission`."""
    return oracle("pod_security")


@pytest.fixture(scope="session")
def own_pods(evaluator: Evaluator) -> Callable[[str], list[Pod]]:
    """The evaluator's own test pods of both levels, in their latest version: those that `pass` or those that `fail`."""
    data = evaluator.module("k8s.io/pod-security-admission") / "test" / "testdata"

    def pods(verdict: str) -> list[Pod]:
        levels = [(data / level).iterdir() for level in ("baseline", "restricted")]
        latest = [max(versions, key=lambda folder: int(folder.name.rpartition(".")[2])) for versions in levels]
        files = (file for folder in latest for file in sorted((folder / verdict).glob("*.yaml")))
        return [yaml.safe_load(file.read_text()) for file in files]

    return pods


def document_of(pod: Pod) -> Document:
    """A pod as a manifest."""
    return Document({"apiVersion": "v1", "kind": "Pod", **pod}, "", 0)


def admitted(pod: Pod) -> Pod:
    """A pod as admission sees it: the API server makes a volume without a source an emptyDir."""
    filled = copy.deepcopy(pod)
    for volume in filled["spec"].get("volumes") or ():
        if all(source is None for field, source in volume.items() if field != "name"):
            volume["emptyDir"] = {}
    return {"metadata": filled.get("metadata") or {}, "spec": filled["spec"]}


def objects(control: str, ruling: Ruling) -> bool:
    """Whether a finding is an objection under a control; two controls share a rule that names the field."""
    if ruling.rule.id not in CONTROLS[control]:
        return False
    if control in {"runAsNonRoot", "runAsUser"} and ruling.finding.at[-1] != control:
        return False
    return control not in LIFTED_IN_USER_NAMESPACES or ruling.severity is Severity.ERROR


def expected(control: str, workload: Workload, objection: str) -> bool:
    """What our rules say under a control that has this objection."""
    applying = (each.ours for each in DEVIATIONS if each.control == control and each.applies(workload))
    return next(applying, bool(objection))


def disagreements(evaluator: Evaluator, documents: Sequence[Document]) -> Iterator[str]:
    """Where our rules and the evaluator decide otherwise, with what each says."""
    verdict = judge(documents, policies=[STRICT], rules=RULES, neighbours=Neighbours(), now=date.max)
    workloads = [judged.workload for judged in verdict.judged]
    pods = [pod_of(workload) for workload in workloads]
    for workload, pod, answers in zip(workloads, pods, evaluator([admitted(pod) for pod in pods]), strict=True):
        rulings = [ruling for ruling in verdict.rulings if ruling.workload is workload]
        assert answers.keys() == CONTROLS.keys()
        for control, objection in answers.items():
            found = [ruling for ruling in rulings if objects(control, ruling)]
            if bool(found) != expected(control, workload, objection):
                yield f"{control}: {objection!r}, but {[each.finding.message for each in found]} in {pod}"


def pod_of(workload: Workload) -> Pod:
    """The pod that a workload makes, as its manifest says it."""
    values: Any = workload.document.values
    for step in workload.template:
        values = values[step]
    return {"metadata": values.get("metadata"), "spec": values["spec"]}


@pytest.mark.parametrize("verdict", ["pass", "fail"])
def test_the_evaluators_own_pods_are_judged_as_it_does(
    evaluator: Evaluator, own_pods: Callable[[str], list[Pod]], verdict: str
) -> None:
    """Every control's pods that pass and that fail, of both levels."""
    assert [] == list(disagreements(evaluator, [document_of(pod) for pod in own_pods(verdict)]))


def test_the_evaluators_own_pods_fail_every_control(evaluator: Evaluator, own_pods: Callable[[str], list[Pod]]) -> None:
    """So each control that there is has a rule here, and was asked."""
    answers = evaluator([admitted(pod) for pod in own_pods("fail")])
    assert CONTROLS.keys() == {control for answer in answers for control, objection in answer.items() if objection}


def test_real_manifests_are_judged_as_the_evaluator_does(evaluator: Evaluator, corpus: Path) -> None:
    """Whatever controller makes their pods."""
    documents = read([str(corpus)]).documents
    assert len(documents) > 100
    assert [] == list(disagreements(evaluator, documents))


def optional(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """A mapping in which each field may be missing, and each may be null."""
    return st.fixed_dictionaries({}, optional={name: values | st.none() for name, values in fields.items()})


def types(*names: str) -> st.SearchStrategy[dict[str, Any]]:
    """A profile of a type, of another one, or of none."""
    return st.fixed_dictionaries({}, optional={"type": st.sampled_from([*names, "", "other"])})


PROFILES: Final = types("RuntimeDefault", "Localhost", "Unconfined")
LABELS: Final = optional(
    type=st.sampled_from(["", "container_t", "container_init_t", "container_kvm_t", "container_engine_t", "spc_t"]),
    user=st.sampled_from(["", "system_u"]),
    role=st.sampled_from(["", "system_r"]),
    level=st.just("s0"),
)
COMMON: Final[dict[str, st.SearchStrategy[Any]]] = {
    "runAsUser": st.sampled_from([0, 1, 1000]),
    "runAsNonRoot": st.booleans(),
    "seccompProfile": PROFILES,
    "appArmorProfile": PROFILES,
    "seLinuxOptions": LABELS,
}
CAPABILITIES: Final = st.lists(
    st.sampled_from(
        "ALL all CHOWN MKNOD NET_BIND_SERVICE CAP_NET_BIND_SERVICE NET_RAW SYS_ADMIN CAP_SYS_ADMIN".split()
    ),
    max_size=2,
)
SYSCTLS: Final = """
    kernel.shm_rmid_forced net.ipv4.ip_local_port_range net.ipv4.tcp_syncookies net.ipv4.ping_group_range
    net.ipv4.ip_unprivileged_port_start net.ipv4.ip_local_reserved_ports net.ipv4.tcp_keepalive_time
    net.ipv4.tcp_fin_timeout net.ipv4.tcp_keepalive_intvl net.ipv4.tcp_keepalive_probes net.ipv4.tcp_rmem
    net.ipv4.tcp_wmem net.core.somaxconn kernel.msgmax net/ipv4/tcp_wmem
""".split()
SOURCES: Final = """
    awsElasticBlockStore azureDisk azureFile cephfs cinder configMap csi downwardAPI emptyDir ephemeral fc flexVolume
    flocker gcePersistentDisk gitRepo glusterfs hostPath image iscsi nfs persistentVolumeClaim photonPersistentDisk
    portworxVolume projected quobyte rbd scaleIO secret storageos vsphereVolume
""".split()
HOSTS: Final = st.sampled_from(["", "127.0.0.1", "example.org"])
ASKS: Final = optional(
    httpGet=st.fixed_dictionaries({"port": st.just(80)}, optional={"host": HOSTS}),
    tcpSocket=st.fixed_dictionaries({"port": st.just(80)}, optional={"host": HOSTS}),
)
WINDOWS_OPTIONS: Final = optional(hostProcess=st.booleans())
CONTEXTS: Final = optional(
    **COMMON,
    privileged=st.booleans(),
    allowPrivilegeEscalation=st.booleans(),
    capabilities=optional(add=CAPABILITIES, drop=CAPABILITIES),
    procMount=st.sampled_from(["Default", "Unmasked", ""]),
    windowsOptions=WINDOWS_OPTIONS,
)
PROBED: Final = {
    "ports": st.lists(optional(hostPort=st.sampled_from([0, 80]), containerPort=st.just(80)), max_size=2),
    "livenessProbe": ASKS,
    "readinessProbe": ASKS,
    "startupProbe": ASKS,
    "lifecycle": optional(postStart=ASKS, preStop=ASKS),
}


def containers(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Up to two containers, named after their place."""
    return st.lists(optional(**fields), max_size=2).map(
        lambda found: [{**container, "name": f"c{number}"} for number, container in enumerate(found)]
    )


def volumes() -> st.SearchStrategy[list[dict[str, Any]]]:
    """Volumes of every source; the API server lets a volume have no two."""
    source = st.sampled_from(SOURCES).map(lambda field: {"name": "v", field: {}}) | st.just({"name": "v"})
    return st.lists(source | source.map(lambda volume: {**volume, "secret": None}), max_size=2)


LINUX: Final = st.fixed_dictionaries(
    {
        "spec": optional(
            containers=containers(securityContext=CONTEXTS, **PROBED),
            initContainers=containers(securityContext=CONTEXTS, restartPolicy=st.just("Always"), **PROBED),
            ephemeralContainers=containers(securityContext=CONTEXTS),
            securityContext=optional(
                **COMMON,
                windowsOptions=WINDOWS_OPTIONS,
                sysctls=st.lists(st.sampled_from(SYSCTLS).map(lambda name: {"name": name}), max_size=2),
            ),
            hostNetwork=st.booleans(),
            hostPID=st.booleans(),
            hostIPC=st.booleans(),
            hostUsers=st.booleans(),
            os=st.just({"name": "linux"}),
            volumes=volumes(),
        )
    },
    optional={
        "metadata": optional(
            annotations=st.dictionaries(
                st.sampled_from(
                    [
                        "container.apparmor.security.beta.kubernetes.io/c0",
                        "container.apparmor.security.beta.kubernetes.io/none",
                        "container.seccomp.security.alpha.kubernetes.io/c0",
                        "seccomp.security.alpha.kubernetes.io/pod",
                    ]
                ),
                st.sampled_from(["", "runtime/default", "localhost/", "localhost/x", "unconfined", "other"]),
            )
        )
    },
)
WINDOWS: Final = st.fixed_dictionaries(
    {
        "spec": optional(
            containers=containers(securityContext=optional(runAsNonRoot=st.booleans(), windowsOptions=WINDOWS_OPTIONS)),
            initContainers=containers(securityContext=optional(windowsOptions=WINDOWS_OPTIONS)),
            securityContext=optional(runAsNonRoot=st.booleans(), windowsOptions=WINDOWS_OPTIONS),
            hostNetwork=st.booleans(),
            volumes=volumes(),
        ).map(lambda spec: {**spec, "os": {"name": "windows"}})
    }
)
"""The API server refuses Linux' fields there."""


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(LINUX | WINDOWS, min_size=1, max_size=20))
def test_any_pod_is_judged_as_the_evaluator_does(evaluator: Evaluator, pods: list[Pod]) -> None:
    """Every field that a control reads, set, null or missing, in containers of every role."""
    assert [] == list(disagreements(evaluator, [document_of(pod) for pod in pods]))
