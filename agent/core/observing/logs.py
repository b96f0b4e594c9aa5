"""Log lines: plain ones for a terminal, or one JSON object a line, with ids and counts and nobody's words.

A line is made of the template in the source and of what `shown_value` lets through of its arguments. Of an error it
has class, code and places, never the message: errors quote what they could not read. Other libraries build their
messages before we see them, so of theirs only the place remains; it leads to the line of source that spoke.

    {"at": "2026-05-04T02:00:07.114+00:00", "level": "info", "logger": "closeread.jobs",
     "event": "%s is %s: %d done, %d failed", "values": ["job-4f1c…", "done", 812, 3],
     "text": "job-4f1c… is done: 812 done, 3 failed"}
"""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from logging.config import dictConfig
from types import TracebackType
from typing import Any, Literal, TextIO

from agent.core.observing import WITHHELD, Fact, code_of, shown_value

LogFormat = Literal["text", "json"]
# Their templates are constants of the source and their arguments go through `shown_value`.
_OURS = ("closeread", "agent", "uvicorn")


def log_config(form: LogFormat) -> dict[str, Any]:
    """The settings for `logging.config.dictConfig` and for uvicorn: our own lines from level info, others from level
    warning."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": {"()": f"{__name__}.{'JsonLines' if form == 'json' else 'TextLines'}"}},
        "handlers": {"stderr": {"class": f"{__name__}.Stderr", "formatter": "lines"}},
        "root": {"level": "WARNING", "handlers": ["stderr"]},
        "loggers": {
            "closeread": {"level": "INFO"},
            "dbos": {"level": "WARNING", "handlers": ["stderr"], "propagate": False},
            "uvicorn.access": {"level": "CRITICAL", "propagate": False},
        },
    }


def set_up(form: LogFormat) -> None:
    """Start logging in this process; Python's warnings and uncaught exceptions are logged too."""
    dictConfig(log_config(form))
    logging.captureWarnings(True)
    sys.excepthook = _log_uncaught


def keep_out_messages_of_dbos() -> None:
    """Stop dbos from adding its own handler, which prints whole messages. It does so if nothing else is set up, as
    in a notebook."""
    dbos = logging.getLogger("dbos")
    if not dbos.handlers:
        handler = Stderr()
        handler.setFormatter(TextLines())
        dbos.addHandler(handler)
        dbos.propagate = False


class Stderr(logging.StreamHandler[TextIO]):
    """A handler that looks up standard error for each line: tests and notebooks replace it for a while and close
    what they replaced."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)

    def flush(self) -> None:
        self.stream = sys.stderr
        super().flush()


def _log_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    logging.getLogger("closeread").critical("stopped by a fault of the program", exc_info=(kind, error, trace))


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        event, values = _event(record)
        made = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": event,
            "values": values,
            "text": _rendered(event, values),
        }
        return json.dumps(made | _error(record))


class TextLines(logging.Formatter):
    """A line for a person to read, followed by one line for each place in the source that an error passed through."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created).isoformat(" ", timespec="seconds")
        level = "" if record.levelno <= logging.INFO else f"{record.levelname.lower()}: "
        line = f"{at} {level}{_rendered(*_event(record))}"
        broken = _error(record)
        if not broken:
            return line
        return "\n  ".join([f"{line} ({' from '.join(broken['error'])})", *broken["places"]])


def _event(record: logging.LogRecord) -> tuple[str, list[Fact]]:
    """The template of the line and the values that may be shown."""
    if record.name.split(".")[0] not in _OURS:
        return f"{record.name} spoke at {record.module}:{record.lineno} {WITHHELD}", []
    given = record.args or ()
    return str(record.msg), [shown_value(value) for value in (given.values() if isinstance(given, dict) else given)]


def _rendered(event: str, values: list[Fact]) -> str:
    if not values:
        return event
    try:
        return event % tuple(values)
    except (TypeError, ValueError):  # a number was wanted where its value was withheld
        return f"{event} {values}"


def _error(record: logging.LogRecord) -> dict[str, list[str]]:
    """Class or code of the error and of what caused it, and the places it came through, outermost first."""
    error = record.exc_info[1] if record.exc_info else None
    if error is None:
        return {}
    places = [f"{frame.name} {frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
    chain: list[str] = []
    at: BaseException | None = error
    while at is not None and len(chain) < 10:
        chain.append(code_of(at))
        at = at.__cause__ or (None if at.__suppress_context__ else at.__context__)
    return {"error": chain, "places": places}
