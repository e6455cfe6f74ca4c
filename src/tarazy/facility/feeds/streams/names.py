"""Names of streams: `<symbol>@<what>` in lower case, and those of all markets, which begin with `!`."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from tarazy.facility.feeds.intervals import DAY_NS, HOUR_NS, INTERVALS

FAST, SLOW = 1, 10  # a tick is 100 ms
USER, RECORD = "user", "record"  # their market_id is the account
PARTIAL = {f"depth{count}": count for count in (5, 10, 20)}
PLAIN = ("trade", "aggTrade", "bookTicker", "ticker", "miniTicker", "avgPrice")
ALL_MARKETS = {"!ticker@arr": "ticker", "!miniTicker@arr": "miniTicker"}
WINDOWS_NS = {"1h": HOUR_NS, "4h": 4 * HOUR_NS, "1d": DAY_NS}
WINDOWS_OF_ALL = {f"!ticker_{size}@arr": size for size in WINDOWS_NS}
_FORM = re.compile(r"([a-z0-9._-]{1,40})@([A-Za-z0-9]{1,12})(?:_([0-9]{1,2}[a-zA-Z]))?(?:@(100ms|1000ms))?")


class Stream(NamedTuple):
    """What a stream says: of one market, or of all (market 0). `every` is its pace in ticks, 0: as things happen."""

    name: str
    kind: str
    market_id: int = 0
    argument: str = ""
    every: int = 0


class UnknownStreamError(ValueError):
    """No stream has this name."""

    def __str__(self) -> str:
        return f"expected the name of a stream, such as btcusdt@depth, found {self.args[0][:60]!r}"


def parse(name: str, market_of: Callable[[str], int | None]) -> Stream:
    """Return the stream of a name; `market_of` finds a market's number by its symbol in lower case.

    Raises: UnknownStreamError.
    """
    if name in ALL_MARKETS:
        return Stream(name, ALL_MARKETS[name], every=SLOW)
    if name in WINDOWS_OF_ALL:
        return Stream(name, "windowTicker", argument=WINDOWS_OF_ALL[name], every=SLOW)
    found = _FORM.fullmatch(name)
    market_id = market_of(found[1]) if found else None
    if found is None or market_id is None:
        raise UnknownStreamError(name)
    _, kind, argument, pace = found.groups(default="")
    if kind == "kline" and argument in INTERVALS and not pace:
        return Stream(name, kind, market_id, argument, SLOW)
    if kind == "ticker" and argument in WINDOWS_NS and not pace:
        return Stream(name, "windowTicker", market_id, argument, SLOW)
    if kind == "depth" and not argument:
        return Stream(name, kind, market_id, "", FAST if pace == "100ms" else SLOW)
    if kind in PARTIAL and not argument:
        return Stream(name, "partial", market_id, str(PARTIAL[kind]), FAST if pace == "100ms" else SLOW)
    if kind in PLAIN and not argument and not pace:
        every = 0 if kind in ("trade", "aggTrade", "bookTicker") else SLOW
        return Stream(name, kind, market_id, "", every)
    raise UnknownStreamError(name)
