"""Identifiers: assigned codes pass, one wrong character does not."""

from __future__ import annotations

import pytest

from tarazy.screening.identity.identifiers import (
    DTI_EXCEPTIONS,
    DTI_LETTERS,
    KNOWN_DTIS,
    IdentifierError,
    check_dti,
    check_isin,
    check_lei,
)

# Assigned by the registry, as cited by public libraries; none was computed here.
ASSIGNED_DTIS = ["X9J9K872S", "JGNDNLNNX", "ZFP9K2W9F", "WGJSRNZGM", "9X1Z1NQG5", "3WCGMWKQM", "10ZW1X3N5", "4H95J0R2X"]


@pytest.mark.parametrize("code", ASSIGNED_DTIS)
def test_assigned_dti_is_well_formed(code: str) -> None:
    assert check_dti(f" {code.lower()} ") == code


@pytest.mark.parametrize("code", [code for code in ASSIGNED_DTIS if code not in DTI_EXCEPTIONS])
def test_one_wrong_character_or_a_swap_of_neighbours_is_found(code: str) -> None:
    for place in range(9):
        for letter in DTI_LETTERS:
            if letter != code[place] and not (place == 0 and letter == "0"):
                with pytest.raises(IdentifierError):
                    check_dti(code[:place] + letter + code[place + 1 :])
    for place in range(1, 8):
        swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
        if swapped != code:
            with pytest.raises(IdentifierError):
                check_dti(swapped)


@pytest.mark.parametrize("code", ["", "X9J9K872", "X9J9K872SS", "09J9K872S", "A9J9K872S", "X9J9Y872S", "X9J9K8-2S"])
def test_dti_of_another_form_is_refused(code: str) -> None:
    with pytest.raises(IdentifierError, match="DTI: expected nine of 0-9 and consonants without Y"):
        check_dti(code)


def test_error_names_the_character_that_was_expected() -> None:
    with pytest.raises(IdentifierError, match="DTI: expected S as the check character of X9J9K872, found 'X9J9K872T'"):
        check_dti("X9J9K872T")


def test_known_dtis_are_well_formed_and_have_a_source() -> None:
    assert all(check_dti(code) == code and known.source for code, known in KNOWN_DTIS.items())


def test_lei_and_isin_are_checked() -> None:
    assert check_lei("hwupkr0mpou8fgxbt394") == "HWUPKR0MPOU8FGXBT394"
    assert check_isin("US0378331005") == "US0378331005"
    for wrong in ("HWUPKR0MPOU8FGXBT395", "HWUPKR0MPOU8FGXBT3"):
        with pytest.raises(IdentifierError, match="LEI: expected"):
            check_lei(wrong)
    for wrong in ("US0378331006", "US037833100", "0S0378331005"):
        with pytest.raises(IdentifierError, match="ISIN: expected"):
            check_isin(wrong)
