"""Words that are one of several where paths join."""

from tarazy.screening.bytecode.evaluation import evaluate
from tarazy.screening.bytecode.machine import less
from tarazy.screening.bytecode.terms import TermPool


def test_joined_word_takes_in_what_it_is_met_with_and_stays_the_same_for_what_it_has() -> None:
    pool = TermPool()
    phi = pool.phi(pool.term("caller"), 0)
    assert pool.phi(phi, 0) is phi
    assert pool.phi(phi, 7) is not phi


def test_field_of_a_joined_word_is_one_of_the_fields() -> None:
    pool = TermPool()
    phi = pool.phi(0x1200, 0x3400)
    assert pool.extract(phi, 8, 8) is pool.phi(0x12, 0x34)


def test_joined_word_is_tried_at_its_height() -> None:
    pool = TermPool()
    assert evaluate(pool.phi(5, pool.term("arg", 4)), lambda term: 9 if term.op == "arg" else None) == 9


def test_above_zero_is_the_same_question_as_not_zero() -> None:
    pool = TermPool()
    amount = pool.term("arg", 36)
    assert less(pool, 0, amount) is pool.iszero(pool.iszero(amount))
