"""A task of dramatiq's without a broker: with TASK set, each worker takes one of so many seconds at its start."""

from __future__ import annotations

import os
import time
from pathlib import Path

import dramatiq
from dramatiq.brokers.stub import StubBroker

dramatiq.set_broker(StubBroker())


@dramatiq.actor
def work(seconds: float) -> None:
    """Take so long."""
    Path("began").touch()
    time.sleep(seconds)


if "TASK" in os.environ:
    work.send(float(os.environ["TASK"]))
