"""What holds for every manifest: judging never raises, and more grace never makes a grace finding."""

from __future__ import annotations

import functools
import operator
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.inspect import AnyType, BoolType, DictType, StrType, StructType, UnionType, VarTupleType, type_info

from gracekeeper_policies import controllerspec, model, neighbourspec, podspec
from gracekeeper_policies.catalog import RULES
from gracekeeper_policies.document import Document
from gracekeeper_policies.finding import Set
from gracekeeper_policies.judge import judge
from gracekeeper_policies.kinds import KINDS
from gracekeeper_policies.kubernetes import KubernetesVersion
from gracekeeper_policies.neighbours import neighbours_among
from gracekeeper_policies.policy import GracePolicy, Profile, Scope

if TYPE_CHECKING:
    from msgspec.inspect import Type

    from gracekeeper_policies.document import Path
    from gracekeeper_policies.verdict import Verdict

NOW = date(2026, 11, 22)

STRICTEST: Final = GracePolicy(profile=Profile.STRICT, scope=Scope.ALL)
GRACE: Final = {"grace-period-too-short", "drain-delay-exceeds-grace", "grace-period-zero", "task-outlives-grace"}
VERSIONS: Final = [KubernetesVersion(1, minor) for minor in (28, 29, 30, 34)]

TEXTS: Final = """
    gunicorn uvicorn celery python sh bash dash ash busybox tini -- dumb-init env su -c -w 4 --workers=x -b :80 --bind
    unix:/x [::1]:80 --graceful-timeout --graceful-timeout=inf --graceful-timeout=nan --timeout-graceful-shutdown=1e400
    worker -A app --time-limit --time-limit=9999999999999 app:app $(A) $(A $$(A) $A sleep infinity 5 1e9 timeout -k uv
    run poetry -m 0 -1 99999999999999999999 9223372036854775807 -9223372036854775808 512Mi 1e999 0.0001 -5m five Always
    Never True In Exists latest shop/web shop/web:1 python:3.12-alpine registry:5000/a {{x}} http TCP web proxy settings
    gunicorn.conf.py /etc/gunicorn.conf.py /etc
    gracekeeper.dev/exempt gracekeeper.dev/shutdown-seconds gracekeeper.dev/web.startup-seconds gracekeeper.dev/
    run-as-root:x
""".split()
SCRIPTS: Final = [
    "gunicorn a:a; true",
    "exec uvicorn a:a & wait",
    "if",
    "trap 'kill $!' TERM; gunicorn & wait",
    'eval "$X"',
    "while :; do sleep 1; done",
    "cat <<EOF\nx\nEOF\nexec gunicorn",
    "sleep 5; ./drain",
    "${A:-b} $((1/0)) `x",
    "graceful_timeout = 1e400\nworkers = []\nbind = 7",
    "workers = -3\ngraceful_timeout = 'x'\nbind = [1, None]",
    "\0",
    "",
]
WORDS: Final = st.sampled_from([*TEXTS, *SCRIPTS]) | st.text(max_size=6)
INTEGERS: Final = st.sampled_from([0, 1, -1, 2, 30, 80, 8000, 2**31, 2**63 - 1, -(2**63)])
NUMBERS: Final = INTEGERS | st.sampled_from([2**63, 10**400]) | st.floats()
QUANTITIES: Final = st.sampled_from(["0", "10Mi", "512Mi", "100m", "1e999", "-5m", 0.1, 2, None])
COMMANDS: Final = st.sampled_from(
    [
        ["gunicorn", "a:a"],
        ["gunicorn", "--graceful-timeout=90", "a:a"],
        ["uvicorn", "a:a"],
        ["uvicorn", "--timeout-graceful-shutdown", "28", "a:a"],
        ["celery", "-A", "a", "worker"],
        ["celery", "-A", "a", "worker", "--time-limit=45"],
        ["su", "app", "-c", "exec gunicorn a:a"],
        ["timeout", "-k", "3", "99", "gunicorn", "a:a"],
        ["python", "app.py"],
    ]
)
ANYTHING: Final = st.recursive(
    st.none() | st.booleans() | NUMBERS | WORDS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(WORDS, inner, max_size=2),
    max_leaves=4,
)


LINES: Final = st.one_of(
    COMMANDS,
    st.lists(WORDS, max_size=4),
    st.builds(operator.add, COMMANDS, st.lists(WORDS, max_size=3)),
    st.builds(lambda shell, script: [shell, "-c", script], st.sampled_from(["sh", "bash"]), st.sampled_from(SCRIPTS)),
)


def of_type(kind: Type) -> st.SearchStrategy[Any]:
    """Values that a field of this type takes, however little sense they make."""
    match kind:
        case StructType():
            return st.deferred(lambda: of_model(kind.cls))
        case VarTupleType():
            return LINES if isinstance(kind.item_type, StrType) else st.lists(of_type(kind.item_type), max_size=3)
        case DictType():
            values = WORDS if isinstance(kind.value_type, StrType) else QUANTITIES
            return st.dictionaries(st.sampled_from(["memory", "cpu", "app", *TEXTS[-8:]]), values, max_size=2)
        case UnionType():
            return of_type(kind.types[0])
    return {StrType: WORDS, BoolType: st.booleans(), AnyType: ANYTHING}.get(type(kind), INTEGERS)


def of_type_or_any(kind: Type, die: int) -> st.SearchStrategy[Any]:
    """Anything at all where the die shows 0."""
    return of_type(kind) if die else ANYTHING


@functools.cache
def of_model(model: type[model.Model]) -> st.SearchStrategy[dict[str, Any]]:
    """Mappings with a model's own field names; one value in two hundred is of any type at all."""
    described = type_info(model)
    assert isinstance(described, StructType)
    fields = {
        field.encode_name: st.integers(0, 199).flatmap(functools.partial(of_type_or_any, field.type))
        for field in described.fields
    }
    required = {field.encode_name for field in described.fields if field.required}
    return st.sets(st.sampled_from(sorted(fields)), max_size=6).flatmap(
        lambda chosen: st.fixed_dictionaries({name: fields[name] for name in sorted(chosen | required)})
    )


def in_kind(kind: str, template: dict[str, Any]) -> dict[str, Any]:
    """An object of a kind around a pod template."""
    groups, path = KINDS[kind]
    group = min(groups)
    inner = template
    for step in reversed(path):
        inner = {str(step): inner}
    return {"apiVersion": f"{group}/v1" if group else "v1", "kind": kind, "metadata": {"name": "web"}, **inner}


WEB: Final = st.builds(
    lambda values, line: {**values, "name": "web", "command": line}, of_model(podspec.Container), LINES
)
WEB_CONTAINERS: Final = st.lists(WEB | of_model(podspec.Container), min_size=1, max_size=2)
PODS: Final = st.builds(
    lambda pod, containers: {**pod, "containers": containers}, of_model(podspec.PodSpec), WEB_CONTAINERS
)


def controlled(workload: dict[str, Any], controller: dict[str, Any]) -> dict[str, Any]:
    """The workload with what its controller says beside the template."""
    return {**workload, "spec": {**controller, **workload["spec"]}} if "spec" in workload else workload


WORKLOADS: Final = st.builds(
    lambda kind, pod, metadata, controller: controlled(in_kind(kind, {"metadata": metadata, "spec": pod}), controller),
    st.sampled_from(sorted(KINDS)),
    PODS,
    of_model(podspec.Metadata),
    of_model(controllerspec.ControllerSpec),
)


def neighbour(kind: str, **fields: object) -> dict[str, Any]:
    """An object beside a workload."""
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": "settings"}, **fields}


BESIDE: Final = st.one_of(
    of_model(neighbourspec.ServiceSpec).map(lambda spec: neighbour("Service", spec=spec)),
    of_model(neighbourspec.BudgetSpec).map(lambda spec: neighbour("PodDisruptionBudget", spec=spec)),
    of_model(neighbourspec.AutoscalerSpec).map(lambda spec: neighbour("HorizontalPodAutoscaler", spec=spec)),
    of_model(neighbourspec.LimitRangeSpec).map(lambda spec: neighbour("LimitRange", spec=spec)),
    st.dictionaries(WORDS, WORDS, max_size=2).map(lambda data: neighbour("ConfigMap", data=data)),
)


def verdict_on(*objects: dict[str, Any], version: KubernetesVersion = VERSIONS[-1]) -> Verdict:
    """Judge objects under every rule, for every workload."""
    documents = [Document(values) for values in objects]
    neighbours, _ = neighbours_among(documents)
    return judge(
        documents, policies=[STRICTEST], rules=RULES, neighbours=neighbours, now=NOW, kubernetes_version=version
    )


def consumed(verdict: Verdict) -> None:
    """Ask a verdict everything that reports ask: facts are worked out only when somebody asks."""
    for ruling in verdict.rulings:
        assert ruling.finding.message
        assert ruling.finding.remedy
    for timeline in (timeline for judged in verdict.judged for timeline in judged.timelines):
        process = timeline.process
        _ = timeline.stops, timeline.window, timeline.cold_start, timeline.preparation, timeline.drain_flag
        _ = (
            process.delivery,
            process.addresses.binds,
            process.shutdown.drain,
            process.memory_floor,
            process.unknown,
            process.runtime,
        )


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(WORKLOADS, st.lists(BESIDE, max_size=2), st.sampled_from(VERSIONS))
def test_no_object_stops_the_judge(
    workload: dict[str, Any], beside: list[dict[str, Any]], version: KubernetesVersion
) -> None:
    """Whatever its fields hold, the outcome is findings or a misread field, never an exception."""
    consumed(verdict_on(workload, *beside, version=version))


@settings(max_examples=300, deadline=None)
@given(
    st.dictionaries(st.sampled_from(["metadata", "spec", "template", "data", "items"]) | WORDS, ANYTHING),
    st.sampled_from(sorted(KINDS)),
)
def test_no_mapping_of_a_known_kind_stops_the_judge(values: dict[str, Any], kind: str) -> None:
    """Nor does one that resembles its kind in name only."""
    for group in KINDS[kind][0]:
        consumed(verdict_on({**values, "apiVersion": f"{group}/v1" if group else "v1", "kind": kind}))


HOOKS: Final = st.sampled_from(
    [
        {},
        {"sleep": {"seconds": 7}},
        {"exec": {"command": ["sleep", "31"]}},
        {"exec": {"command": ["sleep", "infinity"]}},
    ]
)
STOPPED: Final = st.builds(
    lambda command, hook, liveness: {
        "image": "a:1",
        "command": command,
        "lifecycle": {"preStop": hook},
        "livenessProbe": {"exec": {}, "terminationGracePeriodSeconds": liveness},
    },
    COMMANDS,
    HOOKS,
    st.none() | st.integers(1, 60),
)


def grace_findings(
    grace: int, containers: list[dict[str, Any]], sidecars: list[dict[str, Any]]
) -> set[tuple[str, Path]]:
    """Which containers a grace rule finds fault with, and where; a fault of the pod is one of each container."""
    mains = [{"name": f"main-{number}", **each} for number, each in enumerate(containers)]
    natives = [{"name": f"side-{number}", "restartPolicy": "Always", **each} for number, each in enumerate(sidecars)]
    spec = {"terminationGracePeriodSeconds": grace, "containers": mains, "initContainers": natives}
    rulings = verdict_on({"apiVersion": "v1", "kind": "Pod", "spec": spec}).rulings
    everybody = [each["name"] for each in (*mains, *natives)]
    return {
        (name, each.finding.at)
        for each in rulings
        if each.rule.id in GRACE
        for name in ([each.container.name] if each.container else everybody)
    }


@settings(max_examples=150, deadline=None)
@given(
    st.integers(-5, 120), st.integers(1, 200), st.lists(STOPPED, min_size=1, max_size=2), st.lists(STOPPED, max_size=1)
)
def test_adding_grace_never_adds_a_grace_finding(
    grace: int, more: int, containers: list[dict[str, Any]], sidecars: list[dict[str, Any]]
) -> None:
    """Whoever follows the remedy is not told off for it."""
    before, after = (grace_findings(each, containers, sidecars) for each in (grace, grace + more))
    assert after <= before


def test_enough_grace_leaves_no_grace_finding_with_a_bound() -> None:
    """The property above is no empty one: findings are there, and they go."""
    bounded = {"image": "a:1", "command": ["gunicorn", "a:a"], "lifecycle": {"preStop": {"sleep": {"seconds": 7}}}}
    assert grace_findings(30, [bounded], [])
    assert set() == grace_findings(40, [bounded], [])


@pytest.mark.parametrize("command", [["sleep", "infinity"], ["sh", "-c", "sleep infinity"]])
def test_a_hook_without_end_is_found(command: list[str]) -> None:
    """It uses up every grace period; there is no number of seconds to write, so none is written."""
    hook = {"preStop": {"exec": {"command": command}}}
    spec = {"containers": [{"name": "web", "image": "a:1", "command": ["gunicorn", "a:a"], "lifecycle": hook}]}
    rulings = verdict_on({"apiVersion": "v1", "kind": "Pod", "spec": spec}).rulings
    [found] = [each.finding for each in rulings if each.rule.id == "drain-delay-exceeds-grace"]
    assert "never ends" in found.message
    assert not any(isinstance(remedy, Set) for remedy in found.remedies)
