"""Write schemas/native/openapi.json from what the operations of the native API declare.

Usage: python scripts/native_openapi.py [--check]   (--check writes nothing and exits 1 when the file is stale)
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tarazy.facility.gateway.native.catalogue import DOCUMENT

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "schemas" / "native" / "openapi.json"


def main() -> int:
    """Write the file, or say whether it is stale."""
    text = json.dumps(DOCUMENT, indent=2, ensure_ascii=False) + "\n"
    stale = not FILE.exists() or FILE.read_text() != text
    if "--check" in sys.argv[1:]:
        if stale:
            print(f"{FILE.relative_to(ROOT)} is not what the operations say; run `make generate`")
        return int(stale)
    if stale:
        FILE.parent.mkdir(exist_ok=True)
        FILE.write_text(text)
        print(FILE.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
