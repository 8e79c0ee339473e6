"""A finding in a few sentences, for formats that have one field for all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gracekeeper.reports.style import one_line

if TYPE_CHECKING:
    from gracekeeper_policies.finding import Finding


def sentences(finding: Finding) -> str:
    """What happens, why it may not hold if it is only suspected, and what mends it."""
    parts = [one_line(finding.message)]
    if finding.doubt:
        parts.append(f"Suspected, not proven: {one_line(finding.doubt)}.")
    if finding.remedies:
        parts.append(f"To mend it: {one_line(finding.remedy)}.")
    return " ".join(parts)
