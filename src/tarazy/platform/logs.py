"""Logs of services: one line for each record, whatever text of strangers a message holds."""

from __future__ import annotations

import logging
import sys

from tarazy.platform.sanitising import one_line, sanitised

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class SanitisedFormatter(logging.Formatter):
    """Writes out what would make a line of its own or what a terminal obeys; the lines of a traceback stay lines."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the library's name
        """Return the first line."""
        return one_line(super().formatMessage(record))

    def formatException(self, ei: logging._SysExcInfoType) -> str:  # noqa: N802
        """Return the lines of a traceback."""
        return sanitised(super().formatException(ei))


def log_to_stderr(level: int = logging.INFO) -> None:
    """Have every logger write to stderr."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(SanitisedFormatter(FORMAT))
    logging.basicConfig(level=level, handlers=[handler])
