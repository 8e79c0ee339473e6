"""An operator whose handlers take as long as the ConfigMap says that they handle: of the one, or in a thread."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path
from typing import Any

import kopf


def leave(name: str) -> None:
    """Leave word in a file."""
    Path(name).touch()


@kopf.on.create("configmaps", labels={"work": os.environ["WORK"], "in": "the-loop"})
async def handle(body: Any, **_: object) -> None:  # noqa: ANN401 - as kopf declares it
    """Leave word at its begin and at its end."""
    leave("began")
    await asyncio.sleep(float(body["data"]["seconds"]))
    leave("done")


@kopf.on.create("configmaps", labels={"work": os.environ["WORK"], "in": "a-thread"})
def handle_in_a_thread(body: Any, **_: object) -> None:  # noqa: ANN401 - as kopf declares it
    """Leave word at its begin and at its end."""
    leave("began")
    time.sleep(float(body["data"]["seconds"]))
    leave("done")
