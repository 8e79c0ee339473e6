"""Kubernetes versions: read as clusters spell them, compared by number."""

from __future__ import annotations

import pytest

from gracekeeper_policies.kubernetes import ASSUMED, NATIVE_SIDECARS, POD_RESOURCES, SLEEP_ACTION, KubernetesVersion


@pytest.mark.parametrize("text", ["1.34", "v1.34", "1.34.2", "v1.34.2-gke.1000", "v1.34.5+k3s1", "1.34+"])
def test_a_version_reads_as_clusters_spell_it(text: str) -> None:
    """Only major and minor decide which features are on."""
    assert KubernetesVersion(1, 34) == KubernetesVersion.parse(text)


@pytest.mark.parametrize(
    "text", ["", "1", "latest", "1.x", "34", "1.34 ", "1.34\n", "-1.34", "v 1.34", "1.34garbage", "1.9999"]
)
def test_what_is_no_version_is_refused(text: str) -> None:
    """The message says what was expected."""
    with pytest.raises(ValueError, match=r"^expected a Kubernetes version such as 1.34$"):
        KubernetesVersion.parse(text)


def test_versions_compare_by_number() -> None:
    """1.9 came before 1.29."""
    assert KubernetesVersion.parse("1.9") < KubernetesVersion.parse("1.29")


def test_a_version_comes_back_as_it_was_written() -> None:
    """Without prefix and patch."""
    assert "1.29" == str(KubernetesVersion.parse("v1.29.4"))


def test_the_assumed_version_is_the_oldest_that_has_every_feature() -> None:
    """Otherwise fields that most clusters know would be judged as if they were dropped."""
    assert ASSUMED == max(NATIVE_SIDECARS, SLEEP_ACTION, POD_RESOURCES)
