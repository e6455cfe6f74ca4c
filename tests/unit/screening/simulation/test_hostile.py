"""What a hostile owner can do to tokens of the corpus, and what he cannot do to their benign counterparts."""

from __future__ import annotations

import functools

import pytest

from tarazy.screening.model import Attack, HolderKind, Simulation
from tarazy.screening.simulation.scenario import simulate
from tarazy.screening.simulation.target import Limits

from . import tokens

LIMITS = Limits(seconds_max=120)
OWNER, ANYONE, ROLE = HolderKind.OWNER, HolderKind.ANYONE, HolderKind.ROLE
HIDDEN, ADMIN = HolderKind.HIDDEN_OWNER, HolderKind.PROXY_ADMIN


@functools.cache
def explored(name: str, side: str) -> Simulation:
    return simulate(tokens.deployed(name, side), tokens.facts(name, side), LIMITS)


def effects(seen: Simulation) -> set[tuple[str, HolderKind]]:
    return {(attack.effect, attack.actor) for attack in seen.attacks}


def attack(seen: Simulation, effect: str) -> Attack:
    return next(each for each in seen.attacks if each.effect == effect)


@pytest.mark.parametrize(
    ("name", "effect", "actor"),
    [
        ("limit-pause", "blocks_sell", OWNER),
        ("limit-pause", "blocks_transfer", OWNER),
        ("limit-blacklist", "blocks_sell", OWNER),
        ("limit-blacklist-silent", "blocks_sell", OWNER),
        ("limit-balance-bit", "blocks_sell", OWNER),
        ("limit-max-amount", "blocks_sell", OWNER),
        ("limit-max-wallet", "blocks_sell", OWNER),
        ("limit-min-hold", "blocks_sell", OWNER),
        ("limit-gas-price", "blocks_sell", OWNER),
        ("limit-holder-lock", "blocks_sell", OWNER),
        ("limit-external-guard", "blocks_sell", OWNER),
        ("limit-callback", "blocks_sell", OWNER),
        ("limit-fee-unbounded", "taxes_sell", OWNER),
        ("limit-rfi-fee", "taxes_sell", OWNER),
        ("fee-personal", "taxes_sell", OWNER),
        ("full-fee-token", "taxes_sell", OWNER),
        ("balance-rewrite", "takes_balance", OWNER),
        ("leak-owner-burn", "takes_balance", OWNER),
        ("leak-transfer-from-owner", "takes_balance", OWNER),
        ("leak-mover-role", "takes_balance", ROLE),
        ("leak-burn-from-anyone", "takes_balance", ANYONE),
        ("leak-burn-pool", "drains_pool", OWNER),
        ("leak-approve-for", "gives_allowance", OWNER),
        ("leak-permit", "gives_allowance", ANYONE),
        ("mint-lying-name", "mints", OWNER),
        ("mint-silent-credit", "mints", OWNER),
        ("mint-owner-overdraft", "mints", OWNER),
        ("mint-self-transfer", "mints", ANYONE),
        ("mint-magic-approve", "mints", ANYONE),
        ("mint-self-transfer", "makes_own", ANYONE),
        ("mint-magic-approve", "makes_own", ANYONE),
        ("mint-batch-overflow", "makes_own", ANYONE),
        ("mint-initialise-again", "makes_own", ANYONE),
        ("mint-role-uncapped", "mints", ROLE),
        ("mint-bridge", "mints", OWNER),
        ("hidden-owner-second", "mints", HIDDEN),
        ("privileged-withdraw", "withdraws_ether", OWNER),
        ("take-back-lock", "regains_ownership", OWNER),
        ("take-back-reclaim", "regains_ownership", OWNER),
        ("proxy-transparent", "replaces_code", ADMIN),
        ("proxy-uups", "replaces_code", OWNER),
    ],
)
def test_trap_is_shown_and_its_twin_is_not(name: str, effect: str, actor: HolderKind) -> None:
    vulnerable, benign = explored(name, "vulnerable"), explored(name, "benign")
    assert (effect, actor) in effects(vulnerable)
    if not (name == "mint-role-uncapped" and effect == "mints"):  # its twin mints too, up to a cap
        assert effect not in {each for each, _ in effects(benign)}
    assert vulnerable.complete
    assert benign.complete


@pytest.mark.parametrize(
    "name",
    "plain-modern plain-old plain-old-five plain-lean plain-packed plain-permit plain-multisend plain-snapshot"
    " plain-two-step-owner plain-vesting plain-votes plain-wrapper plain-rfi plain-fixed-fee plain-burn-own".split(),
)
def test_nothing_harmful_is_found_in_a_plain_token(name: str) -> None:
    seen = explored(name, "plain")
    assert seen.ran
    assert seen.attacks == ()
    assert seen.explored_calls > 50


def test_story_tells_who_did_what_to_whom() -> None:
    found = attack(explored("limit-blacklist", "vulnerable"), "blocks_sell")
    assert found.calls == ("0x3eb7ad4d",)
    assert [step.actor for step in found.trace] == ["trader", "owner", "trader"]
    bought, blocked, sold = found.trace
    assert bought.action.startswith("the trader buys for ")
    assert blocked.action == "the owner calls 0x3eb7ad4d(address,bool) with the trader, true"
    assert blocked.selector == "0x3eb7ad4d"
    assert blocked.calldata is not None
    assert blocked.calldata.startswith("0x3eb7ad4d")
    assert (blocked.gas_used or 0) > 21_000
    assert (sold.succeeded, sold.detail) == (False, "the sale reverts: barred")
    assert bought.time_s is not None
    assert sold.time_s is not None
    assert bought.time_s < sold.time_s


def test_tax_is_the_highest_that_the_owner_can_set() -> None:
    assert attack(explored("limit-fee-unbounded", "benign"), "raises_tax").tax_ppm == 50_000
    assert attack(explored("limit-sell-fee", "benign"), "raises_tax").tax_ppm == 100_000
    assert (attack(explored("limit-fee-unbounded", "vulnerable"), "taxes_sell").tax_ppm or 0) >= 990_000


def test_refusal_that_ends_by_itself_is_a_delay_and_no_block() -> None:
    seen = explored("limit-cooldown", "benign")
    assert {each.effect for each in seen.attacks} == {"delays_sell"}
    assert ("blocks_sell", OWNER) in effects(explored("limit-cooldown", "vulnerable"))


def test_two_calls_that_harm_only_together_are_found() -> None:
    found = attack(explored("leak-burn-pool", "vulnerable"), "drains_pool")
    assert len(found.calls) == 2
    assert len(found.trace) == 4


def test_appointed_account_is_shown_with_the_appointment_before_it() -> None:
    found = attack(explored("mint-bridge", "vulnerable"), "mints")
    assert found.actor is OWNER
    assert len(found.calls) == 2


def test_limit_on_calls_ends_the_search_and_says_so() -> None:
    facts = tokens.facts("limit-pause", "benign")
    seen = simulate(tokens.deployed("limit-pause", "benign"), facts, Limits(calls_max=40, seconds_max=60))
    assert not seen.complete
    assert seen.explored_calls <= 41
    assert "the search ended at the limit of 40 calls" in seen.reason


def test_limit_on_time_ends_the_search_and_says_so() -> None:
    facts = tokens.facts("limit-pause", "benign")
    seen = simulate(tokens.deployed("limit-pause", "benign"), facts, Limits(seconds_max=0.01))
    assert not seen.complete
    assert "the limit of 0.01 s" in seen.reason


def test_search_is_left_out_where_it_is_not_wanted() -> None:
    facts = tokens.facts("limit-pause", "vulnerable")
    seen = simulate(tokens.deployed("limit-pause", "vulnerable"), facts, Limits(hostile=False, seconds_max=60))
    assert (seen.attacks, seen.explored_calls) == ((), 0)


def test_owner_of_made_up_storage_is_found_hostile_too() -> None:
    seen = simulate(tokens.placed("limit-pause", "vulnerable"), tokens.facts("limit-pause", "vulnerable"), LIMITS)
    assert seen.state == "synthetic"
    assert ("blocks_sell", OWNER) in effects(seen)


def test_initialiser_on_made_up_storage_is_no_stolen_ownership() -> None:
    facts = tokens.facts("mint-initialise-again", "benign")
    seen = simulate(tokens.placed("mint-initialise-again", "benign"), facts, LIMITS)
    assert "takes_ownership" not in {each.effect for each in seen.attacks}


def test_pool_that_pays_out_what_was_bought_from_it_is_no_attacker() -> None:
    """The token compares the sender with its pool, which stands in a field as an owner would."""
    assert "drains_pool" not in {effect for effect, _ in effects(explored("full-fee-token", "benign"))}
