"""The certificate that the webhook shows: mounted as files, or made, shared and renewed by the replicas themselves."""

from gracekeeper.operator.certificates.certificates import Certificates
from gracekeeper.operator.certificates.pemfiles import Paths

__all__ = ["Certificates", "Paths"]
