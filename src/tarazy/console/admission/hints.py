"""What the forms of the admission desk say beside their fields, which names fit, and what a decision is about."""

from __future__ import annotations

from typing import Any

from tarazy.console.layout.signed_acts import shown_fields
from tarazy.facility.admission.desk import DESK_ACTS
from tarazy.facility.admission.disclosing import HEADS
from tarazy.facility.admission.state import AdmissionState
from tarazy.oversight.publications.green_list import entries

FACILITY = "facility"
LIST_PAGE = "The authority's page of the green list ends with a link to its JSON: copy that whole text."
HINTS: dict[str, dict[str, str]] = {
    "charter.propose": {
        "authority_key": "public_key in the JSON of the authority's public pages; compare it by another way.",
        "licensee": "As in the address of our line of its register.",
        "members": "Officer numbers, such as 1.",
    },
    "list.import": {"paper": LIST_PAGE},
    "register.import": {"paper": LIST_PAGE.replace("green list", "licences")},
    "listing.propose": {
        "scale": "8 for BTC, 18 for ETH.",
        "undertaking": "Needed where another than the operator asks (DAA 2.8.6).",
    },
    "paper.draft": {"authority_approval": "With its day, which is not after the day from which the paper counts."},
}
TERMS = {
    "quote_asset_id": "number of the asset in which prices are; the record counts assets from 1",
    "lot_size_minor": "smallest quantity, in minor units of the asset",
    "tick_value_minor": "smallest step of the price of one lot, in minor units of the quote asset",
    "reference_price_ticks": "first price of one lot, in ticks",
    "maker_fee_ppm": "fee of who waits in the book, millionths",
    "taker_fee_ppm": "fee of who takes from the book, millionths",
    "collar_ppm": "how far an order may lie from the last price, millionths",
    "corridor_ppm": "from which move on an auction begins, millionths",
    "auction_duration_ms": "length of an auction, milliseconds",
    "quantity_max_lots": "largest order, in lots",
    "notional_min_minor": "smallest value of an order, in minor units of the quote asset",
    "notional_max_minor": "largest value of an order, in minor units of the quote asset",
}


def hints_of(state: AdmissionState, act: str) -> dict[str, str]:
    """Return sentences by the field's name; what the licence permits is said where a type is asked for."""
    found = HINTS.get(act, {})
    types = state.licence.get("types") or ()
    if act == "listing.propose":
        return found | {"investment_type": f"Our licence permits: {', '.join(map(str, types)) or 'nothing yet'}."}
    return found


def subjects_of(state: AdmissionState, act: str) -> list[str]:
    """Return the names on which an act is possible."""
    kind = act.split(".")[0]
    if kind in ("charter", "list", "register"):
        return [FACILITY]
    return {"paper": [*HEADS], "listing": sorted(entries(state.green_list))}.get(kind, [])


def about(state: AdmissionState, act: str, body: dict[str, str]) -> list[dict[str, Any]]:
    """Return the fields of what an approval or a vote names by its number; nothing for any other act."""
    number = next((body[name] for name in ("paper", "charter", "proposal") if body.get(name)), "")
    if act in ("paper.approve", "paper.review"):
        return _fields("paper.draft", next((row for row in state.papers if str(row["number"]) == number), {}))
    if act == "charter.approve":
        rows = (each._asdict() for each in state.charters if str(each.number) == number)
        return _fields("charter.propose", next(rows, {}))
    if act == "listing.vote":
        bodies = (dict(each.body) for each in state.proposals.values() if str(each.number) == number)
        return _fields("listing.propose", next(bodies, {}))
    return []


def _fields(act: str, row: dict[str, Any]) -> list[dict[str, Any]]:
    fields = DESK_ACTS[act].fields
    known = {each.name: row[each.name] for each in fields if row.get(each.name) not in (None, "", [])}
    return shown_fields(fields, known)
