"""Files that a caller names: read within bounds, so that a wrong one costs a sentence and not the machine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tarazy.cli.errors import CliError

BYTES_MAX = 64 * 1024**2
DIGITS_MAX = 400


def read_bounded(path: Path, bytes_max: int = BYTES_MAX) -> bytes:
    """Return the content of a file.

    Raises: CliError where it is larger; OSError where it cannot be read.
    """
    with path.open("rb") as file:
        content = file.read(bytes_max + 1)
    if len(content) > bytes_max:
        raise CliError(f"{path}: expected at most {bytes_max:,} bytes, found more. Is it the right file?")
    return content


def read_json(path: Path, expected: str) -> Any:
    """Return the data in a file of JSON; `expected` says in words what it should hold.

    Raises: CliError; OSError where it cannot be read.
    """
    try:
        return json.loads(read_bounded(path), parse_int=whole)
    except RecursionError:
        found = "lists in lists without end"
    except ValueError as error:
        found = str(error)[:200]
    raise CliError(f"{path}: expected {expected}, found {found}")


def whole(text: str) -> int:
    """Return a number.

    Raises: ValueError where it is longer than any that is meant.
    """
    if len(text) > DIGITS_MAX:
        raise ValueError(f"a number of {len(text):,} digits")
    return int(text)
