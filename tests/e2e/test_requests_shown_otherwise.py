"""An operator orders something else beside a genuine signature, and presents the signed bytes in a way of its own.

The dialect signs query and form body one behind the other and neither method, path nor channel (binance-spot-api-docs,
rest-api.md and web-socket-api.md). So these are the operator's word, and `tarazy verify --requests` must not let any
reading pass but the one that the client can have meant.
"""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import pytest

from tarazy.domain.records import CancelAll, PlaceOrder, RequestWithdrawal
from tarazy.facility.sequencer.sequencer import Sequencer
from tarazy.journal.sections import RequestReference, client_order_number
from tarazy.market_data.venue_setup import QUOTE_ASSET_ID
from tarazy.oversight.requests.document import document_hash
from tarazy.oversight.requests.request_files import RequestFiles
from tarazy.spec.venue import Venue

from ..signing_stage import SigningClient, copied_facility, signing_client
from ..trading_stage import COIN, make_facility, served
from .conftest import Done
from .test_gateway_attacks import ORDER
from .test_gateway_signed_requests import signed_orders, verified

Tarazy = Callable[..., Done]
LOW = {**ORDER, "side": "BUY", "price": "60"}


class Life(NamedTuple):
    """A record with one client who signs, its only order as it stands there, and the number of its key."""

    directory: Path
    client: SigningClient
    order: PlaceOrder
    key_number: int


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Life:
    """Let one client place one signed order."""
    directory = tmp_path_factory.mktemp("shown") / "facility"
    make_facility(directory, accounts=2)
    with served(directory) as running:
        client = signing_client(running, 1)
        client.ask("POST", "/api/v3/order", **LOW)
    (only,) = signed_orders(directory)
    assert only.reference is not None
    return Life(directory, client, only.command, only.reference.key_id)


@pytest.fixture
def life(honest: Life, tmp_path: Path) -> Life:
    """Return a copy of the record that an operator forges on."""
    return honest._replace(directory=copied_facility(honest.directory, tmp_path))


def order(life: Life, command: Any, target: str, head: bytes, rest: bytes = b"", text: str = "") -> None:
    """Order a command as the facility's own writer does, beside signed bytes as the operator presents them."""
    document = shown(target, head, rest)
    files = RequestFiles(life.directory)
    files.keep([document]).result()
    files.close()
    reference = RequestReference(0, life.key_number, document_hash(document), text)
    with Sequencer.open(life.directory, Venue) as sequencer:
        sequencer.submit(command._replace(ts_ns=0).pack(), references=[reference]).result()


def shown(target: str, head: bytes, rest: bytes) -> bytes:
    """Return signed bytes as a kept request."""
    return b"\n".join((b"tarazy request 1", target.encode(), head, rest))


def faults(tarazy: Tarazy, life: Life) -> dict[str, int]:
    """Return the faults of a record."""
    found: dict[str, int] = verified(tarazy, life.directory).json["requests"]["faults"]
    return found


def now_ms() -> int:
    """Return the time of a request."""
    return time.time_ns() // 10**6


def test_withdrawal_that_is_shown_as_it_was_sent_is_in_order(life: Life, tarazy: Tarazy) -> None:
    """So that the tests below cannot pass by a fault of theirs."""
    query = life.client.query(asset="USD", amount="1", destination="KZ75|9").encode()
    order(life, drawn(life, b"KZ75|9"), "rest POST /v1/withdrawals", query)
    assert faults(tarazy, life) == {}


def drawn(life: Life, destination: bytes) -> RequestWithdrawal:
    """Return a withdrawal of one dollar."""
    asked = hashlib.sha256(destination).digest()
    return RequestWithdrawal(account_id=1, asset_id=QUOTE_ASSET_ID, amount_minor=COIN, destination_hash=asked)


def test_order_that_is_shown_as_a_cancel_of_everything_is_found(life: Life, tarazy: Tarazy) -> None:
    """A cancel of all needs no more than the symbol, which every order names."""
    query = life.client.query(**LOW).encode()
    order(life, CancelAll(market_id=life.order.market_id, account_id=1), "rest DELETE /api/v3/openOrders", query)
    assert faults(tarazy, life) == {"command_differs": 1}


def test_quantity_that_is_cut_by_moving_the_end_of_the_query_is_found(life: Life, tarazy: Tarazy) -> None:
    """The client's query ends with a quantity of 12 and its body has a name; the operator's ends behind the 1."""
    terms = {name: value for name, value in LOW.items() if name != "quantity"}
    query, body = urlencode({**terms, "timestamp": now_ms(), "quantity": "12"}), "newClientOrderId=cut"
    signature = base64.b64encode(life.client.private.sign((query + body).encode())).decode()
    head, rest = query[:-1].encode(), f"{query[-1]}{body}&{urlencode({'signature': signature})}".encode()
    target = "rest POST /api/v3/order"
    name = f"t-{document_hash(shown(target, head, rest))[:15].hex()}"
    order(life, life.order._replace(client_order_id=client_order_number(name)), target, head, rest, name)
    assert faults(tarazy, life) == {"command_differs": 1}


def test_destination_that_swallows_the_body_is_found(life: Life, tarazy: Tarazy) -> None:
    """The client's destination ends its query and its own number is the body; the operator joins the two."""
    query = urlencode({"asset": "USD", "amount": "1", "timestamp": now_ms(), "destination": "KZ75"})
    joined = f"{query}clientRequestId=5".encode()
    signature = base64.b64encode(life.client.private.sign(joined)).decode()
    head = joined + b"&" + urlencode({"signature": signature}).encode()
    order(life, drawn(life, b"KZ75clientRequestId=5"), "rest POST /v1/withdrawals", head)
    assert faults(tarazy, life) != {}


def test_destination_that_is_read_as_another_channel_reads_it_is_found(life: Life, tarazy: Tarazy) -> None:
    """Over REST `%7C` is a `|`; over the WebSocket API it is three characters, and another destination."""
    text = urlencode({"asset": "USD", "amount": "1", "destination": "KZ75|9", "timestamp": now_ms()}).encode()
    signature = base64.b64encode(life.client.private.sign(text))
    order(life, drawn(life, b"KZ75%7C9"), "ws POST /v1/withdrawals", signature, text)
    assert faults(tarazy, life) == {"command_differs": 1}
