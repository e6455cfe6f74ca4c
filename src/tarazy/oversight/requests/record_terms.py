"""What the words of a request stand for, worked out from the record alone, command by command as it is replayed.

Of each event only what names things is taken: assets, markets with their lots and ticks, the approval of an affiliate's
account, clients' keys. Names of orders stand in the references of the commands that placed them; the newest are kept
here, older ones are looked up where they are asked for.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tarazy.domain.records import EventKind
from tarazy.oversight.requests.block_requests import Quoted
from tarazy.oversight.requests.cancel_requests import SEQ_MASK, MeantOrder, name_of
from tarazy.oversight.requests.errors import BAD_SYMBOL, CANCEL_REJECTED, NO_SUCH_ORDER, DialectError
from tarazy.oversight.requests.faults import Fault, FaultError
from tarazy.oversight.requests.symbol import Symbol, tick_text
from tarazy.spec.legs import LEG_SHIFT

TEXTS_MAX = 200_000
LEG_ROLES = 7


@dataclass(slots=True)
class KeyOnRecord:
    """A client's key as the record has it; `ended_seq` 0 = it was not revoked, `valid_until_ns` 0 = it has no end."""

    account_id: int
    scopes: int
    signed_only: bool
    valid_until_ns: int
    public_key: bytes
    registered_seq: int
    ended_seq: int = 0


class RecordTerms:
    """The state of a record at one command, as far as requests speak of it.

    `look_up(seq)` returns the text beside an older command.
    """

    def __init__(self, look_up: Callable[[int], str]) -> None:
        self._look_up = look_up
        self.assets: dict[int, tuple[str, int]] = {}
        self.markets: dict[int, tuple[int, int, int, int]] = {}
        self.approvals: dict[int, int] = {}
        self.keys: dict[int, KeyOnRecord] = {}
        self._keys_of: dict[int, list[KeyOnRecord]] = {}
        self.texts: OrderedDict[int, str] = OrderedDict()
        self._symbols: dict[str, Symbol] = {}
        self.handlers: dict[int, Callable[[Any], None]] = {
            EventKind.asset_registered: self._asset_registered,
            EventKind.market_opened: self._market_opened,
            EventKind.increments_changed: self._increments_changed,
            EventKind.account_opened: self._account_opened,
            EventKind.client_key_registered: self._key_registered,
            EventKind.client_key_revoked: self._key_revoked,
        }

    # ------------------------------------------------------------ what happens
    def _asset_registered(self, event: Any) -> None:
        self.assets[event.asset_id] = (event.asset_code.rstrip(b"\0").decode("ascii"), event.scale)

    def _market_opened(self, event: Any) -> None:
        units = (event.lot_size_minor, event.tick_value_minor)
        self.markets[event.market_id] = (event.base_asset_id, event.quote_asset_id, *units)
        self._symbols.clear()

    def _increments_changed(self, event: Any) -> None:
        base, quote = self.markets[event.market_id][:2]
        self.markets[event.market_id] = (base, quote, event.lot_size_minor, event.tick_value_minor)
        self._symbols.clear()

    def _account_opened(self, event: Any) -> None:
        self.approvals[event.account_id] = event.approval_id

    def _key_registered(self, event: Any) -> None:
        terms = (event.client_key_scopes, bool(event.signed_only), event.valid_until_ns, event.public_key)
        key = KeyOnRecord(event.account_id, *terms, event.seq)
        self.keys[event.client_key_id] = key
        self._keys_of.setdefault(event.account_id, []).append(key)

    def _key_revoked(self, event: Any) -> None:
        self.keys[event.client_key_id].ended_seq = event.seq

    def note_text(self, seq: int, text: str) -> None:
        """Note what a client calls the orders of a command."""
        self.texts[seq] = text
        if len(self.texts) > TEXTS_MAX:
            self.texts.popitem(last=False)

    # ------------------------------------------------------------ what is asked
    def signed_only(self, account_id: int, ts_ns: int) -> bool:
        """Say whether a client has stated that everything it orders is signed."""
        return any(
            key.signed_only and not key.ended_seq and (not key.valid_until_ns or ts_ns < key.valid_until_ns)
            for key in self._keys_of.get(account_id, ())
        )

    def require_signature(self, account_id: int, ts_ns: int) -> None:
        """Refuse a command without a signed request of a client who signs everything. Raises: FaultError."""
        if self.signed_only(account_id, ts_ns):
            raise FaultError(Fault.not_signed, "a request signed with a key of the account", "none")

    def symbol(self, name: str) -> Symbol:
        """Return the market of a name. Raises: DialectError."""
        if not self._symbols:
            self._symbols = self._all_symbols()
        found = self._symbols.get(name)
        if found is None:
            raise DialectError(BAD_SYMBOL, "Invalid symbol.")
        return found

    def asset(self, code: str) -> tuple[int, int] | None:
        """Return an asset's number and places by its code."""
        for asset_id, (known, places) in self.assets.items():
            if known == code:
                return asset_id, places
        return None

    def text_beside(self, seq: int) -> str:
        """Return what a client called the orders of a command."""
        text = self.texts.get(seq)
        return text if text is not None else self._look_up(seq)

    def _all_symbols(self) -> dict[str, Symbol]:
        """Return every symbol by its name; a second market of the same assets has its number in its name."""
        found: dict[str, Symbol] = {}
        for market_id, (base_id, quote_id, lot_size_minor, tick_value_minor) in sorted(self.markets.items()):
            (base, base_places), (quote, quote_places) = self.assets[base_id], self.assets[quote_id]
            tick = tick_text(lot_size_minor, tick_value_minor, base_places - quote_places)
            if tick is None:
                continue
            name = base + quote if base + quote not in found else f"{base}{quote}_{market_id}"
            assets = (base_id, quote_id, base, quote, base_places, quote_places)
            found[name] = Symbol(market_id, name, *assets, lot_size_minor, tick_value_minor, *tick)
        return found


class TermsOfCommand:
    """The terms for one command: an order that is meant by a name must be the one that the command is about.

    Among an account's open orders a name is unique, so a command that was accepted cannot be about another.
    """

    def __init__(self, terms: RecordTerms, command: Any, quoted: Quoted | None = None) -> None:
        self._terms = terms
        self._command = command
        self._quoted = quoted
        self.symbol = terms.symbol
        self.asset = terms.asset

    def order_id(self, market_id: int, meant: MeantOrder) -> int:
        """Return the number of the order that is meant. Raises: DialectError where the command is about another."""
        if meant.number is not None:
            return meant.number
        order_id: int = getattr(self._command, "order_id", 0)
        text = self._terms.text_beside(getattr(self._command, "list_id", order_id & SEQ_MASK))
        if order_id:
            if name_of(order_id, text) != meant.client_id:
                raise not_meant(meant, text)
            return order_id
        names = text.split(" ")
        if meant.client_id not in names[1:]:
            raise not_meant(meant, text)
        return self._leg(text, meant.client_id or "")

    def _leg(self, text: str, client_id: str) -> int:
        """Return some order of the list that has this name; any of them takes the list with it."""
        list_id: int = self._command.list_id
        numbers = (role << LEG_SHIFT | list_id for role in range(1, LEG_ROLES + 1))
        return next(number for number in numbers if name_of(number, text) == client_id)

    def list_id(self, market_id: int, meant: MeantOrder) -> int:
        """Return the number of the list that is meant. Raises: as `order_id`."""
        if meant.number is not None:
            return meant.number
        list_id: int = getattr(self._command, "list_id", 0)
        text = self._terms.text_beside(list_id)
        if text.split(" ")[0] != meant.client_id:
            raise not_meant(meant, text)
        return list_id

    def quoted(self, quote: int) -> Quoted:
        """Return who quoted, by the consent that the command names. Raises: DialectError where it names none."""
        if self._quoted is None:
            raise DialectError(NO_SUCH_ORDER, f"the request accepts quote {quote}, the command trades nothing")
        return self._quoted


def not_meant(meant: MeantOrder, text: str) -> DialectError:
    """Return the error for a command about another order than the request names."""
    return DialectError(CANCEL_REJECTED, f"the request is about {meant.client_id!r}, the command about {text[:80]!r}")
