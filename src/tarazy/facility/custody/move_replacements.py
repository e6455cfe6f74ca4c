"""Moves that are stuck: the same move with a higher fee, in the same place, so that only one of them is ever mined.

The same place is the same number of an account (Ethereum-like chains) or one unspent output at least (Bitcoin). What
pays the fee is the mover's own: where a deposit address sends all that it has, the higher fee lessens what is moved.
"""

from __future__ import annotations

from tarazy.chains.adapter import NATIVE, ChainAdapter
from tarazy.chains.evm.chain import EvmChain
from tarazy.chains.evm.transactions import read_signed, read_unsigned
from tarazy.facility.custody.payment_drafts import read_content
from tarazy.facility.custody.payment_makers import PaymentMaker, WalletShortError
from tarazy.facility.custody.payment_notes import keep_payment
from tarazy.facility.custody.store import CustodyStore
from tarazy.facility.custody.withdrawal_rows import PaymentRow, payments

MOVES = "chain = ? AND wallet = ? AND request = 0 AND state IN "
OPEN = "('drafted', 'signed', 'sent')"
STANDING = "('drafted', 'signed', 'sent', 'done')"


def same_place(store: CustodyStore, payment: PaymentRow, states: str = OPEN) -> list[PaymentRow]:
    """Return the other moves that this one excludes: at most one of them is ever mined."""
    spends = set(read_content(payment.chain, payment.draft).spends)
    found = []
    for each in payments(store, f"{MOVES}{states}", payment.chain, payment.wallet):
        if each.digest == payment.digest:
            continue
        is_same_number = payment.nonce >= 0 and each.nonce == payment.nonce
        if is_same_number or spends & set(read_content(each.chain, each.draft).spends):
            found.append(each)
    return found


def is_replaced(store: CustodyStore, payment: PaymentRow) -> bool:
    """Say whether a later move with a higher fee stands in the place of this one."""
    return any(each.fee_minor > payment.fee_minor for each in same_place(store, payment))


def is_taken(store: CustodyStore, adapter: ChainAdapter, payment: PaymentRow) -> bool:
    """Say whether another move in this one's place was mined."""
    names = [each.transaction_id for each in same_place(store, payment, STANDING) if each.transaction_id]
    return any(adapter.mined(name) is not None for name in names)


def replace_if_stuck(store: CustodyStore, adapter: ChainAdapter, maker: PaymentMaker, payment: PaymentRow) -> bool:
    """Draft a move anew with a higher fee where it waits for too many blocks; say whether that was done."""
    waited = adapter.height() - payment.sent_height
    if payment.state != "sent" or waited < store.parameters.number("network.stuck_blocks", store.today):
        return False
    try:
        draft = maker.replace(payment.draft)
    except WalletShortError:
        return False
    if draft is not None and isinstance(adapter, EvmChain) and "#" in payment.wallet:
        draft = _paid_by_the_address(adapter, payment, draft)
    if draft is None:
        return False
    terms = (payment.chain, payment.wallet, draft, payment.asset_id, payment.amount_minor)
    with store.changing():
        keep_payment(store, payment.purpose, 0, *terms)
    return True


def _paid_by_the_address(adapter: EvmChain, payment: PaymentRow, draft: bytes) -> bytes | None:
    """Return a draft whose higher fee a deposit address can pay, None where it cannot."""
    before, after = read_unsigned(payment.draft), read_unsigned(draft)
    more_wei = (after.fee_wei - before.fee_wei) * after.gas
    if not before.data:
        left_wei = before.value_wei - more_wei
        return after._replace(value_wei=left_wei).unsigned() if left_wei > 0 else None
    _, sender = read_signed(payment.signed)
    found = adapter.balance(NATIVE, sender, adapter.height())
    return draft if found >= after.fee_wei * after.gas else None


def drop_others(store: CustodyStore, payment: PaymentRow) -> None:
    """Note that the other moves in the place of a mined one will never be."""
    for each in same_place(store, payment):
        store.do("UPDATE payments SET state = 'dropped' WHERE digest = ?", each.digest)
