"""hsm: signatures a second with a wallet's keys in an HSM through PKCS#11, in turn with keys from a seed in a file.

The HSM is softhsm2, so the figure is that of the way to it; a device's own rate is its maker's. Each turn signs with
several keys, one after the other, as the signer does: the secp256k1 signature with the lower s over 32 bytes.
"""

from __future__ import annotations

import secrets
import sys
import time
from hashlib import sha256

import common

from tarazy.facility.custody.wallet_keys import Pkcs11Keys, SeedKeys, WalletKeys

PLACES = 8


def rate(keys: WalletKeys, count: int) -> float:
    """Return signatures a second."""
    digests = [sha256(b"%d" % number).digest() for number in range(count)]
    begin = time.perf_counter()
    for number, digest in enumerate(digests):
        keys.sign(number % PLACES, digest)
    return count / (time.perf_counter() - begin)


def main() -> None:
    """Run the bench."""
    made = common.parser(__doc__ or "")
    made.add_argument("--count", type=int, default=2_000, help="signatures of a turn (default 2000)")
    chosen = made.parse_args()
    sys.path.append(str(common.ROOT))
    from tests.software_hsm import PIN, TOKEN, software_hsm

    with common.scratch() as folder:
        module = software_hsm(folder)
        if module is None:
            sys.exit("hsm: expected softhsm2, found none: install the package softhsm2")
        seed = folder / "seed"
        seed.touch(mode=0o600)
        seed.write_bytes(secrets.token_bytes(32))
        in_hsm, from_seed = Pkcs11Keys(module, TOKEN, PIN, "bench"), SeedKeys(seed, "bench")
        for place in range(PLACES):
            in_hsm.public_key(place)
        rates = [(rate(in_hsm, chosen.count), rate(from_seed, chosen.count)) for _ in range(chosen.runs)]
        in_hsm.close()
    facts = {"seed_per_s": round(common.median([seed for _, seed in rates])), "keys": PLACES}
    common.finish(chosen, "hsm", round(common.median([hsm for hsm, _ in rates])), "signatures/s", **facts)


if __name__ == "__main__":
    main()
