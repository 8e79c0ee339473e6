"""A certificate with its private key, as PEM, and how long it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from msgspec import Struct

from gracekeeper.errors import ConfigurationError

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Self

    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes


class Validity(Struct, frozen=True):
    """From when on and until when a certificate holds."""

    start: datetime
    end: datetime

    @classmethod
    def of(cls, certificate: x509.Certificate) -> Self:
        """As the certificate says."""
        return cls(certificate.not_valid_before_utc, certificate.not_valid_after_utc)

    def holds(self, now: datetime) -> bool:
        """Whether it holds at this instant."""
        return self.start <= now < self.end

    @property
    def renewal(self) -> datetime:
        """When the next one is due: a third of the time is left then for whatever goes wrong."""
        return self.start + (self.end - self.start) * 2 / 3


class KeyPair(Struct, frozen=True):
    """A certificate, with its intermediates after it, and its private key; both PEM, of one another."""

    certificate: bytes
    key: bytes

    @classmethod
    def read(cls, certificate: bytes, key: bytes) -> Self:
        """Take both, if they belong together.

        Raises:
            ConfigurationError: one of them cannot be read, or it is another certificate's key.
        """
        pair = cls(certificate, key)
        if parsed(certificate).public_key() != _key(key).public_key():
            raise ConfigurationError("The private key is not that of the certificate.")
        return pair

    def __repr__(self) -> str:
        """Without the key."""
        return f"<certificate until {self.validity.end}>"

    @property
    def x509(self) -> x509.Certificate:
        """The certificate itself, without its intermediates."""
        return parsed(self.certificate)

    @property
    def validity(self) -> Validity:
        """How long the certificate holds."""
        return Validity.of(self.x509)

    @property
    def private_key(self) -> PrivateKeyTypes:
        """The key, to sign with."""
        return _key(self.key)


def parsed(pem: bytes) -> x509.Certificate:
    """The first certificate of these.

    Raises:
        ConfigurationError: there is none.
    """
    try:
        return x509.load_pem_x509_certificate(pem)
    except ValueError:
        raise ConfigurationError("The certificate cannot be read: PEM is expected.") from None


def _key(pem: bytes) -> PrivateKeyTypes:
    try:
        return load_pem_private_key(pem, password=None)
    except (TypeError, ValueError, UnsupportedAlgorithm):
        # What cryptography says of it is left out: nothing of a private key belongs into a log.
        raise ConfigurationError("The private key cannot be read: PEM without a password is expected.") from None
