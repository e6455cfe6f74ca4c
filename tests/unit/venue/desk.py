"""The custody desk of a floor: facts, withdrawals and the house's assets in short words. All of it is in bitcoin."""

from __future__ import annotations

from typing import Any

from tarazy.domain.records import (
    AttributeReceipt,
    CompensateClient,
    CreditDeposit,
    CustodyLocation,
    DispatchWithdrawal,
    Estate,
    FundHouse,
    LendFloat,
    LossReason,
    ReceiptHeld,
    ReceiveUnattributed,
    RecordLoss,
    RecordNetworkFee,
    RecordRecovery,
    RejectWithdrawal,
    ReportBalance,
    RequestReturn,
    RequestWithdrawal,
    SettleWithdrawal,
    TopUpShortfall,
    UndoDeposit,
    UndoWithdrawal,
    WithdrawalReason,
    WithdrawalRequested,
)

from ...floor import BTC, Floor, Result

HOT = CustodyLocation.hot


class Desk:
    """What officers and watchers do. Every call may be refused: the result says so."""

    def __init__(self, floor: Floor, asset: int = BTC) -> None:
        self.floor = floor
        self.asset = asset

    # ------------------------------------------------------------ facts
    def fact(self, record: type[Any], amount: int, evidence: bytes = b"", **terms: int) -> Result:
        """Record a fact of an amount under evidence, new unless it is given."""
        names = {"location": HOT, "from_location": HOT, "to_location": HOT, "asset_id": self.asset, **terms}
        names = {name: value for name, value in names.items() if name in record._fields}  # type: ignore[attr-defined]
        evidence = evidence or self.floor.new_hash()
        return self.floor.attempt(record(amount_minor=amount, evidence_hash=evidence, **names))

    def deposit(self, account: int, amount: int, evidence: bytes = b"", **terms: int) -> Result:
        """Credit a deposit."""
        return self.fact(CreditDeposit, amount, evidence, account_id=account, **terms)

    def undo(self, evidence: bytes) -> Result:
        """Undo a credit."""
        return self.floor.attempt(UndoDeposit(evidence_hash=evidence))

    def receive(self, amount: int, evidence: bytes = b"", **terms: int) -> int:
        """Receive assets of somebody unknown and return the receipt's number."""
        return self.fact(ReceiveUnattributed, amount, evidence, **terms).one(ReceiptHeld).receipt_id

    def lose(self, amount: int, **terms: int) -> Result:
        """Record a theft."""
        return self.fact(RecordLoss, amount, loss_reason=LossReason.theft, **terms)

    def recover(self, amount: int) -> Result:
        """Record what came back."""
        return self.fact(RecordRecovery, amount)

    def network_fee(self, amount: int) -> Result:
        """Record a network's fee."""
        return self.fact(RecordNetworkFee, amount)

    def report(self, amount: int, estate: int = Estate.client, **terms: int) -> Result:
        """Report an observed balance."""
        return self.fact(ReportBalance, amount, estate=estate, **terms)

    # ------------------------------------------------------------ the house
    def fund(self, amount: int) -> Result:
        """Bring in the house's own assets."""
        return self.fact(FundHouse, amount)

    def lend(self, amount: int) -> Result:
        """Lend the house's assets for network fees."""
        return self.fact(LendFloat, amount)

    def top_up(self, amount: int) -> Result:
        """Close a part of the shortfall."""
        return self.fact(TopUpShortfall, amount)

    def compensate(self, account: int, amount: int) -> Result:
        """Give the house's assets to a client."""
        return self.fact(CompensateClient, amount, account_id=account)

    # ------------------------------------------------------------ receipts and withdrawals
    def attribute(self, receipt: int, account: int, amount: int) -> Result:
        """Credit a part of a receipt to a client."""
        return self.floor.attempt(AttributeReceipt(0, account, receipt, amount, self.floor.new_hash()))

    def ask_return(self, receipt: int, amount: int) -> int:
        """Ask that a part of a receipt be sent back and return the withdrawal's number."""
        command = RequestReturn(0, receipt, amount, self.floor.new_hash())
        return self.floor.act(command).one(WithdrawalRequested).withdrawal_id

    def request(self, account: int, amount: int) -> int:
        """Ask for assets back and return the withdrawal's number."""
        command = RequestWithdrawal(0, account, self.asset, amount, self.floor.new_hash())
        return self.floor.do(command).one(WithdrawalRequested).withdrawal_id

    def approve(self, number: int) -> Result:
        """Approve a withdrawal."""
        return self.floor.attempt(self.floor.approval(number))

    def dispatch(self, number: int, location: int = HOT) -> Result:
        """Dispatch a withdrawal."""
        return self.floor.attempt(DispatchWithdrawal(location, 0, number, self.floor.new_hash()))

    def settle(self, number: int, evidence: bytes = b"") -> Result:
        """Settle a withdrawal."""
        return self.floor.attempt(SettleWithdrawal(0, number, 0, evidence or self.floor.new_hash()))

    def undo_settlement(self, evidence: bytes) -> Result:
        """Undo a settlement."""
        return self.floor.attempt(UndoWithdrawal(evidence_hash=evidence))

    def reject(self, number: int) -> Result:
        """Reject a withdrawal."""
        return self.floor.attempt(RejectWithdrawal(WithdrawalReason.compliance, withdrawal_id=number))

    def send(self, number: int) -> Result:
        """Approve and dispatch a withdrawal."""
        self.approve(number)
        return self.dispatch(number)

    # ------------------------------------------------------------ what is there afterwards
    @property
    def books(self) -> dict[str, int]:
        """Return the asset's ledger accounts that are not zero, by their letters on the design's table."""
        self.floor.venue.audit()
        state = self.floor.state
        ledger = state.ledger.asset(self.asset)
        names = ("CC", "SF", "HC", "AV", "HE", "UN", "FE", "NF", "HQ")
        return {name: minor for name, minor in zip(names, ledger.totals, strict=True) if minor}

    def at(self, location: int, estate: int = Estate.client) -> int:
        """Return what lies at a custody location."""
        return self.floor.state.ledger.custody(estate, location, self.asset).minor
