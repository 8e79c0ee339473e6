"""Every way to run a load test without its web interface."""

from __future__ import annotations

from typing import Final

from tests.servers.proof import LONG, Proof

LOAD_TESTS: Final = (Proof(line="locust -f {apps}/locusted.py --headless", hold=LONG),)
