"""The desk of withdrawals: each step once, whatever is killed between two of them.

A step does one thing, then notes it. Where it was killed in between, the next start finds what was done: in the record,
in the signer's log, at the node. Nothing is signed before the record has dispatched these very bytes; nothing is given
back by itself after that.

    asked -> requested -> approved -> drafted -> dispatched -> signed -> sent -> settled -> done
                             |  ^        ^                              |  ^
                             v  |        +----- stuck: a higher fee <---+  +-- the chain undid the settlement
                          hot_short
"""

from __future__ import annotations

from collections.abc import Callable

from tarazy.chains.adapter import ChainAdapter, Mined, settlement_hash
from tarazy.chains.errors import NodeRefusedError
from tarazy.domain.records import (
    ApproveWithdrawal,
    DispatchWithdrawal,
    SettleWithdrawal,
    UndoWithdrawal,
)
from tarazy.domain.reject_codes import RejectCode
from tarazy.facility.custody.address_lists import AddressScreen, ListScreen
from tarazy.facility.custody.destinations import destination_obstacle, find_destination
from tarazy.facility.custody.errors import CustodyRefusedError, UnknownInCustodyError
from tarazy.facility.custody.faults import each_apart
from tarazy.facility.custody.inventory import find_asset, find_wallet
from tarazy.facility.custody.payment_makers import (
    DestinationFailsError,
    PaymentMaker,
    WalletShortError,
)
from tarazy.facility.custody.payment_notes import journal_fee, keep_payment, note_sent, note_signed
from tarazy.facility.custody.record import CommandOutcome, CustodyRecord, refused
from tarazy.facility.custody.record_view import APPROVED, DISPATCHED, REJECTED, SETTLED
from tarazy.facility.custody.store import CustodyStore
from tarazy.facility.custody.travel_messages import OUT, messages, provider_obstacle
from tarazy.facility.custody.withdrawal_requests import journal_request
from tarazy.facility.custody.withdrawal_rows import (
    PaymentRow,
    WithdrawalCase,
    change,
    find_payment,
    find_withdrawal,
    payments,
    withdrawals,
)

NS = 1_000_000_000
STEPS_MAX = 12
# A settled withdrawal is looked after for so many blocks more, in case the chain takes it back.
WATCHED_BLOCKS = 100
MANDATE_REFUSALS = (
    RejectCode.mandate_missing,
    RejectCode.mandate_amount_exceeded,
    RejectCode.mandate_day_exceeded,
    RejectCode.four_eyes_required,
    RejectCode.officer_role_missing,
)
Sign = Callable[[int, bytes], bytes]


class WithdrawalDesk:
    """Takes the withdrawals of one chain from request to settlement.

    `sign(withdrawal_id, draft)` is the signer; `before` is called with the name of each outside act before it happens.
    """

    def __init__(
        self,
        store: CustodyStore,
        adapter: ChainAdapter,
        record: CustodyRecord,
        maker: PaymentMaker,
        sign: Sign,
        screen: AddressScreen | None = None,
        reference_scale: int = 2,
    ) -> None:
        self.store = store
        self.adapter = adapter
        self.record = record
        self.maker = maker
        self.sign = sign
        self.screen = screen or ListScreen(store)
        self._scale = reference_scale
        self._steps: dict[str, Callable[[WithdrawalCase], WithdrawalCase]] = {
            "asked": self._request,
            "requested": self._approve,
            "approved": self._draft,
            "hot_short": self._draft,
            "drafted": self._dispatch,
            "dispatched": self._sign,
            "signed": self._send,
            "sent": self._follow,
            "settled": self._pay_fee,
            "done": self._watch,
        }

    def step(self) -> int:
        """Take every open withdrawal as far as it goes now, and return how many moved.

        One that cannot go on holds up no other one: its fault is raised after the last.

        Raises: ChainError, CustodyError.
        """
        moved = [0]

        def take(row: WithdrawalCase) -> None:
            if row.state != "done" or self._is_watched(row):
                moved[0] += self.advance(row).state != row.state

        each_apart(withdrawals(self.store, *self._steps, chain=self.adapter.chain), take)
        return moved[0]

    def advance(self, row: WithdrawalCase) -> WithdrawalCase:
        """Take one withdrawal as far as it goes now."""
        for _ in range(STEPS_MAX):
            step = self._steps.get(row.state)
            after = step(row) if step else row
            if after.state == row.state:
                return after
            row = after
        return row

    # ------------------------------------------------------------ in the record

    def _request(self, row: WithdrawalCase) -> WithdrawalCase:
        number, code = journal_request(self.record, row)
        if code:
            return change(self.store, row.request, state="refused", hold=RejectCode(code).name)
        return change(self.store, row.request, state="requested", withdrawal_id=number, hold="")

    def _approve(self, row: WithdrawalCase) -> WithdrawalCase:
        """Let the machines approve within their mandates, once nothing speaks against it; else people do."""
        found = self.record.sync().withdrawals[row.withdrawal_id]
        if found.state == REJECTED:
            return change(self.store, row.request, state="rejected", hold="")
        if found.state in (APPROVED, DISPATCHED):
            return change(self.store, row.request, state="approved", hold="")
        obstacle = self._obstacle(row)
        if obstacle:
            return change(self.store, row.request, hold=obstacle)
        terms = (found.account_id, found.asset_id, row.withdrawal_id, found.amount_minor, found.destination_hash)
        outcome = self.record.instruct_one(ApproveWithdrawal(0, *terms))
        return self._after(row, outcome, "approved", "two officers approve it")

    def _obstacle(self, row: WithdrawalCase) -> str:
        """Return what the withdrawal waits for, "" for nothing."""
        listed = self.screen(row.chain, row.address)
        if listed:
            return f"the destination is {listed}"
        if self.store.maybe("SELECT 1 FROM addresses WHERE chain = ? AND address = ?", row.chain, row.address):
            return "the destination is an address of this facility"  # it became one after it was named
        if row.receipt_id:
            return ""
        try:
            destination = find_destination(self.store, row.account_id, row.chain, row.address)
        except UnknownInCustodyError:
            return "the client has not named the destination"
        value = self.record.view.value_minor(row.asset_id, row.amount_minor)
        return destination_obstacle(self.store, destination, value, self._scale) or self._travel_obstacle(row)

    def _travel_obstacle(self, row: WithdrawalCase) -> str:
        found = messages(self.store, OUT, str(row.request))
        if not found:
            return "no travel data"
        last = found[-1]
        if not last.provider:
            return ""
        obstacle = provider_obstacle(self.store, last.provider)
        return obstacle or (
            "" if last.state == "accepted" else f"provider {last.provider} has not accepted the travel data"
        )

    def _after(self, row: WithdrawalCase, outcome: CommandOutcome, state: str, people: str) -> WithdrawalCase:
        """Return the row after an instruction: done, or waiting for people, or refused for a reason that may pass."""
        if outcome.is_done:
            return change(self.store, row.request, state=state, hold="")
        code = RejectCode(outcome.reject_code)
        return change(self.store, row.request, hold=people if code in MANDATE_REFUSALS else f"the record: {code.name}")

    # ------------------------------------------------------------ draft, dispatch, sign, send

    def _draft(self, row: WithdrawalCase) -> WithdrawalCase:
        found = self.record.sync().withdrawals[row.withdrawal_id]
        if found.state == REJECTED:
            return change(self.store, row.request, state="rejected", hold="")
        try:
            draft = self.maker.make(row.contract, row.address, row.amount_minor)
        except WalletShortError as error:
            return change(self.store, row.request, state="hot_short", hold=str(error))
        except DestinationFailsError as error:
            return change(self.store, row.request, state="approved", hold=f"the token refuses: {error}"[:400])
        return self._keep_draft(row, draft)

    def _keep_draft(self, row: WithdrawalCase, draft: bytes) -> WithdrawalCase:
        with self.store.changing():
            digest = keep_payment(
                self.store,
                "withdrawal",
                row.request,
                row.chain,
                self.maker.wallet,
                draft,
                row.asset_id,
                row.amount_minor,
            )
            return change(self.store, row.request, state="drafted", digest=digest, hold="")

    def _dispatch(self, row: WithdrawalCase) -> WithdrawalCase:
        """Let the record name the exact bytes; people do it where the mandates do not reach."""
        found = self.record.sync().withdrawals[row.withdrawal_id]
        if found.state == REJECTED:
            with self.store.changing():
                self.store.do("UPDATE payments SET state = 'dropped' WHERE request = ? AND signed = x''", row.request)
                return change(self.store, row.request, state="rejected", hold="")
        digest = bytes.fromhex(row.digest)
        if found.state == DISPATCHED and found.dispatched_hash == digest:
            return change(self.store, row.request, state="dispatched", hold="")
        if payments(self.store, "request = ? AND has_failed = 1", row.request):
            hold = f"its last transaction failed: two officers look at the chain and dispatch it by {row.digest}"
            return change(self.store, row.request, hold=hold)
        location = find_wallet(self.store, self.maker.wallet).location
        outcome = self.record.instruct_one(DispatchWithdrawal(location, 0, row.withdrawal_id, digest))
        return self._after(row, outcome, "dispatched", "two officers dispatch it")

    def _sign(self, row: WithdrawalCase) -> WithdrawalCase:
        payment = find_payment(self.store, row.digest)
        signed = self.sign(row.withdrawal_id, payment.draft)
        with self.store.changing():
            note_signed(self.store, payment, signed)
            return change(self.store, row.request, state="signed", hold="")

    def _send(self, row: WithdrawalCase) -> WithdrawalCase:
        payment = find_payment(self.store, row.digest)
        try:
            self.adapter.broadcast(payment.signed)
        except NodeRefusedError as error:
            if self._mined_payment(row) is None:
                return change(self.store, row.request, hold=f"the node refuses it: {error}"[:400])
        with self.store.changing():
            note_sent(self.store, payment, self.adapter.height())
            return change(self.store, row.request, state="sent", hold="")

    # ------------------------------------------------------------ mined, settled, taken back

    def _mined_payment(self, row: WithdrawalCase) -> tuple[PaymentRow, Mined] | None:
        """Return the transaction of a withdrawal that the chain took, whichever of its attempts that was."""
        for payment in reversed(payments(self.store, "request = ? AND purpose = 'withdrawal'", row.request)):
            mined = self.adapter.mined(payment.transaction_id) if payment.transaction_id else None
            if mined is not None and not (mined.has_failed and payment.state == "done"):
                return payment, mined
        return None

    def _depth(self, mined: Mined) -> int:
        return self.adapter.height() - mined.height + 1

    def _follow(self, row: WithdrawalCase) -> WithdrawalCase:
        """Settle what is deep enough; replace what is stuck."""
        found = self._mined_payment(row)
        if found is None:
            return self._replace_if_stuck(row)
        payment, mined = found
        if self._depth(mined) < find_asset(self.store, row.asset_id).depth:
            return row
        if mined.has_failed:
            return self._note_failure(row, payment, mined)
        evidence = settlement_hash(row.chain, payment.transaction_id, row.withdrawal_id)
        if self.record.sync().withdrawals[row.withdrawal_id].state != SETTLED:
            outcome = self.record.instruct_one(SettleWithdrawal(0, row.withdrawal_id, self._time_ns(mined), evidence))
            if not outcome.is_done:
                raise refused(f"settlement of withdrawal {row.withdrawal_id}", outcome.reject_code)
        return change(self.store, row.request, state="settled", settlement=payment.digest, hold="")

    def _note_failure(self, row: WithdrawalCase, payment: PaymentRow, mined: Mined) -> WithdrawalCase:
        """Note that the chain undid the transaction's effect: its fee is gone, the amount is not; people decide."""
        self._journal_fee(payment, mined)
        with self.store.changing():
            self.store.do("UPDATE payments SET state = 'done' WHERE digest = ?", payment.digest)
            hold = "the chain took the transaction and undid its effect; look at the destination, then retry"
            return change(self.store, row.request, state="failed", hold=hold)

    def retry(self, request: int) -> WithdrawalCase:
        """Let a failed withdrawal be drafted anew. Raises: CustodyRefusedError for one in another state."""
        row = find_withdrawal(self.store, request)
        if row.state != "failed":
            raise CustodyRefusedError(f"request {request}", expected="a failed withdrawal", found=row.state)
        return change(self.store, request, state="approved", hold="")

    def _replace_if_stuck(self, row: WithdrawalCase) -> WithdrawalCase:
        payment = find_payment(self.store, row.digest)
        if not self.adapter.is_known(payment.transaction_id):
            self.adapter.broadcast(payment.signed)  # the node forgot it, or a block that held it was taken back
        waited = self.adapter.height() - payment.sent_height
        if waited < self.store.parameters.number("network.stuck_blocks", self.store.today):
            return row
        try:
            draft = self.maker.replace(payment.draft)
        except WalletShortError as error:
            return change(self.store, row.request, hold=f"stuck, and no higher fee can be paid: {error}")
        if draft is None:
            return change(self.store, row.request, hold="stuck, and the fee is at its limit")
        return self._keep_draft(row, draft)

    def _pay_fee(self, row: WithdrawalCase) -> WithdrawalCase:
        """Journal what the network took for a settled withdrawal."""
        payment = find_payment(self.store, row.settlement)
        mined = self.adapter.mined(payment.transaction_id)
        if mined is None:
            return self._watch(row)
        self._journal_fee(payment, mined)
        with self.store.changing():
            statement = (
                "UPDATE payments SET state = CASE digest WHEN ? THEN 'done' ELSE 'dropped' END WHERE request = ?"
            )
            self.store.do(statement, payment.digest, row.request)
            return change(self.store, row.request, state="done", hold="")

    def _journal_fee(self, payment: PaymentRow, mined: Mined) -> None:
        journal_fee(self.store, self.record, payment, mined)

    def _is_watched(self, row: WithdrawalCase) -> bool:
        payment = find_payment(self.store, row.settlement)
        since = max(payment.sent_height, payment.mined_height)  # it may have waited long before it was mined
        return self.adapter.height() - since <= WATCHED_BLOCKS

    def _watch(self, row: WithdrawalCase) -> WithdrawalCase:
        """Undo a settlement that the chain took back; the transaction is sent again."""
        payment = find_payment(self.store, row.settlement)
        if self.adapter.mined(payment.transaction_id) is not None:
            return row
        evidence = settlement_hash(row.chain, payment.transaction_id, row.withdrawal_id)
        if self.record.sync().withdrawals[row.withdrawal_id].state == SETTLED:
            outcome = self.record.instruct_one(UndoWithdrawal(0, evidence))
            if not outcome.is_done:
                raise refused(f"undoing the settlement of withdrawal {row.withdrawal_id}", outcome.reject_code)
        with self.store.changing():
            self.store.do("UPDATE payments SET state = 'sent' WHERE request = ? AND signed <> x''", row.request)
            return change(self.store, row.request, state="sent", digest=payment.digest, settlement="", hold="")

    def _time_ns(self, mined: Mined) -> int:
        return min(self.adapter.block(mined.height).time_s * NS, self.record.last_ts_ns)
