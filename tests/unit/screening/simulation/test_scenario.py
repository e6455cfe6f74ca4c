"""One token through all that a simulation does, on tokens of the corpus."""

from __future__ import annotations

import dataclasses
import time

import pytest

from tarazy.screening.bytecode.facts import analyse
from tarazy.screening.model import SimulatedTrade, Simulation
from tarazy.screening.simulation.actors import BYSTANDER, OWNER, fund
from tarazy.screening.simulation.constructors import SUPPLY, deploy
from tarazy.screening.simulation.engines import load_engine
from tarazy.screening.simulation.scenario import simulate
from tarazy.screening.simulation.target import Limits, Target
from tarazy.screening.simulation.venues import VENUES

from . import tokens
from .assembler import RETURN_WORD, assemble
from .assembler import creation as creation_of

TRADES_ONLY = Limits(hostile=False, seconds_max=60)
SALES = (
    "sell",
    "sell_again",
    "sell_all",
    "sell_small",
    "sell_large",
    "sell_fresh",
    "sell_after_day",
    "sell_after_week",
)


def run(name: str, side: str) -> Simulation:
    return simulate(tokens.deployed(name, side), tokens.facts(name, side), TRADES_ONLY)


def trade(seen: Simulation, scenario: str, pool: str = "v2") -> SimulatedTrade:
    return next(each for each in seen.trades if (each.scenario, each.pool) == (scenario, pool))


def failed(seen: Simulation) -> set[str]:
    return {each.scenario for each in seen.trades if not each.succeeded and each.pool == "v2"}


def test_plain_token_is_bought_sent_and_sold_in_every_way_without_tax() -> None:
    seen = run("plain-modern", "plain")
    assert (seen.ran, seen.state, seen.complete, seen.reason) == (True, "deployed", True, "")
    assert {each.scenario for each in seen.trades if each.pool == "v2"} == {
        *("buy", "buy_again", "buy_large", "transfer"),
        *SALES,
    }
    assert {each.scenario for each in seen.trades if each.pool == "v3"} == {"buy", "sell"}
    assert all(each.succeeded and each.tax_ppm == 0 for each in seen.trades)


def test_amounts_follow_the_constant_product() -> None:
    seen = run("plain-modern", "plain")
    tokens_in_pool, ether = 500_000 * 10**18, 100 * 10**18
    paid = ether // 100
    expected = paid * 997 * tokens_in_pool // (ether * 1_000 + paid * 997)
    assert (trade(seen, "buy").amount_in, trade(seen, "buy").amount_out) == (paid, expected)
    sold = expected // 2
    left, into = tokens_in_pool - expected, ether + paid
    assert trade(seen, "sell").amount_in == sold
    assert trade(seen, "sell").amount_out == sold * 997 * into // (left * 1_000 + sold * 997)


@pytest.mark.parametrize(
    ("name", "side", "taxes"),
    [
        ("limit-fee-unbounded", "benign", {"buy": 20_000, "sell": 20_000, "transfer": 20_000}),
        ("limit-sell-fee", "vulnerable", {"buy": 0, "sell": 30_000, "transfer": 0}),
        ("plain-fixed-fee", "plain", {"buy": 10_000, "sell": 10_000, "transfer": 10_000}),
    ],
)
def test_tax_is_read_to_the_part_per_million(name: str, side: str, taxes: dict[str, int]) -> None:
    seen = run(name, side)
    assert {scenario: trade(seen, scenario).tax_ppm for scenario in taxes} == taxes


def test_taxed_token_cannot_be_sold_where_the_pool_wants_the_whole_amount() -> None:
    sold = trade(run("limit-sell-fee", "vulnerable"), "sell", "v3")
    assert not sold.succeeded
    assert sold.reason.startswith("IIA: the pool did not receive the whole amount")


@pytest.mark.parametrize(
    ("name", "side", "expected"),
    [
        ("limit-sell-owner-only", "vulnerable", {*SALES, "sell_after_hour"}),
        ("limit-sell-owner-only", "benign", set()),
        ("limit-whitelist-only", "vulnerable", {*SALES, "sell_after_hour"}),
        ("cannot-sell-all", "vulnerable", {"sell_all", "sell_fresh"}),
        ("cannot-sell-all", "benign", set()),
        ("limit-time-bomb", "vulnerable", {"sell_after_day", "sell_after_week"}),
        ("limit-time-bomb", "benign", set()),
        ("limit-sell-once", "vulnerable", {"sell_again", "sell_again_after_week"}),
        ("limit-cooldown", "benign", {"sell_again"}),
        ("limit-max-amount", "vulnerable", {"buy_large", "sell_large"}),
    ],
)
def test_refused_trades_are_those_that_the_trap_refuses(name: str, side: str, expected: set[str]) -> None:
    assert failed(run(name, side)) == expected


def test_refusal_keeps_the_reason_of_the_token() -> None:
    assert trade(run("limit-sell-owner-only", "vulnerable"), "sell").reason == "not to contracts"


def test_code_that_watches_for_simulation_is_seen_to_refuse() -> None:
    refused = failed(run("limit-coinbase", "vulnerable"))
    assert {"sell", "sell_all"} <= refused


def test_launch_gate_is_opened_by_the_owner_and_told_apart_from_a_trap() -> None:
    seen = run("limit-trading-switch", "benign")
    assert (trade(seen, "buy").succeeded, trade(seen, "buy").reason) == (False, "not open")
    assert trade(seen, "launch_gate").reason == "trading opened when the owner calls openTrading()"
    assert trade(seen, "buy_opened").succeeded
    assert trade(seen, "sell").succeeded


def test_launch_gate_that_wants_pool_and_router_is_opened() -> None:
    gate = trade(run("full-fee-token", "benign"), "launch_gate")
    assert gate.reason.endswith("with the pool, the router")


def test_window_after_the_launch_is_waited_for() -> None:
    seen = run("limit-antibot-window", "benign")
    assert trade(seen, "launch_gate").reason == "trading opened by itself within an hour"


def test_purchase_that_nothing_opens_is_left_refused() -> None:
    seen = run("cannot-buy", "vulnerable")
    assert not trade(seen, "launch_gate").succeeded
    assert seen.reason == "the purchase reverts: not from contracts"
    assert not any(each.scenario.startswith("sell") for each in seen.trades)


def test_token_without_a_first_supply_is_minted_or_wrapped_first() -> None:
    seen = run("plain-wrapper", "plain")
    assert "there were no tokens until the owner calls deposit()" in trade(seen, "launch_gate").reason
    assert trade(seen, "sell").succeeded


@pytest.mark.parametrize(
    "name", ["plain-modern", "plain-old", "plain-packed", "plain-lean", "plain-safe", "plain-votes"]
)
def test_runtime_code_alone_is_traded_on_made_up_storage(name: str) -> None:
    seen = simulate(tokens.placed(name, "plain"), tokens.facts(name, "plain"), TRADES_ONLY)
    assert (seen.state, seen.ran) == ("synthetic", True)
    assert trade(seen, "buy").succeeded
    assert trade(seen, "sell").succeeded


class NoLayout:
    """Facts that found no layout, so that every slot must be found by asking."""

    balances = total_supply = None
    balances_style = "solidity"
    owners: tuple[tuple[int, int], ...] = ()


@pytest.mark.parametrize("name", ["plain-modern", "plain-old", "plain-packed", "plain-rfi"])
def test_balances_are_found_by_asking_where_static_reading_found_no_layout(name: str) -> None:
    @dataclasses.dataclass
    class Blind:
        entry_points = ()
        layout = NoLayout()

    seen = simulate(tokens.placed(name, "plain"), Blind(), TRADES_ONLY)  # type: ignore[arg-type]
    assert trade(seen, "sell").succeeded, seen.reason


def test_made_up_state_is_opened_by_the_owners_call_and_says_so() -> None:
    seen = simulate(
        tokens.placed("limit-trading-switch", "benign"), tokens.facts("limit-trading-switch", "benign"), TRADES_ONLY
    )
    assert seen.state == "synthetic"
    assert "openTrading()" in trade(seen, "launch_gate").reason


def test_made_up_state_is_opened_by_a_variable_where_no_call_does() -> None:
    plain = tokens.runtime("plain-lean", "plain")
    seen = simulate(Target(runtime=gated(plain)), analyse(plain), TRADES_ONLY)
    assert "storage 0x9 was set, which was made up as zero" in trade(seen, "launch_gate").reason
    assert trade(seen, "sell").succeeded


def gated(code: bytes) -> bytes:
    """Return code whose transfers revert while slot 9 is zero, which nothing writes."""
    front = (
        "PUSH0 CALLDATALOAD PUSH1 224 SHR DUP1 PUSH4 0xa9059cbb EQ SWAP1 PUSH4 0x23b872dd EQ OR ISZERO @rest JUMPI"
        " PUSH1 9 SLOAD @rest JUMPI PUSH0 PUSH0 REVERT rest:"
    )
    return relocated(code, assemble(front))


def relocated(code: bytes, front: bytes) -> bytes:
    """Return code behind a front, with its jumps moved: every pushed place of a JUMPDEST grows by the front."""
    places, at = set[int](), 0
    while at < len(code):
        if code[at] == 0x5B:
            places.add(at)
        at += 1 + (code[at] - 0x5F if 0x60 <= code[at] <= 0x7F else 0)
    moved, at = bytearray(code), 0
    while at < len(code):
        size = code[at] - 0x5F if 0x60 <= code[at] <= 0x7F else 0
        operand = int.from_bytes(code[at + 1 : at + 1 + size], "big")
        if size == 2 and operand in places:
            moved[at + 1 : at + 3] = (operand + len(front)).to_bytes(2, "big")
        at += 1 + size
    return front + bytes(moved)


def test_contract_that_is_no_token_is_said_not_to_trade() -> None:
    code = assemble("PUSH1 1" + RETURN_WORD)
    seen = simulate(Target(runtime=code), analyse(code), TRADES_ONLY)
    assert not seen.ran
    assert seen.reason


def test_empty_code_and_noise_end_with_a_reason() -> None:
    for code in (b"", bytes(range(256)) * 96, b"\xfe" * 24_576):
        seen = simulate(Target(runtime=code), analyse(code), TRADES_ONLY)
        assert (seen.ran, seen.trades) == (False, ())
        assert seen.reason


def test_constructor_that_refuses_is_told() -> None:
    seen = simulate(Target(creation=assemble("PUSH0 PUSH0 REVERT")), analyse(b""), TRADES_ONLY)
    assert (seen.ran, seen.reason) == (False, "the constructor reverted: reverted without a reason")


def test_token_of_loops_ends_within_its_limits() -> None:
    loop = assemble("loop: @loop JUMP")
    seen = simulate(Target(runtime=loop), analyse(loop), Limits(seconds_max=5))
    assert not seen.ran
    assert seen.seconds < 10


@pytest.mark.parametrize("bomb", ["loop: @loop JUMP", "loop: PUSH3 0xfffff MLOAD POP GAS MLOAD @loop JUMP"])
def test_token_whose_transfers_are_bombs_is_bounded_in_time(bomb: str) -> None:
    plain = tokens.runtime("plain-lean", "plain")
    front = (
        "PUSH0 CALLDATALOAD PUSH1 224 SHR DUP1 PUSH4 0xa9059cbb EQ SWAP1 PUSH4 0x23b872dd EQ OR ISZERO @rest JUMPI"
        f" {bomb} rest:"
    )
    code = relocated(plain, assemble(front))
    begin = time.monotonic()
    seen = simulate(Target(runtime=code), tokens.facts("plain-lean", "plain"), Limits(seconds_max=2))
    assert time.monotonic() - begin < 12
    assert not any(each.succeeded for each in seen.trades if each.scenario == "buy")
    assert not seen.complete or "refused" in seen.reason


def test_constructor_arguments_are_guessed_until_there_is_a_supply() -> None:
    engine = load_engine("revm")
    fund(engine, OWNER, BYSTANDER)
    runtime = assemble("PUSH0 SLOAD" + RETURN_WORD)  # answers its supply whatever it is asked
    store = assemble("PUSH1 32 PUSH2 0 PUSH0 CODECOPY PUSH0 MLOAD PUSH0 SSTORE")
    size = len(store) + len(creation_of(runtime))
    # the third word behind the code is the supply, as in (string, string, uint256)
    store = assemble(f"PUSH1 32 PUSH2 {size + 64} PUSH0 CODECOPY PUSH0 MLOAD PUSH0 SSTORE")
    head = assemble(f"PUSH2 {len(runtime)} DUP1 PUSH1 {len(store) + 12} PUSH0 CODECOPY PUSH0 RETURN").ljust(12, b"\0")
    done = deploy(engine, store + head + runtime, None, VENUES[0].router)
    assert done.created is not None
    assert engine.storage(done.created, 0) == SUPPLY


def test_target_wants_exactly_one_thing() -> None:
    with pytest.raises(ValueError, match="expected one of runtime, creation and rpc_url, found none"):
        Target()
    with pytest.raises(ValueError, match="found runtime and creation"):
        Target(runtime=b"", creation=b"")
    with pytest.raises(ValueError, match="expected an address with rpc_url, found none"):
        Target(rpc_url="http://127.0.0.1:1")


def test_same_token_gives_the_same_simulation() -> None:
    first, second = (
        simulate(
            tokens.deployed("limit-blacklist", "vulnerable"),
            tokens.facts("limit-blacklist", "vulnerable"),
            Limits(seconds_max=60),
        )
        for _ in range(2)
    )
    assert dataclasses.replace(first, seconds=0) == dataclasses.replace(second, seconds=0)
