"""Who may ask a control plane what: certificates, tokens and kubeconfigs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import trustme

if TYPE_CHECKING:
    from pathlib import Path

ADMINISTRATOR: Final = "admin"
CONTROLLER_MANAGER: Final = "system:kube-controller-manager"
GROUPS: Final = {ADMINISTRATOR: "system:masters", CONTROLLER_MANAGER: ""}
"""The users that have a token of their own, which is their name. An administrator may act as anybody else."""


@dataclass(frozen=True)
class Credentials:
    """The files in one folder that the programs of a control plane identify themselves and their clients by."""

    folder: Path

    @property
    def authority(self) -> Path:
        """The certificate that vouches for the API server's."""
        return self.folder / "ca.crt"

    @property
    def certificate(self) -> Path:
        """The API server's certificate."""
        return self.folder / "api-server.crt"

    @property
    def key(self) -> Path:
        """The API server's key."""
        return self.folder / "api-server.key"

    @property
    def service_account_key(self) -> Path:
        """The key that tokens of ServiceAccounts are signed with."""
        return self.folder / "service-account.key"

    @property
    def tokens(self) -> Path:
        """The table of users and their tokens."""
        return self.folder / "tokens.csv"

    def kubeconfig(self, user: str) -> Path:
        """By which a user's programs find the API server."""
        return self.folder / f"{user.replace(':', '-')}.kubeconfig"

    def write(self, address: str, url: str) -> None:
        """Make everything anew, for an API server at this address."""
        authority = trustme.CA()
        server = authority.issue_cert(address, "kubernetes.default.svc")
        authority.cert_pem.write_to_path(self.authority)
        server.cert_chain_pems[0].write_to_path(self.certificate)
        server.private_key_pem.write_to_path(self.key)
        authority.issue_cert("service-accounts").private_key_pem.write_to_path(self.service_account_key)
        rows = (f'{user},{user},{user},"{group}"\n' for user, group in GROUPS.items())
        self.tokens.write_text("".join(rows), encoding="utf-8")
        for user in GROUPS:
            self.kubeconfig(user).write_text(json.dumps(self._kubeconfig(user, url)), encoding="utf-8")

    def _kubeconfig(self, user: str, url: str) -> dict[str, Any]:
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "tests", "cluster": {"server": url, "certificate-authority": str(self.authority)}}],
            "users": [{"name": user, "user": {"token": user}}],
            "contexts": [{"name": "tests", "context": {"cluster": "tests", "user": user}}],
            "current-context": "tests",
        }
