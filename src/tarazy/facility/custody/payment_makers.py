"""Makers of drafts: a hot wallet pays an address, and pays it again with a higher fee.

Drafts of one wallet never share what they spend: outputs, or the number of the transaction. A replacement spends what
the first one spent, so that only one of the two can be mined.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import NamedTuple, Protocol

from tarazy.chains.adapter import NATIVE
from tarazy.chains.bitcoin.chain import BitcoinChain
from tarazy.chains.bitcoin.payments import InputsShortError, Payout, Unspent, make_payment
from tarazy.chains.errors import NodeRevertedError
from tarazy.chains.evm.abi import call_data
from tarazy.chains.evm.chain import EvmChain
from tarazy.chains.evm.transactions import TRANSFER, FeeMarketTransaction, read_unsigned
from tarazy.domain.arithmetic import div_ceil
from tarazy.facility.custody.inventory import find_address, main_address
from tarazy.facility.custody.outputs import outputs, unspent
from tarazy.facility.custody.payment_drafts import read_content
from tarazy.facility.custody.store import CustodyStore

GAS_NATIVE = 21_000
# A replacement pays an eighth more at least: nodes ask for a tenth (geth) and take no less.
BUMP = (9, 8)


class FeePolicy(NamedTuple):
    """What networks are paid. Units: satoshi for 1,000 virtual bytes; wei for gas."""

    rate: int = 10_000
    rate_max: int = 500_000
    tip_wei: int = 1_000_000_000
    fee_wei_max: int = 500_000_000_000


class WalletShortError(Exception):
    """The wallet does not have what a payment needs; `text` says of what and how much."""


class DestinationFailsError(Exception):
    """The token would undo the payment: a blocked destination, a paused token."""


class PaymentMaker(Protocol):
    """Makes the drafts of one wallet."""

    wallet: str

    def make(self, contract: str, address: str, amount_minor: int) -> bytes:
        """Return a draft. Raises: WalletShortError, DestinationFailsError."""

    def replace(self, draft: bytes) -> bytes | None:
        """Return the same payment with a higher fee, None where the fee is at its limit."""


class BitcoinMaker:
    """Drafts of a Bitcoin wallet; change goes to its main address."""

    def __init__(self, store: CustodyStore, adapter: BitcoinChain, wallet: str, fees: FeePolicy) -> None:
        self.store, self.adapter, self.wallet, self.fees = store, adapter, wallet, fees

    def make(self, contract: str, address: str, amount_minor: int) -> bytes:
        """Return a draft."""
        return self._make(Payout(address, amount_minor), self.fees.rate, self._coins(), frozenset())

    def replace(self, draft: bytes) -> bytes | None:
        """Return the same payment with a fee half as high again, from the same outputs and more where needed."""
        content = read_content(self.adapter.chain, draft)
        change = main_address(self.store, self.wallet).address
        paid = next((each for each in content.outputs if each.address != change), content.outputs[0])
        vbytes = max(1, len(content.unsigned) // 2)
        rate = max(self.fees.rate, div_ceil(content.fee_minor * 1000, vbytes))
        fee_before, must = content.fee_minor, frozenset(content.spends)
        rate = min(rate, self.fees.rate_max)
        while rate <= self.fees.rate_max:
            found = self._make(Payout(paid.address, paid.amount_minor), rate, self._coins(must), must)
            if 2 * read_content(self.adapter.chain, found).fee_minor >= 3 * fee_before:
                return found
            rate = div_ceil(rate * 3, 2)
        return None

    def _coins(self, also: frozenset[tuple[str, int]] = frozenset()) -> list[Unspent]:
        """Return the unspent outputs of the wallet, and those that a payment under way spends already."""
        rows = unspent(self.store, self.wallet, NATIVE)
        if also:
            every = outputs(self.store, "chain = ? AND height IS NOT NULL", self.adapter.chain)
            known = {(row.transaction, row.output) for row in rows}
            rows += [row for row in every if (row.transaction, row.output) in also - known]
        chain = self.adapter.chain
        found = [(row, find_address(self.store, chain, row.address).descriptor) for row in rows]
        return [Unspent(row.transaction, row.output, row.amount_minor, descriptor) for row, descriptor in found]

    def _make(self, payout: Payout, rate: int, coins: list[Unspent], must: frozenset[tuple[str, int]]) -> bytes:
        change = main_address(self.store, self.wallet).descriptor
        try:
            draft = make_payment(coins, [payout], change, self.adapter.network, rate, must)
        except InputsShortError as error:
            raise WalletShortError(str(error)) from error
        raw: bytes = draft.serialize()
        return raw


class EvmMaker:
    """Drafts of an account of an Ethereum-like chain: the wallet's main address."""

    def __init__(self, store: CustodyStore, adapter: EvmChain, wallet: str, fees: FeePolicy) -> None:
        self.store, self.adapter, self.wallet, self.fees = store, adapter, wallet, fees

    def make(self, contract: str, address: str, amount_minor: int) -> bytes:
        """Return a draft, after asking the chain whether it would go through now."""
        sender = main_address(self.store, self.wallet).address
        is_native = contract == NATIVE
        to, value = (address, amount_minor) if is_native else (contract, 0)
        data = b"" if is_native else call_data(TRANSFER, address, amount_minor)
        fee = min(2 * self.adapter.base_fee_wei() + self.fees.tip_wei, self.fees.fee_wei_max)
        self._check_covered(sender, contract, amount_minor, GAS_NATIVE * fee)
        try:
            gas = self.adapter.gas_for(sender, to, value, data)
        except NodeRevertedError as error:
            raise DestinationFailsError(str(error)) from error
        gas = gas if is_native and gas == GAS_NATIVE else div_ceil(gas * 5, 4)
        self._check_covered(sender, contract, amount_minor, gas * fee)
        tip = min(self.fees.tip_wei, fee)
        return FeeMarketTransaction(
            self.adapter.chain_id, self._nonce(sender), tip, fee, gas, to, value, data
        ).unsigned()

    def replace(self, draft: bytes) -> bytes | None:
        """Return the same payment under the same number with fee and tip an eighth higher at least."""
        found = read_unsigned(draft)
        now = 2 * self.adapter.base_fee_wei() + self.fees.tip_wei
        fee = max(div_ceil(found.fee_wei * BUMP[0], BUMP[1]), min(now, self.fees.fee_wei_max))
        tip = min(max(div_ceil(found.tip_wei * BUMP[0], BUMP[1]), self.fees.tip_wei), fee)
        return None if fee > self.fees.fee_wei_max else found._replace(fee_wei=fee, tip_wei=tip).unsigned()

    def _check_covered(self, sender: str, contract: str, amount_minor: int, fee_wei: int) -> None:
        """Refuse a payment that the account does not cover, with all that is under way.

        Raises: WalletShortError.
        """
        height = self.adapter.height()
        under_way = [read_content(self.adapter.chain, bytes(row[0])) for row in self._open_payments()]
        needed = {NATIVE: fee_wei}
        needed[contract] = needed.get(contract, 0) + amount_minor
        for content in under_way:
            needed[NATIVE] = needed.get(NATIVE, 0) + content.fee_minor
            paid = content.outputs[0]
            needed[paid.contract] = needed.get(paid.contract, 0) + paid.amount_minor
        for each, amount in sorted(needed.items()):
            found = self.adapter.balance(each, sender, height)
            if found < amount:
                raise WalletShortError(f"expected {amount} of {each} at {sender}, found {found}")

    def _open_payments(self) -> list[tuple[bytes]]:
        query = "SELECT draft FROM payments WHERE wallet = ? AND state IN ('drafted', 'dispatched', 'signed', 'sent')"
        return self.store.all(query, self.wallet)

    def _nonce(self, sender: str) -> int:
        """Return the lowest number that no transaction under way has.

        A draft that was given up leaves a gap, behind which nothing would ever be mined: it is filled first.
        """
        return lowest_free(self.adapter.nonce(sender), self.taken())

    def taken(self) -> set[int]:
        """Return the numbers of the wallet's transactions that may still be mined, or were."""
        query = "SELECT nonce FROM payments WHERE wallet = ? AND state <> 'dropped'"
        return {int(row[0]) for row in self.store.all(query, self.wallet)}

    def fill_gap(self) -> bytes | None:
        """Return a draft that moves nothing and takes a number before those that wait, None where none is missing."""
        sender = main_address(self.store, self.wallet).address
        taken = self.taken()
        free = lowest_free(self.adapter.nonce(sender), taken)
        if not any(number > free for number in taken):
            return None
        fee = min(2 * self.adapter.base_fee_wei() + self.fees.tip_wei, self.fees.fee_wei_max)
        terms = (min(self.fees.tip_wei, fee), fee, GAS_NATIVE, sender, 0, b"")
        return FeeMarketTransaction(self.adapter.chain_id, free, *terms).unsigned()


def lowest_free(first: int, taken: set[int]) -> int:
    """Return the lowest number from `first` on that is not taken."""
    while first in taken:
        first += 1
    return first


MakerOf = Callable[[str], PaymentMaker]


def spends_text(spends: tuple[tuple[str, int], ...]) -> str:
    """Return outputs as the store writes them."""
    return json.dumps([list(each) for each in spends])
