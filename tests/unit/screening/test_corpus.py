"""The corpus is what it says: labels are proved on revm, twins differ in a few lines, artifacts are as compiled."""

from __future__ import annotations

import difflib
import os
import shutil
import sys
from pathlib import Path

import pytest

from tests.corpus.loader import FOLDER, CorpusError, CorpusToken, Proof, load, read_side
from tests.corpus.stage import RefusedError, Stage

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "scripts"))
import compile_contracts

TOKENS = load()
PAIRS = sorted({token.pair for token in TOKENS if token.side != "plain"})
CHANGED_LINES_MAX = 10
PROOFS = [
    pytest.param(token, proof, id=f"{token.name}-{number}")
    for token in TOKENS
    for number, proof in enumerate(token.proofs, 1)
]
# Powers whose proof shows that transfers can be restricted, and that what others hold can be taken.
SHOWS = {
    "mint": {"mint"},
    "limit": set("limit blacklist whitelist pause cooldown size_cap_change personal_fee honeypot".split()),
    "leak": {"leak", "approval_abuse"},
}
WAIT_S = 600  # between purchase and sale: longer than any harmless cool-down of the corpus


def named(token: CorpusToken) -> str:
    """Return what pytest calls a token."""
    return token.name


def started(token: CorpusToken) -> Stage:
    """Return a stage on which the token stands and its first calls were made."""
    stage = Stage(token)
    for sentence in token.start:
        stage.play(sentence)
    return stage


def succeeds(token: CorpusToken, proof: Proof) -> str:
    """Return why a proof fails on a token, or nothing."""
    stage = started(token)
    try:
        for sentence in proof.calls:
            stage.play(sentence)
        return "; ".join(claim for claim in proof.then if not stage.holds(claim))
    except RefusedError as refused:
        return str(refused)


def test_corpus_is_as_large_as_promised() -> None:
    assert len(PAIRS) >= 70
    assert len({token.creation for token in TOKENS}) == len(TOKENS)


@pytest.mark.parametrize("pair", PAIRS)
def test_twin_differs_in_a_few_lines(pair: str) -> None:
    vulnerable, benign = ((FOLDER / pair / f"{side}.sol").read_text().splitlines() for side in ("vulnerable", "benign"))
    changed = [line for line in difflib.ndiff(vulnerable, benign) if line[0] in "+-"]
    assert 0 < len(changed) <= CHANGED_LINES_MAX, "\n".join(changed)


@pytest.mark.parametrize("token", TOKENS, ids=named)
def test_token_deploys_and_its_runtime_is_the_artifact_s(token: CorpusToken) -> None:
    stage = started(token)
    assert len(stage.runtime) == len(token.runtime) > 0
    assert stage.read("balanceOf(address)", "pool") > 0


@pytest.mark.parametrize(("token", "proof"), PROOFS)
def test_proof_succeeds_where_the_power_is_and_fails_where_it_is_not(token: CorpusToken, proof: Proof) -> None:
    failure = succeeds(token, proof)
    assert (token.side in proof.on) == (not failure), failure or "the harmless side does it too"


@pytest.mark.parametrize("token", TOKENS, ids=named)
def test_every_power_to_mint_leak_or_limit_is_proved(token: CorpusToken) -> None:
    proved = {proof.power for proof in token.proofs if token.side in proof.on}
    assert proved or token.side != "vulnerable"
    assert proved <= {name for name, label in token.labels.items() if label == "yes"} | token.open | token.not_no
    for power, shown_by in SHOWS.items():
        if token.labels.get(power) == "yes":
            assert proved & shown_by, f"{token.name}: no proof of {power}"


@pytest.mark.parametrize("token", [t for t in TOKENS if t.labels.get("launch_gate") == "no"], ids=named)
def test_trading_labels_are_what_trading_does(token: CorpusToken) -> None:
    stage = started(token)
    unit = stage.read("totalSupply()") // 200_000
    buys = stage.works(f"pool sends stranger {unit}")
    found = {"cannot_buy": not buys}
    if buys:
        stage.play(f"pool sends stranger {unit}")
        stage.play(f"wait {WAIT_S}")
        held = stage.read("balanceOf(address)", "stranger")
        sold = [sells(stage, held // part, how) for part in (2, 1) for how in ("sends", "pulls")]
        found["honeypot"] = not all(sold[:2])
        found["cannot_sell_all"] = all(sold[:2]) and not all(sold[2:])
    wrong = {
        name: answer
        for name, answer in found.items()
        if name in token.labels and (token.labels[name] == "yes") != answer
    }
    assert not wrong


def sells(stage: Stage, amount: int, how: str) -> bool:
    """Say whether a sale delivers at least half to the pool."""
    with stage.undone():
        before = stage.read("balanceOf(address)", "pool")
        try:
            stage.play(f"stranger sends pool {amount}" if how == "sends" else f"pool pulls stranger {amount}")
        except RefusedError:
            return False
        return stage.read("balanceOf(address)", "pool") - before >= amount // 2


def test_artifacts_are_made_from_the_sources_beside_them() -> None:
    stale = [unit.source for unit in compile_contracts.read_plan(FOLDER) if not compile_contracts.is_current(unit)]
    assert not stale, "run: python scripts/compile_contracts.py tests/corpus/tokens"


@pytest.mark.slow
def test_artifacts_are_what_the_compilers_make_of_the_sources() -> None:
    """Where CI is set compile everything, which takes minutes, and elsewhere one source for each way to compile."""
    if not shutil.which("npm"):
        assert not os.environ.get("CI"), "install node and npm: CI compiles the corpus anew"
        pytest.skip("npm is not here, so nothing was compiled")
    units = compile_contracts.read_plan(FOLDER)
    if not os.environ.get("CI"):
        units = list({str(unit.settings | {"contracts": ()}): unit for unit in units}.values())
    made = compile_contracts.compile_units(units)
    drifted = [
        unit.source
        for unit, artifact in zip(units, made, strict=True)
        if unit.artifact.read_text() != compile_contracts.artifact_text(artifact)
    ]
    assert not drifted


@pytest.mark.parametrize(
    ("own", "complaint"),
    [
        ({"says": "x", "yes": {"mnt": "owner"}}, "capability"),
        ({"says": "x", "yes": {"mint": "landlord"}}, "holder"),
        ({"says": "x", "yes": {"mint": "owner"}, "open": ["mint"]}, "twice"),
        ({"says": "x", "verdict": "fine"}, "verdict"),
    ],
)
def test_label_that_makes_no_sense_is_refused(own: dict[str, object], complaint: str) -> None:
    with pytest.raises(CorpusError, match=complaint):
        read_side("mint-lying-name", "vulnerable", {"family": "mint", "vulnerable": own})
