"""Settings of the operator: a flag before the environment before the default, and every mistake told at once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gracekeeper.errors import ConfigurationError
from gracekeeper.settings import ExtraKind, OperatorSettings, flag, helm_value, read, variable

UNITS = ("_seconds", "_mib", "_port")


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in OperatorSettings.model_fields:
        monkeypatch.delenv(variable(name), raising=False)


def complaint(flags: dict[str, object]) -> str:
    """What `read` says of settings that it refuses."""
    with pytest.raises(ConfigurationError) as raised:
        read(flags)
    return str(raised.value)


def test_defaults_alone_are_settings() -> None:
    """The operator starts without a single setting, and then lets pass what it fails on."""
    assert read({}).on_internal_error == "allow"


def test_a_flag_comes_before_the_environment_and_that_before_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who types a flag means it; what a Deployment sets comes next."""
    monkeypatch.setenv("GRACEKEEPER_WEBHOOK_PORT", "9443")
    monkeypatch.setenv("GRACEKEEPER_DRAIN_SECONDS", "7")
    settings = read({"webhook_port": "10443"})

    assert (10443, 7, 8080) == (settings.webhook_port, settings.drain_seconds, settings.operations_port)


def test_an_empty_variable_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """A template that renders nothing leaves the default."""
    monkeypatch.setenv("GRACEKEEPER_DEFAULT_POLICY", "")

    assert read({}).default_policy is None


def test_variables_that_kubernetes_makes_for_services_are_no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Service named gracekeeper puts GRACEKEEPER_PORT into every pod of its namespace."""
    monkeypatch.setenv("GRACEKEEPER_PORT", "tcp://10.0.0.1:443")
    monkeypatch.setenv("GRACEKEEPER_SERVICE_HOST", "10.0.0.1")

    assert read({}) == OperatorSettings()


def test_lists_are_written_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment variable and a flag hold one text, so commas part it."""
    monkeypatch.setenv("GRACEKEEPER_EXTRA_KINDS", "rollouts.v1alpha1.argoproj.io, services.v1.serving.knative.dev,")
    settings = read({"controller_users": "system:serviceaccount:kube-system:*-controller,admin"})

    assert settings.controller_users == ("system:serviceaccount:kube-system:*-controller", "admin")
    assert settings.extra_kinds == (
        ExtraKind(resource="rollouts", version="v1alpha1", group="argoproj.io"),
        ExtraKind(resource="services", version="v1", group="serving.knative.dev"),
    )
    assert ["rollouts.v1alpha1.argoproj.io", "services.v1.serving.knative.dev"] == list(map(str, settings.extra_kinds))


def test_all_mistakes_are_told_at_once_by_the_name_they_were_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """A setting that came as a flag is named as one, else as its variable."""
    monkeypatch.setenv("GRACEKEEPER_WEBHOOK_PORT", "99999")
    monkeypatch.setenv("GRACEKEEPER_LOG_LEVEL", "loud")

    assert complaint({"drain_seconds": "-1", "max_body_mib": "big"}) == (
        "GRACEKEEPER_WEBHOOK_PORT: expected at most 65535, found 99999; "
        "--max-body-mib: expected a whole number, found big; "
        "--drain-seconds: expected at least 0.0, found -1; "
        "GRACEKEEPER_LOG_LEVEL: expected 'debug', 'info', 'warning' or 'error', found loud."
    )


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        ({"extra_kinds": "rollouts"}, "'rollouts' is not spelled RESOURCE.VERSION.GROUP"),
        ({"webhook_address": "localhost"}, "'localhost' does not appear to be an IPv4 or IPv6 address"),
        ({"namespace": "Shop"}, "expected the name of an object, found Shop"),
        ({"read_timeout_seconds": "nan"}, "--read-timeout-seconds"),
        ({"review_timeout_seconds": "0"}, "expected more than 0.0, found 0"),
        ({"webhook_port": "8080"}, "webhook_port and operations_port are both 8080; one of them cannot listen"),
    ],
)
def test_what_cannot_work_is_refused(flags: dict[str, object], told: str) -> None:
    """Better at the start than at the first review."""
    assert told in complaint(flags)


def test_addresses_may_be_of_version_six() -> None:
    """A cluster may have no other."""
    assert read({"webhook_address": "::"}).webhook_address == "::"


def test_a_name_leads_to_flag_variable_and_helm_value() -> None:
    """One name, written once."""
    assert (flag("max_body_mib"), variable("max_body_mib"), helm_value("max_body_mib")) == (
        "--max-body-mib",
        "GRACEKEEPER_MAX_BODY_MIB",
        "settings.maxBodyMib",
    )
    assert (helm_value("certificate_source"), helm_value("namespace")) == ("certificates.source", "")


@pytest.mark.parametrize("name", OperatorSettings.model_fields)
def test_every_setting_has_a_default_and_its_reason_in_one_sentence(name: str) -> None:
    """A setting that nobody can give a reason for is none."""
    field = OperatorSettings.model_fields[name]

    assert not field.is_required()
    assert re.fullmatch(r"\S[^\n]*[^.]\.", field.description or "")


@pytest.mark.parametrize("name", OperatorSettings.model_fields)
def test_every_number_bears_its_unit_in_its_name(name: str) -> None:
    """`timeout: 5` says nothing; `timeout_seconds` does."""
    is_number = isinstance(getattr(read({}), name), int | float)

    assert is_number == name.endswith(UNITS)


def test_paths_are_paths() -> None:
    """A file is named as it is on disk."""
    assert read({"default_policy": "/etc/gracekeeper/policy.yaml"}).default_policy == Path(
        "/etc/gracekeeper/policy.yaml"
    )
