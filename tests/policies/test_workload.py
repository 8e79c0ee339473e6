"""Workloads: every kind as one shape, and what a container gets from its pod resolved as the kubelet does."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from gracekeeper_policies.boundary import Misreadings
from gracekeeper_policies.container import Role
from gracekeeper_policies.document import Document, Path, render_path
from gracekeeper_policies.kinds import KINDS, is_workload
from gracekeeper_policies.neighbours import Neighbours
from gracekeeper_policies.provenance import Default, Known, Unknown
from gracekeeper_policies.workload import Workload, read_workload

if TYPE_CHECKING:
    from collections.abc import Callable

    from gracekeeper_policies.provenance import Sourced

TEMPLATES: dict[tuple[str, str], Path] = {
    ("v1", "Pod"): (),
    ("v1", "ReplicationController"): ("spec", "template"),
    ("v1", "PodTemplate"): ("template",),
    ("apps/v1", "Deployment"): ("spec", "template"),
    ("apps/v1beta2", "Deployment"): ("spec", "template"),
    ("extensions/v1beta1", "Deployment"): ("spec", "template"),
    ("apps/v1", "StatefulSet"): ("spec", "template"),
    ("apps/v1", "DaemonSet"): ("spec", "template"),
    ("extensions/v1beta1", "DaemonSet"): ("spec", "template"),
    ("apps/v1", "ReplicaSet"): ("spec", "template"),
    ("batch/v1", "Job"): ("spec", "template"),
    ("batch/v1", "CronJob"): ("spec", "jobTemplate", "spec", "template"),
    ("batch/v1beta1", "CronJob"): ("spec", "jobTemplate", "spec", "template"),
    ("argoproj.io/v1alpha1", "Rollout"): ("spec", "template"),
    ("serving.knative.dev/v1", "Service"): ("spec", "template"),
}


def manifest(api_version: str, kind: str, template: Path, inner: object) -> Document:
    """An object of a kind with `inner` where its pod template stands."""
    for step in reversed(template):
        inner = {step: inner}
    values: dict[str, object] = dict(inner) if isinstance(inner, dict) else {}
    return Document({"apiVersion": api_version, "kind": kind, **values})


def read(document: Document) -> Workload:
    """Read a document that has no wrong types."""
    found = read_workload(document, Neighbours())
    assert not isinstance(found, Misreadings)
    return found


@pytest.mark.parametrize(("api_version", "kind"), TEMPLATES, ids=lambda text: text.replace("/", "-"))
def test_every_kind_has_one_shape(api_version: str, kind: str) -> None:
    """Each kind keeps its pod template elsewhere; a container's path says where it was."""
    template = TEMPLATES[api_version, kind]
    document = manifest(api_version, kind, template, {"spec": {"containers": [{"name": "web"}]}})
    assert is_workload(document)
    workload = read(document)
    assert [("web", Role.MAIN)] == [(each.name, each.role) for each in workload.containers]
    path = render_path((*template, "spec", "containers", 0))
    assert path == render_path(workload.containers[0].path)


def test_every_known_kind_is_tried_here() -> None:
    """A kind that is added is added above too."""
    assert set(KINDS) == {kind for _, kind in TEMPLATES}


@pytest.mark.parametrize(
    ("api_version", "kind"),
    [
        ("v1", "Service"),
        ("example.com/v1", "Deployment"),
        ("v1", "Deployment"),
        ("apps/v1", "Pod"),
        ("batch/v1", "Deployment"),
        ("v1", "ConfigMap"),
        ("", ""),
    ],
)
def test_a_kind_of_another_group_is_no_workload(api_version: str, kind: str) -> None:
    """A Service of Knative runs pods, a Service of the core does not."""
    assert not is_workload(manifest(api_version, kind, ("spec", "template"), {"spec": {}}))


@pytest.mark.parametrize(
    "values", [{}, {"spec": None}, {"spec": {}}, {"spec": {"template": None}}, {"spec": {"template": {}}}]
)
def test_without_a_template_nothing_runs(values: dict[str, Any]) -> None:
    """A ReplicationController may lack one."""
    assert not is_workload(Document({"apiVersion": "v1", "kind": "ReplicationController", **values}))


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ({"spec": "x"}, "spec"),
        ({"spec": ["x"]}, "spec"),
        ({"spec": {"template": "x"}}, "spec.template"),
        ({"spec": {"template": []}}, "spec.template"),
        ({"spec": {"template": {"spec": []}}}, "spec.template.spec"),
    ],
)
def test_a_template_of_the_wrong_type_is_named_not_skipped(values: dict[str, Any], path: str) -> None:
    """Nothing is passed over in silence."""
    document = Document({"apiVersion": "apps/v1", "kind": "Deployment", **values})
    assert is_workload(document)
    found = read_workload(document, Neighbours())
    assert isinstance(found, Misreadings)
    assert [path] == [render_path(each.path) for each in found.fields]


def test_containers_come_with_their_roles(workload: Callable[..., Workload]) -> None:
    """Main ones first, each with the path that leads to it."""
    told = workload("""
        initContainers: [{name: migrate}, {name: proxy, restartPolicy: Always}]
        containers: [{name: web}]
        ephemeralContainers: [{name: debug}]
    """)
    assert [(each.name, each.role, render_path(each.path[-2:])) for each in told.containers] == [
        ("web", Role.MAIN, "containers[0]"),
        ("migrate", Role.INIT, "initContainers[0]"),
        ("proxy", Role.SIDECAR, "initContainers[1]"),
        ("debug", Role.EPHEMERAL, "ephemeralContainers[0]"),
    ]
    assert [True, False, True, False] == [each.serves for each in told.containers]


@pytest.mark.parametrize(("version", "role"), [("1.28", Role.INIT), ("1.29", Role.SIDECAR)])
def test_a_native_sidecar_needs_its_kubernetes(workload: Callable[..., Workload], version: str, role: Role) -> None:
    """Before 1.29 the field was dropped, and the container had to end."""
    told = workload("initContainers: [{name: proxy, restartPolicy: Always}]", version)
    assert [role] == [each.role for each in told.containers]


def test_restart_policy_makes_no_sidecar_of_a_main_container(workload: Callable[..., Workload]) -> None:
    """Only init containers become sidecars."""
    assert Role.MAIN is workload("containers: [{name: web, restartPolicy: Always}]").containers[0].role


@pytest.mark.parametrize(
    ("pod", "container", "user", "place"),
    [
        ("{}", "{}", None, "containers[0]"),
        ("{runAsUser: 1000}", "{}", 1000, "pod"),
        ("{}", "{runAsUser: 0}", 0, "containers[0]"),
        ("{runAsUser: 1000}", "{runAsUser: 0}", 0, "containers[0]"),
        ("{runAsUser: 0}", "{runAsUser: 1000}", 1000, "containers[0]"),
    ],
)
def test_the_containers_user_beats_the_pods(
    workload: Callable[..., Workload], pod: str, container: str, user: int | None, place: str
) -> None:
    """And the place is where the field that decides stands or would stand."""
    told = workload(f"{{securityContext: {pod}, containers: [{{securityContext: {container}}}]}}").containers[0]
    base = "spec.template.spec" + ("" if place == "pod" else f".{place}")
    assert (user, f"{base}.securityContext.runAsUser") == (told.run_as_user[0], render_path(told.run_as_user[1]))


@pytest.mark.parametrize(
    ("pod", "container", "refused"),
    [
        ("{}", "{}", False),
        ("{runAsNonRoot: true}", "{}", True),
        ("{}", "{runAsNonRoot: true}", True),
        ("{runAsNonRoot: true}", "{runAsNonRoot: false}", False),
        ("{runAsNonRoot: false}", "{runAsNonRoot: true}", True),
    ],
)
def test_a_containers_own_false_lifts_the_pods_true(
    workload: Callable[..., Workload], pod: str, container: str, *, refused: bool
) -> None:
    """As the kubelet merges security contexts, field by field."""
    told = workload(f"{{securityContext: {pod}, containers: [{{securityContext: {container}}}]}}")
    assert refused == told.containers[0].run_as_non_root[0]


LIMIT_RANGE = """
---
apiVersion: v1
kind: LimitRange
metadata: {name: limits, namespace: shop}
spec:
  limits:
  - {type: Container, default: {memory: 256Mi}, defaultRequest: {memory: 128Mi}}
  - {type: Pod, default: {memory: 1Ki}}
"""
MIB = 1024**2


@pytest.mark.parametrize(
    ("pod", "own", "neighbour", "limit", "request_"),
    [
        ("{}", "{}", "", None, None),
        ("{}", "{limits: {memory: 512Mi}}", "", 512, 512),
        ("{}", "{limits: {memory: 512Mi}, requests: {memory: 64Mi}}", "", 512, 64),
        ("{}", "{limits: {memory: 512Mi}, requests: {memory: 0}}", "", 512, 0),
        ("{}", "{requests: {memory: 64Mi}}", "", None, 64),
        ("{limits: {memory: 1Gi}}", "{}", "", 1024, 1024),
        ("{limits: {memory: 1Gi}, requests: {memory: 96Mi}}", "{}", "", 1024, 96),
        ("{limits: {memory: 1Gi}}", "{limits: {memory: 512Mi}}", "", 512, 512),
        ("{}", "{}", LIMIT_RANGE, 256, 128),
        ("{}", "{limits: {memory: 512Mi}}", LIMIT_RANGE, 512, 512),
        ("{}", "{requests: {memory: 64Mi}}", LIMIT_RANGE, 256, 64),
        ("{}", "{limits: {cpu: 1}}", "", None, None),
        ("{}", "{limits: {memory: 0}}", "", None, 0),
        ("{limits: {memory: 1Gi}}", "{limits: {memory: 0}}", "", 1024, 0),
    ],
)
def test_limit_and_request_are_resolved(
    workload: Callable[..., Workload], pod: str, own: str, neighbour: str, limit: int | None, request_: int | None
) -> None:
    """Own, then the pod's, then a LimitRange's; a request follows from the limit; a limit of 0 bounds nothing."""
    told = workload(f"{{resources: {pod}, containers: [{{resources: {own}}}]}}{neighbour}").containers[0]
    expected = [None if mib is None else Fraction(mib * MIB) for mib in (limit, request_)]
    assert expected == [told.limit("memory"), told.request("memory")]


@pytest.mark.parametrize(("version", "limit"), [("1.33", None), ("1.34", Fraction(1024 * MIB))])
def test_pod_level_resources_need_their_kubernetes(
    workload: Callable[..., Workload], version: str, limit: Fraction | None
) -> None:
    """Before 1.34 the field was dropped, and nothing bounded the container."""
    assert limit == workload("{resources: {limits: {memory: 1Gi}}, containers: [{}]}", version).containers[0].limit(
        "memory"
    )


def test_a_limit_range_of_another_namespace_gives_nothing(workload: Callable[..., Workload]) -> None:
    """It stands beside the workload only in the same namespace."""
    other = LIMIT_RANGE.replace("shop", "other")
    assert workload(f"{{containers: [{{}}]}}{other}").containers[0].limit("memory") is None


ANNOTATED = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, annotations: {gracekeeper.dev/runtime: other, gracekeeper.dev/startup-seconds: "7", x/y: z}}
spec:
  template:
    metadata:
      annotations:
        gracekeeper.dev/runtime: python
        gracekeeper.dev/proxy.shutdown-seconds: "9"
        gracekeeper.dev/shutdown-seconds: "5"
    spec: {containers: [{name: web}, {name: proxy}]}
"""


@pytest.mark.parametrize(
    ("name", "text", "path"),
    [
        ("runtime", "python", 'spec.template.metadata.annotations["gracekeeper.dev/runtime"]'),
        ("startup-seconds", "7", 'metadata.annotations["gracekeeper.dev/startup-seconds"]'),
    ],
)
def test_the_templates_annotation_beats_the_workloads(
    workload: Callable[..., Workload], name: str, text: str, path: str
) -> None:
    """Both places count."""
    annotation = workload(ANNOTATED).annotation(name)
    assert annotation is not None
    assert (text, path) == (annotation.text, render_path(annotation.path))


def test_a_containers_own_annotation_beats_the_pods(workload: Callable[..., Workload]) -> None:
    """`gracekeeper.dev/CONTAINER.NAME` is for one container alone."""
    told = [container.annotation("shutdown-seconds") for container in workload(ANNOTATED).containers]
    assert ["5", "9"] == [annotation.text for annotation in told if annotation]


def test_foreign_annotations_are_not_ours(workload: Callable[..., Workload]) -> None:
    """Only the prefix makes one ours."""
    assert all(each.name.startswith("gracekeeper.dev/") for each in workload(ANNOTATED).annotations)
    assert 5 == len(workload(ANNOTATED).annotations)


def test_a_pods_annotations_are_read_once(workload: Callable[..., Workload]) -> None:
    """A Pod is its own template."""
    told = workload("""
        apiVersion: v1
        kind: Pod
        metadata: {name: web, annotations: {gracekeeper.dev/runtime: python}}
        spec: {}
    """)
    assert ["metadata"] == [each.path[0] for each in told.annotations]


@pytest.mark.parametrize(
    ("selector", "namespace", "selects"),
    [
        ("{app: web}", "shop", True),
        ("{app: web, tier: front}", "shop", False),
        ("{app: api}", "shop", False),
        ("{app: web}", "other", False),
        ("{}", "shop", False),
    ],
)
def test_services_in_sight_are_found_by_labels(
    workload: Callable[..., Workload], selector: str, namespace: str, *, selects: bool
) -> None:
    """Of the same namespace; a Service without a selector sends to nobody by labels."""
    metadata, spec = f"{{name: web, namespace: {namespace}}}", f"{{selector: {selector}}}"
    service = f"{{apiVersion: v1, kind: Service, metadata: {metadata}, spec: {spec}}}"
    assert int(selects) == len(workload(f"containers: []\n---\n{service}").services)


def test_a_probes_port_name_is_looked_up_in_its_own_container(workload: Callable[..., Workload]) -> None:
    """Unlike a Service's, which searches all of them."""
    web, proxy = workload("""
        containers:
        - {name: web, ports: [{name: http, containerPort: 8000}]}
        - {name: proxy, ports: [{name: public, containerPort: 80}]}
    """).containers
    assert [8000, 9, None, 80] == [
        web.port_number("http"),
        web.port_number(9),
        web.port_number("public"),
        proxy.port_number("public"),
    ]


@pytest.mark.parametrize(
    ("kind", "spec", "is_job"),
    [
        ("v1 Pod", "{}", False),
        ("v1 Pod", "{restartPolicy: Never}", True),
        ("v1 Pod", "{restartPolicy: OnFailure}", True),
        ("batch/v1 Job", "{template: {spec: {restartPolicy: Never}}}", True),
        ("batch/v1 CronJob", "{jobTemplate: {spec: {template: {spec: {}}}}}", True),
        ("apps/v1 Deployment", "{template: {spec: {}}}", False),
    ],
)
def test_what_is_meant_to_end_is_a_job(
    workload: Callable[..., Workload], kind: str, spec: str, *, is_job: bool
) -> None:
    """Jobs, CronJobs and bare pods that are not restarted."""
    api_version, name = kind.split()
    assert is_job == workload(f"apiVersion: {api_version}\nkind: {name}\nspec: {spec}").is_job


@pytest.mark.parametrize(
    ("spec", "as_pid_1"), [("{}", True), ("{shareProcessNamespace: true}", False), ("{hostPID: true}", False)]
)
def test_who_is_pid_1(workload: Callable[..., Workload], spec: str, *, as_pid_1: bool) -> None:
    """In a shared or the host's PID namespace another process is."""
    assert as_pid_1 == workload(spec).runs_as_pid_1


def test_an_object_that_names_no_namespace_gets_the_inputs() -> None:
    """So its neighbours are found there."""
    document = manifest("apps/v1", "Deployment", ("spec", "template"), {"spec": {}})
    found = read_workload(document, Neighbours(), namespace="shop")
    assert not isinstance(found, Misreadings)
    assert "shop" == found.identity.namespace


@pytest.mark.parametrize(
    ("spec", "on_windows"), [("{}", False), ("{os: {name: linux}}", False), ("{os: {name: windows}}", True)]
)
def test_a_pod_may_run_on_windows(workload: Callable[..., Workload], spec: str, *, on_windows: bool) -> None:
    """Where Linux' users, signals and privileges mean nothing."""
    pod = spec.replace("{", "{containers: [{name: web}], ", 1)
    assert on_windows == workload(pod).containers[0].on_windows


CONTROLLER = """\
apiVersion: apps/v1
kind: {kind}
metadata: {{name: web, namespace: shop}}
spec:
  {written}
  template: {{metadata: {{labels: {{app: web}}}}, spec: {{containers: [{{name: web}}]}}}}
"""
SCALER = """
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: shop}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, minReplicas: 4}
"""


@pytest.mark.parametrize(
    ("kind", "written", "beside", "expected"),
    [
        ("Deployment", "replicas: 3", "", Known(3, "replicas", ("spec", "replicas"))),
        ("Deployment", "replicas: 3", SCALER, Known(4, "HorizontalPodAutoscaler shop/web")),
        ("Deployment", "replicas: 0", SCALER, Known(0, "replicas", ("spec", "replicas"))),
        ("Deployment", "paused: false", SCALER, Known(4, "HorizontalPodAutoscaler shop/web")),
        ("Deployment", "replicas: 1", "", Default(1, "Kubernetes", "an autoscaler out of sight may set the replicas")),
        (
            "StatefulSet",
            "serviceName: web",
            SCALER,
            Default(1, "Kubernetes", "an autoscaler out of sight may set the replicas"),
        ),
        ("DaemonSet", "replicas: 3", "", Unknown("a DaemonSet has no replicas")),
    ],
)
def test_how_many_replicas_there_are_at_least(
    workload: Callable[..., Workload], kind: str, written: str, beside: str, expected: Sourced[int]
) -> None:
    """An autoscaler in sight decides before the manifest, unless somebody scaled it to 0."""
    assert expected == workload(CONTROLLER.format(kind=kind, written=written) + beside).scale


def test_an_autoscaler_counts_for_the_rollout(workload: Callable[..., Workload]) -> None:
    """Its minimum is what a rollout starts from; where no replicas are, nothing is rolled out."""
    written = "strategy: {rollingUpdate: {maxUnavailable: 50%, maxSurge: 0}}"
    rollout = workload(CONTROLLER.format(kind="Deployment", written=written) + SCALER).rollout
    assert rollout is not None
    assert (0, 2) == (rollout.surge, rollout.unavailable)
    assert workload(CONTROLLER.format(kind="DaemonSet", written=written)).rollout is None


def test_where_all_neighbours_are_known_the_default_number_is_certain() -> None:
    """An index of the cluster would hold an autoscaler if there were one."""
    document = manifest("apps/v1", "Deployment", ("spec", "template"), {"spec": {"containers": [{"name": "web"}]}})
    found = read_workload(document, Neighbours(complete=True))
    assert not isinstance(found, Misreadings)
    assert Default(1, "Kubernetes") == found.scale


def test_a_path_leads_to_its_container(workload: Callable[..., Workload]) -> None:
    """Or to none, where the whole pod says it."""
    pod = workload("containers: [{name: a}, {name: b}]")
    paths: list[Path] = [(*pod.pod_path, "containers", 1, "env", 0), (*pod.pod_path, "hostNetwork"), ("metadata",)]
    found = [pod.container_at(path) for path in paths]
    assert [container and container.name for container in found] == ["b", None, None]


def test_secrets_of_manifest_and_config_maps_are_left_out(workload: Callable[..., Workload]) -> None:
    """Of those ConfigMaps that it reads: as variables, under names of its own, or as files."""
    pod = workload("""
        containers:
        - name: web
          env:
          - {name: DB_PASSWORD, value: hunter1}
          - {name: API_TOKEN, valueFrom: {configMapKeyRef: {name: plain, key: word}}}
          envFrom: [{configMapRef: {name: settings}}]
        volumes: [{name: files, configMap: {name: files}}]
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: plain, namespace: shop}
        data: {word: hunter2}
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: settings, namespace: shop}
        data: {CLIENT_SECRET: hunter3}
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: files, namespace: shop}
        data: {conf.py: "password = 'hunter4'"}
    """)
    assert pod.elision("hunter1 hunter2 hunter3 hunter4 hunter5") == "… … … … hunter5"


def test_every_security_context_is_told_with_its_place(workload: Callable[..., Workload]) -> None:
    """The pod's first, then each container's, main ones first; one that is not written says nothing."""
    pod = "{securityContext: {runAsUser: 1}, initContainers: [{}], containers: [{securityContext: {runAsUser: 2}}]}"
    told = [(render_path(path), context.run_as_user) for path, context in workload(pod).security_contexts]
    assert told == [
        ("spec.template.spec.securityContext", 1),
        ("spec.template.spec.containers[0].securityContext", 2),
        ("spec.template.spec.initContainers[0].securityContext", None),
    ]
