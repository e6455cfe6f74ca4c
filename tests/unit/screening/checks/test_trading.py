"""What simulated trades let the checks say, and what they do not: made-up storage proves no refusal."""

from __future__ import annotations

import pytest

from tarazy.screening.model import Answer, Simulation

from .subjects import answer, simulation, trade

PLAIN = "plain-modern/plain"
TRAP = "limit-sell-owner-only/vulnerable"  # in its code only the owner may send to a contract
BOUGHT = trade("buy")
REFUSED = (trade("sell", False), trade("sell_small", False), trade("sell_after_day", False))


def test_sales_refused_on_deployed_state_are_a_honeypot_with_the_trades_as_evidence() -> None:
    found = answer("honeypot", PLAIN, simulation("deployed", BOUGHT, *REFUSED))
    assert found.answer is Answer.YES
    assert [step.succeeded for step in found.evidence[0].trace] == [False, False, False]


def test_sales_refused_on_made_up_storage_are_unknown() -> None:
    assert answer("honeypot", PLAIN, simulation("synthetic", BOUGHT, *REFUSED)).answer is Answer.UNKNOWN


def test_one_sale_that_pays_is_no_honeypot() -> None:
    found = answer("honeypot", TRAP, simulation("deployed", BOUGHT, *REFUSED, trade("sell_after_week")))
    assert found.answer is Answer.NO


def test_sales_that_cost_more_than_half_are_a_honeypot() -> None:
    dear = simulation("forked", BOUGHT, trade("sell", tax_ppm=600_000), trade("sell_all", tax_ppm=990_000))
    assert answer("honeypot", PLAIN, dear).answer is Answer.YES


def test_sale_for_which_made_up_storage_was_changed_proves_nothing() -> None:
    opened = simulation("synthetic", BOUGHT, *REFUSED, trade("launch_gate"), trade("sell_opened"))
    assert answer("honeypot", PLAIN, opened).answer is Answer.UNKNOWN


@pytest.mark.parametrize(
    "simulated",
    [
        None,
        simulation("deployed", ran=False),
        simulation("deployed", trade("buy", False), trade("launch_gate", False)),
    ],
    ids=["no simulation", "no pool", "nobody can buy"],
)
def test_without_a_sale_honeypot_is_unknown_unless_the_code_shows_a_trap(simulated: Simulation | None) -> None:
    assert answer("honeypot", PLAIN, simulated).answer is Answer.UNKNOWN
    shown = answer("honeypot", TRAP, simulated)
    assert shown.answer is Answer.YES
    assert {evidence.kind for evidence in shown.evidence} == {"code"}


def test_trading_that_is_not_open_is_a_launch_gate_and_no_honeypot() -> None:
    shut = simulation("deployed", trade("buy", False), trade("launch_gate"), trade("buy_opened"), trade("sell"))
    gate = answer("launch_gate", "limit-trading-switch/benign", shut)
    assert (gate.answer, gate.bound) == (Answer.YES, "once; it cannot be closed again")
    assert answer("honeypot", "limit-trading-switch/benign", shut).answer is Answer.NO


def test_launch_gate_that_was_opened_is_none_and_without_state_unknown() -> None:
    assert answer("launch_gate", "limit-trading-switch/benign", simulation("forked", BOUGHT)).answer is Answer.NO
    for unread in (None, simulation("synthetic", BOUGHT)):
        assert answer("launch_gate", "limit-trading-switch/benign", unread).answer is Answer.UNKNOWN


@pytest.mark.parametrize(
    ("state", "bought", "expected"),
    [("deployed", False, Answer.YES), ("synthetic", False, Answer.UNKNOWN), ("synthetic", True, Answer.NO)],
)
def test_refused_purchase_counts_on_real_state_alone(state: str, bought: bool, expected: Answer) -> None:
    assert answer("cannot_buy", PLAIN, simulation(state, trade("buy", bought))).answer is expected


def test_condition_on_the_receiver_shows_in_the_code_that_nobody_buys() -> None:
    assert answer("cannot_buy", "cannot-buy/vulnerable").answer is Answer.YES
    assert answer("honeypot", "cannot-buy/vulnerable").answer is Answer.UNKNOWN


@pytest.mark.parametrize(
    ("half", "whole", "expected"),
    [(True, False, Answer.YES), (True, True, Answer.NO), (False, False, Answer.NO)],
)
def test_whole_balance_is_refused_only_where_a_part_is_sold(half: bool, whole: bool, expected: Answer) -> None:
    found = answer("cannot_sell_all", PLAIN, simulation("deployed", trade("sell", half), trade("sell_all", whole)))
    assert found.answer is expected


def test_transfer_that_takes_a_million_gas_is_gas_abuse() -> None:
    dear, usual = (simulation("deployed", trade("transfer", gas_used=gas)) for gas in (1_000_000, 90_000))
    assert answer("gas_abuse", PLAIN, dear).answer is Answer.YES
    assert answer("gas_abuse", PLAIN, usual).answer is Answer.NO
