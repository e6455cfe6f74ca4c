"""A refusal and a cancel reason tell a trader in plain words what was expected, what was found and what to do.

Refused here: expected and found that say the same or are in different units, sentences that are none or too long,
words of programs, and names of fields in what a client reads.
"""

from __future__ import annotations

import re

import pytest

from tarazy.domain.records import MEANINGS, CancelReason
from tarazy.domain.reject_codes import REJECT_INFO, RejectCode, RejectInfo

WORDS_MAX = 30
UNITS = {"ticks": "ticks", "lots": "lots", "ns": "ns", "minor": "minor units", "ppm": "ppm"}
PROGRAM = re.compile(r"\b(?:invalid|illegal|null|nonzero|enum|struct|boolean|exception|u\d+|deprecated|bps)\b", re.I)
FIELD = re.compile(r"\b[a-z]+_[a-z_]+\b|\b[A-Z][a-z]+[A-Z]\w*\b")
# Codes that a client's own commands may meet.
CLIENT = [
    code for code in RejectCode if 160 <= code < 190 or code in (116, 127, 128, 146, 200, 300, 631, 639, 641, 642)
]


def unit(text: str) -> set[str]:
    """Return the units that a description names, by itself or as the last word of a field's name."""
    words = re.findall(r"[a-z]+", text.replace("_", " ").lower())
    return {UNITS[word] for word in words if word in UNITS}


def sentence_faults(text: str) -> list[str]:
    """Return what keeps a text from being plain sentences."""
    faults = []
    if not text or not text[0].isupper() or text[-1] not in ".:" or "  " in text:
        faults.append("expected whole sentences")
    for sentence in re.split(r"(?<=[.;:]) ", text):
        if len(sentence.split()) > WORDS_MAX:
            faults.append(f"expected at most {WORDS_MAX} words, found {len(sentence.split())}")
    faults += [f"expected a plain word, found {word!r}" for word in PROGRAM.findall(text)]
    return faults


def refusal_faults(info: RejectInfo, is_clients: bool) -> list[str]:
    """Return what is wrong with the words of a refusal."""
    faults = [*sentence_faults(info.doc), *sentence_faults(info.example), *sentence_faults(info.advice)]
    if info.expected.lower() == info.found.lower():
        faults.append(f"expected and found are both {info.found!r}")
    if not info.expected or not info.found:
        faults.append("expected and found say nothing")
    units = unit(info.expected), unit(info.found)
    if all(units) and not units[0] & units[1]:
        faults.append(f"expected is in {units[0]}, found is in {units[1]}")
    if is_clients:
        faults += [f"name of a program: {word!r}" for word in FIELD.findall(info.advice)]
    return faults


@pytest.mark.parametrize("code", RejectCode, ids=lambda code: code.name)
def test_refusal_says_in_plain_words_what_to_do(code: RejectCode) -> None:
    assert not refusal_faults(REJECT_INFO[code], code in CLIENT)


def test_no_two_refusals_say_the_same() -> None:
    docs = [info.doc for info in REJECT_INFO.values()]
    assert len(set(docs)) == len(docs)


@pytest.mark.parametrize("reason", CancelReason, ids=lambda reason: reason.name)
def test_cancel_reason_is_a_plain_sentence(reason: CancelReason) -> None:
    meaning = MEANINGS["CancelReason"][reason]
    assert not sentence_faults(meaning)
    assert not FIELD.findall(meaning)


def test_no_two_cancel_reasons_say_the_same() -> None:
    assert len(set(MEANINGS["CancelReason"].values())) == len(MEANINGS["CancelReason"]) == len(CancelReason)


GOOD = RejectInfo(
    "GATE", "The price is too high.", "largest price, ticks", "price_ticks", "A buy at 9.", "Lower it.", ""
)


@pytest.mark.parametrize(
    "change",
    [
        {"expected": "price_ticks"},
        {"expected": "largest quantity, lots"},
        {"expected": ""},
        {"doc": "price too high"},
        {"doc": "Invalid price."},
        {"advice": ""},
        {"advice": "Lower price_ticks."},
        {"advice": "Send a SetParameter."},
        {"doc": "The price is " + "very " * WORDS_MAX + "high."},
    ],
    ids=str,
)
def test_bad_words_are_found(change: dict[str, str]) -> None:
    assert not refusal_faults(GOOD, True)
    assert refusal_faults(GOOD._replace(**change), True)
