"""A shown attack makes a yes, with its trace; made-up storage and side effects of other powers make none."""

from __future__ import annotations

import pytest

from tarazy.screening.model import Answer, HolderKind

from .subjects import answer, attack, simulation, trade

PLAIN = "plain-modern/plain"


@pytest.mark.parametrize(
    ("check", "effect"),
    [
        ("mint", "mints"),
        ("leak", "gives_allowance"),
        ("leak", "drains_pool"),
        ("limit", "blocks_sell"),
        ("limit", "blocks_transfer"),
        ("limit", "taxes_sell"),
        ("balance_change", "takes_balance"),
        ("approval_abuse", "gives_allowance"),
        ("privileged_withdraw", "withdraws_ether"),
        ("take_back_ownership", "takes_ownership"),
        ("fee", "raises_tax"),
        ("fee_change", "taxes_sell"),
    ],
)
def test_attack_on_deployed_state_makes_a_yes_with_its_trace(check: str, effect: str) -> None:
    assert answer(check, PLAIN).answer is Answer.NO
    found = answer(check, PLAIN, simulation("deployed", trade("buy"), attacks=(attack(effect),)))
    assert (found.answer, found.evidence[0].kind) == (Answer.YES, "trace")
    assert found.evidence[0].trace
    assert found.holders[0].kind is HolderKind.OWNER


def test_attack_is_added_to_the_evidence_of_a_yes_that_the_code_gives() -> None:
    found = answer("mint", "mint-lying-name/vulnerable", simulation("synthetic", attacks=(attack("mints"),)))
    assert [evidence.kind for evidence in found.evidence] == ["code", "trace"]


def test_attack_on_made_up_storage_does_not_overrule_the_code() -> None:
    found = answer("limit", PLAIN, simulation("synthetic", trade("buy"), attacks=(attack("blocks_sell"),)))
    assert found.answer is Answer.NO


def test_attack_on_made_up_storage_decides_where_the_code_is_unclear() -> None:
    proxied = "proxy-transparent/vulnerable"
    assert answer("limit", proxied).answer is Answer.UNKNOWN
    assert answer("limit", proxied, simulation("synthetic", attacks=(attack("blocks_sell"),))).answer is Answer.YES


def test_what_anyone_does_on_made_up_storage_proves_nothing() -> None:
    by_anyone = simulation("synthetic", attacks=(attack("mints", actor=HolderKind.ANYONE),))
    assert answer("mint", "proxy-transparent/vulnerable", by_anyone).answer is Answer.UNKNOWN


def test_sale_refused_because_the_tokens_are_gone_is_no_restriction() -> None:
    gone = (attack("takes_balance", "0x22222222"), attack("blocks_sell", "0x22222222"))
    found = simulation("deployed", trade("buy"), attacks=gone)
    assert answer("limit", PLAIN, found).answer is Answer.NO
    assert answer("balance_change", PLAIN, found).answer is Answer.YES


def test_balance_taken_by_a_privileged_account_is_no_leak_and_by_anyone_is_one() -> None:
    for actor, expected in ((HolderKind.OWNER, Answer.NO), (HolderKind.ANYONE, Answer.YES)):
        taken = simulation("deployed", attacks=(attack("takes_balance", actor=actor),))
        assert answer("leak", PLAIN, taken).answer is expected
