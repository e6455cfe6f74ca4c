"""The 45 keys of a token: types, three values by absence, and what feeds each."""

from __future__ import annotations

import re
from typing import Any

import pytest
import swagger_client.models as sdk

from tarazy.chains.evm.facts import Ownership, TokenFacts
from tarazy.screening.api.goplus.fields import FLAG, FLAG_OF_CAPABILITY, LIST, OBJECT, TOKEN_FIELDS, WITHOUT_FLAG
from tarazy.screening.api.goplus.token_security import token_security
from tarazy.screening.checks.base import CAPABILITY_NAMES
from tarazy.screening.identity.known_tokens import known_tokens
from tarazy.screening.model import Answer, SimulatedTrade, Simulation

from .examples import CREATOR, OWNER, POOL, TOKEN, report, wrong_types

MODEL = "ResponseWrapperTokenSecurityResult"
DECIMAL = re.compile(r"\d+(\.\d*[1-9])?")


def test_table_of_fields_holds_exactly_the_keys_of_the_sdk() -> None:
    keys = [field.key for field in TOKEN_FIELDS]
    assert len(keys) == len(set(keys)) == 45
    assert set(keys) == set(sdk.ResponseWrapperTokenSecurityResult.attribute_map.values())


def test_every_capability_has_a_flag_or_is_told_in_words() -> None:
    silent = {"launch_gate", "impersonation"}  # told in the note and by is_true_token
    assert set(CAPABILITY_NAMES) == set(FLAG_OF_CAPABILITY) | set(WITHOUT_FLAG) | silent


@pytest.mark.parametrize("answer", list(Answer))
def test_every_value_has_the_type_that_the_sdk_declares(answer: Answer) -> None:
    result = token_security(report(answer), honeypots_of_creator=3)
    assert wrong_types(result, MODEL) == []


@pytest.mark.parametrize("field", [each for each in TOKEN_FIELDS if each.kind == FLAG], ids=lambda each: each.key)
def test_flags_are_one_or_zero_as_text_or_absent(field: Any) -> None:
    for answer in Answer:
        value = token_security(report(answer)).get(field.key)
        assert value in ("0", "1", None)


@pytest.mark.parametrize(("capability", "key"), FLAG_OF_CAPABILITY.items())
def test_capability_feeds_its_flag_and_unknown_leaves_it_out(capability: str, key: str) -> None:
    assert token_security(report(caps={capability: Answer.YES}))[key] == "1"
    assert token_security(report(caps={capability: Answer.NO}))[key] == "0"
    assert key not in token_security(report(caps={capability: Answer.UNKNOWN}))


def test_report_without_any_knowledge_has_no_keys_at_all() -> None:
    bare = report(
        Answer.UNKNOWN,
        token=TokenFacts(),
        simulation=None,
        ownership=None,
        is_open_source=None,
        block_number=None,
        verdict=None,
    )
    assert token_security(bare) == {}


def test_whole_report_fills_every_key_but_those_of_identity_and_airdrops() -> None:
    result = token_security(report(Answer.YES), honeypots_of_creator=0)
    missing = {field.key for field in TOKEN_FIELDS} - set(result)
    assert missing == {"lp_holder_count", "trust_list", "is_airdrop_scam"}


def test_amounts_and_shares_are_exact_decimal_text() -> None:
    result = token_security(report())
    assert result["total_supply"] == "1000000"
    assert (result["owner_balance"], result["owner_percent"]) == ("250000", "0.25")
    assert (result["creator_balance"], result["creator_percent"]) == ("0.000001", "0")
    assert result["holder_count"] == "42"
    assert result["holders"][0] == {
        "address": OWNER,
        "balance": "250000",
        "percent": "0.25",
        "tag": "owner",
        "is_contract": 0,
        "is_locked": 1,
        "locked_detail": [
            {"amount": "5", "opt_time": "1970-01-01T00:00:00+00:00", "end_time": "2027-01-15T08:00:00+00:00"}
        ],
    }
    assert "is_locked" not in result["holders"][1]
    assert (result["lp_total_supply"], result["lp_holders"][0]["percent"]) == ("3", "0.333333")
    assert result["dex"] == [{"name": "UniswapV2", "pair": POOL}]


def test_amount_without_decimals_is_unknown_and_not_guessed() -> None:
    result = token_security(report(token=TokenFacts("N", "S", None, 5)))
    assert not {"total_supply", "owner_balance", "creator_balance"} & set(result)
    assert "balance" not in result["holders"][0]
    assert result["holders"][0]["percent"] == "0.25"


def test_taxes_are_the_worst_measured_and_decimal_text() -> None:
    result = token_security(report())
    assert (result["buy_tax"], result["sell_tax"]) == ("0.05", "0.1")
    assert all(DECIMAL.fullmatch(result[key]) for key in ("buy_tax", "sell_tax"))


def test_tax_on_synthetic_state_is_unknown() -> None:
    trades = (SimulatedTrade("buy", "v2", True, tax_ppm=0), SimulatedTrade("sell", "v2", True, tax_ppm=0))
    result = token_security(report(simulation=Simulation("revm", "synthetic", trades=trades)))
    assert not {"buy_tax", "sell_tax"} & set(result)


def test_honeypot_has_a_sell_tax_of_one() -> None:
    result = token_security(report(caps={"honeypot": Answer.YES}))
    assert (result["is_honeypot"], result["sell_tax"], result["buy_tax"]) == ("1", "1", "0.05")


def test_failed_sale_without_the_capability_is_an_unknown_tax() -> None:
    trades = (
        SimulatedTrade("buy", "v2", True, tax_ppm=0),
        SimulatedTrade("sell", "v2", False, reason="trading not open"),
    )
    made = report(
        caps={"honeypot": Answer.UNKNOWN, "launch_gate": Answer.YES},
        simulation=Simulation("revm", "deployed", trades=trades),
    )
    result = token_security(made)
    assert not {"sell_tax", "is_honeypot"} & set(result)
    assert "Trading is not open yet." in result["note"]


def test_contract_without_owner_has_an_empty_owner_and_no_balance() -> None:
    result = token_security(report(ownership=Ownership(owner_address="", creator_address=CREATOR)))
    assert result["owner_address"] == ""
    assert not {"owner_balance", "owner_percent", "is_in_dex", "dex", "holders"} & set(result)


def test_no_pools_and_unknown_pools_differ() -> None:
    none = token_security(report(ownership=Ownership(pools=())))
    unknown = token_security(report(ownership=Ownership(pools=None)))
    assert (none["is_in_dex"], none["dex"]) == ("0", [])
    assert not {"is_in_dex", "dex"} & set(unknown)


def test_powers_carry_their_holders() -> None:
    info = token_security(report(caps={"mint": Answer.YES, "pause": Answer.UNKNOWN}))["b20_token"]["b20_info"]
    assert info["mintable"] == {"status": "1", "admin": [OWNER]}
    assert "transfer_pausable" not in info


def test_power_without_a_flag_is_told_in_words() -> None:
    result = token_security(report(caps={"leak": Answer.YES}))
    assert result["other_potential_risks"] == "leak: leak was looked at."
    assert "other_potential_risks" not in token_security(report())


def test_imitation_names_the_true_token() -> None:
    known = next(each for each in known_tokens().rows if each.chain_id == 1)
    made = report(caps={"impersonation": Answer.YES}, token=TokenFacts(known.name, known.symbol, 6, 1))
    result = token_security(made)
    assert result["is_true_token"] == "0"
    assert result["fake_token"] == {"value": 1, "true_token_address": known.address}
    assert "trust_list" not in result


def test_listed_token_is_trusted_and_no_other_is_distrusted() -> None:
    known = next(each for each in known_tokens().rows if each.chain_id == 1)
    listed = token_security(report(address=known.address.lower()))
    assert (listed["trust_list"], listed["is_true_token"]) == ("1", "1")
    assert not {"trust_list", "is_true_token", "fake_token"} & set(token_security(report(address=TOKEN)))


def test_text_from_the_chain_is_bounded() -> None:
    result = token_security(report(notes=("x" * 100_000,)))
    assert len(result["note"]) == 2_000


def test_kinds_of_the_table_are_kept() -> None:
    result = token_security(report(Answer.YES), honeypots_of_creator=1)
    shapes = {LIST: list, OBJECT: dict}
    for field in TOKEN_FIELDS:
        if field.key in result:
            assert isinstance(result[field.key], shapes.get(field.kind, str)), field.key
