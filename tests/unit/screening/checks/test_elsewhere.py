"""Where behaviour lives in code that is not at hand, no check says no."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tarazy.screening.checks import all_checks, run_check
from tarazy.screening.checks.base import Check, Subject
from tarazy.screening.model import Answer, HolderKind

from ..simulation.assembler import assemble
from .examples import check_of
from .subjects import answer, facts_of, runtime_of

OF_THE_CODE_ITSELF = frozenset({"proxy", "delegate_call", "known_code"})
MINIMAL = bytes.fromhex(f"363d3d373d3d3d363d73{'be' * 20}5af43d82803e903d91602b57fd5bf3")
ACCOUNT = bytes.fromhex("ef0100" + "be" * 20)  # EIP-7702
BEHIND = [f"proxy-{kind}/benign" for kind in ("transparent", "uups", "beacon", "custom-slot", "clone")]


@pytest.mark.parametrize("code", [*BEHIND, MINIMAL, ACCOUNT, b""], ids=[*BEHIND, "minimal", "account", "empty"])
@pytest.mark.parametrize("check", all_checks(), ids=lambda check: check.name)
def test_no_check_denies_anything_of_code_that_is_elsewhere(check: Check, code: str | bytes) -> None:
    found = answer(check.name, code)
    if check.name not in OF_THE_CODE_ITSELF:
        assert found.answer is not Answer.NO, found.reason
        assert found.reason


@pytest.mark.parametrize(
    ("code", "said", "kind"),
    [
        ("proxy-transparent/vulnerable", "ERC-1967 implementation slot", HolderKind.PROXY_ADMIN),
        ("proxy-beacon/vulnerable", "a beacon names", HolderKind.CONTRACT),
        ("proxy-custom-slot/vulnerable", "stands in storage 0x7434", HolderKind.PROXY_ADMIN),
        (MINIMAL, "0xbebebebe", HolderKind.NOBODY),
        (ACCOUNT, "0xbebebebe", HolderKind.FIXED_ADDRESS),
    ],
)
def test_proxy_is_told_with_its_slot_and_who_changes_it(code: str | bytes, said: str, kind: HolderKind) -> None:
    for check in ("proxy", "delegate_call"):
        found = answer(check, code)
        assert found.answer is Answer.YES
        assert said in found.reason
        assert kind in {holder.kind for holder in found.holders}


def test_code_that_the_caller_chooses_leaves_unknown_what_it_could_do_and_no_more() -> None:
    token = "mint-delegatecall/vulnerable"
    for check in ("mint", "leak", "limit", "burn", "balance_change", "selfdestruct", "metadata_change"):
        assert answer(check, token).answer is Answer.UNKNOWN, check
    for check in ("fee", "cooldown", "size_cap", "proxy"):
        assert answer(check, token).answer is Answer.NO, check


def test_own_code_and_precompiled_contracts_are_no_delegation() -> None:
    own = assemble("PUSH0 PUSH0 PUSH0 PUSH0 ADDRESS GAS DELEGATECALL POP STOP")
    identity = assemble("PUSH0 PUSH0 PUSH0 PUSH0 PUSH1 4 GAS DELEGATECALL POP STOP")
    for code in (own, identity):
        assert answer("delegate_call", code).answer is Answer.NO


def test_proxy_on_a_chain_is_told_beside_the_implementation_that_was_read() -> None:
    """The reading of a chain hands the implementation's code to the checks, and keeps the proxy's."""
    implementation = runtime_of("plain-modern/plain")
    reading = SimpleNamespace(
        code=runtime_of("proxy-transparent/vulnerable"), proxies=("resolved",), chain_id=1, address="0x" + "11" * 20
    )
    subject = Subject(implementation, facts_of(implementation), chain=reading)
    proxied = run_check(check_of("proxy"), subject)
    assert (proxied.answer, proxied.holders[0].kind) == (Answer.YES, HolderKind.PROXY_ADMIN)
    assert run_check(check_of("burn"), subject).answer is Answer.NO
