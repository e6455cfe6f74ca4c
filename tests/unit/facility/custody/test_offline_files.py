"""Cold coins come back: a 2-of-3 move travels as a file, two holders sign apart, the network takes it."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from embit import bip32
from embit.networks import NETWORKS

from tarazy.chains.adapter import NATIVE
from tarazy.chains.evm.abi import call_data
from tarazy.chains.evm.transactions import TRANSFER, FeeMarketTransaction
from tarazy.domain.records import CustodyLocation
from tarazy.facility.custody.errors import CustodyInputError, WalletKeyError
from tarazy.facility.custody.inventory import add_address, add_wallet, main_address
from tarazy.facility.custody.offline_files import OfflineFile, join_files, read_offline, sign_file, write_offline
from tarazy.facility.custody.payment_drafts import read_content
from tarazy.facility.custody.payment_makers import BitcoinMaker
from tarazy.facility.custody.payment_notes import keep_payment, note_signed
from tarazy.facility.custody.record_view import LedgerWithdrawal
from tarazy.facility.custody.withdrawal_rows import find_payment
from tarazy.spec.venue import Venue

from ....btc_chain import COIN, BtcChain, running_btcd
from ....custody_stage import BTC, Stage

ROOTS = [bip32.HDKey.from_seed(sha256(b"vault %d" % n).digest(), NETWORKS["regtest"]["xprv"]) for n in range(3)]
PATH = "48h/1h/0h/2h"
KEYS = ",".join(f"[{root.my_fingerprint.hex()}/{PATH}]{root.derive('m/' + PATH).to_public()}/<0;1>/*" for root in ROOTS)
VAULT = f"wsh(sortedmulti(2,{KEYS}))"
HOT, COLD = CustodyLocation.hot, CustodyLocation.cold


@pytest.fixture(scope="module")
def btc(btcd: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BtcChain]:
    with running_btcd(btcd, tmp_path_factory.mktemp("btcd")) as found:
        yield found


def test_two_of_three_bring_coins_back_from_cold(btc: BtcChain, tmp_path: Path) -> None:
    stage = Stage(tmp_path, Venue, btc=btc)
    stage.found()
    with stage.open():
        for store in stage.stores:
            add_wallet(store, stage.actor, "vault", "client", "cold", stage.adapters[0].chain, VAULT)
            add_address(store, stage.actor, "vault", "main")
            vault_deposit = add_address(store, stage.actor, "vault", "deposit", account_id=1)
        btc.pay((vault_deposit.address, 5 * COIN))
        stage.mine(2)
        stage.settle_arrivals()
        assert stage.view.custody_minor(BTC, COLD) == 5 * COIN
        maker = BitcoinMaker(stage.store, stage.adapters[0], "vault", stage.fees)
        draft = maker.make(NATIVE, main_address(stage.store, "hot").address, 2 * COIN)
        digest = keep_payment(stage.store, "sweep", 0, stage.adapters[0].chain, "vault", draft, BTC, 2 * COIN)
        assert stage.sweeps.step() == 0  # its keys are not here
        write_offline(tmp_path / "move.json", OfflineFile(stage.adapters[0].chain, draft, "move"))
        signed = []
        for number in (0, 2):
            file = sign_file(read_offline(tmp_path / "move.json"), extended_key=str(ROOTS[number]))
            assert not file.signed
            write_offline(tmp_path / f"signed-{number}.json", file)
            signed.append(read_offline(tmp_path / f"signed-{number}.json"))
        whole = join_files(signed)
        assert whole.signed
        note_signed(stage.store, find_payment(stage.store, digest), whole.signed)
        stage.sweeps.step()
        stage.mine(2)
        stage.poll()
        assert stage.sweeps.step() == 1
        fee = read_content(stage.adapters[0].chain, draft).fee_minor
        assert stage.view.custody_minor(BTC, HOT) == 2 * COIN
        assert stage.view.custody_minor(BTC, COLD) == 3 * COIN - fee


def test_file_that_was_changed_or_a_strangers_key_is_refused(btc: BtcChain, tmp_path: Path) -> None:
    payment = FeeMarketTransaction(
        31337, 0, 1, 2, 60_000, "0x" + "22" * 20, 0, call_data(TRANSFER, "0x" + "11" * 20, 7)
    )
    path = tmp_path / "move.json"
    body = write_offline(path, OfflineFile("eip155:31337", payment.unsigned(), "move"), "USDT", 6)
    other = payment._replace(nonce=1).unsigned()
    for change in ({"draft": base64.b64encode(other).decode()}, {"format": "x"}, {"draft": "!"}, {"chain": "x:1"}):
        path.write_text(json.dumps({**body, **change}))
        with pytest.raises(CustodyInputError, match="expected"):
            read_offline(path)
    path.write_text("[" * 10_000)
    with pytest.raises(CustodyInputError):
        read_offline(path)
    path.write_text(json.dumps(body))
    with pytest.raises(WalletKeyError, match="keys of the account that pays"):
        sign_file(read_offline(path))


def test_device_is_told_the_words_of_the_journal(tmp_path: Path) -> None:
    """ERC-7730: the intent and the fields that a device shows, from the journaled withdrawal."""
    payment = FeeMarketTransaction(
        31337, 0, 1, 2, 60_000, "0x" + "22" * 20, 0, call_data(TRANSFER, "0x" + "11" * 20, 7)
    )
    intent = LedgerWithdrawal(17, 1, 5, 3, 0, 7, bytes(32), 1)
    file = OfflineFile("eip155:31337", payment.unsigned(), "withdrawal", intent=intent)
    told = write_offline(tmp_path / "file.json", file, "USDT", 6)["erc7730"]
    (shown,) = told["display"]["formats"].values()
    assert shown["intent"] == "Withdrawal 17 of account 5"
    assert [field["format"] for field in shown["fields"]] == ["addressName", "tokenAmount"]
    assert told["metadata"]["constants"]["amount"] == "0.000007"
    assert told["context"]["contract"]["deployments"] == [{"chainId": 31337, "address": "0x" + "22" * 20}]
