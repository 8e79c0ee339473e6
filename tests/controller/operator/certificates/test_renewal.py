"""What is renewed when: arithmetic on certificates, without an API server."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError
from hypothesis import given, settings
from hypothesis import strategies as st

from gracekeeper.operator.certificates import issuing
from gracekeeper.operator.certificates.keypair import KeyPair, Validity
from gracekeeper.operator.certificates.renewal import Authorities, Kept, renewed

HOST = "gracekeeper.gracekeeper.svc"
START = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

instants = st.integers(0, 36_500).map(lambda days: datetime(2000, 1, 1, tzinfo=UTC) + timedelta(days=days))


def kept_at(now: datetime, kept: Kept | None = None, *, trusted: bool = True, host: str = HOST) -> Kept:
    """What is kept after a look."""
    if kept is None:
        return renewed(None, None, host, now, trusted=trusted)
    return renewed(kept.authorities, kept.leaf, host, now, trusted=trusted)


def is_trusted(leaf: KeyPair, bundle: bytes, now: datetime, host: str = HOST) -> bool:
    """Whether a client that trusts this bundle takes the certificate."""
    store = Store(x509.load_pem_x509_certificates(bundle))
    verifier = PolicyBuilder().store(store).time(now).build_server_verifier(x509.DNSName(host))
    try:
        verifier.verify(leaf.x509, [])
    except VerificationError:
        return False
    return True


@settings(deadline=None)
@given(instants, st.timedeltas(timedelta(seconds=3), timedelta(days=10_000)))
def test_renewal_comes_when_two_thirds_are_over(start: datetime, lifetime: timedelta) -> None:
    """Neither at once nor too late."""
    validity = Validity(start, start + lifetime)
    assert validity.renewal - start == lifetime * 2 / 3
    assert validity.holds(validity.renewal)
    assert not validity.holds(validity.end)


@settings(deadline=None)
@given(instants)
def test_a_new_certificate_is_trusted_at_once_also_where_the_clock_is_behind(now: datetime) -> None:
    """Half an hour is more than any API server's clock is wrong."""
    kept = kept_at(now)
    for then in (now, now - HOUR / 2, now + issuing.LEAF_LIFETIME - HOUR):
        assert is_trusted(kept.leaf, kept.authorities.bundle, then)


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0, 59), st.booleans()), max_size=60))
def test_whoever_trusted_the_bundle_before_a_look_trusts_what_is_shown_after_it(
    looks: list[tuple[float, bool]],
) -> None:
    """However long nobody looked, within the time that certificates leave, and whether or not the bundle was told.

    What was shown before is trusted after it, too: another replica may show it a while longer.
    """
    now, kept = START, kept_at(START, trusted=False)
    told = kept.authorities.bundle
    for days, is_told in looks:
        now += timedelta(days=days)
        before = kept
        if is_told:
            told = before.authorities.bundle
        kept = kept_at(now, before, trusted=told == before.authorities.bundle)
        assert kept.leaf.validity.holds(now)
        if before.authorities.current.validity.holds(now):
            assert is_trusted(kept.leaf, told, now) or not is_told
            assert is_trusted(before.leaf, kept.authorities.bundle, now) or not before.leaf.validity.holds(now)


@settings(deadline=None)
@given(instants, st.floats(0, 59))
def test_where_nothing_is_due_the_same_is_kept(now: datetime, days: float) -> None:
    """A look is no reason to write."""
    kept = kept_at(now)
    assert kept_at(now + timedelta(days=days), kept) == kept


def test_a_leaf_is_renewed_under_the_same_authority() -> None:
    """Nobody has to trust anybody new every two months."""
    kept = kept_at(START)
    later = kept_at(START + 60 * DAY, kept)
    assert later.authorities == kept.authorities
    assert later.leaf != kept.leaf
    assert later.leaf.validity.end == START + 150 * DAY


def test_a_successor_is_trusted_before_it_signs() -> None:
    """An hour passes in between, and the predecessor is trusted on."""
    kept = kept_at(START)
    now = START + 731 * DAY
    prepared = kept_at(now, kept)
    successor = prepared.authorities.successor
    assert successor
    assert prepared.authorities.bundle == kept.authorities.current.certificate + successor.certificate
    assert issuing.is_signed(prepared.leaf.x509, kept.authorities.current)
    assert kept_at(now + HOUR / 2, prepared) == prepared
    assert kept_at(now + HOUR, prepared, trusted=False) == prepared
    succeeded = kept_at(now + HOUR, prepared)
    assert succeeded.authorities == Authorities(successor, predecessor=kept.authorities.current.certificate)
    assert issuing.is_signed(succeeded.leaf.x509, successor)


def test_a_predecessor_is_forgotten_when_it_no_longer_holds() -> None:
    """It would be the one certificate of the bundle that helps nobody."""
    old, new = issuing.authority(START), issuing.authority(START + 731 * DAY)
    kept = Kept(Authorities(new, predecessor=old.certificate), issuing.leaf(new, HOST, START + 1094 * DAY))
    assert kept_at(START + 1095 * DAY - HOUR, kept) == kept
    assert kept_at(START + 1095 * DAY, kept).authorities == Authorities(new)


@pytest.mark.parametrize("away", [4000 * DAY, -2 * HOUR])
def test_an_authority_that_does_not_hold_is_replaced_at_once(away: timedelta) -> None:
    """A cluster slept for years, or its clock was once ahead."""
    kept = kept_at(START)
    now = START + away
    woken = kept_at(now, kept)
    assert woken.authorities.current != kept.authorities.current
    assert is_trusted(woken.leaf, woken.authorities.bundle, now)


def test_an_authority_that_ended_hands_over_to_its_successor_trusted_or_not() -> None:
    """There is nobody else left."""
    old, new = issuing.authority(START), issuing.authority(START + 1000 * DAY)
    kept = Kept(Authorities(old, new), issuing.leaf(old, HOST, START))
    assert kept_at(START + 1096 * DAY, kept, trusted=False).authorities == Authorities(new)


def test_another_service_gets_another_certificate() -> None:
    """After a change of settings, the old one would be refused."""
    kept = kept_at(START)
    moved = kept_at(START, kept, host="guard.elsewhere.svc")
    assert moved.authorities == kept.authorities
    assert is_trusted(moved.leaf, kept.authorities.bundle, START, "guard.elsewhere.svc")
    assert not is_trusted(kept.leaf, kept.authorities.bundle, START, "guard.elsewhere.svc")


def test_an_authority_signs_for_servers_only() -> None:
    """A leaf can sign nothing, and an authority no other authority."""
    kept = kept_at(START)
    authority = kept.authorities.current.x509.extensions.get_extension_for_class(x509.BasicConstraints).value
    leaf = kept.leaf.x509.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert (authority.ca, authority.path_length, leaf.ca) == (True, 0, False)
