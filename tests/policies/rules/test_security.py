"""Who a process runs as and what it may do: what the pages' examples do not show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gracekeeper_policies.document import render_path
from gracekeeper_policies.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper_policies.verdict import Ruling, Verdict

    Judge = Callable[..., Verdict]

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, annotations: {%(name)s: %(text)s}}
spec:
  template:
    metadata: {annotations: {%(name)s: %(text)s}}
    spec: {containers: [{name: web}]}
"""

SYSCTL = 'for port 80 the pod\'s securityContext.sysctls: [{name: net.ipv4.ip_unprivileged_port_start, value: "80"}]'


def of(rule: str, verdict: Verdict) -> list[Ruling]:
    """What one rule finds."""
    return [ruling for ruling in verdict.rulings if ruling.rule.id == rule]


def told(rule: str, verdict: Verdict) -> list[tuple[str, str]]:
    """Where one rule finds something, and what it proposes."""
    return [(render_path(ruling.finding.at), ruling.finding.remedy) for ruling in of(rule, verdict)]


@pytest.mark.parametrize(
    ("pod", "rule"),
    [
        ("{containers: [{securityContext: {runAsUser: 0}}]}", "run-as-root"),
        ("{containers: [{securityContext: {runAsUser: 0, runAsNonRoot: false}}]}", "run-as-root"),
        ("{securityContext: {runAsUser: 0}, containers: [{}]}", "run-as-root"),
        ("{containers: [{securityContext: {runAsUser: 0, runAsNonRoot: true}}]}", "non-root-unverifiable"),
        (
            "{securityContext: {runAsNonRoot: true}, containers: [{securityContext: {runAsUser: 0}}]}",
            "non-root-unverifiable",
        ),
        (
            "{securityContext: {runAsUser: 0}, containers: [{securityContext: {runAsNonRoot: true}}]}",
            "non-root-unverifiable",
        ),
        (
            "{hostUsers: false, containers: [{securityContext: {runAsUser: 0, runAsNonRoot: true}}]}",
            "non-root-unverifiable",
        ),
        ("{securityContext: {runAsUser: 0}, containers: [{securityContext: {runAsUser: 7, runAsNonRoot: true}}]}", ""),
        ("{os: {name: windows}, containers: [{securityContext: {runAsUser: 0, runAsNonRoot: true}}]}", ""),
    ],
)
def test_uid_0_runs_as_root_or_never_starts(verdict: Judge, pod: str, rule: str) -> None:
    """Which of the two, `runAsNonRoot` decides; never both are told."""
    about_root = {"run-as-root", "non-root-unverifiable"}
    assert [rule] * bool(rule) == [each.rule.id for each in verdict(pod).rulings if each.rule.id in about_root]


@pytest.mark.parametrize(
    ("text", "found"),
    [("unconfined", True), ("other", True), ("", False), ("runtime/default", False), ("localhost/web", False)],
)
def test_apparmors_former_annotation_counts_in_the_template(verdict: Judge, text: str, found: bool) -> None:
    """On the Deployment itself it says nothing; it need not name a container that exists."""
    name = "container.apparmor.security.beta.kubernetes.io/some"
    findings = told("apparmor-unconfined", verdict(DEPLOYMENT % {"name": name, "text": f'"{text}"'}))
    assert [f'spec.template.metadata.annotations["{name}"]'] * found == [at for at, _ in findings]


def test_seccomps_former_annotation_says_nothing(verdict: Judge) -> None:
    """Kubernetes does not read it any more, so neither good nor harm comes of it."""
    name = "seccomp.security.alpha.kubernetes.io/pod"
    judged = verdict(DEPLOYMENT % {"name": name, "text": "runtime/default"})
    assert not of("seccomp-unconfined", judged)
    assert of("seccomp-profile-missing", judged)


@pytest.mark.parametrize(
    ("pod", "found"),
    [
        ("{containers: [{}, {}]}", 1),
        ("{containers: [{securityContext: {seccompProfile: {type: Localhost}}}, {}]}", 1),
        ("{containers: [{securityContext: {seccompProfile: {type: Localhost}}}]}", 0),
        ("{securityContext: {seccompProfile: {type: Unconfined}}, containers: [{}]}", 0),
        ("{os: {name: windows}, containers: [{}]}", 0),
    ],
)
def test_a_missing_profile_is_found_once_for_the_pod(verdict: Judge, pod: str, found: int) -> None:
    """Where one field of the pod mends it; where it is switched off, another rule speaks."""
    assert [
        (
            "spec.template.spec.securityContext.seccompProfile.type",
            "write securityContext.seccompProfile.type: RuntimeDefault",
        )
    ] * found == told("seccomp-profile-missing", verdict(pod))


@pytest.mark.parametrize(
    ("added", "remedy"),
    [
        ("SYS_TIME", "remove SYS_TIME"),
        ("CAP_SYS_TIME", "remove CAP_SYS_TIME"),
        ("CAP_CHOWN", "write securityContext.capabilities.add[0]: CHOWN; or remove CAP_CHOWN"),
    ],
)
def test_a_capability_is_taken_away_or_called_by_its_name(verdict: Judge, added: str, remedy: str) -> None:
    """The evaluator knows no prefix."""
    pod = f"{{containers: [{{securityContext: {{capabilities: {{add: [{added}]}}}}}}]}}"
    at = "spec.template.spec.containers[0].securityContext.capabilities.add[0]"
    assert [(at, remedy)] == told("capability-added", verdict(pod))


@pytest.mark.parametrize(
    ("dropped", "named"), [("all", "It drops all,"), ("CAP_ALL", "It drops CAP_ALL,"), ("NET_RAW", "It keeps")]
)
def test_all_has_one_name_too(verdict: Judge, dropped: str, named: str) -> None:
    """Who dropped all by another name is told that, and not that something is kept."""
    [ruling] = of(
        "capabilities-not-dropped",
        verdict(f"{{containers: [{{securityContext: {{capabilities: {{drop: [{dropped}]}}}}}}]}}"),
    )
    assert ruling.finding.message.startswith(named)


@pytest.mark.parametrize(
    ("context", "because"),
    [("privileged: true", True), ("capabilities: {add: [CAP_SYS_ADMIN]}", True), ("privileged: false", False)],
)
def test_a_remedy_that_the_api_server_refuses_alone_says_so(verdict: Judge, context: str, because: bool) -> None:
    """`allowPrivilegeEscalation: false` and root's own powers exclude each other."""
    [(_, remedy)] = told(
        "privilege-escalation-allowed", verdict(f"{{containers: [{{securityContext: {{{context}}}}}]}}")
    )
    assert because == ("the API server refuses them together" in remedy)


@pytest.mark.parametrize(("users", "severity"), [("true", Severity.ERROR), ("false", Severity.WARNING)])
def test_a_user_namespace_softens_an_unmasked_proc(verdict: Judge, users: str, severity: Severity) -> None:
    """The baseline level lets it pass there, the restricted level does not."""
    pod = f"{{hostUsers: {users}, containers: [{{securityContext: {{procMount: Unmasked}}}}]}}"
    assert [severity] == [ruling.severity for ruling in of("unsafe-proc-mount", verdict(pod))]


@pytest.mark.parametrize(
    ("path", "harm"),
    [
        ("/", "the node's credentials"),
        ("/var/lib/kubelet/", "the node's credentials"),
        ("/run/containerd/containerd.sock", "starts a privileged container"),
        ("/data/models", "on another node the pod finds other ones"),
    ],
)
def test_a_host_path_says_what_lies_there(verdict: Judge, path: str, harm: str) -> None:
    """A runtime's socket is worse than a folder of data."""
    pod = f"{{containers: [{{}}], volumes: [{{name: v, hostPath: {{path: {path}}}}}]}}"
    [ruling] = of("host-path-mounted", verdict(pod))
    assert harm in ruling.finding.message


def test_a_finding_in_a_container_is_that_containers(verdict: Judge) -> None:
    """Though the rule judges the whole pod; what the pod itself says is nobody's."""
    profile = "securityContext: {seccompProfile: {type: Unconfined}}"
    judged = verdict(f"{{{profile}, containers: [{{name: web}}, {{name: proxy, {profile}}}]}}")
    whose = [ruling.container and ruling.container.name for ruling in of("seccomp-unconfined", judged)]
    assert [None, "proxy"] == sorted(whose, key=str)


@pytest.mark.parametrize(
    ("pod", "names"),
    [
        ("{containers: [{name: web}], initContainers: [{name: prepare}]}", ["web"]),
        ("{containers: [], initContainers: [{name: proxy, restartPolicy: Always}]}", ["proxy"]),
        ("{containers: [], ephemeralContainers: [{name: debug}]}", []),
        ("{os: {name: windows}, containers: [{name: web}]}", []),
    ],
)
def test_a_root_file_system_counts_where_something_serves(verdict: Judge, pod: str, names: list[str]) -> None:
    """What ends before the server starts gives an intruder nothing to change."""
    found: list[Any] = [ruling.container for ruling in of("root-filesystem-writable", verdict(pod))]
    assert names == [container.name for container in found]


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ("", True),
        ("serviceAccountName: default, ", True),
        ("serviceAccountName: web, ", False),
        ("serviceAccount: web, ", False),
        ("automountServiceAccountToken: false, ", False),
    ],
)
def test_a_token_is_suspected_where_nobody_asked_for_an_account(verdict: Judge, fields: str, found: bool) -> None:
    """An account of its own was made for a purpose."""
    findings = of("service-account-token-mounted", verdict(f"{{{fields}containers: [{{}}]}}"))
    assert found == bool(findings)
    assert all(ruling.finding.doubt for ruling in findings)


@pytest.mark.parametrize(
    ("path", "instead"),
    [
        ("/data/models", "keep the data behind a persistentVolumeClaim"),
        ("/var/lib/vineyard", "keep the data behind a persistentVolumeClaim"),
        ("/var/run/vineyard", "reach what listens there over the network, through a Service"),
        ("/mnt/docker.sock", "reach what listens there over the network, through a Service"),
    ],
)
def test_a_socket_of_the_node_is_no_data_to_keep(verdict: Callable[..., Verdict], path: str, instead: str) -> None:
    """A claim holds files; what a daemon listens on is reached otherwise."""
    pod = f"volumes: [{{name: v, hostPath: {{path: {path}}}}}]\ncontainers: [{{image: 'shop/web:1'}}]"
    [found] = [each.finding for each in verdict(pod).rulings if each.rule.id == "host-path-mounted"]
    assert found.remedy.startswith(f"{instead}; or remove ")


@pytest.mark.parametrize(
    ("context", "told_as"),
    [
        ("", "the runtime's default capabilities: root in it, or a set-uid program, reads any file, becomes any user"),
        ("capabilities: {drop: [NET_RAW]}", "reads any file and becomes any user."),
        ("capabilities: {drop: [NET_RAW, SETUID, DAC_OVERRIDE]}", "has powers it does not need."),
        ("runAsUser: 7, allowPrivilegeEscalation: false", "none of its processes can use them"),
        ("runAsNonRoot: true, allowPrivilegeEscalation: false", "none of its processes can use them"),
        ("runAsUser: 7", "a set-uid program, reads any file"),
        ("runAsUser: 0, allowPrivilegeEscalation: false", "root in it, or a set-uid program, reads any file"),
    ],
)
def test_only_capabilities_that_are_kept_and_usable_are_threats(verdict: Judge, context: str, told_as: str) -> None:
    """An ordinary user who may gain no privileges has no use for any."""
    [ruling] = of("capabilities-not-dropped", verdict(f"{{containers: [{{securityContext: {{{context}}}}}]}}"))
    assert told_as in ruling.finding.message


@pytest.mark.parametrize(
    ("port", "context", "rule", "hint"),
    [
        (80, "", "capabilities-not-dropped", "add: [NET_BIND_SERVICE], where it listens on port 80"),
        (8080, "", "capabilities-not-dropped", ""),
        (80, "runAsUser: 7", "capabilities-not-dropped", ""),
        (80, "", "run-as-root", SYSCTL),
        (80, "runAsUser: 0", "run-as-root", SYSCTL),
        (8080, "", "run-as-root", ""),
    ],
)
def test_a_low_port_stays_bound(verdict: Judge, port: int, context: str, rule: str, hint: str) -> None:
    """Only root with its capability binds it, unless the runtime or a sysctl lets everyone."""
    container = f"{{ports: [{{containerPort: {port}}}], securityContext: {{{context}}}}}"
    [(_, remedy)] = told(rule, verdict(f"{{containers: [{container}]}}"))
    assert hint in remedy
    assert bool(hint) == ("port 80" in remedy)


@pytest.mark.parametrize(
    ("mounts", "where"),
    [("", "at /tmp, and wherever else it writes"), ("{name: t, mountPath: /tmp}", "with an emptyDir wherever else")],
)
def test_a_folder_that_is_mounted_already_is_not_proposed(verdict: Judge, mounts: str, where: str) -> None:
    """The others are the program's own."""
    pod = f"{{containers: [{{volumeMounts: [{mounts}]}}], volumes: [{{name: t, emptyDir: {{}}}}]}}"
    [(_, remedy)] = told("root-filesystem-writable", verdict(pod))
    assert where in remedy


@pytest.mark.parametrize(("others", "hint"), [("", True), (", {}", False)])
def test_no_profile_holds_a_privileged_container(verdict: Judge, others: str, hint: bool) -> None:
    """Where it is the only one, the profile does nothing yet."""
    pod = f"{{containers: [{{securityContext: {{privileged: true}}}}{others}]}}"
    [(_, remedy)] = told("seccomp-profile-missing", verdict(pod))
    assert hint == ("as long as it is privileged" in remedy)


@pytest.mark.parametrize(("limits", "hint"), [("{google.com/tpu: 4}", True), ("{memory: 1Gi}", False)])
def test_a_device_needs_no_privileges(verdict: Judge, limits: str, hint: bool) -> None:
    """Its plugin hands it in."""
    pod = f"{{containers: [{{securityContext: {{privileged: true}}, resources: {{limits: {limits}}}}}]}}"
    [(_, remedy)] = told("privileged-container", verdict(pod))
    assert hint == ("a device plugin gives it" in remedy)


def test_rdma_has_another_way_to_lock_memory(verdict: Judge) -> None:
    """The usual reason for the capability."""
    pod = "{containers: [{securityContext: {capabilities: {add: [IPC_LOCK]}}}]}"
    [(_, remedy)] = told("capability-added", verdict(pod))
    assert remedy == "remove IPC_LOCK (RDMA needs LimitMEMLOCK=infinity of the nodes' runtime then)"


KNATIVE = """\
apiVersion: serving.knative.dev/v1
kind: Service
metadata: {name: web}
spec: {template: {spec: {containers: [{name: web, ports: [{containerPort: 80}]}]}}}
"""


def test_a_knative_service_says_it_for_its_container(verdict: Judge) -> None:
    """Knative refuses a pod's security context unless a feature is on."""
    judged = verdict(KNATIVE)
    at = "spec.template.spec.containers[0].securityContext.seccompProfile.type"
    remedy = "write securityContext.seccompProfile.type: RuntimeDefault"
    assert [(at, remedy)] == told("seccomp-profile-missing", judged)
    [(_, root)] = told("run-as-root", judged)
    assert "sysctls" not in root


@pytest.mark.parametrize(
    ("pod", "whose"),
    [
        ("{securityContext: {runAsUser: 0}, containers: [{name: web}, {name: proxy}]}", ["web"]),
        ("{containers: [{name: web, %(root)s}, {name: proxy, %(root)s}]}", ["web", "proxy"]),
        ("{securityContext: {runAsUser: 0}, containers: [{name: web, %(user)s}, {name: proxy}]}", ["proxy"]),
        ("{securityContext: {runAsUser: 0}, containers: [{name: web, %(unstartable)s}, {name: proxy}]}", ["proxy"]),
    ],
)
def test_a_pod_that_makes_all_its_containers_root_is_told_once(verdict: Judge, pod: str, whose: list[str]) -> None:
    """One change mends them all."""
    contexts = {"root": "runAsUser: 0", "user": "runAsUser: 7", "unstartable": "runAsNonRoot: true"}
    judged = verdict(pod % {name: f"securityContext: {{{fields}}}" for name, fields in contexts.items()})
    found: list[Any] = [ruling.container for ruling in of("run-as-root", judged)]
    assert sorted(whose) == sorted(container.name for container in found)
