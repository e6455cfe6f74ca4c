"""Client assets through a whole life: real coins of two chains and bank files, from deposit to proof.

What is right is arithmetic by hand over what was paid in and out, and what the nodes themselves say.
"""

from __future__ import annotations

import json
import re
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tarazy.cli.bank.payments import recorded_in
from tarazy.cli.main import main
from tarazy.domain.records import (
    ApproveWithdrawal,
    OrderType,
    PlaceOrder,
    RequestWithdrawal,
    Side,
    TimeInForce,
    TradeExecuted,
)
from tarazy.domain.reject_codes import RejectCode
from tarazy.facility.accounts.trail import Actor
from tarazy.facility.banking.banks.file_drop import FileDrop
from tarazy.facility.banking.handing import hand_over
from tarazy.facility.banking.importing import import_file
from tarazy.facility.banking.items import commands as receipt_commands
from tarazy.facility.banking.pain001 import PaymentSender
from tarazy.facility.banking.payment_commands import payment_commands
from tarazy.facility.banking.payouts import (
    BankDestination,
    RecordedWithdrawal,
    approve_payout,
    destination_hash,
    propose_payout,
)
from tarazy.facility.banking.sending import note_booked, write_payments
from tarazy.facility.custody.chain_kinds import prove
from tarazy.facility.custody.record import outcomes
from tarazy.facility.custody.wallet_keys import SeedKeys
from tarazy.facility.custody.withdrawal_rows import withdrawals
from tarazy.facility.officers.drafts import command_of
from tarazy.facility.officers.key_files import new_key_file
from tarazy.journal.verify import verify
from tarazy.spec.venue import Venue

from ..btc_chain import COIN, running_btcd
from ..devchain import DevChain
from ..joint_stage import BANK_ACCOUNT, BTC, CHAINS, COLD, ETH, ETHER, HOT, KZT, PAYER_IBAN, USDT, JointStage
from ..simulation.custody_writer import destination
from ..unit.facility.banking.desk import day, paid
from ..unit.facility.banking.messages import details, entry

TOKENS = Path(__file__).parents[1] / "unit" / "chains" / "evm" / "contracts" / "artifacts" / "Custody.json"
THEIRS = "0x00000000000000000000000000000000000000c7"
PAYEE = BankDestination("Akhmetova Aigul", PAYER_IBAN, "CASPKZKA", "", "29", "DE")
SENDER = PaymentSender("Venue Ltd", "980640000093", BANK_ACCOUNT, "KCJBKZKX", "15")
ROUNDS_MAX = 40


def trade(stage: JointStage) -> None:
    """Let account 2 sell a bitcoin to account 1 for 30,000,000 tenge: 1,000 lots at 30,000 ticks of a tenge."""
    terms = {"order_type": int(OrderType.limit), "time_in_force": int(TimeInForce.gtc), "market_id": 1}
    terms |= {"self_trade_prevention": 1}
    sell = PlaceOrder(
        side=int(Side.sell), account_id=2, client_order_id=1, price_ticks=30_000, quantity_lots=1000, **terms
    )
    buy = sell._replace(side=int(Side.buy), account_id=1, client_order_id=2)
    events = stage.sequencer.execute(sell.pack() + buy.pack())
    happened = [each for outcome in outcomes(events, 2) for each in outcome.events]
    assert any(isinstance(each, TradeExecuted) for each in happened), happened


def take_statement(stage: JointStage, content: bytes, name: str) -> None:
    """Import a bank's file and journal what follows from it."""
    path = stage.folder / name
    path.write_bytes(content)
    import_file(stage.bank, path)
    note_booked(stage.bank)


def run_until(stage: JointStage, done: Any) -> None:
    """Do rounds and mine until something is so."""
    for _ in range(ROUNDS_MAX):
        for report in stage.round():
            assert not report.faults, report
        if done():
            return
        stage.mine_both()
    raise AssertionError(f"not done after {ROUNDS_MAX} rounds: {withdrawals(stage.store)}")


def refill(stage: JointStage) -> None:
    """Bring ether from cold storage, as the round asks for it: a file that a person carries to the key and back."""
    assert stage.evm is not None
    (need,) = [need for report in stage.round() for need in report.needs]
    asked = re.fullmatch(r"asset 2: (\d+) minor units are to be brought from cold to hot-evm", need)
    assert asked, need
    unsigned, signed = stage.folder / "cold.json", stage.folder / "cold-signed.json"
    make = ["cold-make", str(stage.journal), str(unsigned), "--from", "cold-evm", "--to", "hot-evm", "--asset", "2"]
    assert main(["custody", *make, "--amount", asked[1], "--node", stage.evm.url]) == 0
    key = ["--seed-file", str(stage.seed_file), "--wallet", "cold-evm"]
    assert main(["custody", "cold-sign", str(unsigned), str(signed), *key]) == 0
    assert main(["custody", "cold-join", str(stage.journal), str(signed)]) == 0


def pay_out_by_bank(stage: JointStage) -> None:
    """Pay account 2 five million tenge by the bank: request, approval, four eyes, file, statement, settlement."""
    minor = 500_000_000
    asked = stage.record.ask(RequestWithdrawal(0, 2, KZT, minor, destination_hash(PAYEE)))
    number = asked.events[0].withdrawal_id
    stage.people(ApproveWithdrawal(0, 2, KZT, number, minor, destination_hash(PAYEE)))
    recorded = RecordedWithdrawal(number, KZT, minor, destination_hash(PAYEE), True)
    payout = propose_payout(stage.bank, stage.actor, recorded, (BANK_ACCOUNT, "KZT"), PAYEE, "371", "Withdrawal")
    approve_payout(stage.bank, Actor(2, stage.actor.roles, stage.keys[1]), payout)
    assert write_payments(stage.bank, SENDER, "KZT")
    stage.people(*[command_of(each) for each in payment_commands(stage.bank, recorded_in(stage.journal))])
    drop = FileDrop(stage.bank_folder, 0)
    (name,) = hand_over(stage.bank, drop, BANK_ACCOUNT, recorded_in(stage.journal)).handed
    assert f"W{number}-1" in (stage.bank_folder / "out" / f"{name}.xml").read_text()
    shown = entry(
        "5000000.00",
        "DBIT",
        reference="B2",
        inner=details(f"<Refs><EndToEndId>W{number}-1</EndToEndId></Refs>"),
        day=str(stage.today()),
    )
    edges = {"opening": "40000000.00", "closing": "35000000.00", "number": "S2", "on": str(stage.today())}
    take_statement(stage, day(shown, **edges), "second.xml")
    stage.people(*[command_of(each) for each in payment_commands(stage.bank, recorded_in(stage.journal))])


def lived(stage: JointStage) -> None:
    """Bring assets in, trade, take some out, sweep."""
    assert stage.btc is not None
    assert stage.evm is not None
    stage.lend_floats()
    stage.btc.pay((stage.address("btc", 2), 5 * COIN))
    stage.evm.send(stage.address("evm", 1), value=4 * ETHER)
    stage.evm.do(stage.token, "transfer(address,uint256)", stage.address("evm", 3), 5_000 * 10**6)
    first = paid("40000000.00", "1234567", reference="B1").replace("2026-11-27", str(stage.today()))
    take_statement(stage, day(first, closing="40000000.00", on=str(stage.today())), "first.xml")
    stage.people(*[command_of(each) for each in receipt_commands(stage.bank)])
    run_until(stage, lambda: stage.balance(2, BTC)[0] == 5 * COIN and stage.balance(3, USDT)[0] == 5_000 * 10**6)
    trade(stage)
    stage.ask_on("btc", 1, BTC, COIN // 2, destination(1))
    stage.ask_on("evm", 1, ETH, ETHER, THEIRS)
    pay_out_by_bank(stage)
    refill(stage)
    swept = "SELECT 1 FROM payments WHERE purpose = 'sweep' AND state IN ('drafted', 'signed', 'sent')"
    run_until(
        stage,
        lambda: (
            {row.state for row in withdrawals(stage.store)} == {"done"}
            and not stage.store.maybe(swept)
            and not any(service.policy._wants_to_move(stage.view) for service in stage.services.values())
        ),
    )


def commanded(stage: JointStage, folder: Path, *words: object) -> int:
    """Run `tarazy reconciliation run` over what lies beside the record."""
    kept = ["--store", str(folder / "runs.sqlite3"), "--out", str(folder / "out")]
    return main(["reconciliation", "run", *sides(stage), *kept, *map(str, words), "--json"])


def sides(stage: JointStage) -> list[str]:
    """Return what is compared."""
    assert stage.btc is not None
    assert stage.evm is not None
    nodes = [f"--node={stage.services['btc'].adapter.chain}={stage.btc.url}"]
    nodes.append(f"--node={stage.services['evm'].adapter.chain}={stage.evm.url}")
    key = stage.folder / "preparer.key"
    if not key.exists():
        new_key_file(key, "preparer", key=stage.keys[0])
    return [str(stage.journal), *nodes, "--prepared-by", "1", "--prepared-key", str(key)]


@pytest.mark.slow
def test_real_coins_and_bank_files_from_deposit_to_proof(
    btcd: Path, anvil: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chain = DevChain(anvil)
    with running_btcd(btcd, tmp_path) as btc:
        stage = JointStage(tmp_path, Venue, btc, chain, chain.deploy(TOKENS, "Plain", 10**12))
        stage.found()
        with stage.open():
            lived(stage)
            assert arrived(stage) == (COIN // 2, ETHER)
            assert [stage.balance(1, asset) for asset in (BTC, ETH, KZT)] == [
                (COIN // 2, 0),
                (3 * ETHER, 0),
                (1_000_000_000, 0),
            ]
            assert stage.balance(2, BTC)[0] == 4 * COIN
            assert stage.balance(2, KZT)[0] == 3_000_000_000 - 500_000_000
            for asset_id in (BTC, ETH, USDT):
                hot, cold = (stage.view.custody_minor(asset_id, place) for place in (HOT, COLD))
                assert cold * 100 >= 98 * (hot + cold) - 100, asset_id  # the floor of the policy

        # ---- reconciliation by one command, over the same folder
        capsys.readouterr()
        assert commanded(stage, tmp_path) == 0, capsys.readouterr()
        made = json.loads(capsys.readouterr().out.splitlines()[-1])
        assert {place["asset_id"] for place in made["places"]} == {BTC, ETH, USDT, KZT}
        for place in made["places"]:
            assert place["ledger_minor"] == place["book_minor"] == place["outside_minor"], place
        assert (made["missing"], made["funding"], set(made["items"])) == ([], [], {"matched"})
        theft(stage, tmp_path, capsys)
        proved(stage, tmp_path, capsys)
    assert verify(stage.journal).ok


def proved(stage: JointStage, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Everything that is owed lies there: proved by coins on chain, by the bank's statement, and by a replay."""
    with stage.open():
        seq = stage.sequencer.checkpoint().seq
        keys = {stage.address(name, wallet="cold"): SeedKeys(stage.seed_file, f"cold-{name}") for name in CHAINS}
    out, nodes = folder / "reserves.json", [each for each in sides(stage) if each.startswith("--node")]
    slot = ["--balance-slot", f"{stage.token}=0"]
    made = ["proof", "reserves", str(stage.journal), *nodes, "--at", str(seq), "--seed-file", str(stage.seed_file)]
    capsys.readouterr()
    assert main([*made, *slot, "--out", str(out), "--json"]) == 1  # the cold keys lie elsewhere
    waiting = json.loads(capsys.readouterr().out.splitlines()[-1])
    asked = json.loads(Path(waiting["sign"]).read_text())
    assert {each["address"] for each in asked} == set(keys)
    signed = {}
    for each in asked:
        holder = keys[each["address"]]
        where = each["chain"], each["address"]
        proof = prove(*where, each["message"], holder.public_key(0), partial(holder.sign, 0))
        signed["/".join(where)] = proof
    (folder / "control.json").write_text(json.dumps(signed))
    completing = ["--complete", str(out), "--control", str(folder / "control.json"), "--out", str(out)]
    assert main(["proof", "reserves", str(stage.journal), *completing]) == 0

    making = ["proof", "make", str(stage.journal), "--at", str(seq), "--reserves", str(out), "--account", "1"]
    assert main([*making, "--out", str(folder / "proofs")]) == 0
    report = folder / "proofs" / f"report-{seq}.json"
    capsys.readouterr()
    checking = ["proof", "verify", str(report), "--journal", str(stage.journal), "--from-height", "450"]
    assert main([*checking, *nodes, "--json"]) == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    owed = {BTC: 45 * COIN // 10, ETH: 3 * ETHER, USDT: 5_000 * 10**6, KZT: 3_500_000_000}
    for asset_id, minor in owed.items():
        shown = found["coverage"][str(asset_id)]
        assert (found["totals"][str(asset_id)], shown["faults"], shown["is_covered"]) == (str(minor), [], True)
        grade = "bank_message" if asset_id == KZT else "on_chain"
        assert int(shown["by_grade_minor"][grade]) == int(shown["reserves_minor"]) >= minor
    proof = folder / "proofs" / f"proof-{seq}-account-1.json"
    assert main(["proof", "verify", str(proof), "--account", "1", "--journal", str(stage.journal)]) == 0
    held = ["insolvency-file", str(stage.journal), "--at", str(seq), "--out", str(folder / "insolvency.jsonl")]
    assert main(held) == 0


def arrived(stage: JointStage) -> tuple[int, int]:
    """Return what the chains say that the destinations have."""
    assert stage.evm is not None
    assert stage.btc is not None
    ether = int(stage.evm.ask("eth_getBalance", THEIRS, "latest"), 16)
    found = 0
    adapter = stage.services["btc"].adapter
    for height in range(stage.start_of("btc"), adapter.height() + 1):
        block = adapter.changes(adapter.block(height), frozenset({destination(1)}), frozenset({"native"}))
        found += sum(each.amount_minor for each in block.arrivals)
    return found, ether


def theft(stage: JointStage, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An ether goes from cold storage: the next run stops ether in the engine, two people lift it when it is back."""
    assert stage.evm is not None
    with stage.open():
        cold = stage.address("evm", wallet="cold")
    before = int(stage.evm.ask("eth_getBalance", cold, "latest"), 16)
    stage.evm.ask("anvil_setBalance", cold, hex(before - ETHER))
    stage.mine_both()
    with stage.open():
        stage.round()
    key = folder / "watcher.key"
    new_key_file(key, "watcher", key=stage.keys[2])
    capsys.readouterr()
    assert commanded(stage, folder, "--officer", 3, "--key", key) == 1
    broken = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert [each["amount_minor"] for each in broken["funding"]] == [str(ETHER)]
    (place,) = [each for each in broken["places"] if each["is_break"]]
    assert (place["asset_id"], place["location"], place["difference_minor"]) == (ETH, "cold", str(-ETHER))
    with stage.open():
        asked = stage.record.ask(RequestWithdrawal(0, 1, ETH, 5, sha256(b"somewhere").digest()))
        number = asked.events[0].withdrawal_id
        approval = ApproveWithdrawal(0, 1, ETH, number, 5, sha256(b"somewhere").digest())
        assert stage.record.instruct_one(approval).reject_code  # balance_break: the asset stands still
        assert stage.view.breaks == {(ETH, 1, COLD)}
        stage.evm.ask("anvil_setBalance", cold, hex(before))
        stage.mine_both()
        stage.round()
    lifted(stage, folder, capsys)


def lifted(stage: JointStage, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The ether is back: the machine ends nothing, two people do with a reason, and the asset moves again."""
    assert commanded(stage, folder, "--officer", 3, "--key", folder / "watcher.key") == 0
    with stage.open():
        assert stage.view.breaks == {(ETH, 1, COLD)}
    reason = ["--reason", "the ether went to an address that was not entered yet, and is back"]
    where = ["--asset", "2", "--location", "cold", "--approved-by", "2", *reason]
    capsys.readouterr()
    assert main(["reconciliation", "lift", *sides(stage), *where, "--out", str(folder / "lift"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    (command,) = json.loads(Path(found["command"]).read_text())
    with stage.open():
        alone = stage.record.instruct_one(command_of(command))
        assert alone.reject_code == RejectCode.four_eyes_required
        stage.people(command_of(command))
        assert not stage.record.sync().breaks
