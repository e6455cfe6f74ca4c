"""TOML that costs as much as it is long. Oracle: the standard library for what is usual; a clock for the rest."""

from __future__ import annotations

import time
import tomllib

import pytest

from tarazy.platform.toml_text import NAMES_MAX, TEXT_CHARS_MAX, parse_toml


@pytest.mark.parametrize(
    "text",
    [
        "a.b.c = 1\n[x.y]\nz = [1, 2.5, 'q']\n",
        ".".join("a" * NAMES_MAX) + " = 1",
        "version = '1.2.3.4.5.6.7.8.9.10'\n# a.b.c.d.e.f\n",
    ],
)
def test_usual_text_says_what_the_library_reads(text: str) -> None:
    assert parse_toml(text) == tomllib.loads(text)


@pytest.mark.parametrize(
    "text",
    [
        ".".join(["a"] * 100_000) + "=1",
        "[" + ".".join(["a"] * 100_000) + "]",
        " . ".join(['"a b"'] * 50_000) + "=1",
        "x = {" + "\t.".join(["'a'"] * 50_000) + "=1}",
        "a = " + "[" * 100_000,
        "a = " + "9" * 100_000,
        "a" * TEXT_CHARS_MAX,
        "a = '" + "x" * TEXT_CHARS_MAX,
        '"' * (TEXT_CHARS_MAX - 1),
        "-. " * 300_000,
    ],
)
def test_hostile_text_is_refused_at_once(text: str) -> None:
    before_s = time.process_time()
    with pytest.raises(tomllib.TOMLDecodeError):
        parse_toml(text)
    assert time.process_time() - before_s < 5.0
