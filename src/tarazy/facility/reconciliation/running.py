"""Make a run from a state of the ledger and the two other sides."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple

from tarazy.domain.records import CustodyLocation, Estate
from tarazy.facility.reconciliation.comparing import ThreeWay, three_way
from tarazy.facility.reconciliation.inputs import ReconciledSide
from tarazy.facility.reconciliation.matching import ItemState, MatchingTerms
from tarazy.facility.reconciliation.report import RunFacts
from tarazy.facility.reconciliation.requirement import client_money, funding_instructions
from tarazy.journal.identity import Identity
from tarazy.spec.state import State


class RunInputs(NamedTuple):
    """What a run is made from, beside the ledger."""

    book: ReconciledSide
    outside: ReconciledSide
    terms: MatchingTerms
    tolerances_minor: Mapping[int, int]
    prepared_by: str


def client_custody(state: State) -> dict[tuple[int, int], int]:
    """Return the client estate's custody by asset and location; what is in transit lies at no account."""
    return {
        (asset.asset_id, int(location)): minor
        for asset in state.assets
        for location in CustodyLocation
        if location is not CustodyLocation.transit
        and (minor := state.ledger.custody(Estate.client, location, asset.asset_id).minor)
    }


def open_breaks(state: State) -> set[tuple[int, int]]:
    """Return the places of the client estate with an open break in the engine."""
    return {(asset_id, location) for asset_id, estate, location in state.breaks if estate == Estate.client}


def make_run(identity: Identity, state: State, seq: int, inputs: RunInputs) -> RunFacts:
    """Compare, compute the requirement, and say what has to be paid in."""
    found = three_way(client_custody(state), inputs.book, inputs.outside, inputs.terms, inputs.tolerances_minor)
    balances: dict[int, list[int]] = defaultdict(list)
    for key, balance in state.ledger.balances.items():
        balances[key & 0xFFFFFFFF].append(balance.available.minor + balance.held.minor)
    book, resource = _held(found)
    unallocated = _unallocated(state, found)
    money = client_money(balances, book, resource, unallocated)
    assets = {
        each.asset_id: (each.asset_code.rstrip(b"\0").decode("ascii", "replace"), each.scale) for each in state.assets
    }
    now_ns = inputs.terms.now_ns
    funding = funding_instructions(money, now_ns)
    named = identity.name, identity.facility_id.hex()
    return RunFacts(*named, seq, now_ns, inputs.prepared_by, found, money, funding, assets)


def _held(found: ThreeWay) -> tuple[dict[int, list[int]], dict[int, int]]:
    """Return our book's balances by asset, and what is really there."""
    book: dict[int, list[int]] = defaultdict(list)
    resource: dict[int, int] = defaultdict(int)
    for account in found.accounts:
        book[account.key.asset_id].append(account.book_minor or 0)
        resource[account.key.asset_id] += account.outside_minor or 0
    return book, resource


def _unallocated(state: State, found: ThreeWay) -> dict[int, int]:
    """Return what belongs to somebody not known yet: receipts of the ledger, and credits that it does not have."""
    waiting = {each.asset_id: state.ledger.asset(each.asset_id).unattributed.minor for each in state.assets}
    for item in found.items:
        if item.state is ItemState.unallocated:
            waiting[item.key.asset_id] = waiting.get(item.key.asset_id, 0) + item.difference_minor
    return waiting
