"""Legs of the client estate's addresses on one chain, from custody's own notes.

What came in: outputs. What went out: our payments, whose inputs (Bitcoin) or amount and fee (Ethereum-like) leave the
paying address, and outputs that somebody else spent, which nobody awaits: a break. A payment is booked with the fact
that journals it: a settlement, a move, or custody's own note for moves within one place; its fee is a fact of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from tarazy.chains.adapter import NATIVE, ChainAdapter, settlement_hash
from tarazy.facility.custody.chain_kinds import bitcoin_network
from tarazy.facility.custody.inventory import assets_on
from tarazy.facility.custody.outputs import OutputRow, outputs
from tarazy.facility.custody.payment_drafts import read_content
from tarazy.facility.custody.payment_notes import fee_evidence, move_evidence
from tarazy.facility.custody.store import CustodyStore
from tarazy.facility.custody.sweeps import place_of
from tarazy.facility.custody.withdrawal_rows import PaymentRow, payments
from tarazy.facility.reconciliation.inputs import LocatedAccount
from tarazy.facility.reconciliation.legs import AccountLeg, LedgerEvidence

NS_PER_S = 1_000_000_000


class PaymentStanding(NamedTuple):
    """How far a payment is: in the chain at the height (and whether it failed there), and in the ledger."""

    payment: PaymentRow
    at_ns: int
    is_mined: bool
    has_failed: bool
    fee_minor: int
    is_booked: bool
    is_fee_booked: bool


class WalletLegs:
    """The legs of one chain up to a height. `places`: account by asset and address, of the client estate alone."""

    def __init__(
        self,
        store: CustodyStore,
        adapter: ChainAdapter,
        ledger: LedgerEvidence,
        places: dict[tuple[int, str], LocatedAccount],
        height: int,
        now_ns: int,
    ) -> None:
        self.store, self.adapter, self.ledger = store, adapter, ledger
        self.places, self.height, self.now_ns = places, height, now_ns
        self.chain = adapter.chain
        self.is_bitcoin = bitcoin_network(self.chain) is not None
        self.outputs = outputs(store, "chain = ?", self.chain)
        self.assets = {each.contract: each.asset_id for each in assets_on(store, self.chain)}
        where = "chain = ? AND transaction_id <> '' AND signed <> x'' AND state <> 'dropped'"
        standing = [self._standing(each) for each in payments(store, where, self.chain)]
        begun = [each for each in standing if each.is_mined or each.is_booked or each.is_fee_booked]
        self.standing = {each.payment.transaction_id: each for each in begun}

    def legs(self) -> Iterator[AccountLeg]:
        """Yield every leg."""
        for row in self.outputs:
            leg = self._arrival(row)
            if leg is not None:
                yield leg
        yield from self._spent_by_inputs() if self.is_bitcoin else self._spent_by_accounts()

    # ------------------------------------------------------------ in

    def _arrival(self, row: OutputRow) -> AccountLeg | None:
        key = self.places.get((row.asset_id, row.address))
        if key is None:
            return None
        is_outside = row.height is not None and row.height <= self.height
        ours = self.standing.get(row.transaction)
        noted = row.state in ("credited", "waiting")
        at_ns = row.time_s * NS_PER_S
        is_booked = ours.is_booked if ours else self.ledger.has(row.evidence, at_ns, noted)
        text = f"{row.transaction}:{row.output} {row.state}"
        return AccountLeg(key, row.evidence.hex(), row.amount_minor, at_ns, text, is_booked, is_outside)

    # ------------------------------------------------------------ out

    def _spent_by_inputs(self) -> Iterator[AccountLeg]:
        """Yield what left by inputs; an output that nobody of ours spent is awaited by nobody."""
        rows = {(row.transaction, row.output): row for row in self.outputs}
        heights = {
            (row[0], row[1]): row[2]
            for row in self.store.all(
                "SELECT transaction_id, output, spent_height FROM outputs WHERE chain = ? AND spent_height IS NOT NULL",
                self.chain,
            )
        }
        spenders: dict[tuple[str, int], PaymentStanding] = {}
        for each in self.standing.values():
            for txid, place in each.payment.spends:
                if each.is_mined or (txid, place) not in spenders:
                    spenders[txid, place] = each
        for where, row in rows.items():
            key = self.places.get((row.asset_id, row.address))
            height = heights.get(where)
            is_outside = height is not None and height <= self.height
            ours = spenders.get(where)
            if is_outside and (ours is None or ours.payment.transaction_id != row.spent_by):
                ours = None
            if key is None or not (is_outside or (ours and ours.is_booked)):
                continue
            at_ns = ours.at_ns if ours else self.now_ns
            reference = f"spent {row.transaction}:{row.output}"
            text = f"by {row.spent_by or (ours.payment.transaction_id if ours else '')}"
            booked = ours is not None and ours.is_booked
            yield AccountLeg(key, reference, -row.amount_minor, at_ns, text, booked, is_outside, ours is not None)
        yield from self._corrected_fees(rows)

    def _corrected_fees(self, rows: dict[tuple[str, int], OutputRow]) -> Iterator[AccountLeg]:
        """Yield the fee where the ledger has it without the payment, or the payment without it.

        Inputs less change are amount and fee together; the ledger has them as two facts, for a moment as one.
        """
        for each in self.standing.values():
            if each.is_booked == each.is_fee_booked:
                continue
            first = next((rows[spent] for spent in each.payment.spends if spent in rows), None)
            key = self.places.get((first.asset_id, first.address)) if first else None
            if key is not None:
                minor = each.fee_minor if each.is_booked else -each.fee_minor
                reference = f"fee of {each.payment.transaction_id}"
                yield AccountLeg(key, reference, minor, each.at_ns, each.payment.purpose, True, False)

    def _spent_by_accounts(self) -> Iterator[AccountLeg]:
        """Yield amount and fee of each payment from the address that paid."""
        native = self.assets.get(NATIVE, 0)
        for each in self.standing.values():
            payer = self._payer(each.payment)
            paid = read_content(self.chain, each.payment.draft).outputs[0]
            key = self.places.get((self.assets.get(paid.contract, 0), payer))
            name, text = each.payment.transaction_id, each.payment.purpose
            if key is not None and not each.has_failed:
                terms = (each.at_ns, text, each.is_booked, each.is_mined)
                yield AccountLeg(key, f"paid by {name}", -paid.amount_minor, *terms)
            key = self.places.get((native, payer))
            if key is not None and each.fee_minor:
                terms = (each.at_ns, text, each.is_fee_booked, each.is_mined)
                yield AccountLeg(key, f"fee of {name}", -each.fee_minor, *terms)

    def _payer(self, payment: PaymentRow) -> str:
        """Return the address that pays: a wallet's first one, or that of the key that the payment names."""
        wallet, _, _ = payment.wallet.partition("#")
        place = place_of(payment.wallet)
        query = "SELECT address FROM addresses WHERE wallet = ? AND place = ? ORDER BY role = 'main' DESC LIMIT 1"
        row = self.store.maybe(query, wallet, place)
        return str(row[0]) if row else ""

    # ------------------------------------------------------------ how far

    def _standing(self, payment: PaymentRow) -> PaymentStanding:
        txid, noted = payment.transaction_id, payment.state == "done"
        if noted and payment.mined_fee_minor is not None:
            height, has_failed, fee = payment.mined_height, payment.has_failed, payment.mined_fee_minor
        else:
            found = self.adapter.mined(txid)
            height = found.height if found else -1
            has_failed = found is not None and found.has_failed
            fee = payment.fee_minor if self.is_bitcoin else (found.fee_minor if found else 0)
        return PaymentStanding(
            payment,
            moment_ns(payment.at),
            0 <= height <= self.height,
            has_failed,
            fee,
            self._is_booked(payment, noted),
            self.ledger.has(fee_evidence(payment.chain, txid), 0, noted),
        )

    def _is_booked(self, payment: PaymentRow, noted: bool) -> bool:
        """Say whether the ledger has what a payment moved: a settlement, a move, or nothing to have."""
        if payment.purpose == "withdrawal":
            row = self.store.maybe("SELECT withdrawal_id FROM withdrawals WHERE request = ?", payment.request)
            number = int(row[0]) if row else 0
            evidence = settlement_hash(payment.chain, payment.transaction_id, number)
            return self.ledger.has_settled(number, evidence, noted and not payment.has_failed)
        if payment.purpose == "sweep":
            return self.ledger.has(move_evidence(payment.chain, payment.transaction_id), 0, noted)
        return noted


def moment_ns(moment: str) -> int:
    """Return a time of custody's file in nanoseconds."""
    return int(datetime.fromisoformat(moment).timestamp()) * NS_PER_S
