"""A load test whose web interface has a page more, which takes its time."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from locust import User, events, task
from web import seconds_of


class Nobody(User):
    """Asks for nothing, and takes its time."""

    @task
    def wait(self) -> None:
        """Leave word of when it begins, and of its end."""
        Path("busy").touch()
        time.sleep(90)
        Path("done").touch()


@events.init.add_listener
def add_page(web_ui: Any, **_: object) -> None:  # noqa: ANN401 - None without a web interface
    """Serve it where there is a web interface."""
    if web_ui:
        web_ui.app.add_url_rule("/hold/<seconds>", view_func=_hold)


def _hold(seconds: str) -> str:
    time.sleep(seconds_of(f"/hold/{seconds}"))
    return "ok"
