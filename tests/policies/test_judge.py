"""The verdict: who is judged, how hard, what is silenced, and that nothing but the manifests decides it."""

from __future__ import annotations

import itertools
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gracekeeper_policies.catalog import RULES
from gracekeeper_policies.document import Document, render_path
from gracekeeper_policies.finding import Severity
from gracekeeper_policies.judge import judge
from gracekeeper_policies.kubernetes import KubernetesVersion
from gracekeeper_policies.neighbours import Neighbours, neighbours_among
from gracekeeper_policies.policy import GracePolicy, Mode, Profile, Scope, effective_severity
from gracekeeper_policies.process.recognition import Runtime
from gracekeeper_policies.provenance import Certainty

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gracekeeper_policies.verdict import Ruling, Verdict

NOW = date(2026, 11, 22)

WEB = """
terminationGracePeriodSeconds: 30
initContainers: [{name: setup, image: "shop/setup:1"}]
containers:
- {name: web, image: shop/web, command: [gunicorn, --bind=:8000, "a:a"]}
- {name: consumer, image: "shop/web:1", command: [python, consumer.py]}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: 9000}, {port: 81, targetPort: 9001}]}
---
apiVersion: v1
kind: Service
metadata: {name: api, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: 9002}]}
---
apiVersion: v1
kind: Pod
metadata: {name: lone, namespace: shop}
spec: {containers: [{name: worker, image: "shop/web:latest", command: [celery, -A, a, worker]}]}
---
apiVersion: batch/v1
kind: Job
metadata: {name: lone, namespace: shop}
spec: {template: {spec: {containers: [{name: job, image: "shop/web:1", command: [sh, -c, "python job.py; true"]}]}}}
"""
STRICTEST = GracePolicy(profile=Profile.STRICT, scope=Scope.ALL)


def told(rulings: Sequence[Ruling]) -> list[tuple[object, ...]]:
    """Everything that a report shows of rulings."""
    return [
        (
            str(each.identity),
            each.rule.id,
            each.container.name if each.container else None,
            render_path(each.finding.at),
            each.finding.message,
            each.finding.remedy,
            each.severity,
            each.finding.certainty,
            each.finding.evidence,
            tuple((str(other.document.identity()), other.path, other.message) for other in each.finding.related),
            each.suppressed,
        )
        for each in rulings
    ]


def everything(documents: Sequence[Document]) -> Verdict:
    """Judge documents under all rules."""
    neighbours, _ = neighbours_among(documents)
    return judge(documents, policies=[STRICTEST], rules=RULES, neighbours=neighbours, now=NOW)


def moved(documents: Sequence[Document], places: Sequence[tuple[str, int]]) -> list[Document]:
    """The same objects, as if they stood in other files."""
    return [Document(each.values, *place) for each, place in zip(documents, places, strict=True)]


def test_the_order_of_documents_decides_nothing(manifests: Callable[[str], list[Document]]) -> None:
    """Whatever order a repository lists its files in."""
    documents = manifests(WEB)
    expected = told(everything(moved(documents, [("", 0)] * len(documents))).rulings)
    assert len(expected) > 10
    for order in itertools.permutations(documents):
        assert expected == told(everything(moved(order, [("", 0)] * len(order))).rulings)


@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_how_documents_are_spread_over_files_decides_nothing(
    manifests: Callable[[str], list[Document]], data: st.DataObject
) -> None:
    """One file or many; only the order of the report follows the files."""
    documents = manifests(WEB)
    place = st.tuples(st.sampled_from(["a.yaml", "b.yaml", "c/d.yaml"]), st.integers(0, 3))
    places = data.draw(st.lists(place, min_size=len(documents), max_size=len(documents)))
    spread = everything(moved(documents, places)).rulings
    assert set(told(everything(documents).rulings)) == set(told(spread))


def shuffled(values: object, data: st.DataObject) -> object:
    """The same values with the keys of every mapping in another order."""
    if isinstance(values, dict):
        return {key: shuffled(values[key], data) for key in data.draw(st.permutations(sorted(values)))}
    return [shuffled(item, data) for item in values] if isinstance(values, list) else values


@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_the_order_of_keys_decides_nothing(manifests: Callable[[str], list[Document]], data: st.DataObject) -> None:
    """A mapping has none."""
    documents = manifests(WEB)
    others = []
    for each in documents:
        values = shuffled(each.values, data)
        assert isinstance(values, dict)
        others.append(Document(values, each.origin, each.index))
    assert told(everything(documents).rulings) == told(everything(others).rulings)


def test_the_same_input_gets_the_same_verdict(manifests: Callable[[str], list[Document]]) -> None:
    """Nothing is remembered from one call to the next."""
    assert told(everything(manifests(WEB)).rulings) == told(everything(manifests(WEB)).rulings)


def test_several_faults_at_one_place_are_all_told(verdict: Callable[..., Verdict]) -> None:
    """Three ports of two Services lead nowhere; each is said."""
    messages = [each.finding.message for each in verdict(WEB).rulings if each.rule.id == "service-port-mismatch"]
    assert 3 == len(set(messages))


def test_workloads_come_in_the_inputs_order_and_the_worst_first(verdict: Callable[..., Verdict]) -> None:
    """The same at every run."""
    rulings = verdict(WEB).rulings
    names = [name for name, _ in itertools.groupby(rulings, key=lambda each: str(each.identity))]
    assert ["Deployment shop/web", "Pod shop/lone", "Job shop/lone"] == names
    for _, group in itertools.groupby(rulings, key=lambda each: each.workload):
        ranks = [(-each.severity, each.rank, each.container.name if each.container else "") for each in group]
        assert sorted(ranks) == ranks


# ---- the webhook's view ----------------------------------------------------------------------------------------------

PROBE = {
    "initialDelaySeconds": 0,
    "periodSeconds": 10,
    "timeoutSeconds": 1,
    "successThreshold": 1,
    "failureThreshold": 3,
}
CONTAINER = {
    "terminationMessagePath": "/dev/termination-log",
    "terminationMessagePolicy": "File",
    "imagePullPolicy": "IfNotPresent",
    "resources": {},
}
POD = {
    "restartPolicy": "Always",
    "terminationGracePeriodSeconds": 30,
    "dnsPolicy": "ClusterFirst",
    "schedulerName": "default-scheduler",
    "securityContext": {},
}
ONLY_ON_PODS = {
    "enableServiceLinks": True,
    "serviceAccountName": "default",
    "serviceAccount": "default",
    "priority": 0,
    "preemptionPolicy": "PreemptLowerPriority",
    "tolerations": [{"key": "node.kubernetes.io/not-ready", "operator": "Exists", "tolerationSeconds": 300}],
}


def probe_with_defaults(probe: dict[str, Any]) -> dict[str, Any]:
    """A probe as the API server fills it in."""
    handlers = {"httpGet": {"path": "/", "scheme": "HTTP"}, "grpc": {"service": ""}, "tcpSocket": {}, "exec": {}}
    asked = {name: {**handlers[name], **value} for name, value in probe.items() if name in handlers}
    return {**PROBE, **{name: value for name, value in probe.items() if value != 0}, **asked}


def container_with_defaults(container: dict[str, Any], *, on_pod: bool) -> dict[str, Any]:
    """A container as the API server fills it in; on Pods a limit becomes the request."""
    filled = {**CONTAINER, **container}
    filled |= {name: probe_with_defaults(filled[name]) for name in filled if name.endswith("Probe")}
    filled["ports"] = [{"protocol": "TCP", **port} for port in container.get("ports", [])]
    filled["env"] = [{key: text for key, text in entry.items() if text != ""} for entry in container.get("env", [])]
    if on_pod:
        limits, requests = (filled["resources"].get(name, {}) for name in ("limits", "requests"))
        filled["resources"] = {"limits": limits, "requests": {**limits, **requests}}
        token = {"name": "kube-api-access-x", "readOnly": True, "mountPath": "/var/run/secrets/kubernetes.io"}
        filled["volumeMounts"] = [*container.get("volumeMounts", []), token]
    return filled


def pod_with_defaults(pod: dict[str, Any], *, on_pod: bool) -> dict[str, Any]:
    """A pod spec as the API server fills it in."""
    filled = {**POD, **(ONLY_ON_PODS if on_pod else {}), **pod}
    for field in ("containers", "initContainers"):
        filled[field] = [container_with_defaults(each, on_pod=on_pod) for each in pod.get(field, [])]
    if on_pod:
        filled["volumes"] = [*pod.get("volumes", []), {"name": "kube-api-access-x", "projected": {"defaultMode": 420}}]
    return filled


PODS: list[dict[str, Any]] = [
    {"containers": [{"name": "web", "image": "shop/web", "command": ["gunicorn", "a:a"]}]},
    {
        "containers": [
            {
                "name": "web",
                "image": "shop/web:1",
                "command": ["uvicorn", "a:a", "--port", "$(P)"],
                "env": [{"name": "P", "value": "80"}, {"name": "EMPTY", "value": ""}],
                "ports": [{"containerPort": 80, "name": "http"}],
                "livenessProbe": {"httpGet": {"port": "http"}, "timeoutSeconds": 0},
                "readinessProbe": {"httpGet": {"port": 81, "path": "/"}},
                "resources": {"limits": {"memory": "10Mi"}},
            }
        ],
        "initContainers": [{"name": "proxy", "restartPolicy": "Always", "image": "proxy:1", "command": ["./proxy"]}],
    },
    {
        "terminationGracePeriodSeconds": 5,
        "shareProcessNamespace": True,
        "containers": [
            {
                "name": "worker",
                "image": "python:3.12-slim",
                "command": ["sh", "-c", "celery -A a worker"],
                "lifecycle": {"preStop": {"exec": {"command": ["sleep", "10"]}}},
                "startupProbe": {"exec": {"command": ["true"]}, "failureThreshold": 0},
            }
        ],
    },
]


@pytest.mark.parametrize("pod", PODS, ids=["bare", "probed", "worker"])
@pytest.mark.parametrize("kind", ["Pod", "Deployment"])
def test_the_webhook_sees_what_the_command_line_sees(pod: dict[str, Any], kind: str) -> None:
    """A manifest with Kubernetes' defaults written out gets the same findings as the one without."""
    on_pod = kind == "Pod"
    bare, filled = (
        {"apiVersion": "v1", "kind": kind, "metadata": {"name": "web"}, "spec": spec}
        if on_pod
        else {
            "apiVersion": "apps/v1",
            "kind": kind,
            "metadata": {"name": "web"},
            "spec": {**extra, "template": {"spec": spec}},
        }
        for spec, extra in (
            (pod, {}),
            (pod_with_defaults(pod, on_pod=on_pod), {"replicas": 1, "revisionHistoryLimit": 10}),
        )
    )
    expected, seen = (told(everything([Document(values)]).rulings) for values in (bare, filled))
    assert len(expected) > 3
    assert expected == seen


# ---- scope, severity, modes, profiles --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scope", "judged"),
    [
        (Scope.PYTHON, {"python", "mixed"}),
        (Scope.PYTHON_OR_UNKNOWN, {"python", "mixed", "unknown"}),
        (Scope.ALL, {"python", "mixed", "unknown", "other"}),
    ],
)
def test_a_scope_chooses_by_the_main_containers(scope: Scope, judged: set[str]) -> None:
    """What is out of scope is kept apart, not lost."""
    commands = {"python": ["gunicorn"], "other": ["nginx"], "unknown": ["./run"], "mixed": ["nginx", "gunicorn"]}
    documents = [
        Document(
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": name},
                "spec": {
                    "containers": [{"name": word, "image": "a:1", "command": [word]} for word in words],
                    "initContainers": [{"name": "init", "image": "a:1", "command": ["gunicorn"]}],
                },
            }
        )
        for name, words in commands.items()
    ]
    told = judge(documents, policies=[GracePolicy(scope=scope)], rules=RULES, neighbours=Neighbours(), now=NOW)
    assert judged == {each.workload.identity.name for each in told.judged}
    assert set(commands) - judged == {each.workload.identity.name for each in told.out_of_scope}
    assert judged == {each.identity.name for each in told.rulings}
    assert 4 == told.documents


def test_profiles_contain_each_other(verdict: Callable[..., Verdict]) -> None:
    """What baseline finds, standard finds too, and strict all of it."""
    found = [
        {(each.rule.id, each.finding.at) for each in verdict(WEB, GracePolicy(profile=profile)).rulings}
        for profile in Profile
    ]
    assert found[0] < found[1] <= found[2]


def test_a_profile_has_only_its_own_rules(verdict: Callable[..., Verdict]) -> None:
    """Baseline asks nothing of standard."""
    rulings = verdict(WEB, GracePolicy(profile=Profile.BASELINE)).rulings
    assert {Profile.BASELINE} == {each.rule.card.profile for each in rulings}


@pytest.mark.parametrize(
    ("mode", "ceiling"), [(Mode.ENFORCE, Severity.ERROR), (Mode.WARN, Severity.WARNING), (Mode.AUDIT, Severity.NOTE)]
)
def test_a_mode_sets_a_ceiling(verdict: Callable[..., Verdict], mode: Mode, ceiling: Severity) -> None:
    """Nothing weighs more, and something weighs as much."""
    rulings = verdict(WEB, GracePolicy(mode=mode)).rulings
    assert ceiling == max(each.severity for each in rulings)
    assert {mode} == {each.mode for each in rulings}


def test_a_policy_that_is_off_finds_nothing(verdict: Callable[..., Verdict]) -> None:
    """Its workloads are judged all the same, by nobody's rules."""
    assert () == verdict(WEB, GracePolicy(mode=Mode.OFF)).rulings


def test_a_suspicion_is_never_an_error(verdict: Callable[..., Verdict]) -> None:
    """Never block on a guess."""
    suspected = [each for each in verdict(WEB).rulings if each.finding.certainty is Certainty.SUSPECTED]
    assert suspected
    assert max(each.severity for each in suspected) <= Severity.WARNING


@pytest.mark.parametrize("mode", [mode for mode in Mode if mode is not Mode.OFF])
@pytest.mark.parametrize("certainty", Certainty)
@pytest.mark.parametrize("severity", Severity)
def test_no_severity_is_ever_raised(severity: Severity, certainty: Certainty, mode: Mode) -> None:
    """Suspicion and mode only lower it; only a proven error in mode enforce denies."""
    effective = effective_severity(severity, certainty, mode)
    assert effective <= severity
    denies = (severity, certainty, mode) == (Severity.ERROR, Certainty.PROVEN, Mode.ENFORCE)
    assert denies == (effective is Severity.ERROR)


def test_of_several_policies_the_strictest_speaks(verdict: Callable[..., Verdict]) -> None:
    """Whichever comes first; each place is told once."""
    strict, mild = GracePolicy("strict"), GracePolicy("mild", profile=Profile.STRICT, mode=Mode.WARN)
    expected = told(verdict(WEB, strict).rulings)
    for pair in ((strict, mild), (mild, strict)):
        both = told(verdict(WEB, *pair).rulings)
        assert len(both) == len({(identity, rule, container, *rest) for identity, rule, container, *rest in both})
        assert set(expected) <= set(both)
        assert len(both) == len(verdict(WEB, mild).rulings)


def test_a_policy_sets_a_rules_parameters(found: Callable[..., set[str]]) -> None:
    """Each with the rule's own type."""
    pod = "containers: [{name: web, image: 'a:1', command: [gunicorn, --graceful-timeout=20, 'a:a']}]"
    rule = next(rule for rule in RULES if rule.id == "grace-period-too-short")
    assert rule.parameters is not None
    policy = GracePolicy(parameters={rule.id: rule.parameters(margin_seconds=11)})
    assert [False, True] == [rule.id in found(pod, each) for each in (GracePolicy(), policy)]


def test_the_kubernetes_version_is_the_callers(manifests: Callable[[str], list[Document]]) -> None:
    """A field that the cluster drops bounds nothing."""
    documents = manifests("{resources: {limits: {memory: 1Gi}}, containers: [{name: web, image: 'a:1'}]}")
    told = {
        version: {
            each.rule.id
            for each in judge(
                documents,
                policies=[STRICTEST],
                rules=RULES,
                neighbours=Neighbours(),
                now=NOW,
                kubernetes_version=KubernetesVersion.parse(version),
            ).rulings
        }
        for version in ("1.33", "1.34")
    }
    assert {"memory-limit-missing", "memory-request-missing"} == told["1.33"] - told["1.34"]


@pytest.mark.parametrize("field", ["ephemeralContainers", "initContainers"])
def test_a_container_that_does_not_serve_gets_fewer_rules(verdict: Callable[..., Verdict], field: str) -> None:
    """Ephemeral ones only the security rules: they may have neither probes nor resources."""
    pod = f"{field}: [{{name: debug, image: shop/web, command: [gunicorn, 'a:a']}}]"
    concerns = {each.rule.concern for each in verdict(pod).rulings}
    assert concerns == ({"security"} if field == "ephemeralContainers" else {"security", "images"})


def test_what_cannot_be_read_is_told_and_the_rest_is_judged(manifests: Callable[[str], list[Document]]) -> None:
    """One bad document hides no other."""
    text = WEB + "---\n{apiVersion: v1, kind: Pod, metadata: {name: bad}, spec: {containers: {}}}\n"
    told = everything(manifests(text))
    assert ["spec.containers"] == [render_path(each.path) for each in told.misread]
    assert {"web", "lone"} == {each.workload.identity.name for each in told.judged}


def test_a_verdict_shows_what_was_worked_out(verdict: Callable[..., Verdict]) -> None:
    """Processes and timelines, for `explain`."""
    judged = verdict(WEB).judged[0]
    assert ["gunicorn", "consumer.py", ""] == [process.name for process in judged.processes]
    assert frozenset({Runtime.PYTHON}) == judged.runtimes
    timeline = judged.timeline("web")
    assert timeline is not None
    assert "web" == timeline.container.name
    assert judged.timeline("nobody") is None


def test_what_knative_fills_in_is_not_judged(verdict: Callable[..., Verdict]) -> None:
    """It sets grace period, port, hook and probe itself; resources, security and images stay ours."""
    found = verdict("""
        apiVersion: serving.knative.dev/v1
        kind: Service
        metadata: {name: web, namespace: shop}
        spec: {template: {spec: {timeoutSeconds: 120, containers: [{image: shop/web, command: [gunicorn, "a:a"]}]}}}
    """)
    assert {ruling.rule.concern for ruling in found.rulings} == {"resources", "security", "images"}


@pytest.mark.parametrize(
    "worker",
    [
        "{command: [celery, -A, a, worker, --time-limit=300], envFrom: [{configMapRef: {name: unseen}}]}",
        "{command: [celery, -A, a, worker, --time-limit=300], env: [{name: REMAP_SIGTERM, valueFrom: {}}]}",
    ],
)
def test_an_unseen_variable_may_give_the_signal_another_meaning(verdict: Callable[..., Verdict], worker: str) -> None:
    """Then a task limit proves nothing."""
    found = [each for each in verdict(f"containers: [{worker}]").rulings if each.rule.id == "task-outlives-grace"]
    assert [Certainty.SUSPECTED] == [ruling.finding.certainty for ruling in found]


def test_the_greatest_that_a_limit_range_allows_is_its_default(verdict: Callable[..., Verdict]) -> None:
    """As the API server fills it in."""
    found = verdict("""
        containers: [{image: "shop/web:1"}]
        ---
        apiVersion: v1
        kind: LimitRange
        metadata: {name: all, namespace: shop}
        spec: {limits: [{type: Container, max: {memory: 1Gi, ephemeral-storage: 1Gi, cpu: 1}, min: {cpu: 10m}}]}
    """)
    assert not [ruling.rule.id for ruling in found.rulings if ruling.rule.concern == "resources"]


def test_a_probe_stops_a_sidecar_alone_whatever_the_main_container_does(verdict: Callable[..., Verdict]) -> None:
    """The pod's own stop waits for a main container without a limit; the kill by a probe waits for nobody."""
    found = verdict("""
        initContainers:
        - name: proxy
          image: "shop/proxy:1"
          restartPolicy: Always
          command: [gunicorn, --bind=:9000, --graceful-timeout=20, "a:a"]
          livenessProbe: {httpGet: {path: /, port: 9000}, terminationGracePeriodSeconds: 10}
        containers:
        - {name: main, image: "shop/web:1", command: [uvicorn, --host=0.0.0.0, "a:a"]}
    """)
    places = [render_path(each.finding.at) for each in found.rulings if each.rule.id == "grace-period-too-short"]
    assert places == ["spec.template.spec.initContainers[0].livenessProbe.terminationGracePeriodSeconds"]
