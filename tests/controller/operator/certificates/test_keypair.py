"""A certificate and its key are read together, or a sentence says why not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from gracekeeper.errors import ConfigurationError
from gracekeeper.operator.certificates import issuing
from gracekeeper.operator.certificates.keypair import KeyPair

START = datetime(2026, 11, 23, tzinfo=UTC)
AUTHORITY = issuing.authority(START)
LEAF = issuing.leaf(AUTHORITY, "a.b.svc", START)


def test_intermediates_after_the_certificate_belong_to_it() -> None:
    """As cert-manager writes them into tls.crt."""
    chain = LEAF.certificate + AUTHORITY.certificate
    assert KeyPair.read(chain, LEAF.key).x509 == LEAF.x509


@pytest.mark.parametrize(
    ("certificate", "key", "sentence"),
    [
        (b"", LEAF.key, "The certificate cannot be read: PEM is expected."),
        (b"\x00" * 40, LEAF.key, "The certificate cannot be read: PEM is expected."),
        (LEAF.certificate, b"hunter2", "The private key cannot be read: PEM without a password is expected."),
        (LEAF.certificate, AUTHORITY.key, "The private key is not that of the certificate."),
    ],
    ids=["no certificate", "bytes", "no key", "another one's key"],
)
def test_what_does_not_belong_together_is_told(certificate: bytes, key: bytes, sentence: str) -> None:
    """Without a word of what was read."""
    with pytest.raises(ConfigurationError) as error:
        KeyPair.read(certificate, key)
    assert str(error.value) == sentence
    assert error.value.__cause__ is None


def test_a_key_behind_a_password_is_told() -> None:
    """Nobody is there to ask for it."""
    locked = LEAF.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))
    with pytest.raises(ConfigurationError, match="PEM without a password is expected"):
        KeyPair.read(LEAF.certificate, locked)


def test_a_key_is_never_shown() -> None:
    """Not even where somebody logs the whole object."""
    assert repr(LEAF) == "<certificate until 2027-02-21 00:00:00+00:00>"
