"""XML of strangers, read piece by piece: no entities, no document types, no links, and bounds on everything.

`defusedxml` refuses what a parser would expand or fetch. An element leaves memory as soon as it was read.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from tarazy.facility.accounts.errors import ListFileError

BYTES_MAX = 512 << 20
RECORDS_MAX = 1_000_000
TEXT_LETTERS_MAX = 4_000


def records(path: Path, root: str, names: tuple[str, ...]) -> Iterator[Element]:
    """Yield the root when it begins, then each element of these names when it ends; namespaces are left out.

    Raises: ListFileError for another root, for what is no XML, and for XML that declares entities.
    """
    if path.stat().st_size > BYTES_MAX:
        raise ListFileError(path, expected=f"at most {BYTES_MAX >> 20} MiB", found=f"{path.stat().st_size} bytes")
    try:
        yield from _records(path, root, names)
    except DefusedXmlException as error:
        expected = "XML without document type and entities"
        raise ListFileError(path, expected=expected, found=type(error).__name__) from error
    except ParseError as error:
        raise ListFileError(path, expected="a whole XML file", found=str(error)) from error


def _records(path: Path, root: str, names: tuple[str, ...]) -> Iterator[Element]:
    top: Element | None = None
    count = 0
    for event, element in iterparse(path, events=("start", "end"), forbid_dtd=True):
        element.tag = local(element.tag)
        if top is None:
            top = element
            if top.tag != root:
                raise ListFileError(path, expected=f"the root {root}", found=top.tag[:60])
            yield top
        elif event == "end" and element.tag in names:
            count += 1
            if count > RECORDS_MAX:
                raise ListFileError(path, expected=f"at most {RECORDS_MAX} records", found="more")
            yield element
            element.clear()
            top.clear()


def local(tag: str) -> str:
    """Return a name without its namespace."""
    return tag.rpartition("}")[2]


def text_at(element: Element, path: str) -> str:
    """Return the text of one element below, `a/b`; empty where it is not there."""
    return next(iter(texts_at(element, path)), "")


def texts_at(element: Element, path: str) -> list[str]:
    """Return the texts of all elements below that a path names.

    Raises: ListFileError for a longer text than any name.
    """
    found = [element]
    for step in path.split("/"):
        found = [child for each in found for child in each if local(child.tag) == step]
    texts = [" ".join((each.text or "").split()) for each in found]
    for text in texts:
        if len(text) > TEXT_LETTERS_MAX:
            raise ListFileError(path, expected=f"at most {TEXT_LETTERS_MAX} letters", found=f"{len(text)}")
    return texts


def below(element: Element, path: str) -> list[Element]:
    """Return all elements below that a path names."""
    found = [element]
    for step in path.split("/"):
        found = [child for each in found for child in each if local(child.tag) == step]
    return found
