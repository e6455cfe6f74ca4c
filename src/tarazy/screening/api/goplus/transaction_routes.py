"""The route of the GoPlus format about a transaction before it is signed."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from tarazy.platform.web.responding import caller_of, json_body
from tarazy.screening.api import parameters
from tarazy.screening.api.goplus.envelope import GoplusCode
from tarazy.screening.api.goplus.responding import answer_envelope
from tarazy.screening.api.goplus.transaction import not_simulated, transaction_simulation, with_suspicious
from tarazy.screening.api.state import service_of
from tarazy.screening.api.transactions import transaction_of
from tarazy.screening.service.playing import NotPlayed
from tarazy.screening.service.transactions import played, suspicious_of

router = APIRouter()


@router.post(
    "/api/v1/transaction_simulation",
    tags=["GoPlus format"],
    summary="A transaction before it is signed",
)
async def goplus_route(request: Request) -> Response:
    """Play a transaction on the newest block and tell what it would change, whom it would allow what, and its risks.

    Body: chain_id, from, to, value, data, and where wanted gas_limit, gas_price or max_fee_per_gas, nonce, access_list.
    """
    service, caller = service_of(request), caller_of(request)
    caller.need("simulate")
    body = await json_body(request)
    parameters.text(body, "url", 2_000)
    asked = transaction_of(body)
    found = await played(service, asked, transaction_simulation)
    if isinstance(found, NotPlayed):
        code = GoplusCode.SYNCING if found.again else GoplusCode.OK
        return answer_envelope(request, code, not_simulated(found.reason))
    suspicious = suspicious_of(service, asked.chain_id, found.parties)
    return answer_envelope(request, GoplusCode.OK, with_suspicious(found.result, suspicious))


DIRECT = {("POST", "/api/v1/transaction_simulation"): goplus_route}  # asked so often that a router's look costs
