"""Log lines: one event each, as JSON or for a terminal, with what is bound to structlog's contextvars (`request_id`).

What libraries log through the standard library takes the same way. No line quotes a manifest: an exception is told by
its type and its places, with its text only where that cannot hold a value that was read. kopf prints whole objects at
its level `debug` and a line per object at `info`, so it speaks one level later than we do.
"""

from __future__ import annotations

import atexit
import logging
import logging.handlers
import queue
import sys
import traceback
from typing import TYPE_CHECKING, Final

import msgspec
import structlog

from gracekeeper.errors import GracekeeperError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

    from structlog.typing import EventDict, Processor

    from gracekeeper.settings import OperatorSettings

_WAITING_LINES: Final = 10_000
_ONE_LEVEL: Final = logging.INFO - logging.DEBUG
_LATER: Final = ("kopf.objects", "aiohttp.access")
_NEVER_DEBUG: Final = ("kopf", "aiohttp", "asyncio", "kubernetes", "urllib3")
_HARMLESS: Final = (GracekeeperError, OSError)
_DENIED: Final = "failed permanently"


def configure(settings: OperatorSettings, stream: TextIO = sys.stderr) -> None:
    """Send every log line of this process to `stream`, in the settings' level and format; once per process.

    A thread writes them, so that whoever collects logs too slowly delays no review.
    """
    level: int = logging.getLevelName(settings.log_level.upper())
    lines = _Lines(queue.Queue(_WAITING_LINES))
    lines.setFormatter(_formatter(settings))
    lines.addFilter(_no_denial)
    logging.basicConfig(level=level, handlers=[lines], force=True)
    logging.captureWarnings(capture=True)
    logging.raiseExceptions = False  # it would print the line's arguments
    for name in _NEVER_DEBUG:
        logging.getLogger(name).setLevel(max(level, logging.INFO))
    for name in _LATER:
        logging.getLogger(name).setLevel(level + _ONE_LEVEL)
    structlog.configure(
        processors=[*_shared(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    writer = logging.handlers.QueueListener(lines.queue, logging.StreamHandler(stream))
    writer.start()
    atexit.register(writer.stop)


class _Lines(logging.handlers.QueueHandler):
    """Makes a line where it is logged, since only there is known what is bound there, and leaves it to the writer."""

    _lost = 0

    def enqueue(self, record: logging.LogRecord) -> None:
        """Leave a line to the writer; where too many wait already it is lost, and the next one says how many were."""
        try:
            self.queue.put_nowait(record)
        except queue.Full:
            self._lost += 1
            return
        if self._lost:
            lost, self._lost = self._lost, 0
            structlog.get_logger(__name__).warning("lines_lost", lines=lost)


def _no_denial(record: logging.LogRecord) -> bool:
    # For kopf a denial is the failure of a handler. It is an answer, and who gave it tells it.
    return record.name != "kopf.objects" or _DENIED not in record.getMessage()


def _formatter(settings: OperatorSettings) -> logging.Formatter:
    console = settings.log_format == "console"
    renderer: Processor = structlog.dev.ConsoleRenderer() if console else structlog.processors.JSONRenderer(_json)
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*_shared(), _object_of_kopf],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    )


def _shared() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _exception_without_values,
    ]


def _json(line: EventDict, **_options: object) -> str:
    return msgspec.json.encode(line, enc_hook=repr).decode()


def _object_of_kopf(_logger: object, _method: str, line: EventDict) -> EventDict:
    # kopf quotes an exception's text in its message, after a colon.
    record: logging.LogRecord = line["_record"]
    reference: dict[str, str | None] | None = getattr(record, "k8s_ref", None)
    if reference:
        line["object"] = "/".join(reference[part] or "" for part in ("kind", "namespace", "name")).replace("//", "/")
        line["event"] = line["event"].partition(": ")[0]
    return line


def _exception_without_values(_logger: object, _method: str, line: EventDict) -> EventDict:
    error = _exception(line.pop("exc_info", None))
    if error:
        line["exception"] = "\n".join(_told(each) for each in _chain(error))
    return line


def _exception(given: object) -> BaseException | None:
    if given is True:
        given = sys.exc_info()
    found = given[1] if isinstance(given, tuple) else given
    return found if isinstance(found, BaseException) else None


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The exception, those that it groups, then what led to it."""
    yield error
    for each in error.exceptions if isinstance(error, BaseExceptionGroup) else ():
        yield from _chain(each)
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before:
        yield from _chain(before)


def _told(error: BaseException) -> str:
    places = [f"  {at.filename}:{at.lineno} in {at.name}" for at in traceback.extract_tb(error.__traceback__)]
    text = f": {error}" if isinstance(error, _HARMLESS) else ""
    return "\n".join([f"{type(error).__name__}{text}", *places])
