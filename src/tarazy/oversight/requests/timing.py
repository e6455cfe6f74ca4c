"""When a signed request is in time: its own stamp and window, as the dialect has them."""

from __future__ import annotations

import re

from tarazy.oversight.requests.errors import BAD_RECV_WINDOW, DialectError, illegal
from tarazy.oversight.requests.parameters import Parameters

US_PER_MS = 1_000
AHEAD_MAX_US = 1_000_000
WINDOW_MS, WINDOW_MAX_MS = 5_000, 60_000
MICROSECONDS_FROM = 10**15  # a stamp of milliseconds is below it until the year 33658
_WINDOW = re.compile(r"([0-9]{1,6})(?:\.([0-9]{1,3}))?")
_STAMP = re.compile(r"[0-9]{1,19}")


def read_stamp_us(parameters: Parameters) -> int:
    """Return when a request was made, UTC microseconds; it is sent in milliseconds or in microseconds.

    Raises: DialectError.
    """
    stamp = parameters.required("timestamp")
    if _STAMP.fullmatch(stamp) is None:
        raise illegal("timestamp", "^[0-9]{1,19}$")
    return int(stamp) if int(stamp) >= MICROSECONDS_FROM else int(stamp) * US_PER_MS


def read_window_us(parameters: Parameters) -> int:
    """Return how long a request is in time, microseconds; milliseconds with up to three decimals are sent.

    Raises: DialectError.
    """
    text = parameters.text("recvWindow")
    if text is None:
        return WINDOW_MS * US_PER_MS
    found = _WINDOW.fullmatch(text)
    if found is None:
        raise illegal("recvWindow", "^[0-9]{1,6}(\\.[0-9]{1,3})?$")
    window_us = int(found[1]) * US_PER_MS + int((found[2] or "").ljust(3, "0"))
    if window_us > WINDOW_MAX_MS * US_PER_MS:
        raise DialectError(BAD_RECV_WINDOW, "recvWindow must be less than 60000.")
    return window_us
