"""Estates share nothing, keys have holders, lists and travel data are held to the rules: each refusal by its name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from embit import bip32
from embit.networks import NETWORKS
from eth_account.messages import encode_typed_data
from eth_utils import keccak

from tarazy.chains.adapter import NATIVE
from tarazy.chains.secp256k1 import low_s, parity_of
from tarazy.domain.records import ROLE_CUSTODY, ROLE_FINANCE
from tarazy.domain.signer import KeySigner
from tarazy.facility.accounts.errors import TrailDamagedError
from tarazy.facility.accounts.trail import Actor
from tarazy.facility.custody import key_register
from tarazy.facility.custody.address_lists import ListScreen, replace_list
from tarazy.facility.custody.chain_kinds import prove, typed_request
from tarazy.facility.custody.errors import CustodyInputError, CustodyRefusedError, UnknownInCustodyError
from tarazy.facility.custody.inventory import (
    CustodyAsset,
    add_address,
    add_asset,
    add_wallet,
    addresses,
    control_message,
    next_place,
    proofs_due,
    record_proof,
)
from tarazy.facility.custody.inventory_mirror import mirror_inventory
from tarazy.facility.custody.store import CustodyStore
from tarazy.facility.custody.travel_data import (
    FULL,
    SHORT,
    TransferPerson,
    TravelData,
    data_set,
    ivms101,
    missing,
    plain_travel,
    read_travel_data,
)
from tarazy.facility.custody.travel_messages import provider_obstacle, review_provider
from tarazy.facility.custody.wallet_keys import SeedKeys

REGTEST = "bip122:0f9188f13cb7b2c71f2a335e3a4fc328"
EVM = "eip155:31337"
FACILITY = bytes(16)
SIGNER = KeySigner.from_seed(bytes(32))
ACTOR = Actor(1, ROLE_CUSTODY, SIGNER)
COLD_KEYS = [
    bip32.HDKey.from_seed(sha256(b"c%d" % number).digest(), NETWORKS["regtest"]["xprv"]).derive("m/48h").to_public()
    for number in range(3)
]
COLD = "wsh(sortedmulti(2," + ",".join(f"[{n:08x}/48h]{key}/<0;1>/*" for n, key in enumerate(COLD_KEYS, 1)) + "))"


class Clock:
    """A time that a test moves on."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[CustodyStore]:
    with CustodyStore(tmp_path / "custody.sqlite3", now=clock) as found:
        add_wallet(found, ACTOR, "hot", "client", "hot", EVM)
        add_wallet(found, ACTOR, "own", "house", "hot", EVM)
        add_wallet(found, ACTOR, "cold", "client", "cold", REGTEST, COLD)
        yield found


@pytest.fixture
def keys(tmp_path: Path) -> SeedKeys:
    return SeedKeys(tmp_path / "seed", "hot")


# ---------------------------------------------------------------- estates and addresses


def test_key_of_one_estate_is_refused_in_the_other(store: CustodyStore, keys: SeedKeys) -> None:
    add_address(store, ACTOR, "hot", "main", public_key=keys.public_key(0))
    add_wallet(store, ACTOR, "own-test", "house", "hot", "eip155:1")
    for wallet in ("own", "own-test"):  # the same chain, and another one
        with pytest.raises(CustodyRefusedError, match=r"a new address|a key of the house estate alone"):
            add_address(store, ACTOR, wallet, "main", public_key=keys.public_key(0))


def test_address_is_in_the_inventory_once(store: CustodyStore, keys: SeedKeys) -> None:
    add_address(store, ACTOR, "hot", "deposit", account_id=1, public_key=keys.public_key(0))
    with pytest.raises(CustodyRefusedError, match="expected a new address"):
        add_address(store, ACTOR, "hot", "deposit", account_id=2, public_key=keys.public_key(0))
    with pytest.raises(CustodyInputError, match="deposit addresses of the client estate alone"):
        add_address(store, ACTOR, "own", "deposit", account_id=1, public_key=keys.public_key(1))
    with pytest.raises(CustodyRefusedError, match="an officer with a role"):
        add_address(store, Actor(2, ROLE_FINANCE, SIGNER), "hot", "main", public_key=keys.public_key(2))
    assert len(addresses(store)) == 1


def test_descriptor_gives_addresses_of_both_branches_and_takes_no_private_key(store: CustodyStore) -> None:
    first = add_address(store, ACTOR, "cold", "deposit", account_id=1)
    change = add_address(store, ACTOR, "cold", "change")
    second = add_address(store, ACTOR, "cold", "deposit", account_id=2)
    assert (first.place, change.place, second.place) == (0, 0, 1)
    assert len({first.address, change.address, second.address}) == 3
    assert all(each.address.startswith("bcrt1q") and len(each.address) == 64 for each in (first, change, second))
    root = bip32.HDKey.from_seed(bytes(32), NETWORKS["regtest"]["xprv"])
    for wrong, words in (
        (f"wpkh({root}/<0;1>/*)", "a private key"),
        ("sh(multi(1,02" + "11" * 32 + "))", "expected wpkh"),
        ("x" * 5000, "characters"),
        (f"wpkh({COLD_KEYS[0]})", "<0;1>"),
    ):
        with pytest.raises(CustodyInputError, match=words):
            add_wallet(store, ACTOR, "wrong", "client", "cold", REGTEST, wrong)


def test_proof_of_control_is_checked_dated_and_due_again(store: CustodyStore, keys: SeedKeys, clock: Clock) -> None:
    row = add_address(store, ACTOR, "hot", "main", public_key=keys.public_key(0))
    assert proofs_due(store) == [row]
    message = control_message(FACILITY, "client", EVM, row.address, "2026-11-30")
    proof = prove(EVM, row.address, message, keys.public_key(0), lambda digest: keys.sign(0, digest))
    with pytest.raises(CustodyRefusedError, match="expected a signature"):
        record_proof(store, ACTOR, b"\1" * 16, EVM, row.address, proof)  # for another facility
    assert record_proof(store, ACTOR, FACILITY, EVM, row.address, proof).proved_on == "2026-11-30"
    clock.at += timedelta(days=92)
    assert proofs_due(store) == []
    clock.at += timedelta(days=1)
    assert [each.address for each in proofs_due(store)] == [row.address]
    with pytest.raises(CustodyRefusedError):  # yesterday's signature is not today's
        record_proof(store, ACTOR, FACILITY, EVM, row.address, proof)


def test_account_without_plain_texts_shows_control_by_typed_data(store: CustodyStore, keys: SeedKeys) -> None:
    """As `eth_account` hashes what `--typed` prints (EIP-712)."""
    row = add_address(store, ACTOR, "hot", "main", public_key=keys.public_key(0))
    message = control_message(FACILITY, "client", EVM, row.address, store.today.isoformat())
    typed = encode_typed_data(full_message=typed_request(EVM, message))
    digest = keccak(b"\x19" + typed.version + typed.header + typed.body)
    signature = low_s(keys.sign(0, digest))
    proof = (signature + bytes((27 + parity_of(signature, digest, keys.public_key(0)),))).hex()
    assert record_proof(store, ACTOR, FACILITY, EVM, row.address, proof).proof_message == message
    with pytest.raises(CustodyInputError, match="eip155:NUMBER for typed data"):
        typed_request(REGTEST, message)


def test_asset_has_one_chain_for_good(store: CustodyStore) -> None:
    add_asset(store, ACTOR, CustodyAsset(1, EVM, NATIVE, 2))
    assert add_asset(store, ACTOR, CustodyAsset(1, EVM, NATIVE, 12)).depth == 12
    for wrong in (CustodyAsset(1, "eip155:1", NATIVE, 2), CustodyAsset(1, EVM, "0x" + "11" * 20, 2)):
        with pytest.raises(CustodyRefusedError, match="one chain for good"):
            add_asset(store, ACTOR, wrong)
    for wrong in (CustodyAsset(2, REGTEST, "0x" + "11" * 20, 2), CustodyAsset(2, EVM, "0xZZ", 2)):
        with pytest.raises(CustodyInputError):
            add_asset(store, ACTOR, wrong)


def test_mirror_believes_signed_acts_and_no_table(store: CustodyStore, keys: SeedKeys, tmp_path: Path) -> None:
    row = add_address(store, ACTOR, "hot", "deposit", account_id=1, public_key=keys.public_key(0))
    store.do("UPDATE addresses SET account_id = 2")  # somebody with the file, and no officer's key
    with CustodyStore(tmp_path / "mirror.sqlite3") as mirror:
        assert mirror_inventory(store, mirror, {1: SIGNER.public_key}) == 4
        assert [each.account_id for each in addresses(mirror)] == [row.account_id] == [1]
        store.do("UPDATE acts SET body = replace(body, '\"account_id\":1', '\"account_id\":2')")
        with pytest.raises(TrailDamagedError):
            mirror_inventory(store, mirror, {1: SIGNER.public_key})


# ---------------------------------------------------------------- keys


def test_nobody_holds_two_keys_of_a_quorum(store: CustodyStore) -> None:
    minutes = "ab" * 32
    first = key_register.register_key(store, ACTOR, str(COLD_KEYS[0]), "offline", "cold", minutes, ["Aigerim"])
    with pytest.raises(CustodyRefusedError, match=f"found the holder of key {first.key_id}"):
        key_register.register_key(store, ACTOR, str(COLD_KEYS[1]), "offline", "cold", minutes, ["Aigerim"])
    assert len(key_register.keys(store)) == 1  # the refused key is not there either
    key_register.register_key(store, ACTOR, str(COLD_KEYS[1]), "offline", "cold", minutes, ["Bolat"])
    with pytest.raises(CustodyRefusedError, match="one of the 3 keys of the wallet's descriptor"):
        key_register.register_key(store, ACTOR, "02" + "11" * 32, "offline", "cold", minutes, ["Dana"])


def test_leaver_opens_a_question_that_is_decided_in_time(store: CustodyStore, clock: Clock) -> None:
    key = key_register.register_key(store, ACTOR, "02" + "11" * 32, "hsm", "hot", "ab" * 32, ["Aigerim", "Bolat"])
    (question,) = key_register.leave(store, ACTOR, "Aigerim")
    assert (question.key_id, question.decide_by) == (key.key_id, "2026-12-07")
    assert key_register.holders(store, key.key_id) == ["Bolat"]
    key_register.decide_rekey(store, ACTOR, key.key_id, "rekey", "she knew the PIN")
    assert key_register.find_key(store, key.key_id).state == "retired"
    assert key_register.open_questions(store) == []
    with pytest.raises(CustodyRefusedError, match="nothing to decide"):
        key_register.decide_rekey(store, ACTOR, key.key_id, "keep", "again")


def test_access_is_audited_every_92_days(store: CustodyStore, clock: Clock) -> None:
    key_register.register_key(store, ACTOR, "02" + "11" * 32, "hsm", "hot", "ab" * 32, ["Aigerim"])
    assert key_register.audit_due(store) == "2027-03-02"
    clock.at += timedelta(days=30)
    assert key_register.record_audit(store, ACTOR, "cd" * 32, 1) == "2027-04-01"


# ---------------------------------------------------------------- lists


def test_list_replaces_the_one_of_its_source(store: CustodyStore) -> None:
    screen = ListScreen(store)
    assert replace_list(store, ACTOR, "OFAC", EVM, ["# a comment", "", "0xAB" + "0" * 38]) == 1
    assert screen(EVM, "0xab" + "0" * 38) == "on the list OFAC"
    assert screen(REGTEST, "0xab" + "0" * 38) == ""
    assert replace_list(store, ACTOR, "OFAC", EVM, []) == 0
    assert screen(EVM, "0xab" + "0" * 38) == ""
    with pytest.raises(CustodyInputError, match="line 2"):
        replace_list(store, ACTOR, "OFAC", EVM, ["0x", "\x1b[2J"])


# ---------------------------------------------------------------- travel data

DATA = TravelData(TransferPerson("A B", customer_id="7"), "account 1", TransferPerson("C D"), "theirs")


@pytest.mark.parametrize(
    ("value_cents", "expected"), [(99_999, SHORT), (100_000, FULL), (100_001, FULL), (0, SHORT), (None, FULL)]
)
def test_at_exactly_1000_and_without_a_rate_the_fuller_set_is_asked_for(value_cents: int | None, expected: str) -> None:
    """AML 11-1.1(3) says equal or more, (4) equal or less: at 1,000 both, so the fuller one."""
    assert data_set(value_cents, 1000, 2) == expected


@pytest.mark.parametrize("element", ["address", "national_id", "customer_id", "birth"])
def test_full_set_takes_one_of_four_on_the_originator(element: str) -> None:
    person = TransferPerson("A B")
    assert missing(DATA._replace(originator=person), FULL) == [
        "originator address, national id, customer id, or date and place of birth"
    ]
    assert missing(DATA._replace(originator=person), SHORT) == []
    assert missing(DATA._replace(originator=person._replace(**{element: "x"})), FULL) == []


def test_every_other_element_is_asked_for_in_both_sets() -> None:
    empty = TravelData(TransferPerson(""), "", TransferPerson(" "), "")
    names = ["originator name", "originator account", "beneficiary name", "beneficiary account"]
    assert missing(empty, SHORT) == names
    assert [each for each in missing(empty, FULL) if each in names] == names


def test_message_is_ivms_101_in_both_editions() -> None:
    company = TransferPerson("Exchange LLP", is_company=True, lei="5493001KJTIIGC8Y1R12", country="KZ")
    person = TransferPerson("Aigerim Sadykova", address="Astana", birth="1990-01-31, Almaty", country="KZ")
    data = TravelData(person, "bc1q", company, "0xab", "Tarazy", "Exchange")
    new, old = ivms101(data), ivms101(data, "2020")
    natural = new["originator"]["originatorPersons"][0]["naturalPerson"]
    assert natural["name"]["nameIdentifier"] == [
        {"primaryIdentifier": "Sadykova", "secondaryIdentifier": "Aigerim", "nameIdentifierType": "LEGL"}
    ]
    assert natural["dateAndPlaceOfBirth"] == {"dateOfBirth": "1990-01-31", "placeOfBirth": "Almaty"}
    legal = new["beneficiary"]["beneficiaryPersons"][0]["legalPerson"]
    assert legal["nationalIdentification"] == {
        "nationalIdentifier": "5493001KJTIIGC8Y1R12",
        "nationalIdentifierType": "LEIX",
    }
    assert new["payloadMetadata"] == {"payloadVersion": "101.2023"}
    assert "payloadMetadata" not in old
    assert read_travel_data(json.loads(json.dumps(plain_travel(data)))) == data


@pytest.mark.parametrize(
    "wrong", [None, [], {}, {**plain_travel(DATA), "more": 1}, {**plain_travel(DATA), "originator": 3}]
)
def test_travel_data_of_another_shape_are_refused(wrong: object) -> None:
    with pytest.raises(CustodyInputError, match="expected"):
        read_travel_data(wrong)
    long = {**plain_travel(DATA), "originator_account": "x" * 301}
    with pytest.raises(CustodyInputError, match="at most 300"):
        read_travel_data(long)


def test_provider_counts_until_its_review_is_over(store: CustodyStore, clock: Clock) -> None:
    assert "was not reviewed" in provider_obstacle(store, "x")
    review_provider(store, ACTOR, "x", "X LLP", "kz", "approved", "ab" * 32)
    assert provider_obstacle(store, "x") == ""
    clock.at += timedelta(days=366)
    assert "ended on 2027-11-30" in provider_obstacle(store, "x")
    review_provider(store, ACTOR, "x", "X LLP", "KZ", "refused", "ab" * 32)
    assert provider_obstacle(store, "x") == "provider x is refused"


def test_unknown_things_are_named(store: CustodyStore) -> None:
    with pytest.raises(UnknownInCustodyError, match="wallet: expected one that custody knows, found nowhere"):
        next_place(store, "nowhere", "main")
