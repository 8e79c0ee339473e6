"""The chart as the real helm renders it: it keeps our own law, passes every setting on, and refuses contradictions."""

from __future__ import annotations

import base64
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
import yaml
from click.testing import CliRunner

from gracekeeper.cli import program
from gracekeeper.operator.metrics import Metrics
from gracekeeper.policyfiles.in_force import PolicyFiles
from gracekeeper.settings import OperatorSettings, helm_value, read, variable
from gracekeeper.settings_table import default
from gracekeeper_policies.catalog import RULES
from tests.charts.rendering import CHART, TOPICS, RefusedError, values_of

if TYPE_CHECKING:
    from tests.charts.rendering import Render

ROOT: Final = Path(__file__).parents[2]
DIGEST: Final = f"sha256:{'0' * 64}"


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.stem)
def test_the_chart_passes_our_own_strict_profile(rendered: Render, topic: Path) -> None:
    """Whoever preaches keeps the law, and not even a note is left."""
    ran = CliRunner().invoke(
        program,
        ["check", "-", "--profile=strict", "--fail-on=note"],
        input=rendered(values_of(topic)).text,
        catch_exceptions=False,
    )

    assert (0, "") == (ran.return_value or 0, ran.stderr), ran.output


def test_only_a_missing_digest_is_exempt(rendered: Render) -> None:
    """An exemption stands where a release is still missing, and goes with the reason for it."""
    exempt = "gracekeeper.dev/exempt"
    without, having = (rendered({"image": {"digest": digest}})("Deployment") for digest in ("", DIGEST))

    assert without["spec"]["template"]["metadata"]["annotations"][exempt].startswith("image-not-pinned: ")
    assert exempt not in having["spec"]["template"]["metadata"]["annotations"]


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.stem)
def test_every_object_can_be_told_apart_from_those_of_other_releases(rendered: Render, topic: Path) -> None:
    """Names are not taken twice, what has a namespace is in the release's, and all bear the release's label."""
    objects = rendered(values_of(topic)).all
    cluster_wide = {"ClusterRole", "ClusterRoleBinding", "ValidatingWebhookConfiguration", "CustomResourceDefinition"}

    assert len(objects) == len({(each["kind"], each["metadata"]["name"]) for each in objects})
    assert {"policies"} == {each["metadata"]["namespace"] for each in objects if each["kind"] not in cluster_wide}


@pytest.mark.parametrize("name", [name for name in OperatorSettings.model_fields if helm_value(name)])
def test_every_setting_has_a_value_that_exists(name: str) -> None:
    """docs/settings.md sends nobody to a value that the chart does not have."""
    values: Any = values_of(CHART / "values.yaml")
    for key in helm_value(name).split("."):
        values = values[key]

    assert not helm_value(name).startswith("settings.") or default(name) == values


def test_the_operator_starts_with_the_environment_that_the_chart_gives_it(
    rendered: Render, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the chart writes is what the operator reads."""
    for name, text in rendered(
        {
            "settings": {"drainSeconds": 2.5, "controllerUsers": ["a", "b*"], "onInternalError": "deny"},
            "kinds": {"argoRollouts": True, "extra": ["sparkapplications.v1beta2.sparkoperator.k8s.io"]},
            "fullnameOverride": "gracekeeper",
        }
    ).environment.items():
        monkeypatch.setenv(name, text)
    settings = read({})

    assert (2.5, ("a", "b*"), "deny") == (settings.drain_seconds, settings.controller_users, settings.on_internal_error)
    assert ["rollouts.v1alpha1.argoproj.io", "sparkapplications.v1beta2.sparkoperator.k8s.io"] == [
        str(each) for each in settings.extra_kinds
    ]
    assert settings.webhook_configuration == settings.service_name == "gracekeeper"


def test_every_variable_of_the_chart_is_a_setting(rendered: Render) -> None:
    """A variable that nobody reads would be believed."""
    own = {name for name in rendered(values_of(CHART / "ci/kinds-values.yaml")).environment if "GRACEKEEPER" in name}

    assert own <= {variable(name) for name in OperatorSettings.model_fields}


def test_the_grace_period_holds_the_whole_shutdown(rendered: Render) -> None:
    """Pre-stop delay, endpoint delay, drain, two seconds to end and three to spare: nothing ends in SIGKILL."""
    objects = rendered({"preStopSeconds": 7, "settings": {"endpointDelaySeconds": 20.5, "drainSeconds": 30}})

    assert objects.pod["terminationGracePeriodSeconds"] == 7 + 53 + 3
    assert (
        objects("Deployment")["spec"]["template"]["metadata"]["annotations"]["gracekeeper.dev/shutdown-seconds"] == "53"
    )


def test_the_webhook_never_sees_its_own_namespace_or_the_systems(rendered: Render) -> None:
    """Gracekeeper and what it needs can start while Gracekeeper is away."""
    workloads, _ = rendered()("ValidatingWebhookConfiguration")["webhooks"]

    assert [
        {"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": ["kube-system", "policies"]}
    ] == workloads["namespaceSelector"]["matchExpressions"]


def test_kinds_of_other_projects_come_as_rules(rendered: Render) -> None:
    """What `kinds` names is sent to the webhook, in its own version."""
    workloads, _ = rendered(values_of(CHART / "ci/kinds-values.yaml"))("ValidatingWebhookConfiguration")["webhooks"]

    assert [
        ("argoproj.io", "v1alpha1", "rollouts"),
        ("serving.knative.dev", "v1", "services"),
        ("sparkoperator.k8s.io", "v1beta2", "sparkapplications"),
    ] == [(*rule["apiGroups"], *rule["apiVersions"], *rule["resources"]) for rule in workloads["rules"][3:]]


def test_the_default_policy_is_a_policy_file_that_warns(rendered: Render, tmp_path: Path) -> None:
    """`check --policy` reads the very file that the operator does."""
    file = tmp_path / "gracekeeper.yaml"
    file.write_text(rendered()("ConfigMap")["data"]["gracekeeper.yaml"], encoding="utf-8")
    policies = PolicyFiles([str(file)], RULES, "default")

    assert [("chart-default", "warn", "standard")] == [
        (each.name, each.mode.value, each.profile.label) for each in policies.in_force(()).policies
    ]


def test_a_change_of_policy_restarts_the_operator(rendered: Render) -> None:
    """A mounted file that changes under a running operator would take effect at some later restart."""
    first, second = (
        rendered({"policy": {"mode": mode}})("Deployment")["spec"]["template"]["metadata"]["annotations"]
        for mode in ("warn", "enforce")
    )

    assert first["checksum/policy"] != second["checksum/policy"]


def test_each_source_of_certificates_brings_what_it_needs_and_no_right_more(rendered: Render) -> None:
    """Only who makes the certificate may write Secrets, or the webhook's configuration."""

    def needs(values: dict[str, Any]) -> tuple[bool, bool, bool, bool]:
        objects = rendered(values)
        rules = [rule for each in objects.all if "Role" in each["kind"] for rule in each.get("rules", ())]
        return (
            "Certificate" in objects.kinds,
            any("secret" in volume for volume in objects.pod["volumes"]),
            any("secrets" in rule["resources"] for rule in rules),
            any("patch" in rule["verbs"] and "validatingwebhookconfigurations" in rule["resources"] for rule in rules),
        )

    assert needs({}) == (False, False, True, True)
    assert needs(values_of(CHART / "ci/cert-manager-values.yaml")) == (True, True, False, False)
    assert needs(values_of(CHART / "ci/own-certificate-values.yaml")) == (False, True, False, False)


def test_cert_manager_tells_the_api_server(rendered: Render) -> None:
    """The annotation names the release's Certificate, whose Secret the pod mounts, for the Service's name."""
    objects = rendered(values_of(CHART / "ci/cert-manager-self-signed-values.yaml"))
    certificate = objects("Certificate")

    assert {"cert-manager.io/inject-ca-from": "policies/gracekeeper"} == objects("ValidatingWebhookConfiguration")[
        "metadata"
    ]["annotations"]
    assert {"kind": "Issuer", "name": objects("Issuer")["metadata"]["name"]} == certificate["spec"]["issuerRef"]
    assert "gracekeeper.policies.svc" in certificate["spec"]["dnsNames"]
    assert {"secretName": certificate["spec"]["secretName"]} in [each.get("secret") for each in objects.pod["volumes"]]


def test_a_ca_of_ones_own_reaches_both_webhooks(rendered: Render) -> None:
    """The API server recognises who answers by it."""
    values = values_of(CHART / "ci/own-certificate-values.yaml")
    webhooks = rendered(values)("ValidatingWebhookConfiguration")["webhooks"]

    assert {values["certificates"]["caBundle"]} == {
        base64.b64decode(each["clientConfig"]["caBundle"]).decode() for each in webhooks
    }


def test_nothing_may_read_secrets_of_others(rendered: Render) -> None:
    """Every right on Secrets but `create`, which knows no names, is bounded to the one of the certificate."""
    rules = [rule for rule in rendered()("Role")["rules"] if rule["resources"] == ["secrets"]]

    assert [(["create"], None), (["get", "update"], ["gracekeeper-tls"])] == [
        (rule["verbs"], rule.get("resourceNames")) for rule in rules
    ]
    assert not [rule for rule in rendered()("ClusterRole")["rules"] if {"*", "secrets"} & {*rule["resources"]}]


def test_an_operator_outside_of_the_cluster_has_no_pods_inside(rendered: Render) -> None:
    """The API server calls it by its URL."""
    objects = rendered({"webhook": {"url": "https://10.99.0.2:9443/"}})

    assert not objects.kinds & {"Deployment", "Service", "PodDisruptionBudget", "Job", "Pod", "ConfigMap"}
    assert ["https://10.99.0.2:9443/workloads", "https://10.99.0.2:9443/policies"] == [
        each["clientConfig"]["url"] for each in objects("ValidatingWebhookConfiguration")["webhooks"]
    ]


def test_a_sole_replica_has_no_budget(rendered: Render) -> None:
    """A budget for one replica holds up every drain of its node."""
    assert ["PodDisruptionBudget"] == sorted({"PodDisruptionBudget"} & rendered({"replicas": 2}).kinds)
    assert "PodDisruptionBudget" not in rendered({"replicas": 1}).kinds


def test_the_webhook_goes_before_what_answers_it(rendered: Render) -> None:
    """The hook may delete this one configuration, and nothing else."""
    objects = rendered()

    assert objects("ClusterRole", "gracekeeper-cleanup")["rules"] == [
        {
            "apiGroups": ["admissionregistration.k8s.io"],
            "resources": ["validatingwebhookconfigurations"],
            "resourceNames": ["gracekeeper"],
            "verbs": ["delete"],
        }
    ]
    job = objects("Job", "gracekeeper-cleanup")
    assert job["metadata"]["annotations"]["helm.sh/hook"] == "pre-delete"
    assert [["python", "-m", "gracekeeper.operator.removal", "gracekeeper"]] == [
        each["command"] for each in job["spec"]["template"]["spec"]["containers"]
    ]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (
            {"settings": {"webhookPort": 8080}},
            "settings.webhookPort and settings.operationsPort are both 8080: one of them cannot listen.",
        ),
        (
            {"settings": {"reviewTimeoutSeconds": 5.5}},
            (
                "settings.reviewTimeoutSeconds is 5.5 and webhook.timeoutSeconds is 5: the API server gives up before "
                "Gracekeeper answers. Write webhook.timeoutSeconds: 7."
            ),
        ),
        (
            {"webhook": {"failurePolicy": "Fail"}, "replicas": 1},
            (
                "webhook.failurePolicy is Fail and replicas is 1: whenever that replica restarts, nobody can start or "
                "mend a workload. Write replicas: 2."
            ),
        ),
        (
            {"certificates": {"source": "secret", "secretName": "mine"}},
            (
                "certificates.source is secret and certificates.caBundle is empty: the API server would not recognise "
                "the webhook. Write the certificate of the CA that signed yours, as PEM."
            ),
        ),
        (
            {"certificates": {"source": "secret", "caBundle": "PEM"}},
            (
                "certificates.source is secret and certificates.secretName is empty: nobody makes that Secret. Write "
                "the name of yours."
            ),
        ),
        (
            {"certificates": {"caBundle": "PEM"}},
            (
                "certificates.caBundle is set, and certificates.source is self-managed: it would be overwritten. Write "
                "certificates.source: secret, or take caBundle away."
            ),
        ),
        (
            {"certificates": {"source": "cert-manager"}, "webhook": {"url": "https://10.0.0.1"}},
            (
                "certificates.source is cert-manager and webhook.url is set: cert-manager's Secret does not reach an "
                "operator outside of the cluster."
            ),
        ),
        (
            {"podDisruptionBudget": {"maxUnavailable": "0%"}},
            "podDisruptionBudget.maxUnavailable is 0%: no node that runs Gracekeeper could be drained.",
        ),
    ],
)
def test_contradictions_are_refused_in_a_sentence(rendered: Render, values: dict[str, Any], sentence: str) -> None:
    """What would fail later, at somebody else's expense, fails before anything is installed."""
    with pytest.raises(RefusedError) as refused:
        rendered(values)

    assert f": {sentence}\n" in str(refused.value)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"replica": 3}, "additional properties 'replica' not allowed"),
        ({"settings": {"drain": 3}}, "at '/settings': additional properties 'drain' not allowed"),
        ({"settings": {"logLevel": "loud"}}, "at '/settings/logLevel': value must be one of"),
        ({"policy": {"mode": "deny"}}, "at '/policy/mode': value must be one of"),
        ({"policy": {"rules": {"run-as-toor": {}}}}, "additional properties 'run-as-toor' not allowed"),
        ({"webhook": {"failurePolicy": "ignore"}}, "value must be one of 'Ignore', 'Fail'"),
        ({"image": {"digest": "sha256:1"}}, "at '/image/digest'"),
        ({"kinds": {"extra": ["rollouts"]}}, "at '/kinds/extra/0'"),
    ],
)
def test_a_typo_in_values_fails_the_installation(rendered: Render, values: dict[str, Any], told: str) -> None:
    """A value that is accepted and does nothing would be believed."""
    with pytest.raises(RefusedError) as refused:
        rendered(values)

    assert told in str(refused.value)


def test_a_chart_around_this_one_may_share_values(rendered: Render) -> None:
    """Helm hands `global` to every chart."""
    assert rendered({"global": {"region": "eu"}}).all == rendered().all


def test_the_chart_has_the_projects_version() -> None:
    """Chart and program are released together."""
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text(encoding="utf-8"))
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]

    assert (version, version.replace(".dev", "-dev.")) == (chart["appVersion"], chart["version"])


def test_alerts_ask_for_metrics_that_there_are(rendered: Render) -> None:
    """An alert on a metric that nobody writes never rings."""
    alerts = rendered(values_of(CHART / "ci/monitoring-values.yaml"))("PrometheusRule")["spec"]["groups"][0]["rules"]
    asked = {name for alert in alerts for name in re.findall(r"gracekeeper_\w+", alert["expr"])}
    metrics = Metrics()
    metrics.internal_errors.labels("handler")

    assert asked
    assert asked <= set(re.findall(r"^gracekeeper_\w+", metrics.exposition().decode(), re.MULTILINE))
