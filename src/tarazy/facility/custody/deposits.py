"""Deposits: outputs that are deep enough become facts of the record, and those that the chain takes back are undone.

Each output is journaled once: its evidence names transaction, output, address and amount, and the record takes evidence
once. So a kill between the record and the store does no harm: the next start finds the evidence in the record and
notes the outcome. What is undone is journaled newest first; mined again it is credited again under the same evidence.

An arrival is credited to the account whose address it is, unless something speaks against that: a listed sender, or a
provider that owes travel data. Then it waits unattributed in the record, with the reason here, and officers decide.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tarazy.chains.adapter import ChainAdapter
from tarazy.domain.records import CreditDeposit, ReceiveUnattributed, UndoDeposit
from tarazy.facility.custody.address_lists import AddressScreen, ListScreen
from tarazy.facility.custody.errors import CustodyRefusedError
from tarazy.facility.custody.faults import each_apart
from tarazy.facility.custody.inventory import AddressRow, find_address, find_asset, find_wallet
from tarazy.facility.custody.outputs import OutputRow, find_output, mark, outputs
from tarazy.facility.custody.record import CustodyRecord, refused
from tarazy.facility.custody.record_view import CREDITED, UNDONE, WAITING, LedgerCredit
from tarazy.facility.custody.store import CustodyStore
from tarazy.facility.custody.travel_data import FULL, data_set
from tarazy.facility.custody.travel_messages import IN, messages, provider_obstacle

NS = 1_000_000_000
OF_THE_RECORD = "record:"
JOURNALED = ("credited", "waiting")


class Decision(NamedTuple):
    """Whose an arrival is: an account, or 0 and why it waits."""

    account_id: int
    reason: str = ""


class DepositReport(NamedTuple):
    """What one step did."""

    credited: int = 0
    waiting: int = 0
    undone: int = 0
    own: int = 0


class DepositDesk:
    """Journals the arrivals of one chain. `reference_scale`: decimal places of the record's reference currency."""

    def __init__(
        self,
        store: CustodyStore,
        adapter: ChainAdapter,
        record: CustodyRecord,
        screen: AddressScreen | None = None,
        reference_scale: int = 2,
        owns: Callable[[AddressRow], bool] = lambda _: True,
    ) -> None:
        self.store = store
        self.adapter = adapter
        self.chain = adapter.chain
        self.record = record
        self.screen = screen or ListScreen(store)
        self._scale = reference_scale
        self._owns = owns

    def step(self) -> DepositReport:
        """Journal what is due after a poll of the watcher. One arrival that cannot be journaled holds up no other one.

        Raises: CustodyRefusedError where the second officer sees other facts; RecordRefusedError.
        """
        counts = {"credited": 0, "waiting": 0, "undone": 0, "own": 0, "house": 0}
        gone = outputs(self.store, "chain = ? AND height IS NULL AND state IN ('credited', 'waiting')", self.chain)
        arrived = outputs(self.store, "chain = ? AND height IS NOT NULL AND state IN ('seen', 'undone')", self.chain)

        def take(row: OutputRow) -> None:
            if row.height is None:
                counts[self._undo(row)] += 1
            elif self.is_deep(row):
                counts[self._take_in(row)] += 1

        each_apart([*sorted(gone, key=self._journaled_at, reverse=True), *arrived], take)
        return DepositReport(counts["credited"], counts["waiting"], counts["undone"], counts["own"])

    def is_deep(self, row: OutputRow) -> bool:
        """Say whether an output has as many blocks as its asset asks for, by what the watcher has read."""
        return is_deep(self.store, row)

    # ------------------------------------------------------------ in

    def _take_in(self, row: OutputRow) -> str:
        """Journal one arrival and return its new state."""
        if row.state == "seen" and self._is_ours(row):
            mark(self.store, row, "own")
            return "own"
        address = find_address(self.store, self.chain, row.address)
        wallet = find_wallet(self.store, address.wallet)
        if not self._owns(address):
            expected = f"an address of a key of wallet {wallet.wallet}, which the signer has"
            action = "Nothing that arrives there is credited: find out who entered it, and where the coins lie"
            raise CustodyRefusedError(row.address, expected=expected, found="a foreign key", action=action)
        if wallet.estate == "house" or self._is_from_the_house(row):
            mark(self.store, row, "house")
            return "house"
        known = self.record.sync().credits.get(row.evidence)
        if known is None or known.state == UNDONE:
            known = self._journal(row, wallet.location, known)
        return self._note(row, known)

    def _journal(self, row: OutputRow, location: int, before: LedgerCredit | None) -> LedgerCredit:
        """Journal an arrival, and return what the record made of it."""
        decision = self.decide(row)
        if before is not None:  # mined again: the record gives back to whom it was credited before
            decision = Decision(row.account_id, "" if row.reason.startswith(OF_THE_RECORD) else row.reason)
        when_ns = min(row.time_s * NS, self.record.last_ts_ns)
        facts = (row.asset_id, when_ns, row.amount_minor, row.evidence)
        is_credit = bool(decision.account_id and not decision.reason)
        credit = CreditDeposit(location, 0, decision.account_id, *facts)
        command = credit if is_credit else ReceiveUnattributed(location, 0, *facts)
        with self.store.changing():
            self.store.do(
                "UPDATE outputs SET account_id = ?, reason = ? WHERE evidence = ?",
                decision.account_id,
                decision.reason,
                row.evidence.hex(),
            )
        outcome = self.record.instruct_one(command)
        if not outcome.is_done:
            raise refused(f"arrival {row.transaction}:{row.output}", outcome.reject_code)
        return self.record.view.credits[row.evidence]

    def decide(self, row: OutputRow) -> Decision:
        """Return whose an arrival is, and what speaks against crediting it."""
        account_id = find_address(self.store, self.chain, row.address).account_id
        if not account_id:
            return Decision(0, "an address of no client")
        for sender in row.senders:
            reason = self.screen(self.chain, sender)
            if reason:
                return Decision(account_id, f"sender {sender} is {reason}")
        return Decision(account_id, self._travel_obstacle(row))

    def _travel_obstacle(self, row: OutputRow) -> str:
        """Return what is missing of the travel data, "" where nothing is.

        What came from a destination of the client itself, shown to be its own, needs none from a provider.
        """
        found = messages(self.store, IN, row.evidence.hex())
        value = self.record.sync().value_minor(row.asset_id, row.amount_minor)
        needed = data_set(value, self.store.parameters.number("travel.threshold_usd", self.store.today), self._scale)
        for message in found:
            obstacle = provider_obstacle(self.store, message.provider) if message.provider else ""
            if obstacle:
                return obstacle
            if needed == FULL and message.data_set != FULL:
                return "the travel data lack what a transfer of this value needs"
            return ""
        account_id = find_address(self.store, self.chain, row.address).account_id
        query = "SELECT 1 FROM destinations WHERE account_id = ? AND chain = ? AND address = ? AND proved_on <> ''"
        is_own = row.senders and all(self.store.maybe(query, account_id, self.chain, each) for each in row.senders)
        return "" if is_own else "no travel data came with it"

    def _is_ours(self, row: OutputRow) -> bool:
        """Say whether our own transaction made the output: change, a sweep, or gas for one of our addresses."""
        query = "SELECT 1 FROM payments WHERE chain = ? AND transaction_id = ?"
        return self.store.maybe(query, self.chain, row.transaction) is not None

    def _is_from_the_house(self, row: OutputRow) -> bool:
        """Say whether the house estate alone paid it: a loan for network fees or a top-up, which finance journals."""
        known = (
            "SELECT 1 FROM addresses a JOIN wallets w USING (wallet)"
            " WHERE a.chain = ? AND a.address = ? AND w.estate = 'house'"
        )
        return bool(row.senders) and all(self.store.maybe(known, self.chain, each) for each in row.senders)

    # ------------------------------------------------------------ out

    def _undo(self, row: OutputRow) -> str:
        """Undo one arrival that is in the chain no more, and return its new state."""
        known = self.record.sync().credits[row.evidence]
        if known.state != UNDONE:
            outcome = self.record.instruct_one(UndoDeposit(0, row.evidence))
            if not outcome.is_done:
                action = "Custody has less than the chain took back: state a loss, and look where it went"
                raise refused(f"arrival {row.transaction}:{row.output}", outcome.reject_code, action)
            known = self.record.view.credits[row.evidence]
        return self._note(row, known)

    def _note(self, row: OutputRow, known: LedgerCredit) -> str:
        """Note in the store what the record says of an output, and return its state."""
        state = {CREDITED: "credited", WAITING: "waiting", UNDONE: "undone"}[known.state]
        before = find_output(self.store, row.evidence) or row
        account_id = known.account_id or before.account_id
        reason = before.reason
        if state == "waiting" and not reason:
            reason = f"{OF_THE_RECORD} the account may not take it, or not all of it"
        mark(self.store, row, state, account_id=account_id, reason=reason, receipt=known.receipt_id)
        return state

    def _journaled_at(self, row: OutputRow) -> int:
        known = self.record.view.credits.get(row.evidence)
        return known.seq if known else 0


def is_deep(store: CustodyStore, row: OutputRow) -> bool:
    """Say whether an output has as many blocks as its asset asks for."""
    last = store.maybe("SELECT max(height) FROM blocks WHERE chain = ?", row.chain)
    if row.height is None or last is None or last[0] is None:
        return False
    return int(last[0]) - row.height + 1 >= find_asset(store, row.asset_id).depth


class SecondWatcher:
    """What the second machine officer knows of its own: its store, filled by its own watcher from its own nodes.

    It signs an arrival only where it sees the same output as deep, at an address of the same account; an undo only
    where it sees the output in no block. It says nothing of other commands: those are agreed to elsewhere.
    """

    def __init__(self, store: CustodyStore) -> None:
        self.store = store

    def agrees(self, command: object) -> bool:
        """Say whether the facts are as this watcher sees them."""
        if isinstance(command, UndoDeposit):
            row = find_output(self.store, command.evidence_hash)
            return row is not None and row.height is None
        if not isinstance(command, (CreditDeposit, ReceiveUnattributed)):
            return True
        row = find_output(self.store, command.evidence_hash)
        if row is None or not is_deep(self.store, row):
            return False
        address = find_address(self.store, row.chain, row.address)
        location = find_wallet(self.store, address.wallet).location
        seen = (row.asset_id, row.amount_minor, location)
        is_same = seen == (command.asset_id, command.amount_minor, command.location)
        return is_same and (isinstance(command, ReceiveUnattributed) or command.account_id == address.account_id)
