"""Custody on the command line: a facility is founded, real coins come in, go out, and the record replays."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tarazy.chains.bitcoin.addresses import CHAINS

from ..btc_chain import COIN, MINER_ADDRESS, BtcChain, running_btcd
from ..custody_stage import KINDS, MANDATE_MAX
from .browser import Browser
from .conftest import Done
from .console_server import started
from .offices import Office, found_office, signed_by_both

Run = Callable[..., Done]
CHAIN = CHAINS["regtest"]
TRAVEL = {
    "originator": {"name": "Aigerim Sadykova", "customer_id": "7", "country": "KZ"},
    "originator_account": "account 1",
    "beneficiary": {"name": "Bolat Omarov"},
    "beneficiary_account": "theirs",
}


class Venue(NamedTuple):
    """A facility with custody, as its officers use it."""

    tarazy: Run
    office: Office
    btc: BtcChain

    def act(self, *words: object) -> Done:
        """Do an act as the first officer."""
        name, *rest = words
        officer = ("--officer", 1, "--key", self.office.keys[0])
        return self.tarazy("custody", name, self.office.facility, *rest, *officer, "--json")

    def ask(self, *words: object) -> Done:
        """Do an act that needs no officer."""
        name, *rest = words
        return self.tarazy("custody", name, self.office.facility, *rest, "--json")

    def round(self) -> Done:
        """Run custody once."""
        seed = ("--seed-file", self.office.folder / "hot.seed")
        keys = [self.office.folder / f"watcher-{n}.key" for n in (1, 2)]
        officers = ("--officer", 3, "--key", keys[0], "--second", 4, "--second-key", keys[1])
        where = ("--node", self.btc.url, "--from-height", 450)
        return self.ask("run", "hot", *where, *seed, *officers, "--once")


@pytest.fixture(scope="module")
def btc(btcd: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BtcChain]:
    with running_btcd(btcd, tmp_path_factory.mktemp("btcd")) as found:
        yield found


@pytest.fixture
def venue(tarazy: Run, btc: BtcChain, tmp_path: Path) -> Venue:
    """Found a facility with an asset, a client, two machine officers and their mandates."""
    office = found_office(tarazy, tmp_path)
    for n in (1, 2):
        assert tarazy("officer", "new", tmp_path / f"watcher-{n}.key", "--name", f"watcher {n}").code == 0
    keys = [key_of(tmp_path, n) for n in (1, 2)]
    commands: list[dict[str, object]] = [
        {
            "command": "RegisterOfficer",
            "officer_roles": "machine",
            "valid_from_ns": 1,
            "valid_until_ns": (1 << 63) - 1,
            "public_key": key,
        }
        for key in keys
    ]
    commands.append({"command": "RegisterAsset", "asset_kind": "digital", "scale": 8, "asset_code": "BTC", "dti": ""})
    commands.append({"command": "AdmitAsset", "asset_id": 1, "decision_hash": "ab" * 32})
    commands += [
        {
            "command": "GrantMandate",
            "signers_needed": 2,
            "mandated_kind": "".join(word.capitalize() for word in kind.name.split("_")),
            "officer_id": officer,
            "asset_id": 1,
            "valid_until_ns": (1 << 63) - 1,
            "amount_max_minor": MANDATE_MAX,
            "day_max_minor": MANDATE_MAX,
        }
        for officer in (3, 4)
        for kind in KINDS
    ]
    client = {"client_class": "professional", "account_role": "client", "fee_tier": 0, "owner_id": 1}
    commands.append({"command": "OpenAccount", **client, "approval_id": 0, "leaf_salt": 1})
    source = tmp_path / "commands.json"
    source.write_text(json.dumps(commands))
    done = tarazy("instruct", "submit", office.facility, signed_by_both(tarazy, office, "--from", source))
    assert done.code == 0, done.out + done.err
    return Venue(tarazy, office, btc)


def key_of(folder: Path, number: int) -> str:
    """Return the public key of a key file."""
    line = (folder / f"watcher-{number}.key").read_text().splitlines()[0]
    return line.rpartition(" ")[2]


def set_up(venue: Venue) -> str:
    """Make the wallets, and return the client's deposit address."""
    seed = ("--seed-file", venue.office.folder / "hot.seed")
    for words in (
        ("asset", 1, "--chain", CHAIN, "--depth", 2),
        ("wallet", "hot", "--estate", "client", "--tier", "hot", "--chain", CHAIN),
        ("address", "hot", "--role", "main", *seed),
    ):
        done = venue.act(*words)
        assert done.code == 0, done.err
    register(venue, done.json["address"]["public_key"])
    foreign = venue.office.folder / "foreign.seed"
    refused = venue.act("address", "hot", "--account", 1, "--seed-file", foreign)
    assert (refused.code, "foreign key" in refused.err) == (1, True), refused.err
    done = venue.act("address", "hot", "--account", 1, *seed)
    assert done.code == 0, done.err
    paper = venue.office.folder / "review.txt"
    paper.write_text("looked at")
    review = ("--name", "Exchange", "--country", "KZ", "--status", "approved", "--document", paper)
    assert venue.act("provider", "exchange", *review).code == 0
    found: str = done.json["address"]["address"]
    assert done.json["address"]["proved_on"]
    return found


def register(venue: Venue, public_key: str) -> None:
    """Register the hot wallet's first key."""
    minutes = venue.office.folder / "ceremony.txt"
    minutes.write_text("made in the vault")
    terms = ("--storage", "file", "--wallet", "hot", "--ceremony", minutes, "--holder", "Erlan")
    assert venue.act("keys", "--register", public_key, *terms).code == 0


def test_coins_come_in_and_go_out_by_the_command_line(venue: Venue) -> None:
    address = set_up(venue)
    venue.btc.pay((address, 5 * COIN))
    venue.btc.mine(2)
    travel = venue.office.folder / "travel.json"
    travel.write_text(json.dumps(TRAVEL))
    first = venue.round()
    assert (first.code, first.json["waiting"]) == (0, 1), first.err  # no travel data yet: it waits
    (row,) = venue.ask("deposits").json["deposits"]
    assert (row["state"], row["reason"]) == ("waiting", "no travel data came with it")

    venue.btc.pay((address, COIN))
    venue.btc.mine(1)
    assert venue.round().json["credited"] == 0  # not deep enough
    seen = next(each for each in venue.ask("deposits").json["deposits"] if each["state"] == "seen")
    received = ("--receive", travel, "--arrival", seen["evidence"], "--provider", "exchange")
    assert venue.ask("travel", *received).code == 0
    venue.btc.mine(1)
    done = venue.round()
    assert done.json["credited"] == 1, done.err

    # A destination at another provider, whose lock of a day is a parameter: here none.
    parameters = venue.office.folder / "parameters.toml"
    shipped = Path(__file__).parents[2] / "src" / "tarazy" / "facility" / "custody" / "parameters.toml"
    parameters.write_text(shipped.read_text().replace('lock_hours"\nvalue = 24', 'lock_hours"\nvalue = 0'))
    named = ("destination", 1, CHAIN, MINER_ADDRESS, "--provider", "exchange", "--parameters", parameters)
    assert venue.ask(*named).code == 0
    terms = ("--account", 1, "--asset", 1, "--amount", COIN // 2, "--address", MINER_ADDRESS, "--travel", travel)
    request = venue.ask("withdraw", *terms)
    assert request.code == 0, request.err
    venue.round()
    (row,) = venue.ask("withdrawals").json["withdrawals"]
    assert row["state"] == "requested"
    assert "has not accepted the travel data" in row["hold"]
    folder = venue.office.folder / "out"
    (sent,) = venue.ask("travel", "--send", folder).json["messages"]
    assert json.loads((folder / f"travel-{sent['message']}.json").read_text())["provider"] == "exchange"
    assert venue.act("travel", "--accept", sent["message"]).code == 0
    venue.round()
    (row,) = venue.ask("withdrawals").json["withdrawals"]
    assert row["state"] == "sent", row
    venue.btc.mine(2)
    venue.round()
    (row,) = venue.ask("withdrawals", "--all").json["withdrawals"]
    assert row["state"] == "done"
    assert venue.btc.ask("getrawtransaction", row["transactions"][0], 1)["confirmations"] == 2

    status = venue.ask("status")
    assert status.code == 1  # the policy wants nearly all of it cold
    (asset,) = status.json["assets"]
    assert int(asset["move_minor"]) > 0
    assert asset["shortfall_minor"] != "0"  # nobody has lent coin for the network's fee
    assert venue.tarazy("verify", venue.office.facility).code == 0
    assert venue.tarazy("replay", venue.office.facility, "--engine", "spec").code == 0


def test_keys_have_holders_leavers_and_audits(venue: Venue) -> None:
    set_up(venue)
    minutes = venue.office.folder / "minutes.txt"
    minutes.write_text("made before two witnesses")
    register = ("keys", "--register", "02" + "11" * 32, "--storage", "hsm", "--wallet", "hot", "--ceremony", minutes)
    done = venue.act(*register, "--holder", "Aigerim")
    assert done.code == 0, done.err
    (question,) = venue.act("keys", "--leave", "Aigerim").json["questions"]
    assert question["holder"] == "Aigerim"
    decided = venue.act("keys", "--decide", question["key_id"], "--decision", "rekey", "--reason", "left the house")
    assert decided.json["questions"] == []
    assert [each["state"] for each in venue.ask("keys").json["keys"]] == ["active", "retired"]
    assert venue.act("keys", "--audit", minutes).code == 0
    refused = venue.act("keys", "--leave", "Nobody")
    assert refused.code == 1
    assert "expected a holder of a key" in refused.json["error"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("asset", 1, "--chain", "solana:1", "--depth", 2), "expected eip155:NUMBER"),
        (("wallet", "no/name", "--estate", "client", "--tier", "hot", "--chain", CHAIN), "expected a name of letters"),
        (("address", "nowhere"), "expected one that custody knows"),
        (
            ("provider", "x", "--name", "X", "--country", "KZZ", "--status", "approved", "--document", "/dev/null"),
            "two letters",
        ),
        (("addresses", "--prove", "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"), "expected an address of the inventory"),
        (("addresses", "--typed"), "expected --typed with --prove ADDRESS"),
        (("screen", "--chain", CHAIN), "expected --source with --list"),
    ],
)
def test_wrong_input_says_what_was_expected(venue: Venue, words: tuple[object, ...], expected: str) -> None:
    done = venue.act(*words)
    assert done.code in (1, 2)
    assert expected in done.json["error"]
    assert "Traceback" not in done.err


def test_gateway_and_custody_are_one_writer(venue: Venue) -> None:
    """While the gateway serves, an arrival is journaled; both stop together and the record is whole."""
    address = set_up(venue)
    watchers = [venue.office.folder / f"watcher-{n}.key" for n in (1, 2)]
    words = ("run", venue.office.facility, "hot", "--node", venue.btc.url, "--from-height", 450, "--port", 0, "--json")
    officers = ("--officer", 3, "--key", watchers[0], "--second", 4, "--second-key", watchers[1])
    seed = ("--seed-file", venue.office.folder / "hot.seed")
    command = [sys.executable, "-m", "tarazy.cli.main", "custody", *words, *officers, *seed]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(list(map(str, command)), **pipes) as process:  # type: ignore[call-overload]
        try:
            line = process.stdout.readline()
            assert '"url"' in line, line + process.stderr.read()
            url = json.loads(line)["url"]
            with urllib.request.urlopen(f"{url}/api/v3/ping", timeout=10) as answer:
                assert answer.status == 200
            venue.btc.pay((address, COIN))
            venue.btc.mine(2)
            deadline = time.monotonic() + 60
            while not [each for each in venue.ask("deposits").json["deposits"] if each["state"] == "waiting"]:
                assert time.monotonic() < deadline, "custody did not journal the arrival"
                time.sleep(0.2)
        finally:
            process.terminate()
            process.communicate(timeout=60)
    assert venue.tarazy("verify", venue.office.facility).code == 0


def test_pages_show_wallets_transfers_and_keys(venue: Venue) -> None:
    address = set_up(venue)
    venue.btc.pay((address, 3 * COIN))
    venue.btc.mine(2)
    venue.round()
    minutes = venue.office.folder / "minutes.txt"
    minutes.write_text("made before two witnesses")
    register = ("keys", "--register", "02" + "11" * 32, "--storage", "hsm", "--wallet", "hot", "--ceremony", minutes)
    assert venue.act(*register, "--holder", "<b>Aigerim</b>").code == 0  # a name is data, never markup
    folder, pages = venue.office.folder, {"": "to cold", "transfers": "no travel data", "keys": "<b>Aigerim</b>"}
    with started(folder, "custody", "pages", venue.office.facility, "--port", 0) as told, Browser() as browser:
        for width in (1280, 390):
            page = browser.page(width)
            for path, words in pages.items():
                page.open(told["url"] + path)
                assert words in page.text("body"), page.text("body")
                assert page.overflow() == []
                page.screenshot(folder / f"{path or 'wallet'}-{width}.png")
            assert not page.complaints
            assert not page.from_elsewhere()
            page.close()
