"""The page of settings: one row each, with all names that a setting goes by."""

from __future__ import annotations

from gracekeeper.settings import OperatorSettings
from gracekeeper.settings_table import default, settings_page, written


def test_every_setting_has_a_row() -> None:
    """No setting is told by the code alone."""
    rows = [line for line in settings_page().splitlines() if line.startswith("| `--")]

    assert len(OperatorSettings.model_fields) == len(rows)
    assert (
        "| `--max-body-mib`<br>`GRACEKEEPER_MAX_BODY_MIB`<br>`settings.maxBodyMib` | `16` "
        "| A review carries two objects of up to 1.5 MiB; more is refused unread. |"
    ) in rows


def test_a_default_is_written_as_one_would() -> None:
    """What a row shows can be typed as it stands."""
    assert ("10", "/etc/gracekeeper/tls", "", "") == tuple(
        map(written, ["endpoint_delay_seconds", "certificate_folder", "default_policy", "extra_kinds"])
    )
    assert "system:serviceaccount:kube-system:*-controller,system:kube-controller-manager" == written(
        "controller_users"
    )


def test_a_list_is_a_list_for_helm() -> None:
    """Only flags and variables part by commas."""
    assert ["system:serviceaccount:kube-system:*-controller", "system:kube-controller-manager"] == default(
        "controller_users"
    )
