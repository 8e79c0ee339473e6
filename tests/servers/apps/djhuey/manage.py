"""huey in Django's hands."""

from __future__ import annotations

import sys

from django.conf import settings
from django.core.management import execute_from_command_line
from huey import RedisHuey
from work import SOCKET

HUEY = RedisHuey("djhuey", url=f"unix://{SOCKET}")
settings.configure(INSTALLED_APPS=["huey.contrib.djhuey", "djtasks"], HUEY=HUEY, SECRET_KEY="none")  # noqa: S106

if __name__ == "__main__":
    execute_from_command_line(sys.argv)
