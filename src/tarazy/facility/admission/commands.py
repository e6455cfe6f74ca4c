"""What the record is told: commands as drafts read them, with the hash of the paper that was decided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from tarazy.facility.admission.delistings import SUSPEND
from tarazy.facility.admission.state import ADOPTED, AdmissionState, DelistingOrder, ListingProposal
from tarazy.oversight.publications.disclosures import in_force
from tarazy.platform.signed_acts.errors import ActRefusedError

Commands = list[dict[str, object]]


class MarketTerms(NamedTuple):
    """How a market begins. Units: minor units, ticks, lots, parts per million."""

    quote_asset_id: int
    lot_size_minor: int
    tick_value_minor: int
    reference_price_ticks: int
    maker_fee_ppm: int
    taker_fee_ppm: int
    collar_ppm: int
    corridor_ppm: int
    auction_duration_ms: int
    quantity_max_lots: int
    notional_min_minor: int
    notional_max_minor: int


def admit_commands(proposal: ListingProposal, asset_id: int | None, assets_count: int) -> Commands:
    """Return the commands that admit an asset; `asset_id` None: it is registered first, as the next number.

    Raises: ActRefusedError where nothing was adopted.
    """
    if proposal.outcome != ADOPTED:
        raise ActRefusedError(f"proposal {proposal.number}", expected="an adopted one", found=proposal.outcome)
    body, found = proposal.body, Commands()
    if asset_id is None:
        asset_id = assets_count + 1
        named = {"asset_kind": "digital", "scale": body["scale"], "asset_code": body["asset_code"], "dti": ""}
        found.append({"command": "RegisterAsset", **named})
    found.append({"command": "AdmitAsset", "asset_id": asset_id, "decision_hash": proposal.digest})
    return found


def market_commands(
    state: AdmissionState, base_asset_id: int, market_id: int, terms: MarketTerms, day: str
) -> Commands:
    """Return the commands that open a market and let it trade, under the business rules in force.

    Raises: ActRefusedError where none are published.
    """
    rules = in_force(state.papers, "business-rules", day)
    if rules is None:
        action = "Publish the business rules first (DAA 2.5.2(e))"
        raise ActRefusedError("market", expected="business rules in force", found="none", action=action)
    t: Mapping[str, Any] = terms._asdict()
    assets = {"base_asset_id": base_asset_id, "quote_asset_id": terms.quote_asset_id}
    sizes = {name: t[name] for name in ("lot_size_minor", "tick_value_minor")}
    fees = {name: t[name] for name in ("maker_fee_ppm", "taker_fee_ppm", "collar_ppm", "corridor_ppm")}
    names = ("auction_duration_ms", "quantity_max_lots", "notional_min_minor", "notional_max_minor")
    bounds = {name: t[name] for name in names} | {"effective_ns": 0, "replaces_seq": 0}
    state_of = {"command": "SetMarketState", "market_id": market_id, "auction_end_ns": 0}
    price = {"reference_price_ticks": terms.reference_price_ticks}
    return [
        {"command": "OpenMarket", **assets, **sizes, "rulebook_hash": rules["sha256"]},
        {"command": "SetMarketRules", "market_id": market_id, **fees, **bounds},
        {**state_of, "market_state": "pre_open", **price},
        {**state_of, "market_state": "continuous", **price},
    ]


def delist_commands(order: DelistingOrder, asset_id: int) -> Commands:
    """Return the command that an order to delist asks for; days begin at midnight, UTC, the last one counts whole."""
    decision = {"asset_id": asset_id, "decision_hash": order.digest}
    if order.step == SUSPEND:
        return [{"command": "SuspendAsset", **decision}]
    days = {"cancel_only_ns": f"{order.cancel_only}T00:00:00Z", "close_ns": f"{order.close}T00:00:00Z"}
    until = {"withdraw_until_ns": f"{order.withdraw_until}T23:59:59Z"}
    return [{"command": "ScheduleDelisting", **days, **until, **decision}]
