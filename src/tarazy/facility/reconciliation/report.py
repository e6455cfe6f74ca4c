"""The report of a run: plain values whose SHA-256 is the machine officer's evidence, and the same as a paper to read.

The same comparison gives the same bytes: nothing in it but the record's command, the inputs and the time that it
stands for.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

from tarazy.domain.records import CustodyLocation
from tarazy.facility.reconciliation.comparing import PlaceComparison, ThreeWay
from tarazy.facility.reconciliation.matching import ItemState, ReconciledItem
from tarazy.facility.reconciliation.requirement import ClientMoney, FundingInstruction
from tarazy.facility.statements.paper import Paper, PaperTable

ROWS_MAX = 500
RUN_FORMAT = "tarazy reconciliation 1"


class RunFacts(NamedTuple):
    """One run with what it was made from. `assets` are (code, scale) by number."""

    facility: str
    facility_id: str
    seq: int
    made_ns: int
    prepared_by: str
    found: ThreeWay
    money: list[ClientMoney]
    funding: list[FundingInstruction]
    assets: Mapping[int, tuple[str, int]]


def run_values(run: RunFacts) -> dict[str, Any]:
    """Return the report as plain values; amounts are text."""
    found = run.found
    return {
        "format": RUN_FORMAT,
        "facility_id": run.facility_id,
        "seq": str(run.seq),
        "made_ns": str(run.made_ns),
        "prepared_by": run.prepared_by,
        "items": dict(sorted(Counter(item.state.value for item in found.items).items())),
        "places": [_place(place) for place in found.places],
        "missing": [[key.asset_id, CustodyLocation(key.location).name, key.account] for key in found.missing],
        "accounts": [
            {
                "asset_id": each.key.asset_id,
                "location": CustodyLocation(each.key.location).name,
                "account": each.key.account,
                "book_minor": None if each.book_minor is None else str(each.book_minor),
                "outside_minor": None if each.outside_minor is None else str(each.outside_minor),
                "difference_minor": str(each.difference_minor),
                "evidence": each.evidence.hex(),
            }
            for each in found.accounts
            if each.difference_minor or each.book_minor is None or each.outside_minor is None
        ],
        "open": [_item(item) for item in found.items if item.state is not ItemState.matched],
        "client_money": [
            {name: str(value) if name.endswith("minor") else value for name, value in each._asdict().items()}
            | {"shortfall_minor": str(each.shortfall_minor), "excess_minor": str(each.excess_minor)}
            for each in run.money
        ],
        "funding": [each._asdict() | {"amount_minor": str(each.amount_minor)} for each in run.funding],
    }


def _place(place: PlaceComparison) -> dict[str, Any]:
    """Return a place as plain values."""
    return {
        "asset_id": place.asset_id,
        "location": CustodyLocation(place.location).name,
        "ledger_minor": str(place.ledger_minor),
        "book_minor": str(place.book_minor),
        "outside_minor": str(place.outside_minor),
        "adjusted_minor": str(place.adjusted_minor),
        "difference_minor": str(place.difference_minor),
        "tolerance_minor": str(place.tolerance_minor),
        "observed_ns": str(place.observed_ns),
        "is_break": place.is_break,
    }


def _item(item: ReconciledItem) -> dict[str, Any]:
    """Return an item as plain values."""
    return {
        "asset_id": item.key.asset_id,
        "location": CustodyLocation(item.key.location).name,
        "account": item.key.account,
        "reference": item.reference,
        "state": item.state.value,
        "book_minor": None if item.book_minor is None else str(item.book_minor),
        "outside_minor": None if item.outside_minor is None else str(item.outside_minor),
        "at_ns": str(item.at_ns),
        "expires_ns": str(item.expires_ns),
        "text": item.text,
    }


def run_bytes(run: RunFacts) -> bytes:
    """Return the report's bytes."""
    return (json.dumps(run_values(run), ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def run_paper(run: RunFacts, digest: str) -> Paper:
    """Return the report as a paper: what differs first, then the requirement, then what is open."""
    found = run.found
    counts = Counter(item.state for item in found.items)
    facts = (
        ("After command", f"{run.seq:,}"),
        ("Prepared by", run.prepared_by),
        ("Reviewed by", "see the register of runs"),
        ("Breaks", str(len(found.breaks))),
        ("Items", ", ".join(f"{counts[state]:,} {state.value}" for state in ItemState)),
        ("SHA-256 of the report", digest),
    )
    open_items = [item for item in found.items if item.state is not ItemState.matched]
    tables = (_places_table(run), _money_table(run), _open_table(run, open_items[:ROWS_MAX]))
    cut = len(open_items) - ROWS_MAX
    notes = (
        "Difference: the other side without what is explained by timing and unallocated items, less the ledger.",
        "A difference above the tolerance stops approvals and dispatches of the asset until two people lift it.",
    )
    more = (f"{cut:,} more open items stand in the JSON file alone.",) if cut > 0 else ()
    return Paper("Reconciliation: ledger, book, chain and bank", run.facility, facts, tables, notes + more, run.made_ns)


def _places_table(run: RunFacts) -> PaperTable:
    """Return the table of places."""
    rows = tuple(
        (
            run.assets[place.asset_id][0],
            CustodyLocation(place.location).name,
            *(
                amount(run, place.asset_id, minor)
                for minor in (place.ledger_minor, place.book_minor, place.outside_minor)
            ),
            amount(run, place.asset_id, place.difference_minor),
            "break" if place.is_break else "agrees",
        )
        for place in run.found.places
    )
    columns = ("Asset", "Location", "Ledger", "Book", "Chain or bank", "Difference", "State")
    numbers = frozenset(columns[2:6])
    return PaperTable("Three ways, by asset and location", columns, rows, (8, 9, 19, 19, 19, 16, 10), numbers)


def _money_table(run: RunFacts) -> PaperTable:
    """Return the table of requirement and resource."""
    rows = tuple(
        (
            run.assets[each.asset_id][0],
            *(
                amount(run, each.asset_id, minor)
                for minor in (
                    each.by_individual_balances_minor,
                    each.by_negative_add_back_minor,
                    each.resource_minor,
                    each.shortfall_minor,
                )
            ),
        )
        for each in run.money
    )
    columns = ("Asset", "Individual balances", "Negative add-back", "Resource", "To be paid in today")
    return PaperTable("Requirement and resource", columns, rows, (10, 23, 22, 22, 23), frozenset(columns[1:]))


def _open_table(run: RunFacts, items: list[ReconciledItem]) -> PaperTable:
    """Return the table of items that are not matched."""
    rows = tuple(
        (
            run.assets.get(item.key.asset_id, (str(item.key.asset_id), 0))[0],
            item.key.account,
            item.reference or "-",
            amount(run, item.key.asset_id, item.difference_minor),
            item.state.value,
        )
        for item in items
    )
    columns = ("Asset", "Account", "Reference", "Difference", "State")
    return PaperTable("Open items", columns, rows, (8, 36, 24, 18, 14), frozenset(("Difference",)))


def amount(run: RunFacts, asset_id: int, minor: int) -> str:
    """Return an amount as a decimal number of its asset."""
    scale = run.assets.get(asset_id, ("", 0))[1]
    whole, part = divmod(abs(minor), 10**scale)
    sign = "-" if minor < 0 else ""
    return f"{sign}{whole:,}.{part:0{scale}d}" if scale else f"{sign}{whole:,}"
