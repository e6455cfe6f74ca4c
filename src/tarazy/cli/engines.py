"""Find the engines that are installed: `spec` always is, `core` where it was built."""

from __future__ import annotations

import importlib
from typing import cast

from tarazy.cli.errors import CliError
from tarazy.domain.engine import Engine

CHOICES = ("spec", "core")


def load_engine(name: str) -> type[Engine]:
    """Return an engine's class.

    Raises: CliError where `core` is asked for and was not built.
    """
    if name == "spec":
        return cast("type[Engine]", importlib.import_module("tarazy.spec.venue").Venue)
    if not has_core():
        raise CliError(
            "expected the Rust engine (module tarazy_core), found none; build it with `make setup` where cargo is, "
            "or use --engine spec"
        )
    return cast("type[Engine]", importlib.import_module("tarazy_core").Venue)


def has_core() -> bool:
    """Return whether the Rust engine is installed."""
    try:
        return hasattr(importlib.import_module("tarazy_core"), "Venue")
    except ImportError:
        return False


def fastest() -> str:
    """Return the name of the fastest engine that is installed."""
    return "core" if has_core() else "spec"
