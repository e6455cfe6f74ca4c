"""Trades off the book and batches that clients sign with Ed25519: the record follows both parties, or a fault says why.

What is right: each party is bound by what its own key signed, and by nothing else (docs/concepts/signed-requests.md);
what is signed is that of binance-spot-api-docs (rest-api.md, "SIGNED endpoint security"). The operator of these tests
has the server, its files and the facility's key, and appends to the record as its own writer does.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tarazy.cli.demo.demo_serve import instruct
from tarazy.cli.engines import fastest, load_engine
from tarazy.domain.records import (
    CommandKind,
    ExecuteBlockTrade,
    ParameterTable,
    PlaceOrder,
    RevokeClientKey,
    SetParameter,
)
from tarazy.facility.sequencer.sequencer import Sequencer
from tarazy.journal.sections import RequestReference
from tarazy.oversight.requests.consent import consent_bytes, consent_hash
from tarazy.oversight.requests.document import document_hash
from tarazy.oversight.requests.request_files import RequestFiles, find_request
from tarazy.spec.venue import Venue

from ..signing_stage import Recorded, SigningClient, copied_facility, recorded_commands, signing_client
from ..trading_stage import COIN, Served, make_facility, new_key, remember_client_ids, served
from .conftest import Done
from .test_gateway_attacks import ORDER, Trader
from .test_order_batch import BUY, CANCEL, GTC, OPEN, SELL, outcomes, place
from .test_order_batch import ORDER as IN_BATCH

Tarazy = Callable[..., Done]
TRADE: dict[str, Any] = {"symbol": "BTCUSD", "side": "BUY", "quantity": "20"}
PRICED: dict[str, Any] = {**TRADE, "price": "101"}


class Life(NamedTuple):
    """A record with trades off the book, and the clients who signed."""

    directory: Path
    asker: SigningClient
    quoter: SigningClient
    traded: dict[str, int]


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Life:
    """Trade off the book between clients that sign, and one that does not; send batches; stop."""
    directory = tmp_path_factory.mktemp("blocks") / "facility"
    desk = make_facility(directory, accounts=5)
    with Sequencer.open(directory, load_engine(fastest())) as sequencer:
        terms: dict[str, Any] = {"parameter_key": 1, "rulebook_hash": b"\xee" * 32}
        smallest = SetParameter(ParameterTable.block_value_min_minor, parameter_value=1_000 * COIN, **terms)
        instruct(sequencer, desk, [smallest])
    remember_client_ids(directory, desk)
    with served(directory) as running:
        buyer, seller = (Trader(running, *new_key(directory, number)) for number in (4, 5))
        buyer.ask("POST", "/api/v3/order", **{**ORDER, "side": "BUY", "quantity": "0.1"})
        assert seller.ask("POST", "/api/v3/order", **{**ORDER, "quantity": "0.1"}).json()["status"] == "FILLED"
        asker = signing_client(running, 1, signed_only=True)
        quoter, plain = signing_client(running, 2, signed_only=True), Trader(running, *new_key(directory, 3))
        traded = {"both": both_sign(asker, quoter)["seq"], "one": one_signs(asker, plain)["seq"]}
        refused = small_trade(asker, quoter)
        assert refused["reject"] == "block_value_too_small", refused
        traded["batch"] = send_batch(running, asker)
    return Life(directory, asker, quoter, traded)


def both_sign(asker: SigningClient, quoter: SigningClient, **terms: str) -> Any:
    """Ask, quote and accept, each signed by its own client."""
    trade = {**TRADE, **terms}
    request = asker.ask("POST", "/v1/quote-requests", **trade)["requestId"]
    quote = quoter.ask("POST", "/v1/quotes", requestId=request, price="101", **trade)["quoteId"]
    return asker.ask("POST", "/v1/quotes/accept", quoteId=quote, price="101", **trade)


def one_signs(asker: SigningClient, plain: Trader) -> Any:
    """Trade with a client that has a shared secret."""
    request = asker.ask("POST", "/v1/quote-requests", **TRADE)["requestId"]
    quote = plain.ask("POST", "/v1/quotes", requestId=request, price="101").json()["quoteId"]
    return asker.ask("POST", "/v1/quotes/accept", quoteId=quote, **PRICED)


def small_trade(asker: SigningClient, quoter: SigningClient) -> Any:
    """Accept a trade that is too small for the venue; ask for it again and be refused again."""
    return both_sign(asker, quoter, quantity="5")


def send_batch(gateway: Served, client: SigningClient) -> int:
    """Send a signed batch of two orders and a cancel; return the number of its first command."""
    cancel = IN_BATCH.pack(CANCEL, 0, 0, 0, 1, 1, 0, 0, 0, 0)
    body = place(1, BUY, 60, 10) + place(2, SELL, 140, 10, GTC) + cancel
    query = client.query(sha256=hashlib.sha256(body).hexdigest())
    headers = {"X-MBX-APIKEY": client.key_id}
    answer = httpx.post(f"{gateway.url}/v1/orders/batch?{query}", headers=headers, content=body, timeout=60)
    first, told = outcomes(answer)
    assert [each.status for each in told] == [OPEN, OPEN, 3]
    return first


# ---------------------------------------------------------------- honest
def verified(tarazy: Tarazy, directory: Path) -> Done:
    """Verify a record with its requests."""
    return tarazy("verify", directory, "--requests", "--json", "--jobs", 1)


def test_record_follows_what_both_parties_and_the_sender_of_a_batch_signed(life: Life, tarazy: Tarazy) -> None:
    done = verified(tarazy, life.directory)
    found = done.json["requests"]
    assert (found["findings"], found["ok"], done.code) == ([], True, 0)
    # By hand: account 1 accepted three quotes and sent a batch of three; account 2 quoted for two of the three.
    assert found["accounts"]["1"] == {"signed": 3 + 3, "unsigned": 0}
    assert found["accounts"]["2"] == {"signed": 2, "unsigned": 0}
    assert found["unsigned"] == 2 + 1, "two orders at the start and one quote rest on the operator's word"


def test_all_three_requests_and_the_consent_are_kept_and_bound_by_hash(life: Life) -> None:
    trade = next(each for each in commands(life.directory) if each.seq == life.traded["both"])
    consent = find_request(life.directory, trade.command.consent_hash)
    assert consent is not None
    said = json.loads(consent)
    for name, client in (("request", life.asker), ("quote", life.quoter), ("acceptance", life.asker)):
        kept = find_request(life.directory, bytes.fromhex(said[name]["digest"]))
        assert kept is not None, name
        assert b"quantity=20" in kept
        assert said[name]["key"] == client.key_id
    assert trade.reference is not None
    assert trade.reference.request_hash.hex() == said["acceptance"]["digest"]


def test_explain_shows_both_parties_of_a_trade(life: Life, tarazy: Tarazy) -> None:
    shown = tarazy("explain", life.directory, life.traded["both"], "--json").json["request"]
    assert (shown["signature_valid"], shown["target"]) == (True, "rest POST /v1/quotes/accept")
    assert [(each["request"], each["account"], each["signature_valid"]) for each in shown["consent"]] == [
        ("request for a quote", 1, True),
        ("quote", 2, True),
    ]
    text = tarazy("explain", life.directory, life.traded["one"]).out
    assert "quote of account 3: not signed by a key on record" in text
    batch = tarazy("explain", life.directory, life.traded["batch"], "--json").json["request"]
    assert (batch["signature_valid"], batch["target"]) == (True, "raw POST /v1/orders/batch")


# ---------------------------------------------------------------- the forging operator
@pytest.fixture
def forged(life: Life, tmp_path: Path) -> Path:
    """Return a copy of the record that an operator forges on."""
    return copied_facility(life.directory, tmp_path)


def commands(directory: Path) -> list[Recorded]:
    """Return the trades off the book and the orders of a record, oldest first."""
    return recorded_commands(directory, (CommandKind.execute_block_trade, CommandKind.place_order))


def genuine(life: Life, name: str) -> Recorded:
    """Return a genuine command by the name of what it was."""
    return next(each for each in commands(life.directory) if each.seq == life.traded[name])


def keep(directory: Path, *documents: bytes) -> None:
    """Keep documents as the gateway does."""
    files = RequestFiles(directory)
    files.keep(documents).result()
    files.close()


def append(directory: Path, command: Any, reference: RequestReference | None) -> int:
    """Append a command as the facility's own writer does; return its number."""
    with Sequencer.open(directory, Venue) as sequencer:
        references = [reference._replace(command_index=0)] if reference is not None else []
        return sequencer.submit(command._replace(ts_ns=0).pack(), references=references).result().first_seq


def faults(tarazy: Tarazy, directory: Path, seq: int) -> list[tuple[str, int]]:
    """Return what is found about one command, with the account; everything before it must be found in order."""
    done = verified(tarazy, directory)
    assert done.code == 5
    assert done.json["ok"], "the journal itself is whole: the operator has the facility's key"
    findings = done.json["requests"]["findings"]
    assert [each["seq"] for each in findings] == [seq]
    return [(each["fault"], each["account"]) for each in findings]


class Forgery(NamedTuple):
    """What an operator puts together: a command, its consent, and the acceptance beside it."""

    command: ExecuteBlockTrade
    consent: dict[str, Any]
    reference: RequestReference | None


def fresh(life: Life, directory: Path, **says: str) -> Forgery:
    """Return a trade whose three requests are fresh and genuine; `says` changes what the asker accepts."""
    original = genuine(life, "both")
    consent = json.loads(find_request(directory, original.command.consent_hash) or b"")
    number = "9"
    texts = {
        "request": ("quote-requests", life.asker.query(**TRADE, clientId="fresh")),
        "quote": ("quotes", life.quoter.query(requestId=number, **PRICED, clientId="fresh")),
        "acceptance": ("quotes/accept", life.asker.query(quoteId=number, **{**PRICED, **says})),
    }
    for name, (path, query) in texts.items():
        document = f"tarazy request 1\nrest POST /v1/{path}\n{query}\n".encode()
        keep(directory, document)
        consent[name]["digest"] = document_hash(document).hex()
    assert original.reference is not None
    digest = bytes.fromhex(consent["acceptance"]["digest"])
    reference = original.reference._replace(request_hash=digest, text=f"block-{number}")
    return Forgery(original.command, consent, reference)


def ordered(directory: Path, forgery: Forgery) -> int:
    """Keep the consent and append the command that names it; return its number."""
    consent = consent_bytes(forgery.consent)
    keep(directory, consent)
    return append(directory, forgery.command._replace(consent_hash=consent_hash(consent)), forgery.reference)


def test_fresh_trade_that_both_signed_is_no_fault(life: Life, forged: Path, tarazy: Tarazy) -> None:
    """So that the tests below cannot pass by a fault of theirs."""
    ordered(forged, fresh(life, forged))
    assert verified(tarazy, forged).json["requests"]["ok"]


def test_trade_without_a_consent_that_is_kept_is_found(life: Life, forged: Path, tarazy: Tarazy) -> None:
    made = fresh(life, forged)
    seq = append(forged, made.command._replace(consent_hash=bytes([7]) * 32), made.reference)
    assert faults(tarazy, forged, seq) == [("consent_missing", 1)]


@pytest.mark.parametrize(("field", "other"), [("price_ticks", 100), ("quantity_lots", 19 * COIN), ("side", 2)])
def test_trade_on_other_terms_than_its_consent_is_found(
    life: Life, forged: Path, tarazy: Tarazy, field: str, other: int
) -> None:
    made = fresh(life, forged)
    changes: dict[str, Any] = {field: other}
    altered = made.command._replace(**changes)
    assert getattr(made.command, field) != other
    seq = ordered(forged, made._replace(command=altered))
    assert faults(tarazy, forged, seq) == [("consent_differs", 1)]


def test_worse_price_in_consent_and_command_than_the_quoter_signed_is_found(
    life: Life, forged: Path, tarazy: Tarazy
) -> None:
    """The asker is in league with the operator and signs 100; the quoter signed that it sells at 101."""
    made = fresh(life, forged, price="100")
    made.consent["price"] = made.consent["price"].replace("101", "100")
    seq = ordered(forged, made._replace(command=made.command._replace(price_ticks=100)))
    assert faults(tarazy, forged, seq) == [("command_differs", 2)]


def test_dearer_price_than_the_asker_accepted_is_found(life: Life, forged: Path, tarazy: Tarazy) -> None:
    made = fresh(life, forged, price="100")
    assert faults(tarazy, forged, ordered(forged, made)) == [("command_differs", 1)]


def test_made_up_quote_of_a_client_who_signs_everything_is_found(life: Life, forged: Path, tarazy: Tarazy) -> None:
    made = fresh(life, forged)
    made.consent["quote"]["keyNumber"] = 0
    assert faults(tarazy, forged, ordered(forged, made)) == [("not_signed", 2)]


def test_made_up_acceptance_of_a_client_who_signs_everything_is_found(life: Life, forged: Path, tarazy: Tarazy) -> None:
    made = fresh(life, forged)
    seq = ordered(forged, made._replace(reference=None))
    assert faults(tarazy, forged, seq) == [("not_signed", 1)]


def test_quote_that_the_operator_signed_is_found(life: Life, forged: Path, tarazy: Tarazy) -> None:
    made = fresh(life, forged)
    forger = SigningClient(Ed25519PrivateKey.generate(), "", "")
    document = b"tarazy request 1\nrest POST /v1/quotes\n" + forger.query(requestId="9", **PRICED).encode() + b"\n"
    keep(forged, document)
    made.consent["quote"]["digest"] = document_hash(document).hex()
    assert faults(tarazy, forged, ordered(forged, made)) == [("signature_invalid", 2)]


def test_limit_order_that_is_shown_as_a_quote_is_found(life: Life, forged: Path, tarazy: Tarazy) -> None:
    """The dialect signs no path: an order to buy must not become an offer to sell to who buys."""
    made = fresh(life, forged)
    query = life.quoter.query(**PRICED, type="LIMIT", timeInForce="GTC")
    document = f"tarazy request 1\nrest POST /v1/quotes\n{query}\n".encode()
    keep(forged, document)
    made.consent["quote"]["digest"] = document_hash(document).hex()
    assert faults(tarazy, forged, ordered(forged, made)) == [("command_differs", 2)]


def test_quote_that_traded_before_is_found_with_a_fresh_acceptance(life: Life, forged: Path, tarazy: Tarazy) -> None:
    first = fresh(life, forged)
    ordered(forged, first)
    second = fresh(life, forged)
    second.consent["quote"] = first.consent["quote"]
    assert faults(tarazy, forged, ordered(forged, second)) == [("used_twice", 2)]


def test_acceptance_that_traded_before_is_found_with_another_consent(life: Life, forged: Path, tarazy: Tarazy) -> None:
    original, made = genuine(life, "both"), fresh(life, forged)
    seq = ordered(forged, made._replace(reference=original.reference))
    assert faults(tarazy, forged, seq) == [("used_twice", 1)]


def test_quote_of_a_key_that_has_ended_is_found(life: Life, forged: Path, tarazy: Tarazy) -> None:
    made = fresh(life, forged)
    with Sequencer.open(forged, Venue) as sequencer:
        sequencer.execute(RevokeClientKey(0, 2, made.consent["quote"]["keyNumber"]).pack())
    assert faults(tarazy, forged, ordered(forged, made)) == [("key_not_in_force", 2)]


def test_quote_of_another_client_is_found(life: Life, forged: Path, tarazy: Tarazy) -> None:
    made = fresh(life, forged)
    made.consent["quote"]["account"] = 3
    command = made.command._replace(counterparty_account_id=3)
    assert faults(tarazy, forged, ordered(forged, made._replace(command=command))) == [("account_differs", 3)]


def test_order_that_is_added_to_a_signed_batch_is_found(life: Life, forged: Path, tarazy: Tarazy) -> None:
    original = genuine(life, "batch")
    assert isinstance(original.command, PlaceOrder)
    added = original.command._replace(client_order_id=3, price_ticks=original.command.price_ticks + 1)
    assert faults(tarazy, forged, append(forged, added, original.reference)) == [("command_differs", 1)]


def test_order_of_a_signed_batch_that_is_ordered_again_is_found(life: Life, forged: Path, tarazy: Tarazy) -> None:
    original = genuine(life, "batch")
    assert faults(tarazy, forged, append(forged, original.command, original.reference)) == [("used_twice", 1)]


def test_body_that_was_not_signed_under_the_query_of_a_batch_is_found(life: Life, forged: Path, tarazy: Tarazy) -> None:
    original = genuine(life, "batch")
    assert original.reference is not None
    kept = find_request(forged, original.reference.request_hash)
    assert kept is not None
    head, target, query, body = kept.split(b"\n", 3)
    other = b"\n".join((head, target, query, body[:48] + place(9, BUY, 61, 10) + body[96:]))
    keep(forged, other)
    command = original.command._replace(client_order_id=9, price_ticks=61)
    reference = original.reference._replace(request_hash=document_hash(other))
    assert faults(tarazy, forged, append(forged, command, reference)) == [("command_differs", 1)]
