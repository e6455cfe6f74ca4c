"""The venue: apply(commands) -> events. One function decides what happens; everything else is its parts.

Every record is checked in the same order: its kind, its reserved bytes, its time, its enum fields, how far its time
jumps, who signs it. Then time moves on and what is due happens, then its handler runs. A refused command leaves one
event and no other trace: it moves time only where something was due. After each command the ledger's invariants are
checked; a broken one, or any other fault inside a command, stops the engine for good.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import Any

from tarazy.domain.engine import InvariantBroken, OfficerKey
from tarazy.domain.records import (
    COMMANDS,
    EDITION,
    ENUM_FIELDS,
    RECORD_SIZE,
    RESERVED_MASKS,
    CommandKind,
    CommandRejected,
    MarketState,
)
from tarazy.domain.reject_codes import RejectCode
from tarazy.spec import (
    accounts,
    amend,
    assets,
    authority,
    block_trades,
    busts,
    cancel,
    cancel_timers,
    checkpoint,
    client_keys,
    contingencies,
    custody,
    delistings,
    deposits,
    fees,
    house,
    increments,
    instructions,
    limit_settings,
    mandates,
    markets,
    observed,
    officers,
    order_lists,
    orders,
    parameters,
    rates,
    receipts,
    shortfall,
    succession,
    ticks,
    undo,
    withdrawals,
)
from tarazy.spec.excerpt import encode_excerpt
from tarazy.spec.invariants import Invariants
from tarazy.spec.liabilities import liabilities_root
from tarazy.spec.refusal import Refusal
from tarazy.spec.snapshot import decode, encode
from tarazy.spec.snapshot_bytes import SnapshotError
from tarazy.spec.snapshot_check import check_state
from tarazy.spec.state import State
from tarazy.spec.timers import run_timers

CONTINUOUS = int(MarketState.continuous)


def advance_time(state: State, command: Any) -> None:
    """Do nothing more: what was due has happened before any handler."""


Handler = Callable[[State, Any], None]
HANDLERS: dict[int, Handler] = {
    CommandKind.register_asset: assets.register_asset,
    CommandKind.admit_asset: assets.admit_asset,
    CommandKind.suspend_asset: assets.suspend_asset,
    CommandKind.remove_asset: assets.remove_asset,
    CommandKind.open_market: markets.open_market,
    CommandKind.set_market_rules: markets.set_market_rules,
    CommandKind.set_market_state: markets.set_market_state,
    CommandKind.set_trading_rules: markets.set_trading_rules,
    CommandKind.set_parameter: parameters.set_parameter,
    CommandKind.advance_time: advance_time,
    CommandKind.take_checkpoint: checkpoint.take_checkpoint,
    CommandKind.register_officer: officers.register_officer,
    CommandKind.set_officer_state: officers.set_officer_state,
    CommandKind.rotate_officer_key: officers.rotate_officer_key,
    CommandKind.grant_mandate: mandates.grant_mandate,
    CommandKind.revoke_mandate: mandates.revoke_mandate,
    CommandKind.rotate_facility_key: officers.rotate_facility_key,
    CommandKind.present_instruction: instructions.present_instruction,
    CommandKind.open_account: accounts.open_account,
    CommandKind.set_account_state: accounts.set_account_state,
    CommandKind.set_account_tier: accounts.set_account_tier,
    CommandKind.register_client_key: client_keys.register_client_key,
    CommandKind.revoke_client_key: client_keys.revoke_client_key,
    CommandKind.credit_deposit: deposits.credit_deposit,
    CommandKind.request_withdrawal: withdrawals.request_withdrawal,
    CommandKind.settle_withdrawal: withdrawals.settle_withdrawal,
    CommandKind.reject_withdrawal: withdrawals.reject_withdrawal,
    CommandKind.move_custody: custody.move_custody,
    CommandKind.sweep_fees: house.sweep_fees,
    CommandKind.fund_house: house.fund_house,
    CommandKind.draw_house: house.draw_house,
    CommandKind.approve_withdrawal: withdrawals.approve_withdrawal,
    CommandKind.dispatch_withdrawal: withdrawals.dispatch_withdrawal,
    CommandKind.undo_withdrawal: withdrawals.undo_withdrawal,
    CommandKind.receive_unattributed: deposits.receive_unattributed,
    CommandKind.attribute_receipt: receipts.attribute_receipt,
    CommandKind.request_return: receipts.request_return,
    CommandKind.undo_deposit: undo.undo_deposit,
    CommandKind.record_loss: shortfall.record_loss,
    CommandKind.record_recovery: shortfall.record_recovery,
    CommandKind.record_network_fee: shortfall.record_network_fee,
    CommandKind.lend_float: shortfall.lend_float,
    CommandKind.top_up_shortfall: shortfall.top_up_shortfall,
    CommandKind.top_up_from_fees: shortfall.top_up_from_fees,
    CommandKind.compensate_client: house.compensate_client,
    CommandKind.refund_fee: house.refund_fee,
    CommandKind.seize_assets: succession.seize_assets,
    CommandKind.transfer_ownership: succession.transfer_ownership,
    CommandKind.credit_airdrop: deposits.credit_airdrop,
    CommandKind.migrate_asset: succession.migrate_asset,
    CommandKind.credit_interest: deposits.credit_interest,
    CommandKind.declare_unclaimed: succession.declare_unclaimed,
    CommandKind.report_balance: observed.report_balance,
    CommandKind.bust_trade: busts.bust_trade,
    CommandKind.place_order: orders.place_order,
    CommandKind.amend_order: amend.amend_order,
    CommandKind.cancel_order: cancel.cancel_order,
    CommandKind.cancel_all: cancel.cancel_all,
    CommandKind.set_cancel_timer: cancel_timers.set_cancel_timer,
    CommandKind.place_trailing_stop: order_lists.place_trailing_stop,
    CommandKind.place_oco: order_lists.place_oco,
    CommandKind.place_oto: order_lists.place_oto,
    CommandKind.place_otoco: order_lists.place_otoco,
    CommandKind.cancel_order_list: order_lists.cancel_order_list,
    CommandKind.execute_block_trade: block_trades.execute_block_trade,
    CommandKind.set_limit: limit_settings.set_limit,
    CommandKind.remove_limit: limit_settings.remove_limit,
    CommandKind.set_rate: rates.set_rate,
    CommandKind.set_client_status: limit_settings.set_client_status,
    CommandKind.set_fees: fees.set_fees,
    CommandKind.set_tick_band: ticks.set_tick_band,
    CommandKind.change_increments: increments.change_increments,
    CommandKind.schedule_delisting: delistings.schedule_delisting,
    CommandKind.cancel_delisting: delistings.cancel_delisting,
}
PARSERS: dict[int, tuple[Callable[[bytes, int], Any], Handler]] = {
    kind: (COMMANDS[kind].unpack, handler) for kind, handler in HANDLERS.items()
}
COMMAND_MAX = max(COMMANDS)


class Venue:
    """One venue. Not thread-safe: one caller at a time."""

    name = "spec"
    edition = EDITION

    def __init__(self, state: State | None = None) -> None:
        self.state = state or State()
        self._broken: InvariantBroken | None = None

    @property
    def next_seq(self) -> int:
        """The sequence number that the next command gets."""
        return self.state.next_seq

    @property
    def last_ts_ns(self) -> int:
        """The time of the last command that moved it: one that was accepted, or before which something was due."""
        return self.state.last_ts_ns

    def apply(self, commands: bytes) -> bytes:
        """Apply commands in order and return their events.

        Shape: commands n * 96 bytes, events m * 96 bytes.
        Raises: ValueError when the length is not a multiple of 96; InvariantBroken when an invariant does not hold,
        now or ever before.
        """
        if len(commands) % RECORD_SIZE:
            raise ValueError(f"expected a multiple of {RECORD_SIZE} bytes, found {len(commands)}")
        if self._broken:
            raise self._broken
        state = self.state
        state.out = []
        try:
            for offset in range(0, len(commands), RECORD_SIZE):
                apply_one(state, commands, offset)
        except InvariantBroken as broken:
            self._broken = broken
            raise
        except BaseException as fault:
            self._broken = InvariantBroken("INTERNAL", state.seq, f"a command was half applied: {fault!r}")
            raise
        return b"".join(state.out)

    def snapshot(self) -> bytes:
        """Return the state in its canonical encoding."""
        return encode(self.state)

    def state_digest(self) -> bytes:
        """Return the SHA-256 of the snapshot."""
        return sha256(encode(self.state)).digest()

    def audit(self) -> None:
        """Add the whole state up again. Raises: InvariantBroken where it does not add up."""
        try:
            checkpoint.audit(self.state)
        except InvariantBroken as broken:
            self._broken = broken
            raise

    def liabilities_root(self) -> bytes:
        """Return the root of the liabilities tree, 32 bytes."""
        return liabilities_root(self.state)

    def excerpt(
        self,
        account_ids: Sequence[int],
        market_ids: Sequence[int],
        *,
        depth: int = 0,
        order_ids: Sequence[int] = (),
    ) -> bytes:
        """Return the part of the state that concerns these accounts and, with such of their orders, these markets."""
        return encode_excerpt(self.state, account_ids, market_ids, depth, order_ids)

    @staticmethod
    def restore_pieces(pieces: Iterable[bytes]) -> Venue:
        """Return a venue with the state of a snapshot that comes piece by piece."""
        return Venue.restore(b"".join(pieces))

    @staticmethod
    def restore(snapshot: bytes) -> Venue:
        """Return a venue with the state of a snapshot. Raises: SnapshotError (a ValueError)."""
        try:
            state = decode(snapshot)
            check_state(state)
            check_command(state)
        except InvariantBroken as broken:
            raise SnapshotError(f"the snapshot does not add up: {broken.invariant}, {broken.detail}") from broken
        except LookupError as error:
            raise SnapshotError("the snapshot names what is not there") from error
        if encode(state) != snapshot:
            raise SnapshotError("the snapshot is not in its canonical order")
        state.invariants = state.ledger.invariants = Invariants()
        return Venue(state)

    def officer_keys(self) -> list[OfficerKey]:
        """Return the officers with their keys, by number."""
        return [
            (o.officer_id, o.public_key, o.officer_roles, o.officer_state, o.valid_from_ns, o.valid_until_ns)
            for o in self.state.authority.officers
        ]

    def invariant_counts(self) -> dict[str, int]:
        """Return how often each invariant was checked."""
        return dict(self.state.invariants.counts)


def apply_one(state: State, commands: bytes, offset: int) -> None:
    """Give the next sequence number to the command at `offset` and apply it."""
    state.seq = state.invariants.seq = state.next_seq
    state.next_seq += 1
    state.trade_index = 0
    kind = int.from_bytes(commands[offset : offset + 2], "little")
    before_ns, due = state.last_ts_ns, False
    authority.cover(state, kind)
    try:
        ts_ns = check_record(state, commands, offset, kind)
        record = commands[offset : offset + RECORD_SIZE]
        authority.check_jump(state, kind, record, ts_ns)
        authority.check(state, kind, record, ts_ns)
        due = run_due(state, ts_ns)
        unpack, handler = PARSERS[kind]
        handler(state, unpack(commands, offset))
        contingencies.settle_legs(state)
        authority.count_uses(state)
    except Refusal as refusal:
        if not due:
            state.last_ts_ns = before_ns
        authority.note_refusal(state)
        emit_rejected(state, commands, offset, kind, refusal)
    check_command(state)


def check_record(state: State, commands: bytes, offset: int, kind: int) -> int:
    """Return a record's time; refuse one that is not well-formed or whose time went back."""
    mask = RESERVED_MASKS.get(kind)
    if mask is None:
        raise Refusal(RejectCode.unknown_command, COMMAND_MAX, kind)
    reserved = int.from_bytes(commands[offset : offset + RECORD_SIZE], "little") & mask
    if reserved:
        first_bit = (reserved & -reserved).bit_length() - 1
        raise Refusal(RejectCode.reserved_not_zero, 0, first_bit // 8)
    ts_ns = int.from_bytes(commands[offset + 8 : offset + 16], "little")
    if ts_ns < state.last_ts_ns:
        raise Refusal(RejectCode.time_went_back, state.last_ts_ns, ts_ns)
    for at, smallest, largest in ENUM_FIELDS[kind]:
        if not smallest <= commands[offset + at] <= largest:
            raise Refusal(RejectCode.field_not_in_list, largest, commands[offset + at])
    return ts_ns


def run_due(state: State, ts_ns: int) -> bool:
    """Move time on to the command's, do what is due, and return whether anything was."""
    state.last_ts_ns = ts_ns
    if not state.timers or state.timers[0][0] > ts_ns:
        return False
    run_timers(state)
    return True


def emit_rejected(state: State, commands: bytes, offset: int, kind: int, refusal: Refusal) -> None:
    """Say that the command was refused; account, market and client's order number where its kind has them."""
    command = COMMANDS[kind].unpack(commands, offset) if kind in COMMANDS else None
    state.out.append(
        CommandRejected(
            reject_code=refusal.code,
            command_kind=kind,
            seq=state.seq,
            account_id=getattr(command, "account_id", 0),
            market_id=getattr(command, "market_id", 0),
            client_order_id=getattr(command, "client_order_id", 0),
            expected=refusal.expected,
            found=refusal.found,
        ).pack()
    )


def check_command(state: State) -> None:
    """Check the invariants over what the command touched."""
    for market in state.touched_markets:
        state.invariants.counts["ORDER"] += 1
        if market.market_state == CONTINUOUS and market.book.is_crossed():
            state.invariants.broken("ORDER", f"market {market.market_id} is crossed")
    state.touched_markets.clear()
    state.ledger.check()
