"""The same application by Django, in one file."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.management import execute_from_command_line
from django.http import HttpResponse
from django.urls import re_path
from web import seconds_of

if TYPE_CHECKING:
    from django.http import HttpRequest

settings.configure(ALLOWED_HOSTS=["*"], DEBUG=True, ROOT_URLCONF=__name__, SECRET_KEY="none")  # noqa: S106


def answer(request: HttpRequest) -> HttpResponse:
    """Answer when its time has come."""
    time.sleep(seconds_of(request.path))
    return HttpResponse("ok")


urlpatterns = [re_path("", answer)]

if __name__ == "__main__":
    execute_from_command_line(sys.argv)
