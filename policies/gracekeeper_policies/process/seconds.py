"""Times that are declared by annotation or set by an option, in seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gracekeeper_policies.exemption import SECONDS
from gracekeeper_policies.provenance import Default, Known, Sourced, Unknown

if TYPE_CHECKING:
    from gracekeeper_policies.container import Container
    from gracekeeper_policies.process.settings import Value


def declared_seconds(container: Container, name: str) -> Known[float] | None:
    """What an annotation in seconds declares for a container; None where it is absent or no number."""
    declared = container.annotation(name)
    if declared is None or not SECONDS.match(declared.text):
        return None
    return Known(float(declared.text), f"annotation gracekeeper.dev/{name}", declared.path)


def seconds_of(value: Sourced[Value]) -> Sourced[float | None]:
    """Read an option's value as seconds; a default of None means that nothing bounds the time."""
    match value:
        case Known(value=int() | float() as seconds):
            return Known(float(seconds), value.source, value.path)
        case Default(value=int() | float() | None as seconds):
            return Default(seconds, value.owner, value.doubt)
    return value if isinstance(value, Unknown) else Unknown(f"{value.source} is no number of seconds")
