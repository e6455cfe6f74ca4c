"""Lists whose XML layout is declared in a TOML file: which elements are records, and which of their parts mean what.

A layout says for each kind of record its element, whether it is a person or a company, its names (each a row of
elements that are joined), a separator where one element holds several names, and where birth date and identifiers are.
`layouts/kz_afm.toml` is the layout of the list of Kazakhstan's Financial Monitoring Agency.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element

from tarazy.facility.accounts.errors import ListFileError
from tarazy.facility.accounts.screening.listed import KINDS, ListedFile, ListedParty, unique
from tarazy.facility.accounts.screening.xml_stream import records, text_at

LAYOUTS = Path(__file__).with_name("layouts")
FIELDS = {"element", "kind", "names", "separator", "birth", "birth_form", "identifier", "country"}


class RecordLayout(NamedTuple):
    """Where one kind of record keeps what. Empty = the list does not say it."""

    element: str
    kind: str
    names: tuple[tuple[str, ...], ...]
    separator: str = ""
    birth: str = ""
    birth_form: str = "%d.%m.%Y"
    identifier: str = ""
    country: str = ""


class ListLayout(NamedTuple):
    """The layout of a list: its root, its records, and a programme's name for all of them."""

    root: str
    programme: str
    records: tuple[RecordLayout, ...]


def load_layout(path: Path) -> ListLayout:
    """Read a layout. Raises: ListFileError."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        rows = tuple(record_layout(path, row) for row in document["record"])
        return ListLayout(document["root"], document["programme"], rows)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ListFileError(path, expected="a layout in TOML", found=str(error)) from error
    except (KeyError, TypeError) as error:
        raise ListFileError(path, expected="root, programme and [[record]] tables", found=f"no {error}") from error


def record_layout(path: Path, row: dict[str, Any]) -> RecordLayout:
    """Return the layout of one kind of record. Raises: ListFileError."""
    if unknown := set(row) - FIELDS:
        raise ListFileError(path, expected=f"the fields {', '.join(sorted(FIELDS))}", found=", ".join(sorted(unknown)))
    if row["kind"] not in KINDS:
        raise ListFileError(path, expected=f"a kind of {', '.join(KINDS)}", found=repr(row["kind"])[:60])
    return RecordLayout(**row | {"names": tuple(tuple(parts.split()) for parts in row["names"])})


def read_declared(path: Path, layout: ListLayout, published: str) -> ListedFile:
    """Return a list of a declared layout; `published` is the day that its file does not say itself.

    A record has no number of its own, so its reference is a hash of what names it, with a count for the second of
    the same. Raises: ListFileError.
    """
    by_element = {each.element: each for each in layout.records}
    stream = records(path, layout.root, tuple(by_element))
    next(stream)
    seen: Counter[str] = Counter()
    entries = []
    for element in stream:
        found = entry(path, element, by_element[element.tag], layout.programme)
        seen[found.reference] += 1
        suffix = f"-{seen[found.reference]}" if seen[found.reference] > 1 else ""
        entries.append(found._replace(reference=found.reference + suffix))
    if not entries:
        raise ListFileError(path, expected=f"records {', '.join(by_element)}", found="none")
    return ListedFile(published, entries)


def entry(path: Path, element: Element, row: RecordLayout, programme: str) -> ListedParty:
    """Return one record."""
    joined = [" ".join(filter(None, (text_at(element, part) for part in parts))) for parts in row.names]
    names = unique([name for text in joined for name in (text.split(row.separator) if row.separator else [text])])
    if not names:
        raise ListFileError(path, expected=f"a name in every {row.element}", found="a record without one")
    births = [birth(path, text_at(element, row.birth), row.birth_form)] if row.birth else []
    numbers = [text_at(element, row.identifier)] if row.identifier else []
    countries = [text_at(element, row.country)] if row.country else []
    naming = "|".join((row.kind, *names, *births, *numbers))
    reference = sha256(naming.encode()).hexdigest()[:16]
    return ListedParty(
        reference, row.kind, names, (), unique(births), unique(countries), unique(numbers), (), (programme,)
    )


def birth(path: Path, text: str, form: str) -> str:
    """Return a date of birth, or its year where no more is written.

    Raises: ListFileError for a text in another form: a date that is passed over would be evidence that is lost.
    """
    if not text or (len(text) == 4 and text.isdecimal()):
        return text
    try:
        return datetime.strptime(text, form).date().isoformat()
    except ValueError:
        raise ListFileError(path, expected=f"a birth date as {form}", found=repr(text[:40])) from None
