"""Before an uninstallation the webhook's configuration goes, whether or not it is there."""

from __future__ import annotations

from typing import Any

import pytest
from kubernetes.client import ApiException

from gracekeeper.operator.removal import removed


class Api:
    """An API server that holds one configuration, or refuses."""

    def __init__(self, refusal: int = 0) -> None:
        self.refusal = refusal
        self.names = ["gracekeeper"]

    def delete_validating_webhook_configuration(self, name: str, _request_timeout: int) -> None:
        """Take it away."""
        if self.refusal or name not in self.names:
            raise ApiException(status=self.refusal or 404)
        self.names.remove(name)


def test_it_goes_and_may_be_gone_already() -> None:
    """A hook that runs twice, or after somebody's own hand, succeeds."""
    api: Any = Api()

    assert ["is gone", "was gone already"] == [removed(api, "gracekeeper"), removed(api, "gracekeeper")]
    assert [] == api.names


def test_a_refusal_fails() -> None:
    """Then the hook's Job tries again, and the uninstallation stops before the operator goes."""
    api: Any = Api(refusal=403)

    with pytest.raises(ApiException):
        removed(api, "gracekeeper")
