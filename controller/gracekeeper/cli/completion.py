"""Completes what a shell's own completion cannot know: rule ids and the workloads of the files that were named."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import click


def rules(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """The ids that start with what was typed."""
    from gracekeeper_policies.catalog import RULES  # noqa: PLC0415 - only completion pays for it

    return [rule.id for rule in RULES if rule.id.startswith(incomplete)]


def workloads(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """`KIND/NAME` of the workloads in the paths typed so far; without any, a search could take too long."""
    from gracekeeper.sources.input import read  # noqa: PLC0415 - only completion pays for it
    from gracekeeper_policies.kinds import is_workload  # noqa: PLC0415

    # While the value of an option is missing, click leaves the arguments unread.
    paths = [path for path in context.params.get("paths") or context.args if path != "-"]
    identities = [document.identity() for document in read(paths).documents if is_workload(document)] if paths else []
    names = sorted({f"{identity.kind}/{identity.name}" for identity in identities})
    return [name for name in names if name.lower().startswith(incomplete.lower())]
