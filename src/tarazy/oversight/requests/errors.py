"""Errors of the dialect: its code and message.

Source of codes and messages: binance/binance-spot-api-docs, errors.md and filters.md.
"""

from __future__ import annotations

from typing import Any

TOO_MANY_REQUESTS = -1003
UNKNOWN_OUTCOME = -1007
SERVER_BUSY = -1008
INVALID_MESSAGE = -1013
TOO_MANY_ORDERS = -1015
SERVICE_SHUTTING_DOWN = -1016
UNSUPPORTED_OPERATION = -1020
INVALID_TIMESTAMP = -1021
INVALID_SIGNATURE = -1022
ILLEGAL_CHARACTERS = -1100
TOO_MANY_PARAMETERS = -1101
MANDATORY_MISSING = -1102
UNREAD_PARAMETERS = -1104
PARAMETER_EMPTY = -1105
PARAMETER_NOT_REQUIRED = -1106
BAD_PRECISION = -1111
INVALID_TIME_IN_FORCE = -1115
INVALID_ORDER_TYPE = -1116
INVALID_SIDE = -1117
BAD_SYMBOL = -1121
BAD_SYMBOL_STATUS = -1122
BAD_COMBINATION = -1128
BAD_INTERVAL = -1120
INVALID_PARAMETER = -1130
BAD_RECV_WINDOW = -1131
BAD_TICKER_TYPE = -1139
BAD_CANCEL_RESTRICTIONS = -1145
REPEATED_SYMBOL = -1151
OTHER_SYMBOL_STATUS = -1220
NEW_ORDER_REJECTED = -2010
CANCEL_REJECTED = -2011
NO_SUCH_ORDER = -2013
BAD_KEY_FORMAT = -2014
REJECTED_KEY = -2015
CANCEL_REPLACE_PARTLY = -2021
CANCEL_REPLACE_FAILED = -2022
ORDER_ARCHIVED = -2026
AMEND_REJECTED = -2038


class DialectError(Exception):
    """A request is not done. `extra` is added to the body."""

    def __init__(
        self, code: int, message: str, status: int = 400, *, retry_after_s: int | None = None, **extra: Any
    ) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.status = status
        self.retry_after_s = retry_after_s
        self.extra = extra

    def plain(self) -> dict[str, Any]:
        """Return the body."""
        return {"code": self.code, "msg": self.message, **self.extra}


def illegal(name: str, legal: str) -> DialectError:
    """Return the error for a parameter of other characters than it may have."""
    message = f"Illegal characters found in parameter '{name}'; legal range is '{legal}'."
    return DialectError(ILLEGAL_CHARACTERS, message)


def filter_failure(name: str, found: str = "") -> DialectError:
    """Return the error for an order that does not pass a filter of its symbol."""
    error = DialectError(INVALID_MESSAGE, f"Filter failure: {name}")
    error.extra |= {"found": found} if found else {}
    return error
