"""Both sides of a run from what the facility keeps itself: custody's file with its chains, the bank book."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from tarazy.chains.adapter import ChainAdapter
from tarazy.facility.banking.book import BankBook
from tarazy.facility.custody.store import CustodyStore
from tarazy.facility.reconciliation.bank_legs import bank_balances, bank_legs, client_accounts
from tarazy.facility.reconciliation.chain_side import chain_moment, held_there
from tarazy.facility.reconciliation.inputs import ReconciledSide
from tarazy.facility.reconciliation.legs import LedgerEvidence, add_legs
from tarazy.facility.reconciliation.wallet_legs import WalletLegs
from tarazy.spec.state import State


class JoinedSides(NamedTuple):
    """Our book, the other side, and the references that our own systems wait for."""

    book: ReconciledSide
    outside: ReconciledSide
    expected: Collection[str]


def joined_sides(
    state: State,
    now_ns: int,
    store: CustodyStore | None,
    adapters: Collection[ChainAdapter],
    bank_book: BankBook | None,
) -> JoinedSides:
    """Return both sides; `state` is the ledger, not younger than what custody and bank book know.

    Raises: NodeError; ReconciliationError where a watcher is behind its chain.
    """
    book, outside, expected = ReconciledSide({}, []), ReconciledSide({}, []), set[str]()
    ledger = LedgerEvidence(state)
    for adapter in adapters:
        if store is None:
            break
        moment = chain_moment(store, adapter)
        places = {(each.asset.asset_id, each.row.address): each.key for each in held_there(store, adapter.chain)}
        legs = WalletLegs(store, adapter, ledger, places, moment.block.height, now_ns)
        expected |= add_legs(book, outside, legs.legs(), places.values())
        outside.balances.update(moment.balances)
    if bank_book is not None:
        expected |= add_legs(book, outside, bank_legs(bank_book, ledger), client_accounts(bank_book).values())
        outside.balances.update(bank_balances(bank_book))
    return JoinedSides(book, outside, expected)
