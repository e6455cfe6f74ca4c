"""The gate in front of instructions: an asset is admitted, and a market opened, only as the admission desk decided.

Where a facility has a desk, no `AdmitAsset` of a digital asset goes to the writer without the hash of a decision that
its committee has made, of a token that the authority's list still has, under a licence that permits it. The engine
knows no list: who hands commands in past this gate is found by `admission_findings`, and needs two officers' signatures
anyway.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from tarazy.domain.records import AdmitAsset, AssetKind, OpenMarket, RegisterAsset
from tarazy.facility.admission.state import (
    ADOPTED,
    AdmissionState,
    ListingProposal,
    require_listable,
    require_permitted,
)
from tarazy.platform.signed_acts.errors import ActRefusedError


class KnownAsset(NamedTuple):
    """What the gate asks of an asset of the record."""

    kind: int
    code: str


Assets = Mapping[int, KnownAsset]
Gate = Callable[[Iterable[Any], Assets], None]


def code_text(code: bytes) -> str:
    """Return an asset's code as text."""
    return code.rstrip(b"\0").decode("ascii", "replace")


def check_commands(state: AdmissionState, commands: Iterable[Any], assets: Assets, day: str) -> None:
    """Refuse commands that admit or open what was not decided.

    Raises: ActRefusedError.
    """
    known = dict(assets)
    for command in commands:
        if isinstance(command, RegisterAsset):
            known[len(known) + 1] = KnownAsset(command.asset_kind, code_text(command.asset_code))
        elif isinstance(command, AdmitAsset):
            _check_admission(state, known.get(command.asset_id), command.decision_hash.hex(), day)
        elif isinstance(command, OpenMarket):
            for asset_id in (command.base_asset_id, command.quote_asset_id):
                _check_market(state, known.get(asset_id), day)


def _check_admission(state: AdmissionState, asset: KnownAsset | None, digest: str, day: str) -> None:
    if asset is None or asset.kind != AssetKind.digital:
        return  # the engine refuses a number that it does not know; national currencies are no matter of the list
    decision = decision_with(state, digest)
    if decision is None or decision.body["asset_code"] != asset.code:
        action = "Propose it to the admission committee; its decision's hash belongs into the instruction"
        where = f"admission of {asset.code}"
        found = f"one on {decision.body['asset_code']}" if decision else f"no decision with the hash {digest[:16]}"
        raise ActRefusedError(
            where, expected=f"a decision of the committee on {asset.code}", found=found, action=action
        )
    require_listable(state, decision.token, day)
    require_permitted(state, decision.body["investment_type"], day)


def _check_market(state: AdmissionState, asset: KnownAsset | None, day: str) -> None:
    if asset is None or asset.kind != AssetKind.digital:
        return
    decision = state.adopted(asset.code)
    if decision is None:
        expected = f"a decision of the committee on {asset.code}"
        raise ActRefusedError(f"market of {asset.code}", expected=expected, found="none")
    require_listable(state, decision.token, day)
    require_permitted(state, decision.body["investment_type"], day)


def decision_with(state: AdmissionState, digest: str) -> ListingProposal | None:
    """Return the decision that admits something and has this hash."""
    rows = [each for each in state.proposals.values() if each.outcome == ADOPTED and each.digest == digest]
    return rows[0] if rows else None


def today() -> str:
    """Return the day, UTC."""
    return datetime.now(UTC).date().isoformat()
