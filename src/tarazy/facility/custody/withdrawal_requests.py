"""Requests: a client asks for its coins, or officers send back what nobody claimed; what is missing is said at once."""

from __future__ import annotations

from typing import NamedTuple

from tarazy.chains.adapter import ChainAdapter
from tarazy.domain.records import RequestWithdrawal
from tarazy.facility.accounts.destinations import Destinations
from tarazy.facility.custody.destinations import find_destination, is_destination
from tarazy.facility.custody.errors import CustodyInputError, CustodyRefusedError
from tarazy.facility.custody.inventory import CustodyAsset, assets_on, find_asset
from tarazy.facility.custody.record import CustodyRecord
from tarazy.facility.custody.record_view import REQUESTED, RecordView
from tarazy.facility.custody.store import CustodyStore
from tarazy.facility.custody.travel_data import TravelData, data_set, missing
from tarazy.facility.custody.travel_messages import OUT, keep_message
from tarazy.facility.custody.withdrawal_rows import WithdrawalCase, change, find_withdrawal
from tarazy.oversight.requests.withdrawal_requests import destination_hash


class WithdrawalAsk(NamedTuple):
    """What a client asks for."""

    account_id: int
    asset_id: int
    amount_minor: int
    address: str
    travel: TravelData


def ask_withdrawal(
    store: CustodyStore, adapter: ChainAdapter, view: RecordView, ask: WithdrawalAsk, reference_scale: int = 2
) -> WithdrawalCase:
    """Keep a request with its travel data; the desk takes it to the record. Nothing is kept of one that is refused.

    Raises: UnknownInCustodyError for a destination that the client has not named; CustodyRefusedError for travel data
    that lack something.
    """
    asset = find_asset(store, ask.asset_id)
    if asset.chain != adapter.chain or ask.amount_minor <= 0:
        expected = f"an amount of an asset of {adapter.chain}"
        raise CustodyInputError("withdrawal", expected=expected, found=f"{ask.amount_minor} of asset {ask.asset_id}")
    destination = find_destination(store, ask.account_id, asset.chain, adapter.canonical(ask.address))
    threshold = store.parameters.number("travel.threshold_usd", store.today)
    needed = data_set(view.value_minor(ask.asset_id, ask.amount_minor), threshold, reference_scale)
    travel = ask.travel._replace(beneficiary_account=destination.address, beneficiary_provider=destination.provider)
    lacking = missing(travel, needed)
    if lacking:
        raise CustodyRefusedError("travel data", expected=f"the {needed} set", found=f"no {', '.join(lacking)}")
    with store.changing():
        request = _keep(store, ask.account_id, asset, ask.amount_minor, destination.address, 0)
        keep_message(store, OUT, str(request), destination.provider, needed, travel)
    return find_withdrawal(store, request)


def keep_return(
    store: CustodyStore, adapter: ChainAdapter, view: RecordView, receipt_id: int, address: str
) -> WithdrawalCase:
    """Keep the return of a receipt that two officers journaled (RequestReturn), with the address that they fixed.

    Raises: CustodyRefusedError where the record has no such return.
    """
    canonical = adapter.canonical(address)
    for found in view.withdrawals.values():
        if found.receipt_id != receipt_id or found.state in ("rejected", "settled"):
            continue
        asset = find_asset(store, found.asset_id)
        if asset.chain == adapter.chain and is_destination(asset.chain, canonical, found.destination_hash):
            known = store.maybe("SELECT request FROM withdrawals WHERE withdrawal_id = ?", found.withdrawal_id)
            if known:
                return find_withdrawal(store, int(known[0]))
            with store.changing():
                request = _keep(store, found.account_id, asset, found.amount_minor, canonical, receipt_id)
            return change(store, request, withdrawal_id=found.withdrawal_id, state="requested")
    expected = f"a return of it to {canonical} in the record"
    raise CustodyRefusedError(f"receipt {receipt_id}", expected=expected, found="none")


def _keep(
    store: CustodyStore, account_id: int, asset: CustodyAsset, amount_minor: int, address: str, receipt_id: int
) -> int:
    values = (account_id, asset.asset_id, str(amount_minor), asset.chain, asset.contract, address, receipt_id)
    statement = "INSERT INTO withdrawals VALUES (NULL, 0, ?, ?, ?, ?, ?, ?, ?, 'asked', '', '', '', ?, ?)"
    cursor = store.connection.execute(statement, (*values, store.moment, store.moment))
    return int(cursor.lastrowid or 0)


def journal_request(record: CustodyRecord, row: WithdrawalCase) -> tuple[int, int]:
    """Take a request to the record once; return its number there and, where the record refused it, the refusal.

    The request's own number is the client's number in the record, so that a second try finds the first.
    """
    number = record.sync().by_request.get((row.account_id, row.request))
    if number is not None:
        return number, 0
    hashed = destination_hash(row.address)
    outcome = record.ask(RequestWithdrawal(0, row.account_id, row.asset_id, row.amount_minor, hashed, row.request))
    return (0, outcome.reject_code) if outcome.reject_code else (outcome.seq, 0)


def adopt_requests(
    store: CustodyStore, adapter: ChainAdapter, view: RecordView, destinations: Destinations
) -> list[WithdrawalCase]:
    """Take in the requests that clients made at the gateway, whose destinations it keeps by hash; return the new ones.

    They wait for travel data, which the client gives, and for a destination that it has named.
    """
    known = {row[0] for row in store.all("SELECT withdrawal_id FROM withdrawals WHERE withdrawal_id <> 0")}
    ours = {int(row[0]) for row in store.all("SELECT request FROM withdrawals WHERE withdrawal_id = 0")}
    by_asset = {asset.asset_id: asset for asset in assets_on(store, adapter.chain)}
    adopted = []
    for found in view.withdrawals.values():
        asset = by_asset.get(found.asset_id)
        is_new = found.state == REQUESTED and found.withdrawal_id not in known and found.client_request_id not in ours
        text = destinations.find(found.account_id, found.destination_hash.hex()) if asset and is_new else None
        if asset is None or text is None or found.receipt_id:
            continue
        try:
            address = adapter.canonical(text)
        except ValueError:
            continue  # no address of this chain: an officer rejects it
        with store.changing():
            request = _keep(store, found.account_id, asset, found.amount_minor, address, 0)
            adopted.append(change(store, request, withdrawal_id=found.withdrawal_id, state="requested"))
    return adopted
