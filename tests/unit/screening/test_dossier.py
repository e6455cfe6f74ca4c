"""The dossier item: complete, as its schema says, the same for the same report, and signed."""

from __future__ import annotations

import copy
import datetime
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tarazy.chains.evm.facts import HolderShare, Ownership, PoolFacts
from tarazy.domain.signer import KeySigner
from tarazy.screening.criteria import Waiver, in_force
from tarazy.screening.dossier import (
    DossierError,
    Identifiers,
    canonical,
    make_dossier,
    open_dossier,
    sign_dossier,
)
from tarazy.screening.identity.identifiers import IdentifierError
from tarazy.screening.model import Answer, Attack, Evidence, HolderKind, Report, TraceStep

from .reports import CODE, OWNER, TOKEN, capability, report, simulated, trades

SCHEMA = json.loads((Path(__file__).resolve().parents[3] / "schemas/screening/dossier.schema.json").read_text())
VALIDATOR = Draft202012Validator(SCHEMA)
HOUSE, LISTING = (in_force(name, datetime.date(2026, 11, 22)) for name in ("house", "listing"))
MADE_AT = "2026-11-22T11:00:00+00:00"
KEY = KeySigner.from_seed(b"\x05" * 32)
PUBLIC = KEY.public_key
STEPS = (TraceStep("owner", "the owner calls pause()", True), TraceStep("trader", "the trader sells", False, "paused"))


def rich() -> Report:
    """A report in which every part is filled."""
    trace = Evidence("trace", "after pause() the sale is refused", selector="0x8456cb59", trace=STEPS)
    burnt = HolderShare("0x" + "0" * 36 + "dead", 600, 600_000)
    locked = HolderShare("0x" + "77" * 20, 400, 400_000, locks=((400, 0, 1_900_000_000), (1, 0, 1_800_000_000)))
    pool = PoolFacts("0x" + "99" * 20, "UniswapV2", "0x" + "cc" * 20, 10**21, 1000, (burnt, locked))
    return report(
        capability("pause", Answer.YES, OWNER, guard="caller is owner", evidence=(trace, *CODE)),
        capability("proxy", Answer.UNKNOWN),
        address=TOKEN,
        chain_id=1,
        input="chain",
        block_number=22_000_000,
        block_hash="0x" + "bb" * 32,
        simulation=simulated(
            "forked",
            trades=trades(30_000),
            attacks=(Attack("blocks_sell", HolderKind.OWNER, ("0x8456cb59",), STEPS),),
            seconds=0.25,
        ),
        ownership=Ownership(OWNER.address, 5, None, None, 2, (HolderShare(TOKEN, 10**24, 1_000_000),), (pool,), "node"),
        notes=("the search of paths ended at its limit",),
        seconds=1.5,
    )


def dossier(of: Report | None = None, **more: Any) -> dict[str, Any]:
    return make_dossier(of or rich(), (HOUSE, LISTING), MADE_AT, **more)


@pytest.mark.parametrize(
    "given",
    [
        rich(),
        report(),
        report(simulation=None, token=report().token),
        report(*(capability(name, Answer.UNKNOWN) for name in report().capabilities), simulation=None),
    ],
    ids=["rich", "plain", "unsimulated", "unknown"],
)
def test_dossier_is_as_its_schema_says(given: Report) -> None:
    assert [*VALIDATOR.iter_errors(dossier(given))] == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda made: made.pop("powers"),
        lambda made: made.update(extra=1),
        lambda made: made.update(version=2),
        lambda made: made["powers"][0].update(answer="maybe"),
        lambda made: made["powers"][0].pop("holders"),
        lambda made: made["verdicts"][0].update(word="safe"),
        lambda made: made["verdicts"].clear(),
        lambda made: made["code"].update(code_hash="0x12"),
        lambda made: made["simulation"].update(state="imagined"),
        lambda made: made["simulation"]["trades"][0].update(tax_ppm=0.5),
        lambda made: made["market"]["pools"][0].update(locked_now_ppm=-1),
        lambda made: made["identity"].update(dti="A9J9K872S"),
        lambda made: made["de_listing_triggers"].pop(),
    ],
)
def test_schema_refuses_what_is_not_a_dossier(spoil: Callable[[dict[str, Any]], object]) -> None:
    made = dossier()
    spoil(made)
    assert not VALIDATOR.is_valid(made)


def test_schema_is_sound() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_identifiers_are_checked_and_shown() -> None:
    made = dossier(identifiers=Identifiers("x9j9k872s", "HWUPKR0MPOU8FGXBT394", "US0378331005", "WP-7"))
    shown = [made["identity"][name] for name in ("dti", "lei", "isin", "white_paper")]
    assert shown == ["X9J9K872S", "HWUPKR0MPOU8FGXBT394", "US0378331005", "WP-7"]
    with pytest.raises(IdentifierError, match="DTI: expected S as the check character"):
        dossier(identifiers=Identifiers(dti="X9J9K872T"))


def test_powers_name_holder_guard_and_evidence_with_a_digest_of_all_of_it() -> None:
    made = dossier()
    assert [each["power"] for each in made["powers"]] == sorted(rich().capabilities)
    pause = next(each for each in made["powers"] if each["power"] == "pause")
    assert pause["holders"][0] == {
        "kind": "owner", "words": "the owner", "where": "storage 0x0", "address": OWNER.address,
    }  # fmt: skip
    assert (pause["guard"], pause["evidence"][0]["steps"]) == ("caller is owner", 2)
    whole = {
        "kind": "trace", "detail": "after pause() the sale is refused", "offset": None, "selector": "0x8456cb59",
        "signature": None, "transaction": None,
        "trace": [
            {"actor": "owner", "action": "the owner calls pause()", "succeeded": True, "detail": "", "selector": None,
             "calldata": None, "gas_used": None, "time_s": None},
            {"actor": "trader", "action": "the trader sells", "succeeded": False, "detail": "paused", "selector": None,
             "calldata": None, "gas_used": None, "time_s": None},
        ],
    }  # fmt: skip
    expected = hashlib.sha256(json.dumps(whole, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
    assert pause["evidence"][0]["sha256"] == expected


def test_simulation_says_engine_state_and_block_and_no_time_taken() -> None:
    simulation = dossier()["simulation"]
    assert (simulation["engine"], simulation["state"]) == ("revm 0.3.7", "forked")
    assert "seconds" not in simulation
    assert simulation["attacks"][0]["effect"] == "blocks_sell"


def test_verdicts_stand_side_by_side_with_their_figures() -> None:
    waiver = Waiver(TOKEN, "pause", "listing committee", datetime.date(2026, 11, 1), "asked by law")
    made = dossier(waivers=[waiver])
    assert [(each["criteria"], each["word"]) for each in made["verdicts"]] == [
        ("house", "caution"),
        ("listing", "caution"),
    ]
    assert made["verdicts"][0]["thresholds"]["sell_tax_malicious"]["value"] == 500_000
    findings = {each["criterion"]: each for each in made["verdicts"][0]["findings"]}
    assert findings["pause"]["text"].startswith("waived by listing committee on 2026-11-01: asked by law")


def test_triggers_hold_what_was_true_when_screened() -> None:
    found = {each["name"]: each for each in dossier()["de_listing_triggers"]}
    assert found["power_changed_hands"]["baseline"]["pause"][0]["address"] == OWNER.address
    assert found["tax_moved"]["baseline"]["sell"] == 30_000
    pool = found["liquidity_unlocked"]["baseline"][0]
    assert (pool["locked_now_ppm"], pool["not_known_ppm"], pool["first_lock_ends_s"]) == (1_000_000, 0, 1_800_000_000)
    assert found["code_changed"]["baseline"]["code_hash"] == rich().code_hash
    assert found["verdict_worsened"]["baseline"] == {"house 2026-01-01": "caution", "listing 2026-01-01": "caution"}
    assert "mint" in found["power_appeared"]["baseline"]
    bare = {each["name"]: each for each in dossier(report(simulation=None))["de_listing_triggers"]}
    unwatched = [name for name, each in bare.items() if not each["can_be_watched"]]
    assert unwatched == ["power_changed_hands", "tax_moved", "liquidity_unlocked"]


def test_open_questions_are_told() -> None:
    questions = dossier()["open_questions"]
    assert questions == ["proxy: reason for proxy unknown.", "the search of paths ended at its limit"]


def test_same_report_gives_the_same_bytes_and_survives_json() -> None:
    assert canonical(dossier()) == canonical(dossier()) == canonical(json.loads(canonical(dossier())))
    assert dossier()["identity"]["total_supply"] == str(10**24)


def test_fractions_have_no_canonical_form() -> None:
    with pytest.raises(ValueError, match=r"expected integers, found the fraction 0\.5"):
        canonical({"a": [1, {"b": 0.5}]})


def test_signed_dossier_opens_with_its_key_alone() -> None:
    signed = json.loads(json.dumps(sign_dossier(dossier(), KEY)))
    assert open_dossier(signed, PUBLIC) == dossier()
    with pytest.raises(DossierError, match="expected the key"):
        open_dossier(signed, b"\x01" * 32)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda signed: signed["dossier"]["verdicts"][0].update(word="clear"),
        lambda signed: signed["dossier"]["identity"].update(address=TOKEN.upper()),
        lambda signed: signed["dossier"].update(version=2),
        lambda signed: signed["dossier"].update(made_at=0.5),
        lambda signed: signed["signature"].update(signature="00" * 64),
        lambda signed: signed["signature"].update(signature="00"),
        lambda signed: signed["signature"].update(public_key="zz"),
        lambda signed: signed["signature"].update(algorithm="none"),
        lambda signed: signed.pop("signature"),
        lambda signed: signed.update(dossier=[]),
    ],
)
def test_dossier_that_was_touched_does_not_open(spoil: Callable[[dict[str, Any]], object]) -> None:
    signed = copy.deepcopy(sign_dossier(dossier(), KEY))
    spoil(signed)
    with pytest.raises(DossierError, match="dossier: expected"):
        open_dossier(signed, PUBLIC)


def test_signature_of_the_bytes_alone_is_not_enough() -> None:
    signed = sign_dossier(dossier(), KEY)
    signed["signature"]["signature"] = KEY.sign(canonical(dossier())).hex()
    with pytest.raises(DossierError, match="expected the signature"):
        open_dossier(signed, PUBLIC)
