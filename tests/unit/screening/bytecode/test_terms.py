"""Simplified words mean what they meant: every rule is tried against plain arithmetic."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tarazy.screening.bytecode.bits import WORD
from tarazy.screening.bytecode.evaluation import apply, evaluate
from tarazy.screening.bytecode.machine import less
from tarazy.screening.bytecode.movements import linear
from tarazy.screening.bytecode.rare_instructions import two
from tarazy.screening.bytecode.term import Term, Word, loads, width
from tarazy.screening.bytecode.terms import TermPool

Tree = tuple[object, ...] | int | str

NUMBERS = st.one_of(
    st.integers(0, 300),
    st.sampled_from([1 << k for k in range(256)] + [(1 << k) - 1 for k in range(1, 257)]),
    st.integers(0, WORD),
)
TREES = st.recursive(
    st.one_of(NUMBERS, st.sampled_from(["x", "y"])),
    lambda inner: st.one_of(
        st.tuples(st.sampled_from("add sub mul div and or eq lt shl shr xor mod".split()), inner, inner),
        st.tuples(st.sampled_from(["iszero", "not"]), inner),
    ),
    max_leaves=12,
)


def build(pool: TermPool, tree: Tree) -> Word:
    """Return a tree as the explorer would build it."""
    if isinstance(tree, int):
        return tree
    if isinstance(tree, str):
        return pool.term("arg", {"x": 4, "y": 36}[tree])
    operator, *parts = tree
    words = [build(pool, part) for part in parts]  # type: ignore[arg-type]
    match operator:
        case "add":
            return pool.add(*words)
        case "sub":
            return pool.sub(*words)
        case "mul":
            return pool.mul(*words)
        case "div":
            return pool.div(*words)
        case "and":
            return pool.both(*words)
        case "or":
            return pool.either(*words)
        case "eq":
            return pool.eq(*words)
        case "lt":
            return less(pool, *words)
        case "shl":
            return pool.shl(*words)
        case "shr":
            return pool.shr(*words)
        case "iszero":
            return pool.iszero(*words)
        case "not":
            return pool.invert(*words)
        case _:
            return two(pool, str(operator), *words)


def plain(tree: Tree, x: int, y: int) -> int:
    """Return a tree's value by plain arithmetic."""
    if isinstance(tree, int):
        return tree
    if isinstance(tree, str):
        return x if tree == "x" else y
    operator, *parts = tree
    return apply(str(operator), [plain(part, x, y) for part in parts]) & WORD  # type: ignore[arg-type]


@settings(max_examples=600, deadline=None)
@given(TREES, NUMBERS, NUMBERS)
def test_a_simplified_word_has_the_value_of_the_plain_one(tree: Tree, x: int, y: int) -> None:
    pool = TermPool()
    word = build(pool, tree)
    leaf = {4: x, 36: y}
    value = evaluate(word, lambda term: leaf[int(str(term.args[0]))] if term.op == "arg" else None)
    assert value == plain(tree, x, y), word


@settings(max_examples=300, deadline=None)
@given(TREES, NUMBERS, NUMBERS)
def test_a_word_is_never_wider_than_it_says(tree: Tree, x: int, y: int) -> None:
    pool = TermPool()
    word = build(pool, tree)
    leaf = {4: x, 36: y}
    value = evaluate(word, lambda term: leaf[int(str(term.args[0]))] if term.op == "arg" else None)
    assert value.bit_length() <= width(word), word


@settings(max_examples=300, deadline=None)
@given(TREES, st.integers(0, 1 << 60), st.integers(0, 1 << 60), st.integers(0, 255), st.integers(1, 256))
def test_an_extracted_field_has_the_bits_of_the_word(tree: Tree, x: int, y: int, low: int, bits: int) -> None:
    pool = TermPool()
    leaf = {4: x, 36: y}

    def value(word: Word) -> int:
        return evaluate(word, lambda term: leaf[int(str(term.args[0]))] if term.op == "arg" else None)

    word = build(pool, tree)
    bits = min(bits, 256 - low)
    assert value(pool.extract(word, low, bits)) == (value(word) >> low) & ((1 << bits) - 1)


def test_a_word_is_one_object_however_it_was_built() -> None:
    pool = TermPool()
    x = pool.term("arg", 4)
    assert pool.add(1, pool.add(2, x)) is pool.add(x, 3)
    assert pool.sub(pool.add(x, pool.term("caller")), x) is pool.term("caller")
    assert pool.iszero(pool.iszero(pool.eq(x, 5))) is pool.eq(5, x)


def test_a_sum_cancels_what_is_the_same() -> None:
    pool = TermPool()
    amount, fee = pool.term("arg", 36), pool.div(pool.mul(pool.term("arg", 36), pool.term("sload", 7)), 100)
    net = linear(pool.sub(amount, fee))
    assert net == {amount: 1, fee: -1}
    assert linear(pool.add(pool.sub(amount, fee), fee)) == {amount: 1}


def test_a_word_that_grows_too_large_keeps_what_it_depends_on() -> None:
    pool = TermPool()
    word: Word = pool.term("sload", 3)
    for number in range(40):
        word = pool.term("mul", word, pool.term("xor", word, number))
    assert isinstance(word, Term)
    assert word.op == "top" or word.size <= 20_000
    assert loads(word) == {pool.term("sload", 3)}
