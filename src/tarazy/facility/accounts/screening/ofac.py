"""The SDN list of the United States Treasury's Office of Foreign Assets Control, as its simple XML file gives it.

Source: https://sanctionslist.ofac.treas.gov (SDN.XML: sdnList, sdnEntry). Addresses of digital assets are identifiers
whose type begins with `Digital Currency Address`. The file says how many entries it has, and must have as many.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from xml.etree.ElementTree import Element

from tarazy.facility.accounts.errors import ListFileError
from tarazy.facility.accounts.screening.listed import ListedFile, ListedParty, sound_births, unique
from tarazy.facility.accounts.screening.xml_stream import below, records, text_at, texts_at

KINDS = {"Individual": "person", "Entity": "company"}
ADDRESS = "Digital Currency Address"
STATED = "publshInformation"  # spelled so in the file


def read_ofac(path: Path) -> ListedFile:
    """Return the list. Raises: ListFileError, also where the file has another number of entries than it says."""
    stream = records(path, "sdnList", (STATED, "sdnEntry"))
    next(stream)
    published, stated, entries = "", -1, []
    for element in stream:
        if element.tag == STATED:
            published = day(text_at(element, "Publish_Date"), "%m/%d/%Y")
            count = text_at(element, "Record_Count")
            stated = int(count) if count.isascii() and count.isdecimal() else -1
        else:
            entries.append(entry(path, element))
    if stated != len(entries):
        raise ListFileError(path, expected=f"{stated} entries, as the file says", found=str(len(entries)))
    return ListedFile(published, entries)


def entry(path: Path, element: Element) -> ListedParty:
    """Return one sdnEntry; vessels and aircraft are kind `other`."""
    reference = text_at(element, "uid")
    strong, weak = [full_name(element)], list[str]()
    for alias in below(element, "akaList/aka"):
        (weak if text_at(alias, "category") == "weak" else strong).append(full_name(alias))
    names = unique(strong)
    if not reference or not names:
        raise ListFileError(path, expected="an sdnEntry with uid and lastName", found=f"uid {reference!r}")
    numbers, addresses = list[str](), list[str]()
    for each in below(element, "idList/id"):
        is_address = text_at(each, "idType").startswith(ADDRESS)
        (addresses if is_address else numbers).append(text_at(each, "idNumber"))
    births = texts_at(element, "dateOfBirthList/dateOfBirthItem/dateOfBirth")
    countries = texts_at(element, "nationalityList/nationality/country")
    countries += texts_at(element, "citizenshipList/citizenship/country")
    return ListedParty(
        reference,
        KINDS.get(text_at(element, "sdnType"), "other"),
        names,
        unique(weak),
        sound_births([birth(text) for text in births]),
        unique(countries),
        unique(numbers),
        unique(addresses),
        unique(texts_at(element, "programList/program")),
    )


def full_name(element: Element) -> str:
    """Return first and last name."""
    return f"{text_at(element, 'firstName')} {text_at(element, 'lastName')}".strip()


def birth(text: str) -> str:
    """Return `10 Dec 1948` as a day, `Dec 1948`, `1948` and `circa 1948` as a year, two of them as a span."""
    first, to, last = text.partition(" to ")
    if to:
        return f"{birth(first)[:4]}..{birth(last)[:4]}"
    return day(text, "%d %b %Y") or next((word for word in reversed(text.split()) if is_year(word)), "")


def is_year(word: str) -> bool:
    """Say whether a word is a year."""
    return len(word) == 4 and word.isascii() and word.isdecimal()


def day(text: str, form: str) -> str:
    """Return a day as 2026-11-30, empty where the text is none."""
    try:
        return datetime.strptime(text, form).date().isoformat()
    except ValueError:
        return ""
