"""The facility in its own words: who it is, the rules in force, every refusal, and the papers that it discloses."""

from __future__ import annotations

import asyncio
import os
import re
from hashlib import sha256
from pathlib import Path
from typing import Any

from tarazy.domain.records import AssetKind, AssetStatus, MarketState, ParameterTable
from tarazy.domain.reject_codes import REJECT_INFO, RejectCode
from tarazy.facility.gateway.dialect.exchange_info import tick_bands
from tarazy.facility.gateway.dialect.order_view import NS_PER_MS
from tarazy.facility.gateway.endpoint import Body, GatewayRequest, Security
from tarazy.facility.gateway.native.months import zone_of
from tarazy.facility.gateway.native.operation import (
    BYTES,
    PDF,
    TEXT,
    Given,
    Operation,
    Schema,
    amount_schema,
    fields,
    listed,
    number_schema,
    text_schema,
    time_schema,
    words,
)
from tarazy.facility.projections.venue import (
    ASSET_CODE,
    ASSET_KIND,
    ASSET_SCALE,
    ASSET_STATUS,
    COLLAR,
    CORRIDOR,
    MAKER_FEE,
    NOTIONAL_MAX,
    NOTIONAL_MIN,
    QUANTITY_MAX,
    REFERENCE,
    STATE,
    TAKER_FEE,
    VenueTerms,
)
from tarazy.journal.opening import open_plain
from tarazy.oversight.requests.errors import DialectError
from tarazy.oversight.requests.symbol import Symbol

NOT_FOUND = -1000
FILES_MAX, FILE_BYTES_MAX = 500, 32 * 1024**2
FILE_NAME = re.compile(r"(?!\.)[\w][\w. -]{0,120}")
MEDIA = {".pdf": PDF, ".txt": TEXT, ".md": TEXT, ".json": "application/json", ".csv": "text/csv"}


async def facility(asked: GatewayRequest) -> Any:
    """Return who the facility is, and how far its read models are."""
    gateway = asked.gateway
    identity = gateway.identity
    return {
        "name": identity.name,
        "facilityId": identity.facility_id.hex(),
        "edition": identity.edition,
        "created": identity.created_ns // NS_PER_MS,
        "genesisHash": identity.genesis_hash.hex(),
        "reachedSeq": gateway.models.reached_seq,
        "releasedSeq": gateway.sequencer.released_seq,
        "timeZone": zone_of(gateway.models.venue).tzname(None) or "UTC",
    }


async def rules(asked: GatewayRequest) -> Any:
    """Return assets, markets with their rules and tick bands, and parameters, as they are in force now."""
    venue = asked.gateway.models.venue
    parameters = sorted(venue.parameters.rows.copy().items())
    return {
        "asOfSeq": asked.gateway.models.reached_seq,
        "assets": [
            {
                "asset": row[ASSET_CODE],
                "kind": AssetKind(row[ASSET_KIND]).name,
                "places": row[ASSET_SCALE],
                "status": AssetStatus(row[ASSET_STATUS]).name,
            }
            for _, row in sorted(venue.assets.rows.copy().items())
        ],
        "markets": [market_plain(venue, symbol) for symbol in list(asked.gateway.symbols.all())],
        "parameters": [
            {"table": ParameterTable(table).name, "key": key, "value": str(row[0])} for (table, key), row in parameters
        ],
    }


def market_plain(venue: VenueTerms, symbol: Symbol) -> dict[str, Any]:
    """Return a market's rules; without any it takes no orders yet."""
    row, found = venue.markets.rows[symbol.market_id], venue.rules.rows.get(symbol.market_id)
    plain: dict[str, Any] = {
        "marketId": symbol.market_id,
        "symbol": symbol.name,
        "state": MarketState(row[STATE]).name,
        "referencePrice": symbol.price(row[REFERENCE]) if row[REFERENCE] else None,
        "lotSize": symbol.quantity(1),
        "tickBands": tick_bands(venue, symbol),
        "rules": None,
    }
    if found is not None:
        plain["rules"] = {
            "makerFeePpm": found[MAKER_FEE],
            "takerFeePpm": found[TAKER_FEE],
            "collarPpm": found[COLLAR],
            "corridorPpm": found[CORRIDOR],
            "quantityMax": symbol.quantity(found[QUANTITY_MAX]),
            "notionalMin": symbol.amount(found[NOTIONAL_MIN]),
            "notionalMax": symbol.amount(found[NOTIONAL_MAX]),
        }
    return plain


async def reject_codes(asked: GatewayRequest) -> Any:
    """Return every refusal of the venue, with what to do."""
    return [
        {
            "rejectCode": int(code),
            "reject": RejectCode(code).name,
            "stage": info.stage,
            "meaning": info.doc,
            "expected": info.expected,
            "found": info.found,
            "advice": info.advice,
            "rule": info.citation,
        }
        for code, info in sorted(REJECT_INFO.items())
    ]


# ---------------------------------------------------------------- disclosures
async def disclosures(asked: GatewayRequest) -> Any:
    """Return the papers that the facility discloses; none where it names no folder."""
    folder = asked.gateway.disclosures
    return await asyncio.to_thread(disclosed, folder) if folder is not None else []


def disclosed(folder: Path) -> list[dict[str, Any]]:
    """Return the files of a folder that are papers, by name, each with its hash."""
    found = list[dict[str, Any]]()
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        if is_paper(path) and len(found) < FILES_MAX:
            content = read_paper(path)
            changed = path.stat().st_mtime_ns // NS_PER_MS
            facts = {"bytes": len(content), "sha256": sha256(content).hexdigest(), "changed": changed}
            found.append({"name": path.name, **facts})
    return found


def is_paper(path: Path) -> bool:
    """Say whether a file is a paper that may go out: a plain file of a known kind and an everyday name."""
    return bool(FILE_NAME.fullmatch(path.name)) and path.suffix in MEDIA and path.is_file() and not path.is_symlink()


def read_paper(path: Path) -> bytes:
    """Return a paper's bytes, at most so many; a link is not followed."""
    with os.fdopen(open_plain(path), "rb") as file:
        return file.read(FILE_BYTES_MAX)


async def disclosure(asked: GatewayRequest) -> Any:
    """Return one paper as it is."""
    name, folder = asked.parameters.required("name"), asked.gateway.disclosures
    asked.parameters.finish()
    path = folder / name if folder is not None and FILE_NAME.fullmatch(name) else None
    if path is None or not is_paper(path):
        raise DialectError(NOT_FOUND, "No such disclosure; GET /v1/disclosures lists them.", 404)
    content = await asyncio.to_thread(read_paper, path)
    return Body(content, MEDIA[path.suffix], path.name)


PPM: Schema = {"type": "integer", "description": "parts per million"}
RULES = fields(
    **{f"{name}Ppm": PPM for name in ("makerFee", "takerFee", "collar", "corridor")},
    **dict.fromkeys(("quantityMax", "notionalMin", "notionalMax"), amount_schema),
)
MARKET = fields(
    marketId=number_schema,
    symbol=text_schema,
    state=words(*(each.name for each in MarketState)),
    referencePrice={"type": ["string", "null"]},
    lotSize=amount_schema,
    tickBands=listed(fields(fromPrice=amount_schema, tickSize=amount_schema)),
    rules={"anyOf": [RULES, {"type": "null"}]},
)
ASSET = fields(asset=text_schema, kind=text_schema, places=number_schema, status=text_schema)
PARAMETER = fields(table=text_schema, key=number_schema, value=text_schema)
OPERATIONS = (
    Operation(
        "GET",
        "/v1/facility",
        facility,
        Security.NONE,
        "Who this is, and how far the record and the read models are",
        fields(
            **dict.fromkeys(("name", "facilityId", "genesisHash", "timeZone"), text_schema),
            **dict.fromkeys(("edition", "reachedSeq", "releasedSeq"), number_schema),
            created=time_schema,
        ),
        section="facility",
    ),
    Operation(
        "GET",
        "/v1/rules",
        rules,
        Security.NONE,
        "Assets, markets with their rules, and parameters, as they are in force",
        fields(asOfSeq=number_schema, assets=listed(ASSET), markets=listed(MARKET), parameters=listed(PARAMETER)),
        weight=20,
        section="facility",
    ),
    Operation(
        "GET",
        "/v1/reject-codes",
        reject_codes,
        Security.NONE,
        "Every refusal of the venue: what it means, what to do, the rule that it cites",
        listed(
            fields(
                rejectCode=number_schema,
                **dict.fromkeys(("reject", "stage", "meaning", "expected", "found", "advice", "rule"), text_schema),
            )
        ),
        weight=5,
        section="facility",
    ),
    Operation(
        "GET",
        "/v1/disclosures",
        disclosures,
        Security.NONE,
        "The papers that the facility discloses, by hash",
        listed(fields(name=text_schema, bytes=number_schema, sha256=text_schema, changed=time_schema)),
        weight=20,
        section="facility",
    ),
    Operation(
        "GET",
        "/v1/disclosures/file",
        disclosure,
        Security.NONE,
        "One of these papers",
        {},
        (Given("name", {"type": "string", "maxLength": 121}, "name of the paper", True),),
        20,
        (BYTES,),
        section="facility",
    ),
)
