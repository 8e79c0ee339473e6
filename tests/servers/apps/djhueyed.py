"""What sends a task to huey in Django's hands."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).with_name("djhuey")))
import manage

assert manage.settings.configured
from djtasks.tasks import hold  # noqa: E402 -- Django's settings come first


def send(seconds: float) -> None:
    """Put one in the queue."""
    hold(seconds)
