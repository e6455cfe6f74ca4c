"""From what became of a plain order to the text of its answer: at once where the events say it all."""

from __future__ import annotations

from tarazy.domain.records import PlaceOrder
from tarazy.facility.gateway.authentication import SignedRequest
from tarazy.facility.gateway.direct.admitting import Admitted
from tarazy.facility.gateway.direct.answers import needs_numbers, outcome_of, placed_text
from tarazy.facility.gateway.endpoint import GatewayRequest
from tarazy.facility.gateway.gateway import Gateway
from tarazy.facility.gateway.order_entry import Ordered
from tarazy.facility.gateway.routes.orders import placed_plain
from tarazy.oversight.requests.order_requests import OrderParty, OrderRequest
from tarazy.oversight.requests.parameters import Parameters
from tarazy.platform.web.encoding import encode


def text_at_once(admitted: Admitted, ordered: Ordered) -> str | None:
    """Return the answer as JSON text, None where more than the events is needed for it."""
    outcome = outcome_of(ordered)
    if outcome is None or needs_numbers(admitted.order, outcome):
        return None
    return placed_text(admitted.order, ordered, outcome)


async def text_of(gateway: Gateway, admitted: Admitted, ordered: Ordered, address: str) -> str:
    """Return the answer as JSON text, with the public numbers of its trades.

    Raises: DialectError with the venue's refusal, or where the numbers cannot be read.
    """
    order, account_id = admitted.order, admitted.key.account_id
    outcome = outcome_of(ordered)
    if outcome is not None:
        numbers = await gateway.trade_numbers(account_id, order.symbol.market_id, ordered.first_seq)
        return placed_text(order, ordered, outcome, numbers)
    none = Parameters({})
    signed = SignedRequest(admitted.key, none, admitted.digest, admitted.deadline_us)
    asked = GatewayRequest(gateway, none, address, signed)
    command = PlaceOrder.unpack(order.command)
    named = (order.client_id, order.client_id, order.response)
    request = OrderRequest(order.symbol, OrderParty(account_id, command.approval_id), command, *named)
    return encode(await placed_plain(asked, request, ordered)).decode()
