"""Rug pulls, addresses, approvals, locks, calls: types as the official SDK declares them, and unknown kept apart."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tarazy.chains.evm.facts import Ownership
from tarazy.chains.evm.locks import PositionLock, TokenLock
from tarazy.screening.api.goplus.address import CreatorRecord, address_security
from tarazy.screening.api.goplus.approval import Spender, approval_security, nft_approvals, token_approvals
from tarazy.screening.api.goplus.chains import supported_chains
from tarazy.screening.api.goplus.input_decode import input_decode
from tarazy.screening.api.goplus.lockers import page, position_lock, position_page, token_lock
from tarazy.screening.api.goplus.rugpull import rugpull
from tarazy.screening.api.goplus.transaction import not_simulated, transaction_simulation, with_suspicious
from tarazy.screening.model import Answer, Verdict
from tarazy.screening.service.approvals import ApprovedToken, OpenApproval
from tarazy.screening.service.decoding import decode_call
from tarazy.screening.simulation.events import DecodedEvent
from tarazy.screening.simulation.measure import AllowanceChange, BalanceDelta
from tarazy.screening.simulation.risks import Risk
from tarazy.screening.simulation.transaction import TransactionOutcome

from .examples import OWNER, TOKEN, report, wrong_types

MALICIOUS = Verdict("malicious", "house", "2026-11-01")


@pytest.mark.parametrize(("answer", "number"), [(Answer.YES, 1), (Answer.NO, 0), (Answer.UNKNOWN, -1)])
def test_rugpull_answers_numbers_and_minus_one_for_unknown(answer: Answer, number: int) -> None:
    result = rugpull(report(answer))
    assert wrong_types(result, "GetDefiInfoResponseResult") == []
    for key in ("is_proxy", "privilege_withdraw", "approval_abuse", "blacklist", "selfdestruct"):
        assert result[key] == number, key
    assert result["withdraw_missing"] == -1


@pytest.mark.parametrize(
    ("owner", "has_code", "kind"),
    [
        (OWNER, True, "contract"),
        (OWNER, False, "eoa"),
        (OWNER, None, None),
        ("0x" + "0" * 40, None, "blackhole"),
        ("", None, None),
        (None, None, None),
    ],
)
def test_rugpull_says_what_kind_of_account_the_owner_is(owner: str, has_code: bool, kind: str) -> None:
    result = rugpull(report(ownership=Ownership(owner_address=owner)), has_code)
    assert (result["owner"]["owner_address"], result["owner"]["owner_type"]) == (owner, kind)


def test_rugpull_of_closed_source_is_zero_and_of_unknown_source_minus_one() -> None:
    assert rugpull(report(is_open_source=False))["is_open_source"] == 0
    assert rugpull(report(is_open_source=None))["is_open_source"] == -1


def test_address_without_lists_and_screenings_has_no_accusations_and_no_acquittals() -> None:
    result = address_security({}, (), None, None, None)
    assert result == {"data_source": ""}


def test_address_on_lists_and_with_screenings_has_text_values() -> None:
    result = address_security(
        {"sanctioned": True, "mixer": False},
        ("list of today", "own screenings"),
        True,
        report(caps={"gas_abuse": Answer.YES, "honeypot": Answer.YES}),
        CreatorRecord(3, 2, 1),
    )
    assert wrong_types(result, "ResponseWrapperAddressContractResult") == []
    assert (result["sanctioned"], result["mixer"], result["contract_address"]) == ("1", "0", "1")
    assert (result["gas_abuse"], result["honeypot_related_address"]) == ("1", "1")
    assert result["number_of_malicious_contracts_created"] == "2"
    assert result["data_source"] == "list of today, own screenings"
    assert "cybercrime" not in result


def test_list_that_acquits_does_not_outweigh_a_screening_that_accuses() -> None:
    result = address_security({"fake_token": False}, (), True, report(caps={"impersonation": Answer.YES}), None)
    assert result["fake_token"] == "1"


def test_spender_without_code_has_null_for_what_only_contracts_have() -> None:
    result = approval_security(Spender(TOKEN, False))
    assert wrong_types(result, "ContractApproveResponse") == []
    assert result["is_contract"] == 0
    assert [result[key] for key in ("is_open_source", "is_proxy", "creator_address", "deployed_time")] == [None] * 4
    assert result["malicious_behavior"] == []


def test_spender_that_abuses_approvals_is_in_doubt() -> None:
    result = approval_security(Spender(TOKEN, True, report(caps={"approval_abuse": Answer.YES})))
    assert wrong_types(result, "ContractApproveResponse") == []
    assert (result["doubt_list"], result["malicious_behavior"]) == (1, ["approval_abuse"])
    assert (result["is_contract"], result["is_open_source"], result["is_proxy"], result["trust_list"]) == (1, 1, 0, 0)


def test_spender_with_unknown_proxy_is_null_there() -> None:
    assert approval_security(Spender(TOKEN, True, report(Answer.UNKNOWN)))["is_proxy"] is None


def approved(*approvals: OpenApproval, decimals: int | None = 6) -> list[ApprovedToken]:
    return [ApprovedToken(TOKEN, "Name", "SYM", decimals, 1_500_000, report(verdict=MALICIOUS), approvals)]


def test_open_allowances_have_the_types_of_the_sdk() -> None:
    given = OpenApproval(TOKEN, OWNER, 2_500_000, None, 5, "0x01", 6, "0x02")
    spenders = {OWNER: Spender(OWNER, False)}
    result = token_approvals(1, approved(given), spenders)
    assert wrong_types(result[0], "ApproveTokenOutListResponse") == []
    assert (result[0]["balance"], result[0]["malicious_address"]) == ("1.5", 1)
    first = result[0]["approved_list"][0]
    assert (first["approved_amount"], first["approved_time"], first["initial_approval_time"]) == ("2.5", 6, 5)
    assert first["address_info"]["is_contract"] == 0


def test_allowance_without_end_is_called_unlimited_and_one_without_decimals_is_null() -> None:
    endless = token_approvals(1, approved(OpenApproval(TOKEN, OWNER, 2**256 - 1)), {})
    unknown = token_approvals(1, approved(OpenApproval(TOKEN, OWNER, 5), decimals=None), {})
    assert endless[0]["approved_list"][0]["approved_amount"] == "Unlimited"
    assert unknown[0]["approved_list"][0]["approved_amount"] is None


def test_approvals_of_collections_have_the_types_of_the_sdk() -> None:
    one, all_ = OpenApproval(TOKEN, OWNER, token_id=7), OpenApproval(TOKEN, OWNER)
    result = nft_approvals(1, approved(one, all_), {}, "721")
    assert wrong_types(result[0], "ApproveNFTListResponse") == []
    told = [(each["approved_for_all"], each["approved_token_id"]) for each in result[0]["approved_list"]]
    assert told == [(0, "7"), (1, None)]
    result = nft_approvals(1, approved(all_), {}, "1155")
    assert wrong_types(result[0], "ApproveNFT1155ListResponse") == []


def test_locks_of_tokens_have_the_types_of_the_sdk() -> None:
    lock = token_lock(TokenLock("1", OWNER, TOKEN, 10**30, 10**29, 1, 2, "cliff", None, 2 * 10**30))
    assert wrong_types(lock, "TaTokenLockerLockInfo") == []
    assert (lock["amount"], lock["isLpToken"], lock["lockedPercent"]) == (str(10**30), -1, "0.45")
    assert wrong_types(page([lock], 1, 1, 10), "PageResponseTaTokenLockerLockInfo") == []


def test_locks_of_positions_have_the_types_of_the_sdk() -> None:
    given = PositionLock("1", OWNER, TOKEN, 9, "0xpool", 1, 2, 50, 200)
    lock = position_lock(given)
    assert wrong_types(lock, "TaNftLockerLockInfo") == []
    assert (lock["nftId"], lock["lockedPercent"]) == ("9", "0.25")
    assert wrong_types(page([lock], 1, 1, 10), "PageResponseTaNftLockerLockInfo") == []
    of_pools = position_page([(1, given), (1, given)], 2, 1, 10)
    assert wrong_types(of_pools, "PageResponseV4NftLockerLockInfos") == []
    assert len(of_pools["list"][0]["lockList"]) == 2


def test_chains_are_listed_by_name_of_the_api() -> None:
    assert supported_chains([56, 1, 999_999], None) == [
        {"name": "Ethereum", "id": "1"},
        {"name": "BSC", "id": "56"},
        {"name": "Chain 999999", "id": "999999"},
    ]
    assert supported_chains([1], "nft_security") == []


def outcome(**changes: Any) -> TransactionOutcome:
    return replace(TransactionOutcome(True, "", 50_000, 10**14, "revm", 5, 6), **changes)


def test_simulated_transaction_has_the_types_of_the_sdk() -> None:
    told = transaction_simulation(
        outcome(
            balances=(
                BalanceDelta(OWNER, "native", "native", 10**18, 0),
                BalanceDelta(OWNER, TOKEN, "erc20", 10**30, 1),
                BalanceDelta(OWNER, TOKEN, "erc721", 0, 1, 7),
                BalanceDelta(TOKEN, TOKEN, "erc1155", 0, 5, 7),
            ),
            allowances=(AllowanceChange(OWNER, TOKEN, TOKEN, "erc20", 0, 2**256 - 1),),
            events=(DecodedEvent(TOKEN, "Transfer", (), ("0x01",), "0x02"),),
            risks=(Risk("gives_all", "high", "everything goes", TOKEN),),
        )
    )
    result = with_suspicious(told, {TOKEN: "it is listed as mixer"})
    assert wrong_types(result, "TransactionSecurityResponse") == []
    assert result["native_balance_changes"][0]["native_change"] == {
        "before": str(10**18),
        "after": "0",
        "change": str(-(10**18)),
    }
    assert result["erc20_balance_changes"][0]["erc20_change"][0]["change"] == str(1 - 10**30)
    assert result["erc721_balance_changes"][0]["erc721_change"][0] == {
        "token_address": TOKEN,
        "token_id": "7",
        "received": True,
    }
    assert result["erc20_allowance_changes"][0]["amount"] == str(2**256 - 1)
    assert [each["type"] for each in result["flagged"]] == ["gives_all", "known_malicious"]
    assert result["suspicious_addresses"] == [{"address": TOKEN, "storage_keys": []}]
    assert result["suspicious_url"] is None  # sites are not looked at: no "false"


def test_transaction_that_fails_or_is_not_played_says_so() -> None:
    failed = transaction_simulation(outcome(succeeded=False, reason="not the owner"))
    assert (failed["is_simulated"], failed["is_revert"], failed["revert_reason"]) == (True, True, "not the owner")
    none = not_simulated("too much state")
    assert wrong_types(none, "TransactionSecurityResponse") == []
    assert none["is_simulated"] is False


def call(text: str) -> bytes:
    return bytes.fromhex(text.replace(" ", ""))


def approve(amount: int) -> bytes:
    return call("095ea7b3") + bytes(12) + bytes.fromhex(OWNER[2:]) + amount.to_bytes(32, "big")


def test_unlimited_approval_of_an_account_is_a_risk_in_words() -> None:
    result = input_decode(decode_call(approve(2**256 - 1), None), None, {OWNER: False}, {})
    assert wrong_types(result, "ParseAbiDataResponse") == []
    assert (result["method"], result["risky_signature"]) == ("approve", 1)
    assert "without a limit" in result["risk"]
    assert "account without code" in result["risk"]
    assert result["params"][0]["input"] == OWNER
    assert result["params"][0]["address_info"]["is_contract"] == 0


@pytest.mark.parametrize("amount", [0, 1_000])
def test_small_approval_of_a_contract_is_no_risk(amount: int) -> None:
    result = input_decode(decode_call(approve(amount), None), None, {OWNER: True}, {})
    assert (result["risky_signature"], result["risk"]) == (0, None)


def test_approval_of_a_malicious_spender_and_call_of_a_malicious_contract_are_risks() -> None:
    bad = report(verdict=MALICIOUS)
    result = input_decode(decode_call(approve(5), None), bad, {OWNER: True}, {OWNER: bad})
    assert result["malicious_contract"] == 1
    assert "The contract is malicious" in result["risk"]
    assert "The spender is malicious" in result["risk"]


def test_right_over_a_whole_collection_is_a_risk_and_its_end_is_none() -> None:
    head = call("a22cb465") + bytes(12) + bytes.fromhex(OWNER[2:])
    assert input_decode(decode_call(head + (1).to_bytes(32, "big"), None), None, {}, {})["risky_signature"] == 1
    assert input_decode(decode_call(head + bytes(32), None), None, {}, {})["risky_signature"] == 0


def test_unknown_function_is_decoded_by_the_types_of_the_contracts_code() -> None:
    # A dispatcher with one function 0x11223344(address) that stores its argument.
    code = call("5f3560e01c6311223344146011575f5ffd5b600435 73ffffffffffffffffffffffffffffffffffffffff 16 5f5500")
    data = call("11223344") + bytes(12) + bytes.fromhex(OWNER[2:])
    found = decode_call(data, code)
    assert (found.method, found.types, found.values) == ("0x11223344", ("address",), (OWNER,))
    missing = decode_call(call("99999999"), code)
    assert missing.no_such_function
    assert decode_call(call("99999999"), None).refusal
    assert decode_call(b"\x01", None).refusal.startswith("expected four bytes")


def test_known_function_with_data_too_short_is_not_guessed() -> None:
    assert decode_call(call("095ea7b3 00"), None).refusal
