"""Names that imitate: what is caught on which chain, and what is left alone."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tarazy.chains.evm.facts import TokenFacts
from tarazy.screening.identity.checksum import has_checksum, with_checksum
from tarazy.screening.identity.folding import LENGTH_MAX, TABLE, distance, fold, look_alikes
from tarazy.screening.identity.impersonation import answer_impersonation, compare
from tarazy.screening.identity.known_tokens import KnownToken, KnownTokensError, known_tokens
from tarazy.screening.model import Answer

ELSEWHERE = "0x" + "12" * 20
USDT = "0xdAC17F958D2ee523a2206206994597C13D831ec7"
CYRILLIC_E, CYRILLIC_T, ZERO_WIDTH, RIGHT_TO_LEFT, TUGRIK = "\u0435", "\u0422", "\u200b", "\u202e", "\u20ae"
YES, NO, UNKNOWN = Answer.YES, Answer.NO, Answer.UNKNOWN


def answer(name: str | None, symbol: str | None, chain_id: int | None = 1, address: str | None = ELSEWHERE) -> Answer:
    return compare(TokenFacts(name, symbol), chain_id, address).answer


@pytest.mark.parametrize("token", known_tokens().rows, ids=lambda token: f"{token.chain_id}-{token.symbol}")
def test_no_known_token_is_taken_for_an_imitation(token: KnownToken) -> None:
    assert answer(token.name, token.symbol, token.chain_id, token.address) is NO
    assert answer(token.name, token.symbol, token.chain_id, token.address.lower()) is NO


@pytest.mark.parametrize(
    ("name", "symbol"),
    [
        ("Tether USD", "USDT"),
        ("tether  usd", "usdt"),
        ("Tehter USD", "USDT"),
        ("Tether-USD", "USDT"),
        ("USD Coin", "U5DC"),
        ("yeam.finance", "YFI"),
    ],
)
def test_name_and_symbol_of_a_token_that_stands_elsewhere_on_the_chain_are_an_imitation(name: str, symbol: str) -> None:
    assert answer(name, symbol) is YES


@pytest.mark.parametrize("chain_id", [1, 56, 31337])
@pytest.mark.parametrize(
    ("name", "symbol"),
    [
        (f"T{CYRILLIC_E}ther USD", "ABC"),
        ("Something", f"USD{CYRILLIC_T}"),
        (f"Tether{ZERO_WIDTH} USD", "USDT"),
        ("Something", "\uff35\uff33\uff24\uff34"),
        ("Something", "\U0001d414\U0001d412\U0001d403\U0001d402"),
        ("Te\u0301ther USD", "X"),
        ("Something", "LlNK"),
        ("\u1d1c\u0274\u026a\ua731\u1d21\u1d00\u1d18", "X"),
    ],
)
def test_disguise_is_an_imitation_on_any_chain(name: str, symbol: str, chain_id: int) -> None:
    assert answer(name, symbol, chain_id) is YES


def test_true_address_is_that_of_the_same_chain_before_the_main_chain() -> None:
    assert compare(TokenFacts("x", f"USD{CYRILLIC_T}"), 1, ELSEWHERE).true_address == USDT
    assert compare(TokenFacts("x", f"USD{CYRILLIC_T}"), 56, ELSEWHERE).true_address.startswith("0x55d398")  # type: ignore[union-attr]
    assert compare(TokenFacts("x", f"USD{CYRILLIC_T}"), 31337, ELSEWHERE).true_address == USDT


@pytest.mark.parametrize(
    ("name", "symbol", "chain_id"),
    [
        ("Tether USD", "USDT", 31337),  # the issuer or a bridge may have deployed it there
        ("Paxos Gold", "PAXG", 137),
        ("Grant Token", "GRT", 1),  # a ticker is not unique
        (None, "USDC", 1),
        (f"USD{TUGRIK}", f"USD{TUGRIK}", 42220),  # Tether writes itself so
    ],
)
def test_same_name_that_may_be_honest_is_unknown(name: str | None, symbol: str, chain_id: int) -> None:
    assert answer(name, symbol, chain_id) is UNKNOWN


@pytest.mark.parametrize(
    ("name", "symbol"),
    [("Plain Coin", "PLN"), ("Uniswap V2", "UNI-V2"), ("Tetra", "USDX"), ("llama", "LLNK"), ("Dail", "DAIL"), ("", "")],
)
def test_other_names_are_left_alone(name: str, symbol: str) -> None:
    assert answer(name, symbol) is NO


def test_missing_chain_address_or_names_are_unknown() -> None:
    assert answer("Tether USD", "USDT", None) is UNKNOWN
    assert answer("Tether USD", "USDT", 1, None) is UNKNOWN
    assert answer(None, None) is UNKNOWN


def test_characters_that_nobody_sees_are_named_even_where_nothing_is_imitated() -> None:
    found = compare(TokenFacts(f"Pla{RIGHT_TO_LEFT}in", "PLN"), 1, ELSEWHERE)
    assert found.answer is NO
    assert "U+202E RIGHT-TO-LEFT OVERRIDE" in found.reason
    disguised = compare(TokenFacts(f"Tether{ZERO_WIDTH} USD", "USDT"), 1, ELSEWHERE)
    assert "U+200B ZERO WIDTH SPACE" in disguised.reason


def test_capability_names_the_true_token_as_evidence() -> None:
    found = answer_impersonation(TokenFacts("Tether USD", "USDT"), 1, ELSEWHERE)
    assert (found.name, found.answer) == ("impersonation", YES)
    assert found.evidence[0].detail == f"Tether USD (USDT) by Tether is {USDT} on chain 1"


def test_long_name_is_cut_and_costs_nothing() -> None:
    assert len(fold("a" * 10**6).plain) == LENGTH_MAX
    assert answer("\u0435" * 10**6, "I" * 10**6) is NO


@pytest.mark.parametrize(
    ("left", "right", "steps"),
    [("", "", 0), ("a", "", 1), ("tether", "tehter", 1), ("ab", "ba", 1), ("kitten", "sitting", 3), ("ca", "abc", 3)],
)
def test_distance_counts_slips_of_the_pen(left: str, right: str, steps: int) -> None:
    assert distance(left, right) == distance(right, left) == steps


def test_every_row_of_the_table_of_look_alikes_is_named_and_folds_to_one_latin_letter() -> None:
    rows = [line.split(",") for line in TABLE.read_text().splitlines()[1:]]
    assert len(rows) == len(look_alikes()) > 100
    for point, letter, name in rows:
        assert unicodedata.name(chr(int(point, 16))) == name
        assert letter.isascii()
        assert len(letter) == 1
        assert letter.isalpha()


def test_every_known_address_has_its_checksum_and_a_flipped_letter_has_not() -> None:
    for token in known_tokens().rows:
        assert has_checksum(token.address)
    assert not has_checksum(USDT.replace("dA", "Da"))
    assert with_checksum(USDT.lower()) == USDT
    with pytest.raises(ValueError, match="expected 0x and 40 hexadecimal digits, found '0x12'"):
        with_checksum("0x12")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: expected chain_id,address,name,symbol,issuer, found an empty file"),
        ("a,b\n", "line 1: expected chain_id,address,name,symbol,issuer, found a,b"),
        ("1,0x12,n,s,i", "line 2: expected an address with its ERC-55 checksum, found '0x12'"),
        (f"1,{USDT.lower()},n,s,i", "line 2: expected an address with its ERC-55 checksum"),
        (f"one,{USDT},n,s,i", "line 2: expected a chain's number, found 'one'"),
        (f"1,{USDT},n,,i", "line 2: expected 5 filled columns"),
        (f"1,{USDT},n,s,i\n1,{USDT},n,s,i", "line 3: expected each place once"),
    ],
)
def test_table_of_the_user_that_is_not_as_asked_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "known.csv"
    path.write_text(text if text in ("", "a,b\n") else "chain_id,address,name,symbol,issuer\n" + text)
    with pytest.raises(KnownTokensError) as caught:
        known_tokens(path)
    assert message in str(caught.value)


def test_table_of_the_user_is_used(tmp_path: Path) -> None:
    path = tmp_path / "known.csv"
    path.write_text(f"chain_id,address,name,symbol,issuer\n7,{USDT},Tenge Token,KZTX,Mint House\n")
    found = compare(TokenFacts("Tenge Token", "KZTX"), 7, ELSEWHERE, known_tokens(path))
    assert (found.answer, found.true_address) == (YES, USDT)


@given(st.text(max_size=40), st.text(max_size=20), st.sampled_from([None, 1, 56, 31337]))
def test_any_text_is_answered_with_a_reason(name: str, symbol: str, chain_id: int | None) -> None:
    found = compare(TokenFacts(name, symbol), chain_id, ELSEWHERE)
    assert found.reason
    assert (found.known is not None) or found.answer is not YES


LATIN: dict[str, list[str]] = {}
for point, seen in look_alikes().items():
    LATIN.setdefault(seen, []).append(chr(point))


@given(st.data(), st.sampled_from(known_tokens().rows))
def test_any_known_symbol_with_a_letter_that_looks_alike_is_an_imitation(
    data: st.DataObject, token: KnownToken
) -> None:
    places = [place for place, letter in enumerate(token.symbol) if letter in LATIN]
    place = data.draw(st.sampled_from(places))
    other = data.draw(st.sampled_from(LATIN[token.symbol[place]]))
    disguised = token.symbol[:place] + other + token.symbol[place + 1 :]
    assert answer("Anything", disguised, 31337) is YES, f"{disguised!a} for {token.symbol}"


@given(
    st.data(), st.sampled_from(known_tokens().rows), st.sampled_from([ZERO_WIDTH, RIGHT_TO_LEFT, "\u2060", "\u3164"])
)
def test_any_known_name_with_a_character_that_nobody_sees_is_an_imitation(
    data: st.DataObject, token: KnownToken, unseen: str
) -> None:
    place = data.draw(st.integers(0, len(token.name)))
    assert answer(token.name[:place] + unseen + token.name[place:], "ABC", 31337) is YES
