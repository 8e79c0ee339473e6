"""Makes the certificates that the self-managed way needs: an authority's own, and those that it signs for the webhook.

Whoever verifies them is an API server, which is Go: ECDSA on P-256 is what it verifies fastest, and of a certificate's
names only the alternative ones count.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, cast

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from gracekeeper.operator.certificates.keypair import KeyPair

AUTHORITY_LIFETIME: Final = timedelta(days=3 * 365)
"""Two years until its successor is made, and one for both to be trusted."""

LEAF_LIFETIME: Final = timedelta(days=90)
"""Long enough that a month without an API server does no harm, short enough that renewal is no rare event."""

BACKDATED: Final = timedelta(hours=1)
"""An API server's clock may be behind ours; to it, too, a new certificate holds at once."""


def authority(now: datetime) -> KeyPair:
    """A new certificate authority, which may sign for servers and for no further authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("Gracekeeper webhook CA")
    builder = (
        _builder(name, name, key, now, now + AUTHORITY_LIFETIME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
    )
    return _pair(builder.sign(key, SHA256()), key)


def leaf(signer: KeyPair, host: str, now: datetime) -> KeyPair:
    """A certificate for a server of this name; it ends with its authority at the latest."""
    issuer, key = signer.x509, ec.generate_private_key(ec.SECP256R1())
    end = min(now + LEAF_LIFETIME, issuer.not_valid_after_utc)
    builder = (
        _builder(_name("Gracekeeper webhook"), issuer.subject, key, now, end)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(_identifier(issuer), critical=False)
    )
    return _pair(builder.sign(cast("ec.EllipticCurvePrivateKey", signer.private_key), SHA256()), key)


def is_signed(certificate: x509.Certificate, signer: KeyPair) -> bool:
    """Whether this authority, and no other of its name, signed the certificate."""
    try:
        certificate.verify_directly_issued_by(signer.x509)
    except Exception:  # noqa: BLE001 - a signature of any other kind is none of ours
        return False
    return True


def hosts(certificate: x509.Certificate) -> list[str]:
    """The names of the servers that a certificate is for."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return names.get_values_for_type(x509.DNSName)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, end: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _identifier(issuer: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    own = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own)


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _pair(certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> KeyPair:
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return KeyPair(certificate.public_bytes(Encoding.PEM), pem)
