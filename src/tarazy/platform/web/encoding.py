"""How answers are written: compact JSON in UTF-8, without NaN."""

from __future__ import annotations

import json
from typing import Any


def encode(plain: Any) -> bytes:
    """Return compact JSON bytes."""
    return json.dumps(plain, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
