"""Where a wallet's keys are: a file with a seed, or a token of an HSM."""

from __future__ import annotations

import argparse
from pathlib import Path

from tarazy.cli.errors import CliError
from tarazy.cli.passphrases import from_file
from tarazy.facility.custody.wallet_keys import Pkcs11Keys, SeedKeys, WalletKeys


def add_wallet_keys(parser: argparse.ArgumentParser) -> None:
    """Declare where the keys are."""
    parser.add_argument("--seed-file", type=Path, metavar="FILE", help="32 secret bytes; made where there is none")
    parser.add_argument(
        "--pkcs11", type=Path, metavar="MODULE", help="the HSM's PKCS#11 module, with --token and --pin-file"
    )
    parser.add_argument("--token", metavar="LABEL", help="label of the HSM's token")
    parser.add_argument("--pin-file", type=Path, metavar="FILE", help="file whose first line is the token's PIN")


def wallet_keys(arguments: argparse.Namespace, wallet: str) -> WalletKeys:
    """Return the keys of a wallet.

    Raises: CliError where neither or both are named; WalletKeyError.
    """
    hsm = (arguments.pkcs11, arguments.token, arguments.pin_file)
    if (arguments.seed_file is not None) == any(hsm) or (any(hsm) and not all(hsm)):
        raise CliError("expected --seed-file, or --pkcs11 with --token and --pin-file, found another choice of them")
    if arguments.seed_file is not None:
        return SeedKeys(arguments.seed_file, wallet)
    return Pkcs11Keys(arguments.pkcs11, arguments.token, from_file(arguments.pin_file).decode(), wallet)
