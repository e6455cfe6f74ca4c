"""Identifiers against numbers that others have published."""

from __future__ import annotations

import pycountry
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tarazy.domain.identifiers import currencies
from tarazy.domain.identifiers.iin_bin import NationalNumber, check_digit, national_number
from tarazy.domain.identifiers.lei import is_lei, lei_with_check
from tarazy.domain.identifiers.payment_codes import is_purpose_code, is_sector_code, sector_code

# BINs as the banks print them in their requisites: Halyk, Kaspi, Bank CenterCredit, Freedom, Eurasian, Forte.
BINS = ("940140000385", "971240001315", "980640000093", "090740019001", "950240000112", "990740000683")


@pytest.mark.parametrize("number", BINS)
def test_bin_of_a_bank_is_an_organisations(number: str) -> None:
    assert national_number(number) is NationalNumber.organisation


@given(st.sampled_from(BINS), st.sampled_from([*range(10), 11]), st.integers(1, 9))
def test_bin_with_one_digit_changed_is_none(number: str, place: int, step: int) -> None:
    """Weights modulo 11 find every single wrong digit but the eleventh, whose weight of 11 is none."""
    digit = (int(number[place]) + step) % 10
    changed = number[:place] + str(digit) + number[place + 1 :]
    first = sum(int(each) * weight for each, weight in zip(changed[:-1], range(1, 12), strict=True)) % 11
    if first < 10:
        assert national_number(changed) is None


def test_second_weights_decide_where_the_first_give_ten() -> None:
    """By hand: 10 * 8 = 80, which is 3 modulo 11; 10 * 1 = 10 needs the second weights, of which the tenth is 1."""
    assert check_digit("00000000010") == 1  # 10 at first; the second weight of the tenth digit is 1
    assert check_digit("00000000080") == 3


def test_iin_carries_a_day_and_a_text_that_is_no_number_is_none() -> None:
    first = "90010130000"
    assert national_number(first + str(check_digit(first))) is NationalNumber.person
    wrong_month = "90130130000"
    assert national_number(wrong_month + str(check_digit(wrong_month))) is None
    assert national_number("94014000038") is None
    assert national_number("٩٤٠١٤٠٠٠٠٣٨٥") is None


def test_published_leis_hold_and_others_do_not() -> None:
    """Those of Apple and of the Global LEI Foundation itself, from the public register."""
    assert is_lei("HWUPKR0MPOU8FGXBT394")
    assert is_lei("506700GE1G29325QX363")
    assert not is_lei("HWUPKR0MPOU8FGXBT395")
    assert not is_lei("hwupkr0mpou8fgxbt394")
    assert lei_with_check("HWUPKR0MPOU8FGXBT3") == "HWUPKR0MPOU8FGXBT394"


@given(st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=18, max_size=18))
def test_lei_with_its_check_is_sound_and_two_characters_of_a_kind_swapped_are_found(first: str) -> None:
    whole = lei_with_check(first)
    assert is_lei(whole)
    swapped = whole[1] + whole[0] + whole[2:]
    if whole[0].isdigit() == whole[1].isdigit():
        assert is_lei(swapped) == (whole[0] == whole[1])


def test_codes_of_payments_have_their_form() -> None:
    """KBe 15 and KNP 371 are what a licensed exchange asks its clients to write; KOd 29 is a person from abroad."""
    assert is_sector_code("15")
    assert is_purpose_code("371")
    assert sector_code(is_resident=False, sector="9") == "29"
    assert not is_sector_code("35")
    assert not is_sector_code("10")
    assert not is_purpose_code("37")
    with pytest.raises(ValueError, match="sector from 1 to 9"):
        sector_code(is_resident=True, sector="0")


def test_every_currency_is_one_of_the_standards_list() -> None:
    listed = {each.alpha_3 for each in pycountry.currencies}
    assert listed >= currencies.CODES
    assert set(currencies.OTHER_SCALES) <= currencies.CODES


def test_scales_are_those_of_the_standard() -> None:
    scales = {code: currencies.currency_scale(code) for code in ("KZT", "USD", "JPY", "KWD", "XAU")}
    assert scales == {"KZT": 2, "USD": 2, "JPY": 0, "KWD": 3, "XAU": None}
