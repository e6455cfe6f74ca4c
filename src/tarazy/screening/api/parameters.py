"""Parameters as callers send them, checked: every refusal says what was expected and what was found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tarazy.platform.refusals import BAD_PARAMETER, RefusedError
from tarazy.screening.service.reasons import ADDRESS_FORMAT, CHAIN_UNSUPPORTED
from tarazy.screening.service.sources import ADDRESS

SHOWN = 80
PAGE_SIZE_MAX = 100
PAGE_MAX = 100_000
WEI_BITS = 256


def shown(value: Any) -> str:
    """Return a value as a refusal names it: short, and printable."""
    text = repr(value)
    return text if len(text) <= SHOWN else text[:SHOWN] + "..."


def chain(value: Any) -> int:
    """Return a chain id; a name of a chain is a chain that is not supported."""
    text = str(value).strip()
    if not text:
        raise RefusedError(BAD_PARAMETER, "expected a chain id, found none")
    if not (text.isascii() and text.isdecimal() and len(text) <= 19):
        raise RefusedError(CHAIN_UNSUPPORTED, f"expected the number of an EVM chain, found {shown(text)}")
    return int(text)


def address(value: Any, what: str = "address") -> str:
    """Return an address in lower case."""
    text = value.strip() if isinstance(value, str) else ""
    if not text:
        raise RefusedError(BAD_PARAMETER, f"expected {what}, found {shown(value)}")
    if not ADDRESS.fullmatch(text):
        raise RefusedError(ADDRESS_FORMAT, f"{what}: expected 0x and 40 hexadecimal digits, found {shown(text)}")
    return text.lower()


def addresses(value: str, count_max: int, what: str = "contract_addresses") -> list[str]:
    """Return addresses separated by commas, each once."""
    given = [each for each in value.split(",", count_max + 1) if each.strip()]
    if not given:
        raise RefusedError(BAD_PARAMETER, f"expected {what}, found none")
    if len(given) > count_max:
        raise RefusedError(BAD_PARAMETER, f"{what}: expected at most {count_max} addresses, found more")
    return list(dict.fromkeys(address(each, what) for each in given))


def hex_bytes(value: Any, what: str, bytes_max: int) -> bytes:
    """Return bytes written as hexadecimal digits, with or without 0x."""
    if not isinstance(value, str):
        raise RefusedError(BAD_PARAMETER, f"{what}: expected hexadecimal text, found {shown(value)}")
    text = value.strip().removeprefix("0x").removeprefix("0X")
    if len(text) > 2 * bytes_max:
        raise RefusedError(BAD_PARAMETER, f"{what}: expected at most {bytes_max:,} bytes, found {len(text) // 2:,}")
    try:
        if not text.isascii() or any(each.isspace() for each in text):
            raise ValueError("not hexadecimal")
        return bytes.fromhex(text)
    except ValueError:
        raise RefusedError(
            BAD_PARAMETER, f"{what}: expected an even number of hexadecimal digits, found {shown(value)}"
        ) from None


def quantity(value: Any, what: str) -> int | None:
    """Return a number given as a number, as decimal text or as 0x and hexadecimal digits; None for nothing."""
    if value is None or value == "":
        return None
    try:
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise ValueError("no number")
        if isinstance(value, str):
            text = value.strip()
            if len(text) > SHOWN or not text.isascii() or "_" in text:
                raise ValueError("no number")
            value = int(text, 16) if text[:2].lower() == "0x" else int(text)
        found = int(value)
        if not 0 <= found < 1 << WEI_BITS:
            raise ValueError("out of range")
    except ValueError:
        raise RefusedError(
            BAD_PARAMETER, f"{what}: expected a whole number of at most {WEI_BITS} bits, found {shown(value)}"
        ) from None
    return found


def page(number: str, size: str) -> tuple[int, int]:
    """Return page number, from 1, and page size."""
    found_number, found_size = quantity(number or "1", "pageNum"), quantity(size or "10", "pageSize")
    if not found_number or found_number > PAGE_MAX:
        raise RefusedError(BAD_PARAMETER, f"pageNum: expected 1 to {PAGE_MAX:,}, found {shown(number)}")
    if not found_size or found_size > PAGE_SIZE_MAX:
        raise RefusedError(BAD_PARAMETER, f"pageSize: expected 1 to {PAGE_SIZE_MAX}, found {shown(size)}")
    return found_number, found_size


def text(given: Mapping[str, Any], key: str, chars_max: int) -> str:
    """Return a text of an object, empty where it is missing."""
    value = given.get(key)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > chars_max:
        raise RefusedError(
            BAD_PARAMETER, f"{key}: expected text of at most {chars_max} characters, found {shown(value)}"
        )
    return value
