"""What a server does with requests: how many it serves at once, and how long one of them may take."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from msgspec import Struct

from gracekeeper_policies.once import once
from gracekeeper_policies.process.seconds import declared_seconds, seconds_of
from gracekeeper_policies.provenance import Default, Known, Unknown, joined

if TYPE_CHECKING:
    from gracekeeper_policies.container import Container
    from gracekeeper_policies.process.settings import Settings


class Requests(Struct, frozen=True, eq=False, dict=True):
    """The requests of one container; `variant` is the kind of workers that the settings choose."""

    container: Container
    settings: Settings
    variant: str

    @once
    def declared(self) -> Known[float] | None:
        """Seconds that the longest request takes, as the annotation `request-seconds` declares them."""
        return declared_seconds(self.container, "request-seconds")

    @once
    def limit(self) -> Known[float] | Default[float] | None:
        """Seconds after which the server itself ends a request; None where it never does."""
        limit = self.settings.server.request_limit
        if limit is None or (limit.variants and self.variant not in limit.variants):
            return None
        match seconds_of(self.settings.get(limit.option)):
            case Known(value=float() as seconds) as value if seconds > 0:
                return Known(seconds, value.source, value.path)
            case Default(value=int() | float() as seconds) as value if seconds > 0:
                return Default(seconds, value.owner, value.doubt)
        return None

    @property
    def longest(self) -> Known[float] | Default[float] | None:
        """Seconds that a request may take: declared, else what the server allows; None where nothing says so."""
        return self.declared or self.limit

    @once
    def at_once(self) -> int | None:
        """How many requests are served at the same time; None where that cannot be told, or has no limit."""
        concurrency = self.settings.server.concurrency
        if concurrency is None or (concurrency.variants and self.variant not in concurrency.variants):
            return None
        counts = [self.settings.get(option) for option in concurrency.options]
        numbers = [1 if each.value is None else each.value for each in counts if not isinstance(each, Unknown)]
        whole = [number for number in numbers if isinstance(number, int)]
        return math.prod(whole) if len(whole) == len(counts) else None

    @property
    def doubt(self) -> str:
        """Why it may serve more at once after all; empty where that is certain."""
        server = self.settings.server
        options = (*(server.concurrency.options if server.concurrency else ()), server.variant)
        values = [self.settings.get(option) for option in options if option]
        return joined(*(value.doubt for value in values if isinstance(value, Default)))
