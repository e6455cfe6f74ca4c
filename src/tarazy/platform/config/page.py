"""The reference page of the configuration, made from what the sections declare."""

from __future__ import annotations

from collections.abc import Mapping
from inspect import getdoc
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from tarazy.platform.config.listing import Declared, declared, sections_in

COLUMNS = "| key | default | unit | bounds | why |\n| --- | --- | --- | --- | --- |"


def page(head: str, sections: type[BaseModel]) -> str:
    """Return the page: its head, then one table a section."""
    parts = [head.strip(), *(section_text(name, section) for name, section in sections_in(sections))]
    return "\n\n".join(part for part in parts if part) + "\n"


def section_text(name: str, section: type[BaseModel]) -> str:
    """Return a section's part of the page."""
    rows = [row(each) for each in declared(section)]
    table = "\n".join([COLUMNS, *rows]) if rows else ""
    return "\n\n".join(part for part in (f"## [{name}]", getdoc(section) or "", table) if part)


def row(each: Declared) -> str:
    """Return one line of a table."""
    least, most = each.minimum, each.maximum
    bounds = f"{number(least)} to {number(most)}" if least is not None and most is not None else ""
    bounds = bounds or (f"from {number(least)}" if least is not None else "")
    return f"| `{each.name}` | {default_text(each.default)} | {each.unit} | {bounds} | {each.reason} |"


def default_text(value: Any) -> str:
    """Return a default as TOML writes it, or none."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, int | float):
        return f"`{number(value)}`"
    if isinstance(value, Mapping | tuple):
        return "`{}`" if isinstance(value, Mapping) else "`[]`"
    return f'`"{value}"`' if isinstance(value, str | Path) else f"`{value}`"


def number(value: float | None) -> str:
    """Return a number with `_` between thousands, as TOML allows."""
    return f"{value:_}"
