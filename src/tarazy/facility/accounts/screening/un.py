"""The consolidated list of the United Nations Security Council, as its XML file gives it.

Source: https://main.un.org/securitycouncil/en/content/un-sc-consolidated-list (CONSOLIDATED_LIST, INDIVIDUAL, ENTITY).
"""

from __future__ import annotations

from pathlib import Path
from xml.etree.ElementTree import Element

from tarazy.facility.accounts.errors import ListFileError
from tarazy.facility.accounts.screening.listed import ListedFile, ListedParty, sound_births, unique
from tarazy.facility.accounts.screening.xml_stream import below, records, text_at, texts_at

PARTS = ("FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME")
WEAK = "Low"


def read_un(path: Path) -> ListedFile:
    """Return the list. Raises: ListFileError."""
    stream = records(path, "CONSOLIDATED_LIST", ("INDIVIDUAL", "ENTITY"))
    published = (next(stream).get("dateGenerated") or "")[:10]
    return ListedFile(published, [entry(path, each) for each in stream])


def entry(path: Path, element: Element) -> ListedParty:
    """Return one INDIVIDUAL or ENTITY."""
    kind = "person" if element.tag == "INDIVIDUAL" else "company"
    prefix = element.tag
    full = " ".join(text for part in PARTS if (text := text_at(element, part)))
    strong = [full, text_at(element, "NAME_ORIGINAL_SCRIPT")]
    weak: list[str] = []
    for alias in below(element, f"{prefix}_ALIAS"):
        (weak if text_at(alias, "QUALITY") == WEAK else strong).append(text_at(alias, "ALIAS_NAME"))
    reference = text_at(element, "REFERENCE_NUMBER") or text_at(element, "DATAID")
    names = unique(strong)
    if not reference or not (names or unique(weak)):
        found = f"reference {reference!r} with {len(names)} names"
        raise ListFileError(path, expected=f"an {prefix} with a reference and a name", found=found)
    return ListedParty(
        reference,
        kind,
        names,
        unique(weak),
        sound_births([birth for each in below(element, f"{prefix}_DATE_OF_BIRTH") for birth in births(each)]),
        unique(texts_at(element, "NATIONALITY/VALUE")),
        unique(texts_at(element, f"{prefix}_DOCUMENT/NUMBER")),
        (),
        unique([text_at(element, "UN_LIST_TYPE")]),
    )


def births(element: Element) -> list[str]:
    """Return what one date of birth says: a day, a year, or a span of years."""
    if day := text_at(element, "DATE"):
        return [day[:10]]
    if year := text_at(element, "YEAR"):
        return [year]
    first, last = text_at(element, "FROM_YEAR"), text_at(element, "TO_YEAR")
    return [f"{first}..{last}"] if first and last else []
