"""Forms that compilers and libraries of today leave, each judged by what it does and not by how it looks."""

from __future__ import annotations

from Crypto.Hash import keccak

from tarazy.screening.bytecode.facts import ContractFacts, analyse
from tarazy.screening.bytecode.locations import Location, locate
from tarazy.screening.bytecode.rare_instructions import two
from tarazy.screening.bytecode.restrictions import is_overflow_test
from tarazy.screening.bytecode.terms import TermPool
from tarazy.screening.checks import load_check, run_check
from tarazy.screening.checks.base import Subject
from tarazy.screening.model import Answer

from .assembly import BALANCE_OF, ONLY_OWNER, add_to, dispatcher, entry, take_from, transfer

BALANCE, TRANSFER, OWNER = 0x70A08231, 0xA9059CBB, 0x8DA5CB5B
OWN = {BALANCE: BALANCE_OF, TRANSFER: transfer(), OWNER: "1 SLOAD 0 MSTORE 32 0 RETURN"}
INITIALISE, PAUSE, SETTER = 0xC4D66DE8, 0x8456CB59, 0x12345678
AMOUNT, RECEIVER = "36 CALLDATALOAD", "4 CALLDATALOAD"
MOVE = take_from(5, "CALLER", AMOUNT) + add_to(5, RECEIVER, AMOUNT) + "1 0 MSTORE 32 0 RETURN"


def facts_of(more: dict[int, str]) -> ContractFacts:
    """Return the facts of a plain token with other entry points."""
    return analyse(dispatcher(OWN | more))


def answer(facts: ContractFacts, name: str) -> Answer:
    """Return what a check answers."""
    return run_check(load_check(name), Subject(facts.code.runtime, facts)).answer


def test_a_product_that_is_divided_again_only_asks_whether_it_wrapped_around() -> None:
    pool = TermPool()
    amount, fee = pool.term("arg", 36), pool.term("sload", 7)
    whole = pool.term("div", pool.term("mul", amount, fee), amount)
    assert is_overflow_test(pool.term("eq", whole, fee))
    assert is_overflow_test(pool.term("eq", fee, pool.term("div", pool.phi(pool.mul(3, fee), pool.mul(5, fee)), 3)))
    assert not is_overflow_test(pool.term("eq", pool.term("div", amount, fee), fee))


def test_a_fee_that_is_bounded_limits_nothing_though_its_product_is_tested() -> None:
    """transfer: require(amount * fee / amount == fee); the owner sets the fee below 11."""
    test = f"7 SLOAD {AMOUNT} MUL {AMOUNT} SWAP1 DIV 7 SLOAD EQ @fits JUMPI 0 0 REVERT fits: "
    setter = ONLY_OWNER.format(1) + f"11 {RECEIVER} LT @low JUMPI 0 0 REVERT low: {RECEIVER} 7 SSTORE STOP"
    assert answer(facts_of({TRANSFER: test + MOVE, SETTER: setter}), "limit") is Answer.NO


def test_a_list_whose_hash_stands_in_the_code_is_the_list_of_its_slot() -> None:
    pool = TermPool()
    begins = int.from_bytes(keccak.new(digest_bits=256, data=(8).to_bytes(32, "big")).digest(), "big")
    length = pool.term("sload", 8)
    assert locate(pool.add(begins, length)) == Location(8, (length,), 0, length)


def test_an_amount_that_is_reckoned_with_makes_nobody_a_member() -> None:
    """Anyone may add to his own record, past a test that reckons with what he has; the owner alone guards the rest."""
    record = entry(6, "CALLER")
    reckons = f"{record} SLOAD 3 MUL 3 SWAP1 DIV {record} SLOAD EQ @fits JUMPI 0 0 REVERT fits: "
    facts = facts_of({SETTER: reckons + add_to(6, "CALLER", RECEIVER) + "STOP"})
    (writer,) = [each for each in facts.writers if each.change.place.root == 6]
    assert writer.open


def test_an_initialiser_opens_no_role_but_what_anyone_may_call_again_does() -> None:
    """A member of mapping 6 pauses; the initialiser makes its argument a member, once or as often as it is called."""
    once = "9 SLOAD ISZERO @first JUMPI 0 0 REVERT first: 1 9 SSTORE "
    enter = f"1 {entry(6, RECEIVER)} SSTORE STOP"
    pause = f"{entry(6, 'CALLER')} SLOAD @member JUMPI 0 0 REVERT member: 1 10 SSTORE STOP"
    paused = "10 SLOAD ISZERO @going JUMPI 0 0 REVERT going: "
    again = {TRANSFER: paused + MOVE, PAUSE: pause, INITIALISE: enter}
    assert answer(facts_of(again), "limit") is Answer.NO  # anyone may, so nobody holds a power over others
    assert answer(facts_of(again | {INITIALISE: once + enter}), "limit") is Answer.YES


def test_bits_taken_out_by_xor_are_the_other_bits() -> None:
    pool = TermPool()
    word, top = pool.term("sload", 3), 1 << 255
    assert two(pool, "xor", pool.both(top, word), word) is pool.both(top - 1, word)
    assert two(pool, "xor", word, pool.both(top, word)) is pool.both(top - 1, word)


def test_a_list_that_nobody_can_join_after_the_constructor_limits_everybody_else() -> None:
    """transfer to the account in slot 3 asks that the sender is in mapping 6."""
    listed = f"3 SLOAD {RECEIVER} EQ ISZERO @go JUMPI {entry(6, 'CALLER')} SLOAD @go JUMPI 0 0 REVERT go: "
    assert answer(facts_of({TRANSFER: listed + MOVE}), "limit") is Answer.YES
    join = f"1 {entry(6, 'CALLER')} SSTORE STOP"
    assert answer(facts_of({TRANSFER: listed + MOVE, SETTER: join}), "limit") is Answer.NO


def test_a_marked_holder_who_may_send_a_trifle_only_is_limited() -> None:
    """transfer: if mapping 6 marks the sender, the amount must be below the bound; the owner marks."""
    mark = ONLY_OWNER.format(1) + f"1 {entry(6, RECEIVER)} SSTORE STOP"
    for bound, expected in ((1_000, Answer.YES), (10**30, Answer.NO)):
        small = f"{entry(6, 'CALLER')} SLOAD ISZERO @go JUMPI {bound} {AMOUNT} LT @go JUMPI 0 0 REVERT go: "
        assert answer(facts_of({TRANSFER: small + MOVE, SETTER: mark}), "limit") is expected, bound


def test_shares_of_payments_that_are_kept_apart_belong_to_who_collects_them() -> None:
    """deposit: mapping 6 gets the payment, slot 3 a share or all of it; the owner takes what slot 3 says."""
    record = f"CALLVALUE {entry(6, 'CALLER')} DUP1 SLOAD DUP3 ADD SWAP1 SSTORE POP "
    collect = ONLY_OWNER.format(1) + "3 SLOAD 0 3 SSTORE 0 0 0 0 4 DUP6 4 SLOAD GAS CALL POP STOP"
    back = f"{entry(6, 'CALLER')} SLOAD 0 {entry(6, 'CALLER')} SSTORE 0 0 0 0 DUP5 CALLER GAS CALL POP STOP"
    for share, expected in (("50 CALLVALUE DIV", False), ("CALLVALUE", True)):
        keep = f"{share} 3 SLOAD ADD 3 SSTORE STOP"
        facts = analyse(dispatcher({0xD0E30DB0: record + keep, 0x3CCFD60B: back, SETTER: collect}))
        assert (answer(facts, "leak") is Answer.YES) is expected, share
