"""What the replicas share of their own certificate authority, and what of it is renewed when.

An authority is replaced in two steps, so that no API server is ever shown a certificate that it does not trust yet.
A successor is made and trusted first; an hour later it signs. The predecessor stays trusted for as long as it holds,
since what it signed may still be shown somewhere.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from gracekeeper.operator.certificates import issuing
from gracekeeper.operator.certificates.keypair import KeyPair, Validity, parsed

if TYPE_CHECKING:
    from datetime import datetime

TRUST_SPREADS: Final = timedelta(hours=1)
"""How long a successor is trusted before it signs; API servers learn of it within seconds."""


class Authorities(Struct, frozen=True):
    """Who signs, who will, and the certificate of the one who did."""

    current: KeyPair
    successor: KeyPair | None = None
    predecessor: bytes = b""

    @property
    def bundle(self) -> bytes:
        """The certificates that API servers trust, as PEM."""
        successor = self.successor.certificate if self.successor else b""
        return self.current.certificate + successor + self.predecessor


class Kept(Struct, frozen=True):
    """The authorities, and the certificate that all replicas show."""

    authorities: Authorities
    leaf: KeyPair


def renewed(authorities: Authorities | None, leaf: KeyPair | None, host: str, now: datetime, *, trusted: bool) -> Kept:
    """What to keep from now on: the same again where nothing is due.

    `trusted` says whether API servers had been told before to trust all of `authorities`.
    """
    following = _followed(authorities or _founded(now), now, trusted=trusted)
    if leaf is None or not _serves(leaf, following.current, host, now):
        leaf = issuing.leaf(following.current, host, now)
    return Kept(following, leaf)


def _founded(now: datetime) -> Authorities:
    return Authorities(issuing.authority(now))


def _followed(authorities: Authorities, now: datetime, *, trusted: bool) -> Authorities:
    followed = _succeeded(_prepared(authorities, now), now, trusted=trusted)
    # What ended while nobody looked helps nobody, and a clock that was once ahead leaves what has not begun.
    return _without_the_expired(followed, now) if followed.current.validity.holds(now) else _founded(now)


def _prepared(authorities: Authorities, now: datetime) -> Authorities:
    if authorities.successor or now < authorities.current.validity.renewal:
        return authorities
    return replace(authorities, successor=issuing.authority(now))


def _succeeded(authorities: Authorities, now: datetime, *, trusted: bool) -> Authorities:
    successor = authorities.successor
    if successor is None:
        return authorities
    is_due = trusted and now >= successor.validity.start + issuing.BACKDATED + TRUST_SPREADS
    if not is_due and authorities.current.validity.holds(now):
        return authorities
    return Authorities(successor, predecessor=authorities.current.certificate)


def _without_the_expired(authorities: Authorities, now: datetime) -> Authorities:
    predecessor = authorities.predecessor
    if not predecessor or now < Validity.of(parsed(predecessor)).end:
        return authorities
    return replace(authorities, predecessor=b"")


def _serves(leaf: KeyPair, authority: KeyPair, host: str, now: datetime) -> bool:
    validity = leaf.validity
    is_fresh = validity.start <= now < validity.renewal
    return is_fresh and host in issuing.hosts(leaf.x509) and issuing.is_signed(leaf.x509, authority)
