"""The same application by tornado."""

from __future__ import annotations

import asyncio

from tornado.web import Application, RequestHandler
from web import seconds_of


class Answer(RequestHandler):
    """Every path."""

    async def get(self) -> None:
        """Answer when its time has come."""
        await asyncio.sleep(seconds_of(self.request.path))
        self.write("ok")


app = Application([("/.*", Answer)])
