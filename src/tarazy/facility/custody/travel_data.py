"""Data that travels with a transfer: which set its value asks for, what of it is missing, and IVMS 101 made of it.

Sets for natural persons: `full` from the threshold on (five elements, one of four on the originator), `short` below it
(both names, both accounts). At exactly the threshold both paragraphs of the rule count, and the fuller one is used. A
transfer whose value nobody knows has the fuller one. Legal persons: the same elements with a legal name, and an address
or an identifier of the originator; the rule's own sets for them were not seen.
Source: aifc_aml/11-1.1(3) to (6); interVASP messaging standard IVMS 101, editions 2020 and 2023.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from tarazy.facility.custody.errors import CustodyInputError

FULL, SHORT = "full", "short"
Edition = Literal["2020", "2023"]
VALUE_CHARACTERS_MAX = 300
PERSON_FIELDS = ("name", "is_company", "address", "national_id", "customer_id", "birth", "country", "lei")


class TransferPerson(NamedTuple):
    """Originator or beneficiary. `birth` is date and place (`1990-01-31, Almaty`); `country` ISO 3166-1 alpha-2."""

    name: str
    is_company: bool = False
    address: str = ""
    national_id: str = ""
    customer_id: str = ""
    birth: str = ""
    country: str = ""
    lei: str = ""


class TravelData(NamedTuple):
    """What one transfer says. Accounts are wallet addresses, or a reference that is unique."""

    originator: TransferPerson
    originator_account: str
    beneficiary: TransferPerson
    beneficiary_account: str
    originating_provider: str = ""
    beneficiary_provider: str = ""


def data_set(value_minor: int | None, threshold: int, scale: int) -> str:
    """Return which set a transfer needs. Units: `threshold` in whole units of the reference currency."""
    return FULL if value_minor is None or value_minor >= threshold * 10**scale else SHORT


def missing(data: TravelData, set_name: str) -> list[str]:
    """Return the elements that a set asks for and the data lacks, in the rule's order."""
    person = data.originator
    one_of = (person.address, person.national_id, person.customer_id, person.birth, person.lei)
    asked = [
        ("originator name", data.originator.name),
        ("originator account", data.originator_account),
        ("beneficiary name", data.beneficiary.name),
        ("beneficiary account", data.beneficiary_account),
    ]
    if set_name == FULL:
        words = "originator address, national id, customer id, or date and place of birth"
        asked.insert(2, (words, next((value for value in one_of if value.strip()), "")))
    return [name for name, value in asked if not value.strip()]


def read_travel_data(value: object) -> TravelData:
    """Return travel data from plain data of strangers.

    Raises: CustodyInputError, which names the field.
    """
    fields = {"originator", "originator_account", "beneficiary", "beneficiary_account"}
    optional = {"originating_provider", "beneficiary_provider"}
    if not isinstance(value, dict) or not fields <= set(value) <= fields | optional:
        found = ", ".join(map(str, value)) if isinstance(value, dict) else repr(value)[:80]
        raise CustodyInputError(
            "travel data", expected=f"an object with {', '.join(sorted(fields))}", found=found[:200]
        )
    plain = {
        name: _text(name, value.get(name, "")) for name in sorted((fields | optional) - {"originator", "beneficiary"})
    }
    return TravelData(
        originator=_person("originator", value["originator"]),
        beneficiary=_person("beneficiary", value["beneficiary"]),
        **plain,
    )


def _person(where: str, value: object) -> TransferPerson:
    if not isinstance(value, dict) or not set(value) <= set(PERSON_FIELDS):
        raise CustodyInputError(where, expected=f"an object with {', '.join(PERSON_FIELDS)}", found=repr(value)[:80])
    is_company = value.get("is_company", False)
    if not isinstance(is_company, bool):
        raise CustodyInputError(f"{where}.is_company", expected="true or false", found=repr(is_company)[:40])
    texts = {name: _text(f"{where}.{name}", value.get(name, "")) for name in PERSON_FIELDS if name != "is_company"}
    return TransferPerson(is_company=is_company, **texts)


def _text(where: str, value: object) -> str:
    if not isinstance(value, str) or len(value) > VALUE_CHARACTERS_MAX or (value and not value.isprintable()):
        raise CustodyInputError(
            where, expected=f"text of at most {VALUE_CHARACTERS_MAX} characters", found=repr(value)[:80]
        )
    return value.strip()


def plain_travel(data: TravelData) -> dict[str, Any]:
    """Return travel data as `read_travel_data` reads it."""
    persons = {"originator": data.originator._asdict(), "beneficiary": data.beneficiary._asdict()}
    return data._asdict() | persons


# ---------------------------------------------------------------- IVMS 101


def ivms101(data: TravelData, edition: Edition = "2023") -> dict[str, Any]:
    """Return the message of an edition. They differ in names alone: 2020 wrote `originatorPersons` and so on in the
    same objects, and 2023 names the version and `customerIdentification` with its `customerNumber`."""
    originator = _ivms_person(data.originator, edition)
    beneficiary = _ivms_person(data.beneficiary, edition)
    message: dict[str, Any] = {
        "originator": {"originatorPersons": [originator], "accountNumber": [data.originator_account]},
        "beneficiary": {"beneficiaryPersons": [beneficiary], "accountNumber": [data.beneficiary_account]},
    }
    providers = (
        ("originatingVASP", "originatingVASP", data.originating_provider),
        ("beneficiaryVASP", "beneficiaryVASP", data.beneficiary_provider),
    )
    for outer, inner, name in providers:
        if name:
            message[outer] = {inner: {"legalPerson": {"name": _legal_name(name)}}}
    if edition == "2023":
        message["payloadMetadata"] = {"payloadVersion": "101.2023"}
    return message


def _ivms_person(person: TransferPerson, edition: Edition) -> dict[str, Any]:
    found: dict[str, Any] = {"name": _legal_name(person.name) if person.is_company else _natural_name(person.name)}
    if person.address:
        country = person.country or "XX"
        found["geographicAddress"] = [{"addressType": "GEOG", "addressLine": [person.address], "country": country}]
    if person.customer_id:
        found["customerNumber" if person.is_company and edition == "2020" else "customerIdentification"] = (
            person.customer_id
        )
    identifier = person.lei or person.national_id
    if identifier:
        kind = "LEIX" if person.lei else "NIDN"
        found["nationalIdentification"] = {"nationalIdentifier": identifier, "nationalIdentifierType": kind}
    if person.birth and not person.is_company:
        day, _, place = person.birth.partition(",")
        found["dateAndPlaceOfBirth"] = {"dateOfBirth": day.strip(), "placeOfBirth": place.strip()}
    return {"legalPerson" if person.is_company else "naturalPerson": found}


def _natural_name(name: str) -> dict[str, Any]:
    first, _, last = name.strip().rpartition(" ")
    names: dict[str, Any] = {"primaryIdentifier": last or name, "nameIdentifierType": "LEGL"}
    if first:
        names["secondaryIdentifier"] = first
    return {"nameIdentifier": [names]}


def _legal_name(name: str) -> dict[str, Any]:
    return {"nameIdentifier": [{"legalPersonName": name, "legalPersonNameIdentifierType": "LEGL"}]}
