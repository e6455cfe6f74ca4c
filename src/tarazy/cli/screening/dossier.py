"""`tarazy screening dossier`: the signed record that a listing committee needs, made from a report and criteria."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from tarazy.cli.config.arguments import add_config, configuration
from tarazy.cli.errors import CliError
from tarazy.cli.files import read_json
from tarazy.cli.output import Output
from tarazy.domain.signer import KeySigner
from tarazy.platform.signing.key_file import secret_file
from tarazy.screening.criteria.file import HOUSE_CRITERIA, criteria_named
from tarazy.screening.criteria.waivers import load_waivers
from tarazy.screening.dossier import Identifiers, make_dossier, sign_dossier
from tarazy.screening.model import Report
from tarazy.screening.service.reading import read_report

KEY_NAME = "signing.key"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `dossier`."""
    parser.add_argument("report", type=Path, metavar="REPORT", help="report of `tarazy screen --json` or of the API")
    parser.add_argument("--criteria", action="append", metavar="FILE", help="criteria file or name; repeatable (house)")
    parser.add_argument("--waivers", type=Path, metavar="FILE", help="what was set aside, by whom and why")
    parser.add_argument("--dti", metavar="ID", help="digital token identifier (ISO 24165)")
    parser.add_argument("--lei", metavar="ID", help="legal entity identifier of the issuer (ISO 17442)")
    parser.add_argument("--isin", metavar="ID", help="ISIN (ISO 6166)")
    parser.add_argument("--white-paper", metavar="TEXT", help="identifier of the white paper")
    parser.add_argument(
        "--key",
        type=Path,
        metavar="FILE",
        help="signing key, made if missing (the service's: var/screening/signing.key)",
    )
    add_config(parser)
    parser.add_argument("--out", type=Path, metavar="FILE", help="file for the signed dossier (stdout)")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Make and sign the dossier item."""
    report = load_report(arguments.report)
    day = date.fromisoformat(report.screened_at[:10])
    criteria = [criteria_named(name, day) for name in arguments.criteria or [HOUSE_CRITERIA]]
    identifiers = Identifiers(arguments.dti, arguments.lei, arguments.isin, arguments.white_paper)
    waivers = load_waivers(arguments.waivers) if arguments.waivers else ()
    made_at = datetime.now(UTC).isoformat(timespec="seconds")
    dossier = make_dossier(report, criteria, made_at, identifiers, waivers)
    key = arguments.key or configuration(arguments).screening.data / KEY_NAME
    signed = sign_dossier(dossier, KeySigner.from_seed(secret_file(key)))
    if arguments.out is not None:
        arguments.out.write_text(json.dumps(signed, indent=1) + "\n")
        output.say(f"wrote {arguments.out}, signed by {signed['signature']['public_key']}")
        output.result({"out": str(arguments.out), **signed["signature"]})
    elif output.as_json:
        output.result(signed)
    else:
        output.say(json.dumps(signed, indent=1))
    return 0


def load_report(path: Path) -> Report:
    """Return the report of a file.

    Raises: CliError.
    """
    plain = read_json(path, "one report of `tarazy screen --json`")
    try:
        return read_report(as_written(plain))
    except (ValueError, KeyError, TypeError, StopIteration) as error:
        found = f"{type(error).__name__}: {str(error)[:200]}"
        raise CliError(f"{path}: expected one report of `tarazy screen --json`, found {found}") from None


def as_written(plain: Mapping[str, Any]) -> dict[str, Any]:
    """Return a report as `Report.to_json` gives it; the command line puts short answers first."""
    if "evidence" not in plain:
        return dict(plain)
    rest = {key: value for key, value in plain.items() if key not in ("evidence", "verdict_detail")}
    return {**rest, "capabilities": plain["evidence"], "verdict": plain["verdict_detail"]}
