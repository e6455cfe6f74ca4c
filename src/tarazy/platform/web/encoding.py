"""How answers are written: compact JSON in UTF-8, without NaN."""

from __future__ import annotations

import json
from typing import Any

_ENCODER = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def encode(plain: Any) -> bytes:
    """Return compact JSON bytes."""
    return _ENCODER.encode(plain).encode()
