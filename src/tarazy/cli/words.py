"""Turn numbers of the record into words: amounts with their asset, prices, quantities, times, enums.

The numbers of the record are integers; the decimal strings made here are for people and go nowhere else.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import IntEnum
from fractions import Fraction
from typing import Any

from tarazy.cli.decimals import decimal
from tarazy.domain import records
from tarazy.domain.records import LAYOUT, MEANINGS, ZERO32
from tarazy.facility.officers.roles import roles_text
from tarazy.spec.state import Market, State

NS_PER_SECOND = 1_000_000_000
DECIMALS_MAX = 12


def moment(ts_ns: int) -> str:
    """Return a time of the record as text, UTC; times before 2000 are those of made-up flows and stay numbers."""
    seconds, rest = divmod(ts_ns, NS_PER_SECOND)
    if not 946_684_800 <= seconds < 253_402_300_800:
        return f"{ts_ns:,} ns"
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S.") + f"{rest:09d}"


def plain(text: str) -> str:
    """Return an enum's or a field's name as words."""
    return text.replace("_", " ")


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun: `1 head`, `2,000 heads`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def label(name: str) -> str:
    """Return a field's name as words, without the unit that its value in words shows."""
    for unit in ("_id", "_minor", "_ticks", "_lots", "_ns"):
        if name.endswith(unit) and name not in ("approval_id",):
            return plain(name.removesuffix(unit))
    return plain(name)


def spaced(name: str) -> str:
    """Return a record's name as words: `PlaceOrder` is `place order`."""
    return "".join(" " + c.lower() if c.isupper() else c for c in name).strip()


class Words:
    """Names and decimals by the reference data of a state."""

    def __init__(self, state: State) -> None:
        self.state = state

    def asset(self, asset_id: int) -> str:
        """Return the asset's code."""
        if not 1 <= asset_id <= len(self.state.assets):
            return f"asset {asset_id} (unknown)"
        return self.state.assets[asset_id - 1].asset_code.rstrip(b"\0").decode("ascii", "replace")

    def scale(self, asset_id: int) -> int:
        """Return the asset's decimal places."""
        return self.state.assets[asset_id - 1].scale if 1 <= asset_id <= len(self.state.assets) else 0

    def amount(self, asset_id: int, minor: int) -> str:
        """Return an amount with its asset."""
        if not 1 <= asset_id <= len(self.state.assets):
            return f"{minor:,} minor units"
        return f"{decimal(minor, self.scale(asset_id))} {self.asset(asset_id)}"

    def find_market(self, market_id: int) -> Market | None:
        """Return the market, None where there is none of that number."""
        known = 1 <= market_id <= len(self.state.markets)
        return self.state.markets[market_id - 1] if known else None

    def market(self, market_id: int) -> str:
        """Return the market's name, `BTC/USD`."""
        market = self.find_market(market_id)
        if market is None:
            return f"market {market_id} (unknown)"
        return f"{self.asset(market.base_asset_id)}/{self.asset(market.quote_asset_id)}"

    def price(self, market_id: int, ticks: int) -> str:
        """Return a price as quote units for one base unit."""
        market = self.find_market(market_id)
        if market is None:
            return f"{ticks:,} ticks"
        tick = Fraction(market.tick_value_minor, market.lot_size_minor)
        tick *= Fraction(10) ** (self.scale(market.base_asset_id) - self.scale(market.quote_asset_id))
        places = next((n for n in range(DECIMALS_MAX) if (tick * 10**n).denominator == 1), DECIMALS_MAX)
        return decimal(int(tick * ticks * 10**places), places)

    def quantity(self, market_id: int, lots: int) -> str:
        """Return a quantity in the base asset."""
        market = self.find_market(market_id)
        if market is None:
            return f"{lots:,} lots"
        return self.amount(market.base_asset_id, lots * market.lot_size_minor)

    def fields(self, record: Any) -> list[tuple[str, str]]:
        """Return (field, value in words) of a record's fields that say something, without its stamp."""
        told = []
        for name, wire, enum, _ in LAYOUT[type(record).__name__]:
            value = getattr(record, name)
            if name in ("ts_ns", "seq") or value in (0, ZERO32, bytes(16)):
                continue
            told.append((label(name), self.value(record, name, wire, enum)))
        return told

    def value(self, record: Any, name: str, wire: str, enum: str | None) -> str:
        """Return one field's value in words."""
        value = getattr(record, name)
        if enum is not None:
            meaning = MEANINGS.get(enum, {}).get(value, "")
            return f"{enum_word(enum, value)}: {meaning}" if meaning else enum_word(enum, value)
        if name in ("command_kind", "mandated_kind"):
            return enum_word("CommandKind", value)
        if name == "officer_roles":
            return roles_text(value).replace("+", ", ")
        if wire == "bytes32":
            return str(value.hex())
        if wire == "ascii16":
            return str(value.rstrip(b"\0").decode("ascii", "replace"))
        if name.endswith("_asset_id") or name == "asset_id":
            return self.asset(value) if 1 <= value <= len(self.state.assets) else f"{value} (unknown)"
        market_id = getattr(record, "market_id", 0)
        if name == "market_id":
            return self.market(value) if self.find_market(value) else f"{value} (unknown)"
        if name.endswith("_ticks"):
            return self.price(market_id, value)
        if name.endswith("_lots"):
            return self.quantity(market_id, value)
        if name.endswith("_ns"):
            return moment(value)
        if name.endswith("_minor"):
            return self.amount(self.asset_of(record, name), value)
        return f"{value:,}" if name.endswith(("_ppm", "_ms")) else str(value)

    def asset_of(self, record: Any, name: str) -> int:
        """Return the asset in which a record's amount is counted, 0 where it cannot be said."""
        if hasattr(record, "asset_id"):
            return int(record.asset_id)
        market = self.find_market(getattr(record, "market_id", 0))
        if market is None:
            return 0
        side = getattr(record, "side", records.Side.buy)
        base, quote = market.base_asset_id, market.quote_asset_id
        if name == "lot_size_minor":
            return base
        if name in ("held_minor", "released_minor"):
            return quote if self.side_of(record) == records.Side.buy else base
        if name in ("maker_fee_minor", "taker_fee_minor"):
            taker_buys = side != records.Side.sell
            return base if taker_buys == (name == "taker_fee_minor") else quote
        return quote

    def side_of(self, record: Any) -> int:
        """Return the side of the order that an event speaks of."""
        if hasattr(record, "side"):
            return int(record.side)
        market = self.find_market(record.market_id)
        order = market.book.find(record.order_id) if market else None
        return order.side if order else int(records.Side.buy)


def enum_word(enum: str, value: int) -> str:
    """Return the name of an enum's number as words."""
    if enum == "RejectCode":
        from tarazy.domain.reject_codes import RejectCode

        return f"{RejectCode(value).name} ({value})"
    kind: type[IntEnum] = getattr(records, enum)
    try:
        return plain(kind(value).name)
    except ValueError:
        return f"{value} (not in the list)"
