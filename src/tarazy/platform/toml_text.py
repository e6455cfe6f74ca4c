"""TOML of strangers, parsed at bounded cost.

The library's work and memory grow with the square of the names in one dotted key: 200 KB of `a.a.a...` took 12 GB.
"""

from __future__ import annotations

import re
import tomllib
from typing import Any

TEXT_CHARS_MAX = 1 << 20
NAMES_MAX = 32  # joined by dots
NAME = r"""[\w-]++|"[^"\n]*+"|'[^'\n]*+'"""
TOO_MANY_NAMES = re.compile(rf"(?<![\w-])(?:(?:{NAME})[ \t]*+\.[ \t]*+){{{NAMES_MAX}}}", re.ASCII)


def parse_toml(text: str) -> dict[str, Any]:
    """Return what a TOML text says.

    Raises: tomllib.TOMLDecodeError, also for what is too long, too deep, or a number without end.
    """
    if len(text) > TEXT_CHARS_MAX:
        raise tomllib.TOMLDecodeError(f"more than {TEXT_CHARS_MAX:,} characters")
    if TOO_MANY_NAMES.search(text):
        raise tomllib.TOMLDecodeError(f"more than {NAMES_MAX} names joined by dots")
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise tomllib.TOMLDecodeError("lists or tables in each other without end") from None
    except tomllib.TOMLDecodeError:
        raise
    except ValueError as error:  # a number of thousands of digits
        raise tomllib.TOMLDecodeError(str(error)) from None
