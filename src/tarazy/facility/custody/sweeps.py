"""Moves within the estate: hot to cold by policy, deposit addresses to the main one, gas for those that need it.

Nothing leaves the estate, so that no client's request stands behind a move; the signer takes it only where every output
goes to addresses that it knows itself. The record hears of a move between custody locations when it is deep enough,
and of each network fee. From cold to hot a person carries a file.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple

from tarazy.chains.adapter import NATIVE, ChainAdapter, Mined
from tarazy.chains.errors import NodeRefusedError
from tarazy.chains.evm.abi import call_data
from tarazy.chains.evm.chain import EvmChain
from tarazy.chains.evm.transactions import TRANSFER, FeeMarketTransaction
from tarazy.domain.arithmetic import div_floor
from tarazy.domain.records import CustodyLocation, Estate, MoveCustody
from tarazy.domain.reject_codes import RejectCode
from tarazy.facility.custody.faults import each_apart
from tarazy.facility.custody.inventory import (
    AddressRow,
    addresses,
    assets_on,
    find_asset,
    find_wallet,
    main_address,
)
from tarazy.facility.custody.move_replacements import drop_others, is_replaced, is_taken, replace_if_stuck
from tarazy.facility.custody.payment_drafts import read_content
from tarazy.facility.custody.payment_makers import (
    GAS_NATIVE,
    EvmMaker,
    FeePolicy,
    PaymentMaker,
    WalletShortError,
)
from tarazy.facility.custody.payment_notes import journal_fee, keep_payment, move_evidence, note_sent, note_signed
from tarazy.facility.custody.record import CustodyRecord, refused
from tarazy.facility.custody.record_view import RecordView
from tarazy.facility.custody.store import CustodyStore
from tarazy.facility.custody.withdrawal_rows import PaymentRow, payments

GAS_TOKEN = 100_000
# `sign(draft, place)`: the signer of moves; `place` is the key of the account that pays.
SignMove = Callable[[bytes, int], bytes]


class SweepPlan(NamedTuple):
    """What lies where of an asset, and what the policy asks to move: positive from hot to cold, negative back."""

    asset_id: int
    hot_minor: int
    warm_minor: int
    cold_minor: int
    move_minor: int
    target_minor: int

    @property
    def total_minor(self) -> int:
        """Return what clients have at all three."""
        return self.hot_minor + self.warm_minor + self.cold_minor

    @property
    def cold_ppm(self) -> int:
        """Return the share that is cold, in parts per million, rounded down; all where there is nothing."""
        return div_floor(self.cold_minor * 1_000_000, self.total_minor) if self.total_minor else 1_000_000


def plan_sweep(view: RecordView, store: CustodyStore, asset_id: int) -> SweepPlan:
    """Return the move that brings an asset within its floors: cold too low, or hot too low; else none.

    What waits to be withdrawn is not counted as free: a move that would leave withdrawals short is their own question.
    """
    locations = (CustodyLocation.hot, CustodyLocation.warm, CustodyLocation.cold)
    hot, warm, cold = (view.custody_minor(asset_id, location) for location in locations)
    total = hot + warm + cold
    day, shares = store.today, store.parameters
    cold_min, hot_min, target = (
        shares.share(key, day) for key in ("cold.share_min", "hot.share_min", "hot.share_target")
    )
    wanted = _part(total, target)
    move = 0
    if total and Fraction(cold, total) < cold_min:
        move = max(0, min(hot, hot - wanted))
    elif total and Fraction(hot, total) < hot_min:
        move = -min(cold - _part(total, cold_min), wanted - hot)
        move = min(move, 0)
    return SweepPlan(asset_id, hot, warm, cold, move, wanted)


def _part(total: int, share: Fraction) -> int:
    return div_floor(total * share.numerator, share.denominator)


class SweepDesk:
    """Makes and follows the moves of one hot wallet."""

    def __init__(
        self, store: CustodyStore, adapter: ChainAdapter, record: CustodyRecord, maker: PaymentMaker, sign: SignMove
    ) -> None:
        self.store = store
        self.adapter = adapter
        self.record = record
        self.maker = maker
        self.sign = sign

    def sweep(self, asset_id: int, to_wallet: str, amount_minor: int) -> str:
        """Draft a move to another wallet of the same estate, and return the digest that names it.

        Raises: WalletShortError.
        """
        asset, target = find_asset(self.store, asset_id), main_address(self.store, to_wallet)
        draft = self.maker.make(asset.contract, target.address, amount_minor)
        with self.store.changing():
            return keep_payment(
                self.store, "sweep", 0, self.adapter.chain, self.maker.wallet, draft, asset_id, amount_minor
            )

    def step(self) -> int:
        """Take every move as far as it goes now, and return how many are done."""
        done = [0]

        def take(payment: PaymentRow) -> None:
            is_own = payment.wallet.partition("#")[0] == self.maker.wallet
            if is_own or payment.state != "drafted":  # other wallets sign elsewhere
                done[0] += self._advance(payment)

        where = "chain = ? AND request = 0 AND state IN ('drafted', 'signed', 'sent')"
        each_apart(payments(self.store, where, self.adapter.chain), take)
        return done[0]

    def _advance(self, payment: PaymentRow) -> int:
        (payment,) = payments(self.store, "digest = ?", payment.digest)
        if payment.state == "dropped":  # since this step began: another one in its place was mined
            return 0
        if payment.state == "drafted":
            signed = self.sign(payment.draft, place_of(payment.wallet))
            with self.store.changing():
                note_signed(self.store, payment, signed)
            (payment,) = payments(self.store, "digest = ?", payment.digest)
        mined = self.adapter.mined(payment.transaction_id)
        if mined is None:
            self._send(payment)
            return 0
        depth = find_asset(self.store, payment.asset_id).depth
        if self.adapter.height() - mined.height + 1 < depth:
            return 0
        self._journal(payment, mined)
        with self.store.changing():
            drop_others(self.store, payment)
            self.store.do("UPDATE payments SET state = 'done' WHERE digest = ?", payment.digest)
        return 1

    def _send(self, payment: PaymentRow) -> None:
        """Hand a move to the nodes; replace it under a higher fee where it is stuck.

        One that was replaced is only looked for. A node that refuses it since another one in its place was mined is
        right.
        """
        if is_replaced(self.store, payment):
            return
        try:
            self.adapter.broadcast(payment.signed)
        except NodeRefusedError:
            if not is_taken(self.store, self.adapter, payment):
                raise
            return
        with self.store.changing():
            note_sent(self.store, payment, self.adapter.height())
        replace_if_stuck(self.store, self.adapter, self.maker, payment)

    def _journal(self, payment: PaymentRow, mined: Mined) -> None:
        """Journal fee and move; each has evidence of its own, so that a kill between them does no harm."""
        base = payment._replace(wallet=payment.wallet.partition("#")[0])
        journal_fee(self.store, self.record, base, mined)
        if payment.purpose != "sweep" or mined.has_failed:
            return
        target = self._target(payment)
        command = MoveCustody(
            estate=int(Estate.client),
            from_location=find_wallet(self.store, base.wallet).location,
            to_location=target,
            asset_id=payment.asset_id,
            evidence_ns=self.record.last_ts_ns,
            amount_minor=payment.amount_minor,
            evidence_hash=move_evidence(payment.chain, payment.transaction_id),
        )
        outcome = self.record.instruct_one(command)
        if not outcome.is_done and outcome.reject_code != RejectCode.evidence_already_used:
            raise refused(f"move {payment.transaction_id}", outcome.reject_code)

    def _target(self, payment: PaymentRow) -> int:
        """Return the custody location that a sweep pays."""
        own = {row.address: row for row in addresses(self.store, chain=payment.chain)}
        paid = [own[each.address] for each in read_content(payment.chain, payment.draft).outputs if each.address in own]
        others = [row for row in paid if row.wallet != payment.wallet]
        return find_wallet(self.store, others[0].wallet).location


def place_of(wallet: str) -> int:
    """Return the key's number in a payment's wallet: `hot#3` pays from the hot wallet's key 3, `hot` from its first."""
    return int(wallet.partition("#")[2] or 0)


class Gatherer:
    """Brings what lies at deposit addresses of an Ethereum-like chain to the wallet's main address.

    A token needs gas at its own address: the main address sends it first, and the token moves at a later step.
    """

    def __init__(self, store: CustodyStore, adapter: EvmChain, wallet: str, fees: FeePolicy) -> None:
        self.store = store
        self.adapter = adapter
        self.wallet = wallet
        self.fees = fees

    def step(self, least: dict[int, int]) -> int:
        """Draft what is due and return how many drafts there are; `least`: from which amount on, by asset."""
        count = 0
        main = main_address(self.store, self.wallet)
        for row in addresses(self.store, wallet=self.wallet):
            if row.role == "deposit" and not self._is_busy(row):
                count += self._gather(row, main, least)
        return count

    def _is_busy(self, row: AddressRow) -> bool:
        """Say whether a draft from or of gas for this address is under way."""
        query = (
            "SELECT 1 FROM payments WHERE chain = ? AND state IN ('drafted', 'signed', 'sent')"
            " AND (wallet = ? OR purpose = ?)"
        )
        label = self._label(row)
        return self.store.maybe(query, row.chain, label, f"gas for {label}") is not None

    def _label(self, row: AddressRow) -> str:
        return f"{self.wallet}#{row.place}"

    def _gather(self, row: AddressRow, main: AddressRow, least: dict[int, int]) -> int:
        height, fee = self.adapter.height(), self._fee()
        native = self.adapter.balance(NATIVE, row.address, height)
        for asset in assets_on(self.store, row.chain):
            amount = self.adapter.balance(asset.contract, row.address, height)
            if amount < max(1, least.get(asset.asset_id, 1)):
                continue
            if asset.contract == NATIVE:
                rest = amount - GAS_NATIVE * fee
                if rest > 0:
                    return self._keep(
                        row, "gather", asset.asset_id, self._pay(row, main.address, rest, b"", GAS_NATIVE)
                    )
                continue
            needed = GAS_TOKEN * fee
            if native < needed:
                return self._send_gas(row, main, needed - native)
            data = call_data(TRANSFER, main.address, amount)
            return self._keep(row, "gather", asset.asset_id, self._pay(row, asset.contract, 0, data, GAS_TOKEN))
        return 0

    def _fee(self) -> int:
        return min(2 * self.adapter.base_fee_wei() + self.fees.tip_wei, self.fees.fee_wei_max)

    def _pay(self, row: AddressRow, to: str, value_wei: int, data: bytes, gas: int) -> bytes:
        fee, nonce = self._fee(), self.adapter.nonce(row.address)
        tip = min(self.fees.tip_wei, fee)
        return FeeMarketTransaction(self.adapter.chain_id, nonce, tip, fee, gas, to, value_wei, data).unsigned()

    def _keep(self, row: AddressRow, purpose: str, asset_id: int, draft: bytes) -> int:
        with self.store.changing():
            keep_payment(self.store, purpose, 0, row.chain, self._label(row), draft, asset_id, 0)
        return 1

    def _send_gas(self, row: AddressRow, main: AddressRow, amount_wei: int) -> int:
        """Draft gas for an address from the main one; nothing where the main one has too little."""
        try:
            draft = EvmMaker(self.store, self.adapter, self.wallet, self.fees).make(NATIVE, row.address, amount_wei)
        except WalletShortError:
            return 0
        native = next(asset for asset in assets_on(self.store, row.chain) if asset.contract == NATIVE)
        with self.store.changing():
            label = f"gas for {self._label(row)}"
            keep_payment(self.store, label, 0, row.chain, self.wallet, draft, native.asset_id, amount_wei)
        return 1
