"""The certificate in force, the ones that follow, and what is said where none does."""

from __future__ import annotations

import asyncio
import math
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gracekeeper.errors import ConfigurationError
from gracekeeper.operator.api import Api
from gracekeeper.operator.certificates import Certificates, issuing
from gracekeeper.operator.certificates.files import Files
from gracekeeper.operator.certificates.selfmanaged import SelfManaged
from gracekeeper.settings import OperatorSettings

if TYPE_CHECKING:
    from gracekeeper.operator.certificates.keypair import KeyPair
    from gracekeeper.operator.certificates.pemfiles import Paths

START = datetime(2026, 11, 23, tzinfo=UTC)
AUTHORITY = issuing.authority(START)
FIRST = issuing.leaf(AUTHORITY, "a.b.svc", START)
SECOND = issuing.leaf(AUTHORITY, "a.b.svc", START + timedelta(days=60))
MOMENT = 0.001


class Looks:
    """A source that shows one thing after the other, and the last one for good."""

    def __init__(self, *shown: KeyPair | Exception) -> None:
        self._shown = list(shown)

    async def look(self) -> KeyPair:
        """The next one."""
        shown = self._shown.pop(0) if len(self._shown) > 1 else self._shown[0]
        if isinstance(shown, Exception):
            raise shown
        return shown


def certificates(source: Looks, now: datetime = START) -> Certificates:
    """Those of a source, which is looked at all the time."""
    return Certificates(source, lambda: now, look_every_seconds=MOMENT)


def test_each_certificate_comes_once() -> None:
    """A server loads what changed, and nothing else."""

    async def follow() -> list[bytes]:
        async with certificates(Looks(FIRST, FIRST, SECOND)) as ours:
            changes = ours.changes()
            return [(await anext(changes)).certificate.read_bytes() for _ in range(2)]

    assert asyncio.run(follow()) == [FIRST.certificate, SECOND.certificate]


def test_paths_are_what_ssl_reads_and_survive_one_renewal() -> None:
    """A server that is still loading the one before is not disturbed."""

    async def follow() -> tuple[Paths, Paths]:
        async with certificates(Looks(FIRST, SECOND)) as ours:
            changes = ours.changes()
            both = await anext(changes), await anext(changes)
            for paths in both:
                ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(*paths)
            return both

    before, after = asyncio.run(follow())
    assert not any(Path(each).exists() for each in (*before, *after))


def test_a_source_that_fails_leaves_the_certificate_in_force() -> None:
    """An API server that is away is no reason to stop answering."""

    async def follow() -> tuple[float, str | None]:
        async with certificates(Looks(FIRST, TimeoutError(), RuntimeError("oops"))) as ours:
            await asyncio.sleep(20 * MOMENT)
            return ours.expiry(), ours.amiss()

    assert asyncio.run(follow()) == ((START + timedelta(days=90)).timestamp(), None)


def test_before_the_first_certificate_its_trouble_is_told() -> None:
    """It is what an installer sees of a missing right."""

    async def wait() -> tuple[bool, str | None]:
        async with certificates(Looks(ConfigurationError("The Secret is not ours."))) as ours:
            await asyncio.sleep(20 * MOMENT)
            return math.isnan(ours.expiry()), ours.amiss()

    assert asyncio.run(wait()) == (True, "there is no certificate yet. The Secret is not ours.")


@pytest.mark.parametrize("away", [timedelta(days=90), timedelta(hours=-2)])
def test_a_certificate_that_does_not_hold_is_told(away: timedelta) -> None:
    """It may be mounted, and nobody renews it."""

    async def ask() -> str | None:
        async with certificates(Looks(FIRST), START + away) as ours:
            await anext(ours.changes())
            return ours.amiss()

    assert asyncio.run(ask()) == ("the certificate holds from 2026-11-22 23:00:00+00:00 to 2027-02-21 00:00:00+00:00.")


def test_files_are_read_again(tmp_path: Path) -> None:
    """The kubelet replaces mounted files; until both are of one another, the ones before stay."""
    _write(tmp_path, FIRST)

    async def follow() -> list[bytes]:
        async with Certificates(Files(tmp_path), lambda: START, look_every_seconds=MOMENT) as ours:
            changes = ours.changes()
            first = await anext(changes)
            tmp_path.joinpath("tls.crt").write_bytes(SECOND.certificate)
            await asyncio.sleep(20 * MOMENT)
            _write(tmp_path, SECOND)
            return [first.certificate.read_bytes(), (await anext(changes)).key.read_bytes()]

    assert asyncio.run(follow()) == [FIRST.certificate, SECOND.key]


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    """As somebody who mounted the wrong Secret needs it."""
    with pytest.raises(ConfigurationError, match=r"tls\.crt cannot be read: No such file or directory"):
        asyncio.run(Files(tmp_path).look())


@pytest.mark.parametrize(("source", "kind"), [("files", Files), ("self-managed", SelfManaged)])
def test_settings_choose_the_source(source: str, kind: type) -> None:
    """cert-manager and Secrets of one's own are files; the third way is ours."""
    settings = OperatorSettings(certificate_source=source)  # type: ignore[arg-type]
    chosen = Certificates.of(settings, Api(lambda: None), lambda: START)  # type: ignore[arg-type,return-value]
    assert isinstance(chosen._source, kind)


def _write(folder: Path, pair: KeyPair) -> None:
    folder.joinpath("tls.crt").write_bytes(pair.certificate)
    folder.joinpath("tls.key").write_bytes(pair.key)
