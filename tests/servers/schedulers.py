"""Every way to start what sends tasks by the clock."""

from __future__ import annotations

from typing import Final

from tests.servers.proof import Proof

SCHEDULERS: Final = (Proof(line="celery -A celeried beat -s schedule"),)
