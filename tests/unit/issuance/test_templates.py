"""Templates on revm: what each does, what it cannot do, what its makers are refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from eth_abi.abi import encode
from eth_keys import keys
from hypothesis import given, settings
from hypothesis import strategies as st

from tarazy.chains.evm.code import keccak256
from tarazy.chains.evm.own_contracts import contract
from tarazy.issuance.errors import SafeTokenError
from tarazy.issuance.templates import TEMPLATES, prepare

from .stage import ANN, BEN, EVE, Placed, RefusedError, Stage

FOLDER = Path(__file__).resolve().parents[3] / "src/tarazy/chains/evm/own_contracts"
STANDARD = {"transfer", "transferFrom", "approve"}
# Everything of each template that can change state. A new function must be added here, seen by who reads it.
CHANGING = {
    "FixedToken": STANDARD,
    "BurnableToken": STANDARD | {"burn"},
    "FeeToken": STANDARD,
    "VotesToken": STANDARD | {"permit", "delegate", "delegateBySig"},
}
VALUES: dict[str, Any] = {"name": "Plain", "symbol": "PLN", "decimals": 18, "supply": 10**24, "holder": ANN}
FEE = {"fee_ppm": 20_000, "fee_receiver": EVE}


def values(template: str) -> dict[str, Any]:
    return VALUES | (FEE if template == "fee" else {})


@pytest.fixture
def stage() -> Stage:
    return Stage()


def made(stage: Stage, template: str) -> Placed:
    of = contract(TEMPLATES[template].contract)
    return stage.place(of, creation=prepare(template, values(template)))


@pytest.mark.parametrize("template", TEMPLATES)
def test_token_of_every_template_gives_the_whole_supply_to_the_holder(stage: Stage, template: str) -> None:
    token = made(stage, template)
    assert [token.ask(each) for each in ("name", "symbol", "decimals")] == ["Plain", "PLN", 18]
    assert token.ask("totalSupply") == token.ask("balanceOf", ANN) == 10**24


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=lambda template: template.name)
def test_template_has_no_entry_point_but_those_listed(template: Any) -> None:
    entries = [
        entry for entry in contract(template.contract).abi if entry["type"] in ("function", "fallback", "receive")
    ]
    changing = {entry.get("name") for entry in entries if entry["stateMutability"] not in ("view", "pure")}
    assert changing == CHANGING[template.contract]
    assert not [entry for entry in entries if entry["stateMutability"] == "payable"]


@pytest.mark.parametrize("template", TEMPLATES)
def test_code_of_a_template_has_no_call_out_and_no_end(template: str) -> None:
    from tarazy.chains.evm.code import Code

    found = {each.name for each in Code(contract(TEMPLATES[template].contract).runtime).instructions}
    out = {"CALL", "CALLCODE", "DELEGATECALL", "CREATE", "CREATE2", "SELFDESTRUCT", "ORIGIN", "COINBASE"}
    assert not found & (out if template == "votes" else out | {"STATICCALL", "TIMESTAMP", "NUMBER"})


@pytest.mark.parametrize("template", ["fixed", "burnable", "votes"])
def test_transfers_move_what_they_say(stage: Stage, template: str) -> None:
    token = made(stage, template)
    token.do(ANN, "transfer", BEN, 100)
    token.do(ANN, "transfer", ANN, 100)
    token.do(BEN, "approve", EVE, 30)
    token.do(EVE, "transferFrom", BEN, EVE, 20)
    assert [token.ask("balanceOf", each) for each in (ANN, BEN, EVE)] == [10**24 - 100, 80, 20]
    assert token.ask("allowance", BEN, EVE) == 10
    for call in (("transferFrom", BEN, EVE, 11), ("transfer", BEN, 10**24), ("transfer", "0x" + "0" * 40, 1)):
        with pytest.raises(RefusedError, match=r"InsufficientAllowance|InsufficientBalance|ZeroAddress"):
            token.do(EVE, *call)


def test_unlimited_approval_stays(stage: Stage) -> None:
    token = made(stage, "fixed")
    token.do(ANN, "approve", EVE, 2**256 - 1)
    token.do(EVE, "transferFrom", ANN, EVE, 5)
    assert token.ask("allowance", ANN, EVE) == 2**256 - 1


def test_burning_takes_own_tokens_only_and_lowers_the_supply(stage: Stage) -> None:
    token = made(stage, "burnable")
    token.do(ANN, "burn", 10**23)
    assert (token.ask("totalSupply"), token.ask("cap")) == (9 * 10**23, 10**24)
    with pytest.raises(RefusedError, match="InsufficientBalance"):
        token.do(EVE, "burn", 1)


@pytest.mark.parametrize(("amount", "fee"), [(10**6, 20_000), (49, 0), (50, 1), (99, 1), (0, 0)])
def test_fee_is_rounded_down_and_nobody_is_exempt(stage: Stage, amount: int, fee: int) -> None:
    token = made(stage, "fee")
    token.do(ANN, "transfer", BEN, amount)
    assert [token.ask("balanceOf", each) for each in (BEN, EVE)] == [amount - fee, fee]
    assert token.ask("totalSupply") == sum(token.ask("balanceOf", each) for each in (ANN, BEN, EVE))


def test_constructor_itself_refuses_a_fee_above_its_bound(stage: Stage) -> None:
    bound = stage.token("FeeToken", 10**24, 50_000, EVE).ask("FEE_PPM_MAX")
    with pytest.raises(RefusedError, match="FeeTooHigh"):
        stage.token("FeeToken", 10**24, bound + 1, EVE)
    with pytest.raises(RefusedError, match="ZeroAddress"):
        stage.token("FeeToken", 10**24, 1, "0x" + "0" * 40)
    with pytest.raises(RefusedError, match="SupplyTooLarge"):
        stage.token("FeeToken", 2**128, 1, EVE)
    with pytest.raises(RefusedError, match="ZeroSupply"):
        stage.token("FixedToken", 0)


def test_whole_supply_can_move_even_where_it_is_as_large_as_can_be(stage: Stage) -> None:
    for name, supply, more in (("FeeToken", 2**128 - 1, (50_000, EVE)), ("FixedToken", 2**256 - 1, ())):
        token = stage.token(name, supply, *more)
        token.do(ANN, "transfer", BEN, supply)
        assert token.ask("balanceOf", BEN) + token.ask("balanceOf", EVE) == supply


# ---------------------------------------------------------------- votes and signatures


def test_votes_follow_delegated_balances_and_keep_their_history(stage: Stage) -> None:
    token = made(stage, "votes")
    token.do(ANN, "delegate", ANN)
    first = stage.engine.block.number
    stage.pass_time(120)
    token.do(ANN, "transfer", BEN, 10**23)
    token.do(BEN, "delegate", EVE)
    second = stage.engine.block.number
    stage.pass_time(120)
    assert [token.ask("getVotes", each) for each in (ANN, BEN, EVE)] == [9 * 10**23, 0, 10**23]
    past = [token.ask("getPastVotes", ANN, number) for number in (first - 1, first, second - 1, second)]
    assert past == [0, 10**24, 10**24, 9 * 10**23]
    assert token.ask("getPastTotalSupply", first) == 10**24
    with pytest.raises(RefusedError, match="FutureLookup"):
        token.ask("getPastVotes", ANN, stage.engine.block.number)


ACCOUNTS = (ANN, BEN, EVE)
ACTS = st.lists(
    st.tuples(
        st.sampled_from(["delegate", "transfer", "wait"]),
        st.sampled_from(ACCOUNTS),
        st.sampled_from([*ACCOUNTS, "0x" + "0" * 40]),
        st.integers(0, 10**24),
    ),
    max_size=20,
)


@settings(max_examples=40, deadline=None)
@given(ACTS)
def test_votes_are_the_balances_of_those_who_delegated_whatever_is_done(acts: list[tuple[str, str, str, int]]) -> None:
    stage = Stage()
    token = stage.token("VotesToken")
    past: list[tuple[int, dict[str, int]]] = []
    for act, sender, other, amount in acts:
        if act == "wait":
            past.append((stage.engine.block.number, {each: token.ask("getVotes", each) for each in ACCOUNTS}))
            stage.pass_time(12)
        elif act == "delegate":
            token.do(sender, "delegate", other)
        else:
            token.attempt(sender, "transfer", other, amount)
        for each in ACCOUNTS:
            behind = [holder for holder in ACCOUNTS if token.ask("delegates", holder) == each]
            assert token.ask("getVotes", each) == sum(token.ask("balanceOf", holder) for holder in behind)
    for number, votes in past:
        assert {each: token.ask("getPastVotes", each, number) for each in ACCOUNTS} == votes


KEY = keys.PrivateKey(b"\x07" * 32)
SIGNER = KEY.public_key.to_address()


def signature(token: Placed, kind: str, types: list[str], *content: Any) -> tuple[int, bytes, bytes]:
    struct = keccak256(encode(["bytes32", *types], [keccak256(kind.encode()), *content]))
    signed = KEY.sign_msg_hash(keccak256(b"\x19\x01" + token.ask("DOMAIN_SEPARATOR") + struct))
    return signed.v + 27, signed.r.to_bytes(32, "big"), signed.s.to_bytes(32, "big")


def permit(token: Placed, spender: str, amount: int, nonce: int, deadline: int) -> tuple[int, bytes, bytes]:
    kind = "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
    types = ["address", "address", "uint256", "uint256", "uint256"]
    return signature(token, kind, types, SIGNER, spender, amount, nonce, deadline)


def test_signed_approval_works_once_until_its_deadline_and_for_its_signer_only(stage: Stage) -> None:
    token, deadline = made(stage, "votes"), stage.now + 60
    signed = permit(token, BEN, 500, 0, deadline)
    for wrong in ((SIGNER, BEN, 501), (ANN, BEN, 500), (SIGNER, EVE, 500)):
        with pytest.raises(RefusedError, match="SignatureWrong"):
            token.do(EVE, "permit", *wrong, deadline, *signed)
    token.do(EVE, "permit", SIGNER, BEN, 500, deadline, *signed)
    assert token.ask("allowance", SIGNER, BEN) == 500
    with pytest.raises(RefusedError, match="SignatureWrong"):
        token.do(EVE, "permit", SIGNER, BEN, 500, deadline, *signed)
    late = permit(token, BEN, 1, 1, deadline)
    stage.pass_time(61)
    with pytest.raises(RefusedError, match="SignatureExpired"):
        token.do(EVE, "permit", SIGNER, BEN, 1, deadline, *late)


def test_other_form_of_a_signature_and_the_zero_address_are_refused(stage: Stage) -> None:
    token, deadline = made(stage, "votes"), stage.now + 60
    v, r, s = permit(token, BEN, 500, 0, deadline)
    order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
    twin = (55 - v, r, (order - int.from_bytes(s, "big")).to_bytes(32, "big"))
    with pytest.raises(RefusedError, match="SignatureWrong"):
        token.do(EVE, "permit", SIGNER, BEN, 500, deadline, *twin)
    with pytest.raises(RefusedError, match="SignatureWrong"):
        token.do(EVE, "permit", "0x" + "0" * 40, BEN, 500, deadline, 0, r, s)


def test_signed_delegation_works_once(stage: Stage) -> None:
    token, expiry = made(stage, "votes"), stage.now + 60
    token.do(ANN, "transfer", SIGNER, 900)
    kind = "Delegation(address delegatee,uint256 nonce,uint256 expiry)"
    signed = signature(token, kind, ["address", "uint256", "uint256"], BEN, 0, expiry)
    token.do(EVE, "delegateBySig", BEN, 0, expiry, *signed)
    assert token.ask("getVotes", BEN) == 900
    with pytest.raises(RefusedError, match="SignatureWrong"):
        token.do(EVE, "delegateBySig", BEN, 0, expiry, *signed)


# ---------------------------------------------------------------- what is refused in words


@pytest.mark.parametrize(
    ("template", "change", "message"),
    [
        ("proxy", {}, "template: expected one of fixed, burnable, fee, votes, found 'proxy'"),
        ("fixed", {"supply": 0}, "supply: expected a whole number from 1 to"),
        ("fixed", {"supply": "1.5"}, "supply: expected a whole number from 1 to"),
        ("fixed", {"supply": True}, "supply: expected a whole number"),
        ("votes", {"supply": 2**208}, "supply: expected a whole number from 1 to"),
        ("fixed", {"decimals": 19}, "decimals: expected a whole number from 0 to 18, found 19"),
        ("fixed", {"name": " "}, "name: expected a printable text of 1 to 64 characters"),
        ("fixed", {"symbol": "USD\u202e"}, "symbol: expected a printable text of 1 to 16 characters"),
        ("fixed", {"symbol": "A" * 17}, "symbol: expected a printable text of 1 to 16 characters"),
        ("fixed", {"holder": "0x" + "0" * 40}, "holder: expected an address of 0x and 40 digits, not zero"),
        ("fixed", {"holder": "ann"}, "holder: expected an address of 0x and 40 digits, not zero, found 'ann'"),
        ("fixed", {"fee_ppm": 1}, "template fixed: expected exactly name, symbol, decimals, supply, holder"),
        ("fee", {"fee_ppm": 50_001}, "fee_ppm: expected a whole number from 0 to 50000, found 50001"),
    ],
)
def test_value_outside_its_bounds_is_refused_by_name(template: str, change: dict[str, Any], message: str) -> None:
    with pytest.raises(SafeTokenError) as caught:
        prepare(template, values(template) | change)
    assert message in str(caught.value)


def test_numbers_may_be_given_as_text() -> None:
    assert prepare("fixed", VALUES | {"supply": str(10**24)}) == prepare("fixed", VALUES)
