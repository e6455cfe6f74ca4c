"""What strangers wrote is shown so that it can do nothing but be read."""

from __future__ import annotations

import pytest

from tarazy.console.layout.sanitising import finalize
from tarazy.platform.sanitising import cut, sanitised


@pytest.mark.parametrize("text", ["Plain", "Теңге қор", "银河币", "Ćwiek é", "money 🚀", "two\nlines\tand tab", "مال"])
def test_honest_text_stays_as_it_is(text: str) -> None:
    assert sanitised(text) == text


@pytest.mark.parametrize(
    "character",
    ["\u202e", "\u202a", "\u2066", "\u200b", "\u200d", "\ufeff", "\u00ad", "\0", "\x1b", "\u2028", "\u3164"],
)
def test_character_that_hides_or_turns_is_written_out(character: str) -> None:
    assert sanitised(f"US{character}DT") == f"US[U+{ord(character):04X}]DT"


def test_marks_piled_on_a_letter_are_written_out_after_three() -> None:
    shown = sanitised("Z" + "\u0301" * 40)
    assert shown.startswith("Z\u0301\u0301\u0301[U+0301]")
    assert shown.count("\u0301") == 3
    assert shown.endswith("[33 more like these]")


def test_long_text_is_cut_and_its_length_said() -> None:
    assert cut("x" * 10_240, 10) == "xxxxxxxxxx… (10,240 characters)"
    assert cut("short", 10) == "short"


def test_template_may_print_no_none() -> None:
    with pytest.raises(ValueError, match="found None"):
        finalize(None)
    assert finalize(0) == 0
