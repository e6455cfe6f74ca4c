"""Cases that the tokens of the corpus do not show: texts in the code, places, and readings that ended early."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tarazy.chains.evm.facts import TokenFacts
from tarazy.screening.bytecode.explore import Budget
from tarazy.screening.bytecode.facts import analyse
from tarazy.screening.checks import run_check
from tarazy.screening.checks.base import Subject
from tarazy.screening.checks.impersonation import decoded, named, place_of
from tarazy.screening.model import Answer, HolderKind
from tarazy.screening.request import ScreenRequest
from tarazy.screening.screen import screen

from ....corpus.loader import load
from ..bytecode.assembly import BALANCE_OF, add_to, dispatcher, transfer
from ..bytecode.assembly import assemble as assemble_text
from ..simulation.assembler import assemble
from .examples import check_of
from .subjects import answer, facts_of, runtime_of, simulation

TETHER = int.from_bytes(b"Tether USD".ljust(32, b"\0"), "big")
NAMED_IN_CODE = assemble(
    "PUSH0 CALLDATALOAD PUSH1 0xe0 SHR PUSH4 0x06fdde03 EQ @name JUMPI PUSH0 PUSH0 REVERT"
    f" name: PUSH1 32 PUSH0 MSTORE PUSH1 10 PUSH1 32 MSTORE PUSH32 {TETHER:#066x} PUSH1 64 MSTORE PUSH1 96 PUSH0 RETURN"
)


def test_name_that_stands_in_the_code_is_read_and_one_that_was_read_goes_before_it() -> None:
    facts = facts_of(NAMED_IN_CODE)
    assert named(Subject(NAMED_IN_CODE, facts)).name == "Tether USD"
    assert named(Subject(NAMED_IN_CODE, facts, token=TokenFacts(name="Other"))).name == "Other"


@pytest.mark.parametrize("words", [(), (32,), (32, 0, 0), (32, 200, TETHER), (64, 10, TETHER), (32, 40, TETHER)])
def test_answer_that_is_no_short_text_is_none(words: tuple[int, ...]) -> None:
    assert decoded(words) is None


def test_token_of_a_chain_stands_where_the_chain_says_and_a_deployed_one_nowhere() -> None:
    code = runtime_of("plain-modern/plain")
    chain = SimpleNamespace(chain_id=56, address="0x" + "11" * 20, proxies=(), code=code)
    assert place_of(Subject(code, facts_of(code), chain=chain)) == (56, "0x" + "11" * 20)
    assert place_of(Subject(code, facts_of(code))) == (None, None)
    given = Subject(code, facts_of(code), known={"chain_id": 1, "address": "0x" + "22" * 20})
    assert place_of(given) == (1, "0x" + "22" * 20)
    assert place_of(Subject(code, facts_of(code), simulation("deployed"))) == (1, "0x" + "0" * 40)


def test_reading_that_ended_early_denies_nothing() -> None:
    code = runtime_of("plain-modern/plain")
    facts = analyse(code, Budget(steps=800, steps_entry=200))
    assert not facts.complete
    for check in ("burn", "pause", "fee", "hidden_owner", "metadata_change", "take_back_ownership"):
        assert run_check(check_of(check), Subject(code, facts)).answer is Answer.UNKNOWN, check


@pytest.mark.parametrize("token", ["plain-two-step-owner/plain", "plain-stablecoin/plain", "full-fee-token/benign"])
def test_owner_appointed_in_two_steps_cannot_be_taken_back(token: str) -> None:
    assert answer("take_back_ownership", token).answer is Answer.NO


@pytest.mark.parametrize(
    ("token", "check"),
    [
        ("plain-votes/plain", "size_cap"),  # amounts held to 96 bits
        ("plain-vesting/plain", "cooldown"),  # grants are paid by the clock
        ("plain-decaying-fee/plain", "cooldown"),  # the clock decides a fee and no refusal
        ("plain-stablecoin/plain", "whitelist"),  # two bars, one after the other
        ("full-fee-token/benign", "pause"),  # what opens trading names the pool as well
        ("limit-holder-lock/benign", "blacklist"),  # a holder locks his own tokens
        ("leak-stake-drain/benign", "burn"),  # a stake is no burning
        ("plain-snapshot/plain", "balance_change"),  # balances that remember
    ],
)
def test_harmless_form_that_looks_like_a_power_is_denied(token: str, check: str) -> None:
    assert answer(check, token).answer is Answer.NO


CLOSED = [
    ("mint-finished", "mint"),
    ("mint-initialise-again", "mint"),
    ("mint-bridge", "mint"),
    ("leak-forwarder", "leak"),
    ("take-back-lock", "take_back_ownership"),
    ("take-back-lock", "hidden_owner"),
]


@pytest.mark.parametrize(("pair", "power"), CLOSED)
def test_power_that_a_constructor_closed_for_good_is_no_and_its_open_brother_yes(pair: str, power: str) -> None:
    vulnerable, benign = (
        screen(ScreenRequest(id=pair, creation=token.creation, simulate=False)).capabilities[power]
        for token in load()
        if token.pair == pair
    )
    assert vulnerable.answer is Answer.YES
    assert (benign.answer, [holder.kind for holder in benign.holders]) == (Answer.NO, [HolderKind.NOBODY])
    assert "nothing can open it again" in benign.reason
    assert benign.evidence


def test_what_constructor_arguments_decide_closes_nothing() -> None:
    """The constructor stores its argument as the owner: nobody where none was given, which says nothing of a chain."""
    only_owner = "0 SLOAD CALLER EQ @ok JUMPI 0 0 REVERT ok: "
    runtime = dispatcher(
        {
            0x70A08231: BALANCE_OF,
            0xA9059CBB: transfer(),
            0x40C10F19: only_owner + add_to(5, "4 CALLDATALOAD", "36 CALLDATALOAD") + "STOP",
        }
    )

    def creation(owner: str) -> bytes:
        """Return creation code; the words behind it are the constructor's arguments."""
        code = b""
        for _ in range(3):  # until the code knows its own length
            head = f"{owner} 0 SSTORE {len(runtime)} {len(code)} 0 CODECOPY {len(runtime)} 0 RETURN"
            code = assemble_text(head.replace("END", str(len(code) + len(runtime))))
        return code + runtime

    for owner, expected in (("32 END 0 CODECOPY 0 MLOAD", Answer.YES), ("0", Answer.NO)):
        request = ScreenRequest(id="owner", creation=creation(owner), simulate=False)
        assert screen(request).capabilities["mint"].answer is expected, owner
