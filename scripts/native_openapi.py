"""Write schemas/native/openapi.json from what the operations of the native API declare.

Usage: python scripts/native_openapi.py [--check]   (--check writes nothing and exits 1 when the file is stale)
"""

from __future__ import annotations

import json
import sys

from generated import ROOT, write_or_check

from tarazy.facility.gateway.native.catalogue import DOCUMENT

FILE = ROOT / "schemas" / "native" / "openapi.json"


def main() -> int:
    """Write the file, or say whether it is stale."""
    return write_or_check({FILE: json.dumps(DOCUMENT, indent=2, ensure_ascii=False) + "\n"}, "the operations")


if __name__ == "__main__":
    sys.exit(main())
