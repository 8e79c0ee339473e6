"""Chooses among the workloads of an input by `KIND/NAME`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gracekeeper.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gracekeeper_policies.verdict import Judged


def chosen(workloads: Sequence[Judged], name: str | None) -> Sequence[Judged]:
    """Those of that name, whatever its case; all of them where there is no name.

    Raises:
        InputError: none has it; the nearest are named.
    """
    if name is None:
        return workloads
    found = [each for each in workloads if _name(each).lower() == name.lower()]
    if not found:
        names = sorted({_name(each) for each in workloads})
        import difflib  # noqa: PLC0415 - most runs guess no name

        near = difflib.get_close_matches(name, names, n=3) or names[:3]
        raise InputError(f"there is no workload {name} in the input.", f"Near: {', '.join(near)}." if near else "")
    return found


def _name(judged: Judged) -> str:
    return f"{judged.identity.kind}/{judged.identity.name}"
