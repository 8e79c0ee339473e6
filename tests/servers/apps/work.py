"""What every task does: it leaves word that it has begun, takes its time, and leaves word that it is done."""

from __future__ import annotations

import os
import time
from pathlib import Path

SOCKET = os.environ["BROKER"]


def leave(word: str) -> None:
    """Leave word of what has happened."""
    Path(word).touch()


def work(seconds: float) -> None:
    """Take so long."""
    leave("began")
    time.sleep(seconds)
    leave("done")
