"""A trade off the book against what both parties signed: the consent that the command names, and the requests in it.

The consent must be kept and say what the command says. Where it names a key on record behind the request for a quote,
or behind the quote, that request must be kept, signed by this key for the very trade, open at that time, and have
traded once. The acceptance is checked as every signed request is (checking.py): it stands beside the command.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tarazy.domain.records import ExecuteBlockTrade
from tarazy.oversight.requests.block_requests import (
    VALID_MAX_MS,
    BlockTerms,
    Quoted,
    asked_terms,
    quoted_terms,
    side_name,
    valid_ms,
)
from tarazy.oversight.requests.consent import Consent, ConsentError, ConsentParty, decode_consent
from tarazy.oversight.requests.document import RequestDocument, said_parameters
from tarazy.oversight.requests.errors import DialectError
from tarazy.oversight.requests.faults import Fault, FaultError
from tarazy.oversight.requests.key_checks import (
    NS_PER_MS,
    REMEMBERED_NS,
    TRADE_SCOPE,
    RequestOfKey,
    check_key,
    check_signature,
    check_time,
    kept_document,
    once_of,
)
from tarazy.oversight.requests.record_terms import RecordTerms

REQUEST, QUOTE = ("POST", "/v1/quote-requests"), ("POST", "/v1/quotes")
OPEN_NS = REMEMBERED_NS + VALID_MAX_MS * NS_PER_MS


class CheckedBlock(NamedTuple):
    """What the consent of a trade names for the acceptance, and whether a key on record signed the quote."""

    quoted: Quoted
    is_quote_signed: bool


class BlockChecker:
    """Hold trades off the book against their consents, in the record's order."""

    def __init__(self, terms: RecordTerms, find: Callable[[bytes], bytes | None]) -> None:
        self._terms, self._find = terms, find
        self._traded: dict[bytes, int] = {}
        self._swept_ns = 0

    def check(self, command: ExecuteBlockTrade, *, is_traded: bool) -> CheckedBlock:
        """Check one trade but for its acceptance. Raises: FaultError."""
        consent = self._consent(command)
        self._check_consent(command, consent)
        used = [self._party(command, consent.request, REQUEST)]
        try:
            used.append(self._party(command, consent.quote, QUOTE))
        except FaultError as error:
            error.account_id = command.counterparty_account_id
            raise
        if is_traded:
            self._use([each for each in used if each is not None], command.ts_ns)
        return CheckedBlock(Quoted(command.counterparty_account_id, command.consent_hash), used[1] is not None)

    def _consent(self, command: ExecuteBlockTrade) -> Consent:
        """Return the consent that a command names. Raises: FaultError."""
        expected = f"a consent of hash {command.consent_hash.hex()}"
        found = self._find(command.consent_hash)
        if found is None:
            raise FaultError(Fault.consent_missing, expected, "none")
        try:
            return decode_consent(found)
        except ConsentError as error:
            raise FaultError(Fault.consent_missing, expected, str(error)) from error

    def _check_consent(self, command: ExecuteBlockTrade, consent: Consent) -> None:
        """Refuse a trade that is another than its consent says. Raises: FaultError."""
        parties = consent.request.account_id, consent.quote.account_id
        said = (*parties, consent.symbol, consent.side, consent.quantity, consent.price)
        try:
            symbol = self._terms.symbol(consent.symbol)
        except DialectError as error:
            raise FaultError(Fault.consent_differs, str(said), error.message) from error
        trade = symbol.quantity(command.quantity_lots), symbol.price(command.price_ticks)
        parties = command.account_id, command.counterparty_account_id
        name = symbol.name if symbol.market_id == command.market_id else f"market {command.market_id}"
        found = (*parties, name, side_name(command.side), *trade)
        if said != found:
            raise FaultError(Fault.consent_differs, str(said), str(found))

    def _party(self, command: ExecuteBlockTrade, party: ConsentParty, target: tuple[str, str]) -> bytes | None:
        """Check the request of one party; return what counts once, None where no key on record signed it.

        Raises: FaultError.
        """
        key = self._terms.keys.get(party.key_number)
        if key is None:
            self._terms.require_signature(party.account_id, command.ts_ns)
            return None
        document = kept_document(self._find, party.request_hash)
        signed = RequestOfKey(party.account_id, document, party.key_number, key, command.ts_ns)
        check_key(signed, TRADE_SCOPE)
        check_signature(signed)
        self._check_terms(command, document, target)
        check_time(signed, valid_ms(document.parameters()))
        once = once_of(party.key_number, document)
        if once in self._traded:
            raise FaultError(Fault.used_twice, "one trade of a request for a quote, and of a quote", "a second one")
        return once

    def _check_terms(self, command: ExecuteBlockTrade, document: RequestDocument, target: tuple[str, str]) -> None:
        """Refuse a request that went elsewhere, or that asks for another trade. Raises: FaultError."""
        where = document.method, document.path
        if where != target:
            raise FaultError(Fault.command_differs, " ".join(target), " ".join(where)[:80])
        price_ticks = command.price_ticks if target == QUOTE else 0
        trade = BlockTerms(command.market_id, command.side, command.quantity_lots, price_ticks)
        try:
            said = self._said(document, target)
        except DialectError as error:
            raise FaultError(Fault.command_differs, "what the request asks for", error.message) from error
        if said != trade:
            raise FaultError(Fault.command_differs, str(said), str(trade))

    def _said(self, document: RequestDocument, target: tuple[str, str]) -> BlockTerms:
        """Return the trade that a request says. Raises: DialectError."""
        parameters = said_parameters(document)
        valid_ms(parameters)
        parameters.pass_over("clientId")
        if target == QUOTE:
            found = quoted_terms(parameters, self._terms.symbol)
        else:
            found = asked_terms(parameters, self._terms.symbol(parameters.required("symbol")))
        parameters.finish()
        return found

    def _use(self, used: list[bytes], ts_ns: int) -> None:
        """Note that requests have traded, as long as one can be open."""
        self._traded |= dict.fromkeys(used, ts_ns + OPEN_NS)
        if ts_ns - self._swept_ns > OPEN_NS:
            self._swept_ns = ts_ns
            self._traded = {each: until_ns for each, until_ns in self._traded.items() if until_ns > ts_ns}
