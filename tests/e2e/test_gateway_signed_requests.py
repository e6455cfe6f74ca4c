"""Orders that clients sign with Ed25519: the record follows them, and a forging operator is found by name.

The clients are ccxt and python-binance as they come, and bytes signed by hand over REST and the WebSocket API; what is
signed is that of binance-spot-api-docs (rest-api.md, "SIGNED Endpoint Examples"). The operator of these tests has the
server, its files and the facility's key: he appends to the journal as its own writer does, and signs heads over it.
"""

from __future__ import annotations

import base64
import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tarazy.domain.records import CommandKind, PlaceOrder, RevokeClientKey
from tarazy.facility.sequencer.sequencer import Sequencer
from tarazy.journal.sections import RequestReference, client_order_number
from tarazy.oversight.requests.document import document_hash
from tarazy.oversight.requests.request_files import RequestFiles, find_request
from tarazy.spec.venue import Venue

from ..python_binance import end_client, python_binance
from ..signing_stage import (
    Recorded,
    SigningClient,
    ccxt_of,
    copied_facility,
    recorded_commands,
    signing_client,
)
from ..trading_stage import make_facility, new_key, served
from .conftest import Done
from .socket_client import Socket
from .test_gateway_attacks import ORDER, Trader

pytest.importorskip("ccxt")
pytestmark = pytest.mark.filterwarnings("ignore:websockets.*:DeprecationWarning")  # of python-binance's own imports
Tarazy = Callable[..., Done]
BUY = {**ORDER, "side": "BUY"}
LOW = {**BUY, "price": "60"}


class Life(NamedTuple):
    """A record that was traded on, and the clients who signed."""

    directory: Path
    ccxt: SigningClient
    binance: SigningClient
    ordered: dict[str, int]


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Life:
    """Trade with every way in, stop the facility, and return what it leaves."""
    directory = tmp_path_factory.mktemp("signed") / "facility"
    make_facility(directory, accounts=4)
    with served(directory) as running:
        by_ccxt, by_binance = signing_client(running, 1, signed_only=True), signing_client(running, 2)
        plain = Trader(running, *new_key(directory, 3))
        ordered = {"plain": plain.ask("POST", "/api/v3/order", **ORDER).json()["orderId"]}
        ordered |= trade_with_ccxt(by_ccxt) | trade_over_the_socket(by_ccxt) | trade_by_hand(by_ccxt)
        ordered |= trade_with_python_binance(by_binance)
        refused = Trader(running, *new_key(directory, 1)).ask("POST", "/api/v3/order", **LOW).json()
        assert refused["code"] == -2015, "an account that signs everything takes no order with a shared secret"
    return Life(directory, by_ccxt, by_binance, ordered)


def trade_with_ccxt(client: SigningClient) -> dict[str, int]:
    """Place, fill, replace, cancel by both names, and withdraw with ccxt."""
    exchange = ccxt_of(client)
    try:
        filled = exchange.create_order("BTC/USD", "limit", "buy", 1, 100)
        assert filled["status"] == "closed"
        first = exchange.create_order("BTC/USD", "limit", "buy", 2, 60, {"newClientOrderId": "ccxt-first"})
        second = exchange.edit_order(first["id"], "BTC/USD", "limit", "buy", 3, 61)
        exchange.cancel_order(second["id"], "BTC/USD")
        named = exchange.create_order("BTC/USD", "limit", "buy", 2, 62, {"newClientOrderId": "ccxt-named"})
        exchange.cancel_order(None, "BTC/USD", {"clientOrderId": "ccxt-named"})
        exchange.create_order("BTC/USD", "limit", "buy", 2, 63)
        exchange.cancel_all_orders("BTC/USD")
        apply = {"coin": "USD", "amount": "12.5", "address": "KZ75125KZT2069100100", "withdrawOrderId": "7"}
        withdrawal = exchange.sapi_post_capital_withdraw_apply(apply)
        return {"ccxt": int(filled["id"]), "named": int(named["id"]), "withdrawal": int(withdrawal["id"])}
    finally:
        exchange.session.close()


def trade_with_python_binance(client: SigningClient) -> dict[str, int]:
    """Place an order, a list of two, and cancel them with python-binance."""
    found = python_binance(client.url, client.key_id, private_key=client.pem)
    try:
        order = found.create_order(
            symbol="BTCUSD", side="BUY", type="LIMIT", timeInForce="GTC", quantity="1", price="60"
        )
        found.cancel_order(symbol="BTCUSD", origClientOrderId=order["clientOrderId"])
        above = {"aboveType": "LIMIT_MAKER", "abovePrice": "140", "aboveClientOrderId": "upper"}
        below = {"belowType": "STOP_LOSS", "belowStopPrice": "70"}
        found.create_oco_order(symbol="BTCUSD", side="SELL", quantity="1", listClientOrderId="pair", **above, **below)
        found.cancel_order(symbol="BTCUSD", origClientOrderId="upper")
        return {"binance": int(order["orderId"])}
    finally:
        end_client(found)


def trade_over_the_socket(client: SigningClient) -> dict[str, int]:
    """Place and cancel over the WebSocket API, each request signed."""
    socket = Socket(client.url, "/ws-api/v3")
    placed = socket.ask("order.place", socket_signed(client, **LOW))["result"]
    gone = socket.ask("order.cancel", socket_signed(client, symbol="BTCUSD", orderId=placed["orderId"]))
    assert gone["result"]["status"] == "CANCELED"
    logged_on = socket.ask("session.logon", socket_signed(client))
    assert logged_on["status"] == 200
    unsigned = socket.ask("order.place", {**LOW, "timestamp": time.time_ns() // 10**6})
    assert unsigned["error"]["code"] == -2015, "a logon is one signature, not one for each order"
    socket.connection.close()
    return {"socket": int(placed["orderId"])}


def socket_signed(client: SigningClient, **params: Any) -> dict[str, Any]:
    """Return parameters with time, key and signature, as web-socket-api.md has them."""
    full = {**params, "apiKey": client.key_id, "timestamp": time.time_ns() // 10**6}
    text = "&".join(f"{name}={value}" for name, value in sorted(full.items()))
    return {**full, "signature": base64.b64encode(client.private.sign(text.encode())).decode()}


def trade_by_hand(client: SigningClient) -> dict[str, int]:
    """Amend, cancel many, set a timer, and withdraw in our own words."""
    order = client.ask("POST", "/api/v3/order", **{**LOW, "quantity": "5", "newClientOrderId": "to-amend"})
    amended = client.ask(
        "PUT", "/api/v3/order/amend/keepPriority", symbol="BTCUSD", origClientOrderId="to-amend", newQty=4
    )
    assert amended["amendedOrder"]["qty" if "qty" in amended["amendedOrder"] else "origQty"].startswith("4")
    numbers = [client.ask("POST", "/api/v3/order", **LOW)["orderId"], order["orderId"]]
    outcome = client.ask("DELETE", "/v1/orders", symbol="BTCUSD", orderIds=",".join(map(str, numbers)))
    assert all(each["canceled"] for each in outcome)
    assert client.ask("POST", "/v1/cancel-after", timeoutMs=60_000)["timeoutMs"] == 60_000
    drawn = client.ask("POST", "/v1/withdrawals", asset="BTC", amount="1", destination="bc1qexample", clientRequestId=8)
    return {"amended": order["orderId"], "drawn": drawn["withdrawalId"]}


# ---------------------------------------------------------------- honest
def verified(tarazy: Tarazy, directory: Path) -> Done:
    """Verify a record with its requests."""
    return tarazy("verify", directory, "--requests", "--json", "--jobs", 1)


def test_record_follows_what_real_clients_signed(life: Life, tarazy: Tarazy) -> None:
    found = verified(tarazy, life.directory).json["requests"]
    assert (found["findings"], found["ok"]) == ([], True)
    # By hand: ccxt 5 orders, a replacement of two commands (its new order is one of the five), 2 cancels, one cancel of
    # all, a withdrawal; the socket 2; by hand 2 orders, an amendment, 2 cancels, a timer, a withdrawal.
    assert found["accounts"]["1"] == {"signed": 5 + 1 + 2 + 1 + 1 + 2 + 7, "unsigned": 0}
    assert found["accounts"]["2"] == {"signed": 4, "unsigned": 0}
    assert found["unsigned"] >= 1, "the client with a shared secret signs nothing that a third party can check"
    said = tarazy("verify", life.directory, "--requests", "--jobs", 1)
    assert said.code == 0
    assert "neither made up nor altered" in said.out.replace("\n", " ")
    assert "Not proven: that no request was left out" in said.out.replace("\n", " ")


def test_explain_shows_the_request_behind_a_command(life: Life, tarazy: Tarazy) -> None:
    shown = tarazy("explain", life.directory, life.ordered["ccxt"], "--json").json["request"]
    assert (shown["signature_valid"], shown["kept"]) == (True, True)
    assert shown["target"] == "rest POST /api/v3/order"
    assert "price=100" in shown["payload"]
    assert shown["public_key"] == life.ccxt.private.public_key().public_bytes_raw().hex()
    socket = tarazy("explain", life.directory, life.ordered["socket"]).out
    assert "signed by key 1 of the client: ws POST /api/v3/order" in socket
    plain = tarazy("explain", life.directory, life.ordered["plain"]).out
    assert "rests on the operator's word" in plain


# ---------------------------------------------------------------- the forging operator
@pytest.fixture
def forged(life: Life, tmp_path: Path) -> Path:
    """Return a copy of the record that an operator forges on."""
    return copied_facility(life.directory, tmp_path)


def signed_orders(directory: Path) -> list[Recorded]:
    """Return the orders with a reference, oldest first."""
    return [each for each in recorded_commands(directory, (CommandKind.place_order,)) if each.reference is not None]


def genuine(life: Life, name: str) -> Recorded:
    """Return a genuine order by its number."""
    return next(each for each in signed_orders(life.directory) if each.seq == life.ordered[name])


def order(command: PlaceOrder, directory: Path, reference: RequestReference | None) -> int:
    """Append a command as the facility's own writer does; return its number."""
    with Sequencer.open(directory, Venue) as sequencer:
        references = [reference._replace(command_index=0)] if reference is not None else []
        return sequencer.submit(command._replace(ts_ns=0).pack(), references=references).result().first_seq


def faults(tarazy: Tarazy, directory: Path, seq: int) -> list[str]:
    """Return what is found about one command; everything before it must be found in order."""
    done = verified(tarazy, directory)
    assert done.code == 5
    assert done.json["ok"], "the journal itself is whole: the operator has the facility's key"
    findings = done.json["requests"]["findings"]
    assert [each["seq"] for each in findings] == [seq]
    return [each["fault"] for each in findings]


def test_made_up_order_of_a_client_who_signs_everything_is_found(life: Life, forged: Path, tarazy: Tarazy) -> None:
    made_up = genuine(life, "ccxt").command._replace(client_order_id=client_order_number("made-up"))
    bare = order(made_up, forged, None)
    assert faults(tarazy, forged, bare) == ["not_signed"]


def test_made_up_order_under_the_id_of_a_shared_secret_is_found(life: Life, forged: Path, tarazy: Tarazy) -> None:
    made_up = genuine(life, "ccxt").command._replace(client_order_id=client_order_number("made-up"))
    seq = order(made_up, forged, RequestReference(0, 77, bytes(32), "made-up"))
    assert faults(tarazy, forged, seq) == ["not_signed"]


def test_made_up_order_with_a_signature_of_the_operators_own_is_found(life: Life, forged: Path, tarazy: Tarazy) -> None:

    forger = SigningClient(Ed25519PrivateKey.generate(), "", "")
    query = forger.query(**{**LOW, "newClientOrderId": "made-up"})
    document = b"tarazy request 1\nrest POST /api/v3/order\n" + query.encode() + b"\n"
    files = RequestFiles(forged)
    files.keep([document]).result()
    files.close()
    template = genuine(life, "ccxt").command
    made_up = template._replace(
        client_order_id=client_order_number("made-up"), price_ticks=template.price_ticks * 6 // 10
    )
    key_id = genuine(life, "ccxt").reference.key_id
    seq = order(made_up, forged, RequestReference(0, key_id, document_hash(document), "made-up"))
    assert faults(tarazy, forged, seq) == ["signature_invalid"]


@pytest.mark.parametrize("field", ["price_ticks", "quantity_lots", "side", "time_in_force"])
def test_altered_order_is_found(life: Life, forged: Path, tarazy: Tarazy, field: str) -> None:
    """The order stands in the record as the operator wanted it, beside the genuine request, which was never ordered."""
    original = genuine(life, "named")
    seq, altered = late_order(life, forged, field)
    done = verified(tarazy, forged).json["requests"]
    assert [(each["seq"], each["fault"]) for each in done["findings"]] == [(seq, "command_differs")]
    assert field in done["findings"][0]["expected"]
    assert altered != original.command


def late_order(life: Life, directory: Path, field: str) -> tuple[int, PlaceOrder]:
    """Order a fresh signed request of the client with one field altered."""

    query = life.ccxt.query(**{**LOW, "newClientOrderId": "fresh"})
    document = b"tarazy request 1\nrest POST /api/v3/order\n" + query.encode() + b"\n"
    files = RequestFiles(directory)
    files.keep([document]).result()
    files.close()
    template = genuine(life, "ccxt").command
    honest = template._replace(price_ticks=template.price_ticks * 6 // 10, client_order_id=client_order_number("fresh"))
    altered = honest
    if field:
        other = {"side": 3 - honest.side, "time_in_force": 2}.get(field, getattr(honest, field) + 1)
        altered = honest._replace(**{field: other})
    key_id = genuine(life, "ccxt").reference.key_id
    return order(altered, directory, RequestReference(0, key_id, document_hash(document), "fresh")), altered


def test_fresh_request_that_is_ordered_as_signed_is_no_fault(life: Life, forged: Path, tarazy: Tarazy) -> None:
    """So that the tests above cannot pass by a fault of theirs."""
    late_order(life, forged, "")
    assert verified(tarazy, forged).json["requests"]["ok"]


def test_request_that_is_ordered_twice_is_found(life: Life, forged: Path, tarazy: Tarazy) -> None:
    original = genuine(life, "ccxt")
    seq = order(original.command, forged, original.reference)
    assert faults(tarazy, forged, seq) == ["used_twice"]


def test_request_that_is_written_down_anew_is_the_same_request(life: Life, forged: Path, tarazy: Tarazy) -> None:
    """What counts once are the signed bytes: moved from the query to the form body they are no second request."""

    original = genuine(life, "ccxt")
    kept = find_request(forged, original.reference.request_hash)
    assert kept is not None
    head, target, query, body = kept.split(b"\n", 3)
    moved = b"\n".join((head, target, body, query))
    assert moved != kept
    files = RequestFiles(forged)
    files.keep([moved]).result()
    files.close()
    again = original.reference._replace(request_hash=document_hash(moved))
    seq = order(original.command, forged, again)
    assert faults(tarazy, forged, seq) == ["used_twice"]


def test_request_of_one_client_for_the_account_of_another_is_found(life: Life, forged: Path, tarazy: Tarazy) -> None:
    original = genuine(life, "binance")
    swapped = original.command._replace(account_id=4)
    assert faults(tarazy, forged, order(swapped, forged, original.reference)) == ["account_differs"]


def test_request_of_a_revoked_key_is_found(life: Life, forged: Path, tarazy: Tarazy) -> None:
    original = genuine(life, "binance")
    with Sequencer.open(forged, Venue) as sequencer:
        sequencer.execute(RevokeClientKey(0, 2, original.reference.key_id).pack())
    seq = order(original.command, forged, original.reference)
    assert faults(tarazy, forged, seq) == ["key_not_in_force"]


def test_request_that_is_no_longer_kept_is_found(life: Life, forged: Path, tarazy: Tarazy) -> None:
    """The operator deletes the file; every signed command is named."""
    shutil.rmtree(forged / "requests")
    found = verified(tarazy, forged)
    assert found.code == 5
    accounts = verified(tarazy, life.directory).json["requests"]["accounts"]
    assert found.json["requests"]["faults"] == {"request_missing": sum(each["signed"] for each in accounts.values())}


def test_request_with_one_byte_changed_is_found(life: Life, forged: Path, tarazy: Tarazy) -> None:
    (path,) = (forged / "requests").iterdir()
    data = bytearray(path.read_bytes())
    at = data.index(genuine(life, "named").reference.request_hash) + 80
    data[at] ^= 1
    path.write_bytes(bytes(data))
    found = verified(tarazy, forged).json["requests"]
    assert genuine(life, "named").seq in [each["seq"] for each in found["findings"]]
    assert set(found["faults"]) == {"request_missing"}


def test_report_is_one_object_and_names_what_is_not_proven(life: Life, tarazy: Tarazy) -> None:
    done = verified(tarazy, life.directory)
    assert json.loads(done.out)["requests"]["not_proven"].startswith("Not proven: that no request was left out")
