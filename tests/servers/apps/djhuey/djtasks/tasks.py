"""A task of huey's in a Django application, which finds it by the module's name."""

from __future__ import annotations

from huey.contrib.djhuey import task
from work import work

hold = task()(work)
