"""Gives memory back to the system after something large: else a replica stays as big as the largest reviews made it."""

from __future__ import annotations

import ctypes
import gc
import sys
from typing import Final

from gracekeeper_policies.remembered import forget

# glibc's; musl keeps little, and other systems have their own ways.
_TRIM: Final = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None


def give_back() -> None:
    """Forget what was worked out, collect what nobody holds any more, and have the C library keep no spare pages.

    From then on Python collects by itself again, if it did not.
    """
    forget()
    gc.collect()
    gc.enable()
    if _TRIM:
        _TRIM(0)
