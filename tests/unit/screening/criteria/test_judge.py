"""Verdicts on reports written by hand: what each kind of token is called, and why."""

from __future__ import annotations

import dataclasses
import datetime
from typing import Any

import pytest

from tarazy.chains.evm.facts import HolderShare, Ownership, PoolFacts
from tarazy.screening.criteria import Criteria, Waiver, in_force, judge, judge_all
from tarazy.screening.criteria.catalogue import CATALOGUE
from tarazy.screening.model import (
    Answer,
    Attack,
    Capability,
    Evidence,
    Finding,
    Holder,
    HolderKind,
    Report,
    SimulatedTrade,
    TraceStep,
    Verdict,
)

from ..reports import ANYONE, CODE, OWNER, TOKEN, capability, refused, report, simulated, trades

YES, NO, UNKNOWN = Answer.YES, Answer.NO, Answer.UNKNOWN
TODAY = datetime.date(2026, 11, 22)
HIDDEN = Holder(HolderKind.HIDDEN_OWNER, "storage 0x9")


def house() -> Criteria:
    """Return the house criteria but for the question of the market, which has a test of its own."""
    criteria = in_force("house", TODAY)
    return dataclasses.replace(criteria, weights={**criteria.weights, "market": "info"})


def verdict(*capabilities: Capability, **more: Any) -> Verdict:
    return judge(report(*capabilities, **more), house())


def finding(given: Verdict, criterion: str) -> Finding:
    return next(each for each in given.findings if each.criterion == criterion)


def test_token_without_powers_that_was_sold_is_clear() -> None:
    given = verdict()
    assert given.word == "clear"
    assert (given.criteria, given.criteria_date) == ("house", "2026-01-01")
    assert [each.criterion for each in given.findings] == list(CATALOGUE)


def test_every_finding_has_a_text_and_says_what_it_rests_on() -> None:
    for given in (verdict(), verdict(*(capability(name, UNKNOWN) for name in report().capabilities), simulation=None)):
        assert all(each.text and each.rests_on for each in given.findings)


def test_reputable_token_with_named_owner_is_caution_and_its_powers_are_named() -> None:
    given = verdict(
        capability("mint", YES, OWNER, guard="caller is owner", evidence=CODE),
        capability("pause", YES, OWNER, evidence=CODE),
        capability("blacklist", YES, OWNER, evidence=CODE),
        capability("balance_change", YES, OWNER, bound="only of addresses on the blacklist", evidence=CODE),
        capability("fee_change", YES, OWNER, bound="at most 0.2 %", evidence=CODE),
    )
    assert given.word == "caution"
    text = finding(given, "mint").text
    named = f"the owner ({OWNER.address}) can create supply by 0x40c10f19; guard: caller is owner; no bound"
    assert text.startswith(named)
    assert "bound: at most 0.2 %" in finding(given, "fee_change").text


@pytest.mark.parametrize("power", [c.name for c in CATALOGUE.values() if c.group == "power"])
def test_no_power_alone_makes_a_token_malicious(power: str) -> None:
    assert verdict(capability(power, YES, OWNER, evidence=CODE)).word in ("clear", "caution")


def test_all_powers_of_a_shown_owner_together_are_caution() -> None:
    given = [c.name for c in CATALOGUE.values() if c.group == "power" and c.name != "take_back_ownership"]
    assert verdict(*(capability(name, YES, OWNER, evidence=CODE) for name in given)).word == "caution"


@pytest.mark.parametrize("state", ["deployed", "forked"])
def test_sale_refused_after_a_purchase_is_malicious(state: str) -> None:
    given = verdict(capability("honeypot", YES), simulation=simulated(state, trades=refused()))
    assert (given.word, finding(given, "can_be_sold").outcome) == ("malicious", "fail")


def test_sale_refused_on_made_up_state_is_unknown() -> None:
    given = verdict(capability("honeypot", YES), simulation=simulated("synthetic", trades=refused()))
    assert (given.word, finding(given, "can_be_sold").outcome) == ("unknown", "unknown")


def test_sale_refused_before_trading_opened_is_unknown_not_malicious() -> None:
    gate = capability("launch_gate", YES, OWNER, evidence=CODE)
    given = verdict(capability("honeypot", YES), gate, simulation=simulated(trades=refused()))
    assert given.word == "unknown"
    assert "may not have opened" in finding(given, "can_be_sold").text


def test_refusal_of_purchase_and_sale_with_unknown_gate_is_unknown() -> None:
    both = (SimulatedTrade("buy", "v2", False), SimulatedTrade("sell", "v2", False))
    given = verdict(capability("honeypot", YES), capability("launch_gate", UNKNOWN), simulation=simulated(trades=both))
    assert given.word == "unknown"


def test_refusal_of_the_sale_alone_with_unknown_gate_is_malicious() -> None:
    refusal = simulated(trades=refused())
    assert (
        verdict(capability("honeypot", YES), capability("launch_gate", UNKNOWN), simulation=refusal).word == "malicious"
    )


def test_trap_written_in_the_code_is_malicious_on_any_state_and_before_launch() -> None:
    trap = capability("honeypot", YES, evidence=(Evidence("code", "only 0xabc may send to the pool", offset=0x2F),))
    given = verdict(trap, capability("launch_gate", YES, OWNER), simulation=simulated("synthetic", trades=refused()))
    assert given.word == "malicious"
    assert (
        finding(given, "trap_in_code").text == "the code refuses holders: only 0xabc may send to the pool (offset 0x2f)"
    )


def test_refused_sale_in_a_transaction_of_the_chain_is_malicious_without_simulation() -> None:
    seen = capability("honeypot", YES, evidence=(Evidence("transaction", "a sale reverted", transaction="0x1"),))
    assert verdict(seen, simulation=None).word == "malicious"


def test_no_honeypot_without_any_sale_seen_is_unknown() -> None:
    assert verdict(simulation=None).word == "unknown"
    assert verdict(simulation=simulated(ran=False, trades=())).word == "unknown"


def test_hidden_owner_who_rewrites_balances_is_malicious() -> None:
    hidden = capability("hidden_owner", YES, HIDDEN, evidence=CODE)
    assert verdict(hidden, capability("balance_change", YES, HIDDEN, evidence=CODE)).word == "malicious"


def test_hidden_owner_beside_an_owner_who_rewrites_balances_is_caution() -> None:
    hidden = capability("hidden_owner", YES, HIDDEN, evidence=CODE)
    assert verdict(hidden, capability("balance_change", YES, OWNER, evidence=CODE)).word == "caution"


def test_hidden_owner_with_rewriting_by_nobody_named_is_unknown() -> None:
    hidden = capability("hidden_owner", YES, HIDDEN, evidence=CODE)
    assert verdict(hidden, capability("balance_change", YES, evidence=CODE)).word == "unknown"


def test_ownership_regained_with_a_power_over_holders_is_malicious() -> None:
    regained = capability("take_back_ownership", YES, OWNER, evidence=CODE)
    assert verdict(regained).word == "caution"
    given = verdict(regained, capability("pause", YES, OWNER, evidence=CODE))
    assert given.word == "malicious"
    assert "stop all transfers" in finding(given, "regained_ownership").text
    assert verdict(regained, capability("pause", UNKNOWN)).word == "unknown"


@pytest.mark.parametrize(
    ("holder", "word"),
    [
        (OWNER, "caution"),
        (Holder(HolderKind.FIXED_ADDRESS, "0xabc in the code"), "caution"),
        (Holder(HolderKind.UNKNOWN), "unknown"),
        (ANYONE, "unknown"),  # read in the code alone; signatures and the like may stand in the way
        (HIDDEN, "unknown"),
    ],
)
def test_leak_that_was_read_weighs_by_who_can_use_it(holder: Holder, word: str) -> None:
    assert verdict(capability("leak", YES, holder, evidence=CODE)).word == word


@pytest.mark.parametrize("effect", ["takes_balance", "drains_pool", "gives_allowance"])
@pytest.mark.parametrize(
    ("actor", "state", "word"),
    [
        (HolderKind.ANYONE, "deployed", "malicious"),
        (HolderKind.ANYONE, "forked", "malicious"),
        (HolderKind.ANYONE, "synthetic", "unknown"),
        (HolderKind.OWNER, "deployed", "unknown"),
    ],
)
def test_leak_to_anyone_is_malicious_where_a_stranger_was_seen_to_use_it(
    effect: str, actor: HolderKind, state: str, word: str
) -> None:
    seen = simulated(state, attacks=(Attack(effect, actor, ("0x23b872dd",), ()),))
    assert verdict(capability("leak", YES, ANYONE, evidence=CODE), simulation=seen).word == word


def test_leak_to_anyone_that_happened_on_the_chain_is_malicious() -> None:
    seen = (Evidence("transaction", "tokens left without allowance", transaction="0x1"),)
    assert (
        verdict(capability("leak", YES, ANYONE, evidence=seen), simulation=simulated("synthetic")).word == "malicious"
    )


@pytest.mark.parametrize(
    ("tax_ppm", "state", "word"),
    [
        (100_000, "deployed", "clear"),
        (100_001, "deployed", "caution"),
        (500_000, "forked", "caution"),
        (500_001, "forked", "malicious"),
        (500_001, "synthetic", "unknown"),
        (100_000, "synthetic", "clear"),
    ],
)
def test_sell_tax_weighs_at_its_thresholds(tax_ppm: int, state: str, word: str) -> None:
    assert verdict(simulation=simulated(state, trades=trades(tax_ppm))).word == word


@pytest.mark.parametrize(
    ("state", "actor", "effect", "word"),
    [
        ("deployed", ANYONE, "makes_own", "malicious"),
        ("forked", ANYONE, "makes_own", "malicious"),
        ("deployed", ANYONE, "mints", "caution"),  # for somebody else, or a trifle: a reward
        ("deployed", OWNER, "makes_own", "caution"),
        ("synthetic", ANYONE, "makes_own", "unknown"),
    ],
)
def test_stranger_who_makes_himself_tokens_is_harm_where_it_was_seen(
    state: str, actor: Holder, effect: str, word: str
) -> None:
    mint = capability("mint", YES, actor, evidence=CODE)
    act = Attack(effect, actor.kind, ("0x40c10f19",), (TraceStep("x", "y", True, "z"),))
    given = verdict(mint, simulation=simulated(state, trades=trades(0), attacks=(act,)))
    assert given.word == word
    assert finding(given, "made_by_strangers").severity == "malicious"


def test_fake_token_is_malicious_and_unasked_chain_is_noted_or_unknown_as_the_file_says() -> None:
    fake = capability("impersonation", YES, evidence=(Evidence("table", "the true one is 0xdac1"),))
    assert verdict(fake, address=TOKEN, chain_id=1).word == "malicious"
    assert finding(verdict(), "fake_token").outcome == "noted"
    unasked = finding(verdict(fake), "fake_token")
    assert (unasked.outcome, "reason for impersonation yes" in unasked.text) == ("unknown", True)
    assert verdict(fake).word == "unknown"  # only a chain can say whether it is that token
    assert judge(report(), in_force("listing", TODAY)).word == "unknown"


def test_renounced_owner_leaves_a_power_noted_and_a_way_back_does_not() -> None:
    gone = Holder(HolderKind.OWNER, "storage 0x0", "0x" + "0" * 40)
    mint = capability("mint", YES, gone, evidence=CODE)
    assert verdict(mint).word == "clear"
    assert finding(verdict(mint), "mint").outcome == "noted"
    assert verdict(mint, capability("take_back_ownership", UNKNOWN)).word == "unknown"
    assert verdict(mint, capability("hidden_owner", YES, HIDDEN, evidence=CODE)).word == "caution"


@pytest.mark.parametrize("holder", [ANYONE, OWNER])
def test_burning_is_noted_because_that_of_others_would_be_a_leak(holder: Holder) -> None:
    given = verdict(capability("burn", YES, holder, evidence=CODE))
    assert (given.word, finding(given, "burn").outcome) == ("clear", "noted")


def test_restriction_that_the_code_makes_by_itself_weighs_though_nobody_holds_it() -> None:
    nobody = Holder(HolderKind.NOBODY)
    given = verdict(capability("limit", YES, nobody, evidence=CODE))
    assert given.word == "caution"
    assert finding(given, "limit").text.startswith("the code itself can restrict selling")
    assert verdict(capability("mint", YES, nobody, evidence=CODE)).word == "clear"


@pytest.mark.parametrize("scenario", ["sell_after_day", "sell_after_week", "sell_again_after_week"])
@pytest.mark.parametrize(
    ("state", "word"), [("deployed", "malicious"), ("forked", "malicious"), ("synthetic", "unknown")]
)
def test_sale_that_is_refused_later_is_malicious_on_state_that_somebody_made(
    scenario: str, state: str, word: str
) -> None:
    played = tuple(
        dataclasses.replace(each, succeeded=each.scenario != scenario, reason="too late")
        for each in (*trades(), SimulatedTrade("sell_again_after_week", "v2", True, tax_ppm=0))
    )
    given = verdict(simulation=simulated(state, trades=played))
    assert (given.word, finding(given, "sold_later").severity) == (word, "malicious")


def test_later_sale_that_was_not_simulated_is_unknown() -> None:
    assert verdict(simulation=simulated(trades=trades()[:4])).word == "unknown"


def test_hostile_owner_who_reached_something_is_named() -> None:
    attack = Attack("blocks_sell", HolderKind.OWNER, ("0x8456cb59",), ())
    given = verdict(simulation=simulated(attacks=(attack,)))
    assert given.word == "caution"
    assert finding(given, "hostile_owner").text == "between purchase and sale the owner could block sales"


def test_unfinished_search_of_a_hostile_owner_is_unknown() -> None:
    given = verdict(simulation=simulated(complete=False))
    assert (given.word, finding(given, "hostile_owner").outcome) == ("unknown", "unknown")


def test_capability_that_the_report_lacks_is_unknown() -> None:
    before = report()
    without = {name: each for name, each in before.capabilities.items() if name != "mint"}
    given = judge(report(capabilities=without), house())
    assert (given.word, finding(given, "mint").outcome) == ("unknown", "unknown")


def test_open_question_about_harm_is_not_covered_by_caution() -> None:
    mint = capability("mint", YES, OWNER, evidence=CODE)
    assert verdict(mint, capability("pause", UNKNOWN)).word == "caution"
    assert verdict(mint, capability("leak", UNKNOWN)).word == "unknown"


# ---------------------------------------------------------------- the market


def listed(pools: tuple[PoolFacts, ...] | None, holders: tuple[HolderShare, ...] = (), **more: Any) -> Report:
    plain = HolderShare("0x" + "01" * 20, 10**22, 10_000)
    ownership = Ownership(
        owner_address="", creator_address="0x" + "02" * 20, creator_balance=0, holders=holders or (plain,), pools=pools
    )
    return report(address=TOKEN, chain_id=1, ownership=ownership, is_open_source=True, **more)


def pool(*holders: HolderShare) -> PoolFacts:
    return PoolFacts("0x" + "99" * 20, "UniswapV2", "0x" + "cc" * 20, 10**21, 1000, holders)


SCREENED_S = 1_795_341_600  # 2026-11-22T10:00:00Z
YEAR_S = 365 * 86_400


@pytest.mark.parametrize(
    ("holder", "outcome"),
    [
        (HolderShare("0x" + "0" * 36 + "dead", 1000, 1_000_000), "pass"),
        (HolderShare("0x" + "77" * 20, 1000, 1_000_000, locks=((1000, 0, SCREENED_S + YEAR_S),)), "pass"),
        (HolderShare("0x" + "77" * 20, 1000, 1_000_000, locks=((1000, 0, SCREENED_S + YEAR_S - 1),)), "fail"),
        (HolderShare("0x" + "77" * 20, 1000, 1_000_000, locks=((900, 0, SCREENED_S + YEAR_S),)), "fail"),
        (HolderShare("0x" + "77" * 20, 1000, 1_000_000, is_locked=True), "unknown"),
        (HolderShare("0x" + "77" * 20, 1000, 1_000_000), "unknown"),
        (HolderShare("0x" + "77" * 20, 1000, 1_000_000, is_locked=False), "fail"),
        (HolderShare("0x" + "0" * 36 + "dead", 940, 940_000), "unknown"),
    ],
)
def test_liquidity_counts_as_locked_only_for_as_long_as_asked(holder: HolderShare, outcome: str) -> None:
    given = judge(listed((pool(holder),)), in_force("listing", TODAY))
    assert finding(given, "liquidity_lock").outcome == outcome


def test_unknown_pools_are_unknown_and_no_pool_passes() -> None:
    listing = in_force("listing", TODAY)
    assert finding(judge(listed(None), listing), "liquidity_lock").outcome == "unknown"
    assert finding(judge(listed(()), listing), "liquidity_lock").outcome == "pass"


def test_spread_token_with_burnt_liquidity_is_clear_for_listing() -> None:
    burnt = pool(HolderShare("0x" + "0" * 36 + "dead", 1000, 1_000_000))
    assert judge(listed((burnt,)), in_force("listing", TODAY)).word == "clear"


def test_concentrated_supply_fails_and_the_pool_does_not_count() -> None:
    listing = in_force("listing", TODAY)
    whale, inside = HolderShare("0x" + "05" * 20, 1, 500_001), HolderShare("0x" + "99" * 20, 1, 400_000)
    assert finding(judge(listed((pool(),), (inside,)), listing), "top_holders").outcome == "pass"
    assert finding(judge(listed((pool(),), (inside, whale)), listing), "top_holders").outcome == "fail"


def test_creator_with_more_than_allowed_fails() -> None:
    ownership = Ownership(creator_address="0x1", creator_balance=10**24 // 20 + 10**18)
    given = judge(report(ownership=ownership), in_force("listing", TODAY))
    assert finding(given, "creator_share").outcome == "fail"


def test_code_alone_is_never_clear_and_the_open_questions_are_named() -> None:
    given = judge(report(), in_force("house", TODAY))
    assert (given.word, given.deciding) == ("caution", ("market",))
    text = finding(given, "market").text
    assert "the pools and the locks" in text
    assert "the holders" in text
    assert given.next_step.startswith("Ask for pools, locks and holders")
    whole = listed((), (HolderShare("0x" + "05" * 20, 1, 1_000),))
    assert judge(whole, in_force("house", TODAY)).word == "clear"


def test_next_step_rejects_asks_or_lists_with_conditions() -> None:
    assert verdict(capability("mint", YES, OWNER, evidence=CODE)).next_step.startswith("List with conditions")
    assert verdict(capability("mint", UNKNOWN)).next_step.startswith("Ask the issuer")
    assert verdict(simulation=simulated(trades=trades(600_000))).next_step.startswith("Reject")


def test_market_is_shown_and_weighs_nothing_under_house_criteria() -> None:
    whale = (HolderShare("0x" + "05" * 20, 1, 900_000),)
    given = judge(listed(None, whale), house())
    assert given.word == "clear"
    assert finding(given, "top_holders").outcome == "noted"


# ---------------------------------------------------------------- side by side, waivers


def test_criteria_side_by_side_may_differ() -> None:
    taxed = report(simulation=simulated(trades=trades(200_000)))
    words = [v.word for v in judge_all(taxed, (house(), in_force("launchpad", TODAY)))]
    assert words == ["caution", "unknown"]


def waiver(**more: Any) -> Waiver:
    fields: dict[str, Any] = {
        "token": "0x" + "C0" * 32,
        "criterion": "mint",
        "by": "listing committee",
        "on": datetime.date(2026, 11, 1),
        "reason": "supply is bounded by contract law",
    }
    return Waiver(**fields | more)


def test_waived_power_is_noted_with_who_waived_it_and_what_it_was() -> None:
    given = judge(report(capability("mint", YES, OWNER, evidence=CODE)), house(), [waiver()])
    assert given.word == "clear"
    text = finding(given, "mint").text
    assert text.startswith("waived by listing committee on 2026-11-01: supply is bounded by contract law. Without")
    assert "create supply" in text


@pytest.mark.parametrize(
    "change",
    [
        {"on": datetime.date(2026, 11, 23)},
        {"until": datetime.date(2026, 11, 21)},
        {"criterion": "pause"},
        {"token": "0x" + "00" * 32},
        {"token": ""},
    ],
)
def test_waiver_of_another_day_criterion_or_token_does_nothing(change: dict[str, Any]) -> None:
    assert judge(report(capability("mint", YES, OWNER, evidence=CODE)), house(), [waiver(**change)]).word == "caution"


def test_shown_harm_cannot_be_waived() -> None:
    harm = report(capability("honeypot", YES), simulation=simulated(trades=refused()))
    given = judge(harm, house(), [waiver(criterion="can_be_sold")])
    assert given.word == "malicious"
    assert "does not cover shown harm" in finding(given, "can_be_sold").text


def test_open_question_can_be_waived() -> None:
    assert judge(report(capability("mint", UNKNOWN)), house(), [waiver()]).word == "clear"
