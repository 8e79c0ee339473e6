"""A file that takes its time: a named pipe in the folder that is served."""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tests.servers.contained import Contained

_PAUSE: Final = 0.05


def serve_slowly(contained: Contained, name: str, seconds: float) -> None:
    """Let whoever opens the file wait that long, and leave word as soon as a thread of the server does."""
    pipe = contained.folder / name
    pipe.parent.mkdir()
    os.mkfifo(pipe)
    threading.Thread(target=_open, args=(contained, pipe, seconds), daemon=True).start()


def _open(contained: Contained, pipe: Path, seconds: float) -> None:
    while contained.running and not _is_asked(contained):
        time.sleep(_PAUSE)
    (contained.folder / "began").touch()
    time.sleep(seconds)
    with suppress(OSError):  # nobody waits any more
        os.close(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))


def _is_asked(contained: Contained) -> bool:
    # It has a thread for each request, and each waits where it opens the pipe.
    return len([*Path(f"/proc/{contained.pid}/task").iterdir()]) > 1
