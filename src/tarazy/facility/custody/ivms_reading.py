"""IVMS 101 of a stranger read back into travel data, of either edition; what is not understood is left out.

Source: interVASP messaging standard IVMS 101, editions 2020 and 2023; those elements that our own messages have.
"""

from __future__ import annotations

from typing import Any

from tarazy.facility.custody.errors import CustodyInputError
from tarazy.facility.custody.travel_data import TransferPerson, TravelData, read_travel_data


def read_ivms101(value: object) -> TravelData:
    """Return the travel data of a message. Raises: CustodyInputError where a party is missing or not well formed."""
    if not isinstance(value, dict):
        raise CustodyInputError("ivms101", expected="an object", found=repr(value)[:80])
    persons, accounts = [], []
    for party in ("originator", "beneficiary"):
        found = value.get(party)
        told = found.get(f"{party}Persons") if isinstance(found, dict) else None
        numbers = found.get("accountNumber") if isinstance(found, dict) else None
        if not isinstance(told, list) or not told or not isinstance(numbers, list) or not numbers:
            raise CustodyInputError(f"ivms101.{party}", expected="a person and an account", found=repr(found)[:80])
        persons.append(_person(f"ivms101.{party}", told[0])._asdict())
        accounts.append(numbers[0])
    return read_travel_data(
        {
            "originator": persons[0],
            "originator_account": accounts[0],
            "beneficiary": persons[1],
            "beneficiary_account": accounts[1],
        }
    )


def _person(where: str, value: object) -> TransferPerson:
    if not isinstance(value, dict) or len(value) != 1 or not isinstance(body := next(iter(value.values())), dict):
        raise CustodyInputError(where, expected="a natural or a legal person", found=repr(value)[:80])
    is_company = "legalPerson" in value
    lines = _first(body.get("geographicAddress"))
    birth, identified = _object(body.get("dateAndPlaceOfBirth")), _object(body.get("nationalIdentification"))
    is_lei = identified.get("nationalIdentifierType") == "LEIX"
    number = _text(identified.get("nationalIdentifier"))
    return TransferPerson(
        name=_name(body, is_company),
        is_company=is_company,
        address=", ".join(_text(each) for each in _list(lines.get("addressLine"))),
        national_id="" if is_lei else number,
        customer_id=_text(body.get("customerIdentification") or body.get("customerNumber")),
        birth=", ".join(filter(None, (_text(birth.get("dateOfBirth")), _text(birth.get("placeOfBirth"))))),
        country=_text(lines.get("country") or body.get("countryOfResidence")).replace("XX", ""),
        lei=number if is_lei else "",
    )


def _name(body: dict[str, Any], is_company: bool) -> str:
    named = _first(_object(body.get("name")).get("nameIdentifier"))
    if is_company:
        return _text(named.get("legalPersonName"))
    return " ".join(filter(None, (_text(named.get(each)) for each in ("secondaryIdentifier", "primaryIdentifier"))))


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _first(value: object) -> dict[str, Any]:
    return _object(_list(value)[0]) if _list(value) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
