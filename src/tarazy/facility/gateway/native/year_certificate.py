"""`GET /v1/account/year-certificate`: what an account owned at the end of a year, with the official tax price.

Residents of Kazakhstan declare digital assets that they own on 31 December (Tax Code 214-VIII, articles 417 and 423,
form 270.00; a secondary source was seen). Prices come from the file that the operator imported, and from nowhere else:
where it has none for the day, the certificate says so. Addresses for deposits are those that custody's officers signed
until now; where no file of custody lies beside the record, or it does not hold, the certificate says that too.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tarazy.domain.records import AssetKind
from tarazy.facility.accounts.errors import ParameterUnsetError
from tarazy.facility.accounts.workdays import load_calendars
from tarazy.facility.gateway.dialect.order_view import NS_PER_MS
from tarazy.facility.gateway.endpoint import Body, GatewayRequest, Security
from tarazy.facility.gateway.gateway import Gateway
from tarazy.facility.gateway.native.history_reads import AccountPeriod, Period
from tarazy.facility.gateway.native.months import in_words, ns_of, zone_of
from tarazy.facility.gateway.native.operation import (
    JSON,
    PDF,
    Given,
    Operation,
    amount_schema,
    fields,
    flag_schema,
    format_given,
    listed,
    number_schema,
    or_nothing,
    text_schema,
    time_schema,
    up_to,
)
from tarazy.facility.gateway.native.signing import signed_paper
from tarazy.facility.gateway.native.tables import FileForm, wanted_form
from tarazy.facility.projections.venue import ASSET_CODE, ASSET_KIND, ASSET_SCALE
from tarazy.facility.statements.paper import Paper, PaperTable
from tarazy.facility.statements.tax_prices import CURRENCY, TaxPrices
from tarazy.oversight.requests.decimals import text_of

YEARS = (2020, 2100)
TIYN = Decimal("0.01")
NO_PRICE = "no official price was imported for this day"
NO_CUSTODY = "The custodian's file is not beside this record; ask the custodian."


async def year_certificate(asked: GatewayRequest) -> Any:
    """Return the certificate of a year."""
    form = wanted_form(asked, FileForm.json, FileForm.pdf)
    asked.parameters.required("year")
    year = asked.parameters.integer("year", low=YEARS[0], high=YEARS[1]) or 0
    gateway = asked.gateway
    zone = zone_of(gateway.models.venue)
    until_ns = ns_of(datetime(year + 1, 1, 1, tzinfo=zone))
    found = await asked.read(gateway.history.in_period, asked.account_id, Period(until_ns - 1, until_ns), 0)
    plain = certificate_plain(gateway, asked.account_id, year, until_ns, found)
    plain["depositAddresses"] = await gateway.ask(lambda: address_rows(gateway, asked.account_id))
    if form is FileForm.json:
        return plain
    content = await gateway.print_paper(certificate_paper(gateway, plain))
    name = f"year-certificate-{asked.account_id}-{year}.pdf"
    return signed_paper(asked, "year-certificate", Body(content, PDF, name))


def certificate_plain(
    gateway: Gateway, account_id: int, year: int, until_ns: int, found: AccountPeriod
) -> dict[str, Any]:
    """Return a certificate as plain data."""
    day, prices, zone = date(year, 12, 31), gateway.tax_prices, zone_of(gateway.models.venue)
    now_ns = gateway.views.now_ns()
    return {
        "facility": gateway.identity.name,
        "facilityId": gateway.identity.facility_id.hex(),
        "account": account_id,
        "year": year,
        "at": in_words(min(until_ns, now_ns), zone),
        "until": until_ns // NS_PER_MS,
        "isOver": now_ns >= until_ns,
        "reachedSeq": found.reached_seq,
        "assets": [
            asset_row(gateway, prices, day, asset_id, minor)
            for asset_id, minor in sorted(found.closing_minor.items())
            if minor
        ],
        "priceSource": prices.source if prices else "",
        "priceFileSha256": prices.digest if prices else "",
    }


def address_rows(gateway: Gateway, account_id: int) -> list[dict[str, str]] | None:
    """Return the account's deposit addresses, None where the custodian's file cannot be asked."""
    found = gateway.paying_in.addresses(account_id)
    return None if found is None else [{"chain": each.chain, "address": each.address} for each in found]


def asset_row(gateway: Gateway, prices: TaxPrices | None, day: date, asset_id: int, minor: int) -> dict[str, Any]:
    """Return what is owned of an asset; of a digital one with its price and value, null where there is no price."""
    row = gateway.models.venue.assets.rows[asset_id]
    quantity = text_of(minor, row[ASSET_SCALE])
    plain: dict[str, Any] = {
        "asset": row[ASSET_CODE],
        "quantity": quantity,
        "isDigital": row[ASSET_KIND] == AssetKind.digital,
    }
    price = None
    if prices is not None and plain["isDigital"]:
        try:
            price = prices.at(row[ASSET_CODE], day, load_calendars())
        except ParameterUnsetError:  # which days of that year are free is not known here
            price = None
    value = (Decimal(quantity) * price.tenge).quantize(TIYN, ROUND_HALF_UP) if price else None
    return plain | {
        "price": f"{price.tenge:f}" if price else None,
        "priceDay": price.day.isoformat() if price else None,
        "value": f"{value:f}" if value is not None else None,
        "currency": CURRENCY,
    }


def certificate_paper(gateway: Gateway, plain: dict[str, Any]) -> Paper:
    """Return a certificate as a paper."""
    rows = tuple(
        (row["asset"], row["quantity"], row["price"] or NO_PRICE, row["priceDay"] or "", row["value"] or "")
        if row["isDigital"]
        else (row["asset"], row["quantity"], "money", "", "")
        for row in plain["assets"]
    )
    columns = ("Asset", "Owned", f"Price, {CURRENCY}", "Of the day", f"Value, {CURRENCY}")
    numbers = frozenset((columns[1], columns[4]))
    table = PaperTable("Owned", columns, rows, (12, 26, 26, 14, 22), numbers, "Nothing is owned.")
    addresses = tuple((each["chain"], each["address"]) for each in plain["depositAddresses"] or ())
    nothing = NO_CUSTODY if plain["depositAddresses"] is None else "The account has none."
    places = PaperTable("Deposit addresses", ("Chain", "Address"), addresses, (40, 60), frozenset(), nothing)
    running = (
        () if plain["isOver"] else ("The year is not over: this says what is owned now, and is no certificate yet.",)
    )
    source = plain["priceSource"] or "none was imported"
    notes = (
        *running,
        f"Source of the prices: {source}. On a free day the price of the working day before counts.",
        "Amounts are those of the facility's ledger, available and held together.",
        "What the law asks of you, this paper does not say.",
    )
    facts = (
        ("Account", str(plain["account"])),
        ("At", plain["at"]),
        ("Last command", f"{plain['reachedSeq']:,} of the record {plain['facilityId']}"),
        ("File of prices", plain["priceFileSha256"] or "none"),
    )
    until = min(plain["until"] * NS_PER_MS, gateway.views.now_ns())
    return Paper(f"Certificate {plain['year']}", plain["facility"], facts, (table, places), notes, until)


ASSET = fields(
    asset=text_schema,
    quantity=amount_schema,
    isDigital=flag_schema,
    price=or_nothing({**amount_schema, "description": "official price of one unit"}),
    priceDay=or_nothing(text_schema),
    value=or_nothing(amount_schema),
    currency=text_schema,
)
OPERATIONS = (
    Operation(
        "GET",
        "/v1/account/year-certificate",
        year_certificate,
        Security.READ,
        "What the account owned at the end of a year, with the official tax price of each digital asset",
        fields(
            facility=text_schema,
            facilityId=text_schema,
            account=number_schema,
            year=number_schema,
            at=text_schema,
            until=time_schema,
            isOver=flag_schema,
            reachedSeq=number_schema,
            assets=listed(ASSET),
            priceSource=text_schema,
            priceFileSha256=text_schema,
            depositAddresses=or_nothing(listed(fields(chain=text_schema, address=text_schema))),
        ),
        (Given("year", up_to(YEARS[1], YEARS[0]), "such as 2026", True), format_given((JSON, PDF))),
        40,
        (JSON, PDF),
    ),
)
