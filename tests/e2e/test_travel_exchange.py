"""Travel data between two facilities over real HTTP: sent, answered, confirmed, tied to the arrival; who is refused."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tarazy.chains.adapter import NATIVE, Arrival, BlockReference
from tarazy.chains.bitcoin.chain import BitcoinChain
from tarazy.chains.bitcoin.node import BitcoinNode
from tarazy.cli.main import main
from tarazy.domain.signer import KeySigner
from tarazy.facility.accounts.trail import Actor
from tarazy.facility.custody.destinations import name_destination
from tarazy.facility.custody.errors import CustodyError, CustodyInputError
from tarazy.facility.custody.inventory import CustodyAsset, add_address, add_asset, add_wallet, find_asset
from tarazy.facility.custody.ivms_reading import read_ivms101
from tarazy.facility.custody.outputs import outputs
from tarazy.facility.custody.record_view import RecordView
from tarazy.facility.custody.store import CustodyStore, custody_beside
from tarazy.facility.custody.travel_data import FULL, ivms101
from tarazy.facility.custody.travel_exchange import (
    IDENTIFIER,
    PROVIDER,
    SIGNATURE,
    TRANSFERS,
    TravelDesk,
    ask,
    link_arrivals,
    signed_line,
)
from tarazy.facility.custody.travel_messages import IN, OUT, messages, review_provider
from tarazy.facility.custody.wallet_keys import SeedKeys
from tarazy.facility.custody.watcher import ChainWatcher
from tarazy.facility.custody.withdrawal_requests import WithdrawalAsk, ask_withdrawal
from tarazy.facility.officers.founding import Founder, found_facility
from tarazy.facility.officers.key_files import new_key_file

from ..custody_stage import SEGMENT_BYTES, TRAVEL
from .console_server import started

OFFICER = KeySigner.from_seed(b"1" * 32)
ACTOR = Actor(1, (1 << 10) - 1, OFFICER)
MINOR = 50_000_000
TRANSACTION = "ab" * 32


class Party(NamedTuple):
    """One facility with custody: its record, its store, its key of the exchange."""

    name: str
    directory: Path
    store: CustodyStore
    chain: BitcoinChain
    key: Path
    signer: KeySigner

    @property
    def desk(self) -> TravelDesk:
        """Return it as others know it."""
        return TravelDesk(self.store, self.name, self.signer)

    def knows(self, other: Party, base: str, status: str = "approved", key: str = "") -> None:
        """Enter the other one into the register."""
        way = (base, key or other.signer.public_key.hex())
        review_provider(self.store, ACTOR, other.name, other.name, "KZ", status, "ab" * 32, way)


def party(folder: Path, name: str) -> Iterator[Party]:
    """Yield a facility with a hot wallet and a client's address."""
    directory = folder / name
    founders = [Founder(OFFICER), Founder(KeySigner.from_seed(b"2" * 32))]
    found_facility(directory, name, founders, segment_bytes=SEGMENT_BYTES)
    chain = BitcoinChain([BitcoinNode("http://u:p@127.0.0.1:1")], "regtest")
    signer = new_key_file(folder / f"{name}.key", name)
    with CustodyStore(custody_beside(directory)) as store:
        add_asset(store, ACTOR, CustodyAsset(1, chain.chain, NATIVE, 2))
        add_wallet(store, ACTOR, "hot", "client", "hot", chain.chain)
        key = SeedKeys(folder / f"{name}.seed", "hot").public_key(0)
        add_address(store, ACTOR, "hot", "deposit", account_id=1, public_key=key)
        yield Party(name, directory, store, chain, folder / f"{name}.key", signer)
    chain.close()


@pytest.fixture
def ours(tmp_path: Path) -> Iterator[Party]:
    yield from party(tmp_path, "ours")


@pytest.fixture
def theirs(tmp_path: Path) -> Iterator[Party]:
    yield from party(tmp_path, "theirs")


@pytest.fixture
def base(tmp_path: Path, ours: Party, theirs: Party) -> Iterator[str]:
    """Serve the other facility, with both in each other's registers, and yield its address."""
    words = ("custody", "travel-serve", theirs.directory, "--as", "theirs", "--key", theirs.key, "--port", 0)
    with started(tmp_path, *words) as told:
        assert told["public_key"] == theirs.signer.public_key.hex()
        ours.knows(theirs, told["url"])
        theirs.knows(ours, "http://127.0.0.1:9/travel")
        yield told["url"]


def address_of(each: Party) -> str:
    """Return the address of the client there."""
    found: str = each.store.one("address", "SELECT address FROM addresses WHERE account_id = 1")[0]
    return found


def asked(ours: Party, address: str) -> int:
    """Let a client of ours ask to send coins to an address there; return the request."""
    name_destination(ours.store, ours.chain, 1, address, "theirs")
    return ask_withdrawal(ours.store, ours.chain, RecordView(), WithdrawalAsk(1, 1, MINOR, address, TRAVEL)).request


def send(ours: Party) -> int:
    """Send what waits, on the command line."""
    return main(["custody", "travel-send", str(ours.directory), "--as", "ours", "--key", str(ours.key)])


def states(ours: Party, request: int) -> list[str]:
    """Return how far the messages of a request are."""
    return [each.state for each in messages(ours.store, OUT, str(request))]


def note_sent(ours: Party, request: int) -> None:
    """Note a payment as it stands once it was handed to the nodes."""
    values = ("d", "withdrawal", request, ours.chain.chain, "hot", b"", b"s", TRANSACTION, -1, "[]", "0", str(MINOR))
    columns = "digest, purpose, request, chain, wallet, draft, signed, transaction_id, nonce, spends, fee_minor"
    columns = f"{columns}, amount_minor, asset_id, state, sent_height, at"
    marks = ", ".join("?" * 16)
    ours.store.do(f"INSERT INTO payments ({columns}) VALUES ({marks})", *values, 1, "sent", 1, ours.store.moment)


def arrive(there: Party) -> None:
    """Let the watcher there keep the output."""
    watcher = ChainWatcher(there.store, there.chain)
    arrival = Arrival(TRANSACTION, 0, NATIVE, address_of(there), MINOR, True, ("bcrt1qsomebody",))
    with there.store.changing():
        watcher._keep(BlockReference(1, "00", "00", 1), arrival, find_asset(there.store, 1))


def test_data_go_ahead_of_the_coins_and_meet_them_there(base: str, ours: Party, theirs: Party) -> None:
    request = asked(ours, address_of(theirs))
    arrive(theirs)
    (row,) = outputs(theirs.store)
    assert send(ours) == 0
    assert states(ours, request) == ["accepted"]
    assert link_arrivals(theirs.store) == 0  # nobody said yet which transaction it is: the arrival is held
    assert messages(theirs.store, IN, row.evidence.hex()) == []
    note_sent(ours, request)
    assert send(ours) == 0
    assert link_arrivals(theirs.store) == 1
    (came,) = messages(theirs.store, IN, row.evidence.hex())
    assert (came.provider, came.data_set) == ("ours", FULL)
    assert link_arrivals(theirs.store) == 0
    held = json.loads(theirs.store.one("message", "SELECT body FROM travel WHERE direction = 'in'")[0])
    assert held["data"]["originator"]["name"] == TRAVEL.originator.name


def test_address_of_nobody_is_refused_and_nothing_personal_is_kept(base: str, ours: Party, theirs: Party) -> None:
    request = asked(ours, "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080")
    assert send(ours) == 0
    assert states(ours, request) == ["refused"]
    kept = theirs.store.one("message", "SELECT body, rejected FROM travel_in")
    assert kept == ("", "no address of a client of ours")


def test_nothing_is_sent_to_a_provider_that_was_refused_or_signs_otherwise(
    base: str, ours: Party, theirs: Party
) -> None:
    request = asked(ours, address_of(theirs))
    ours.knows(theirs, base, "refused")
    assert send(ours) == 1
    assert theirs.store.all("SELECT 1 FROM travel_in") == []
    ours.knows(theirs, base, key=KeySigner.from_seed(b"3" * 32).public_key.hex())
    assert send(ours) == 1  # the answer is not under the key of the register: it counts as none
    assert states(ours, request) == ["made"]


def posted(base: str, headers: dict[str, str], body: bytes) -> int:
    """Post as a stranger would and return the status."""
    request = urllib.request.Request(f"{base}/{TRANSFERS}", data=body, method="POST", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as found:
            return int(found.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_strangers_forgers_and_floods_leave_nothing(base: str, ours: Party, theirs: Party) -> None:
    signature = ours.signer.sign(signed_line("request", TRANSFERS, "x-1", b"{}")).hex()
    good = {PROVIDER: "ours", IDENTIFIER: "x-1", SIGNATURE: signature}
    assert posted(base, good | {PROVIDER: "nobody"}, b"{}") == 403
    assert posted(base, good | {SIGNATURE: "00" * 64}, b"{}") == 403
    assert posted(base, good | {IDENTIFIER: "x-2"}, b"{}") == 403  # a signature is of one request alone
    assert posted(base, good, b"{ }") == 403
    assert posted(base, good, b"{}") == 400
    assert posted(base, good, b"x" * 70_000) == 413
    assert theirs.store.all("SELECT 1 FROM travel_in") == []


def test_identifier_that_comes_again_with_other_words_is_refused(base: str, ours: Party, theirs: Party) -> None:
    where = {"to": "theirs", "chain": ours.chain.chain, "contract": NATIVE, "address": address_of(theirs)}
    values: dict[str, Any] = {**where, "amount_minor": str(MINOR), "ivms101": ivms101(TRAVEL)}
    for _ in range(2):
        assert ask(ours.desk, "theirs", TRANSFERS, "m-1", values) == {"approved": True}
    with pytest.raises(CustodyError):
        ask(ours.desk, "theirs", TRANSFERS, "m-1", values | {"amount_minor": "1"})
    assert len(theirs.store.all("SELECT 1 FROM travel_in")) == 1


@pytest.mark.parametrize("edition", ["2020", "2023"])
def test_both_editions_are_read_back(edition: Any) -> None:
    found = read_ivms101(ivms101(TRAVEL, edition))
    assert found.originator.name == TRAVEL.originator.name
    assert found.originator.customer_id == TRAVEL.originator.customer_id
    assert (found.beneficiary.name, found.beneficiary_account) == (TRAVEL.beneficiary.name, TRAVEL.beneficiary_account)


@pytest.mark.parametrize("value", [None, [], {}, {"originator": 1}, {"originator": {"originatorPersons": [{"x": []}]}}])
def test_message_that_is_none_is_refused_by_name(value: object) -> None:
    with pytest.raises(CustodyInputError):
        read_ivms101(value)


@pytest.mark.parametrize(
    "way", [("http://theirs.example/travel", "ab" * 32), ("https://theirs.example", "ab"), ("", "ab" * 32)]
)
def test_register_takes_no_address_without_tls_and_no_key_that_is_none(ours: Party, way: tuple[str, str]) -> None:
    with pytest.raises(CustodyInputError):
        review_provider(ours.store, ACTOR, "theirs", "theirs", "KZ", "approved", "ab" * 32, way)
