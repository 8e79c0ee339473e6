"""What a change does to a verdict: which findings it adds, which it mends, and which it only silences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from gracekeeper_policies.fingerprint import fingerprints

if TYPE_CHECKING:
    from gracekeeper_policies.verdict import Ruling, Verdict


class Comparison(Struct, frozen=True):
    """Two verdicts compared.

    `added` are the new one's rulings, those among them that became heavier; `mended` and `silenced` are the old one's.
    """

    added: tuple[Ruling, ...]
    mended: tuple[Ruling, ...]
    silenced: tuple[Ruling, ...]


def compared(old: Verdict, new: Verdict) -> Comparison:
    """Compare what counts in two verdicts; a finding is the same where its fingerprint is."""
    before, after = _named(old), _named(new)
    return Comparison(
        tuple(
            ruling for name, ruling in after.items() if _counts(ruling) and _weight(before.get(name)) < ruling.severity
        ),
        tuple(ruling for name, ruling in before.items() if _counts(ruling) and name not in after),
        tuple(
            ruling for name, ruling in before.items() if _counts(ruling) and name in after and not _counts(after[name])
        ),
    )


def _named(verdict: Verdict) -> dict[str, Ruling]:
    return {name: ruling for ruling, name in fingerprints(verdict.rulings).items()}


def _counts(ruling: Ruling) -> bool:
    return ruling.suppressed is None


def _weight(ruling: Ruling | None) -> int:
    return ruling.severity if ruling and _counts(ruling) else 0
