"""`tarazy VERB ...`: find the verb, parse its arguments, run it, and turn operating errors into one clear line.

Exit codes: 0 done, 1 the verb's answer is no (damage found, digests differ) or it could not be done, 2 wrong usage,
130 stopped by the keyboard, 141 the reader of stdout left.
A verb is one module with `add_arguments(parser)` and `run(arguments, output) -> int`; only the chosen one is imported.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.metadata
import io
import os
import sys
from typing import NamedTuple

from tarazy.cli.errors import CliError, UsageError, defect, describe
from tarazy.cli.output import Output, OutputLostError, found_by_stdout
from tarazy.cli.parser import HelpAsked, VerbParser

READER_LEFT = 141  # as a shell counts an end by SIGPIPE


class Verb(NamedTuple):
    """Where a verb lives, what it does, in one line, and the extra of the package that it needs, if any."""

    module: str
    summary: str
    extra: str = ""


VERBS: dict[str, Verb] = {
    "demo": Verb(
        "demo.demo",
        "run a market through a facility, report, and let the specification replay it",
        "authority,facility",
    ),
    "verify": Verb("journal.verify", "check every byte of a journal: frames, chain, signatures"),
    "head": Verb("journal.head", "print the newest signed head of a journal, or the key that checks it"),
    "prove-frame": Verb("journal.prove_frame", "prove to somebody without the journal that it holds a frame"),
    "prove-consistency": Verb("journal.prove_consistency", "prove that a head goes on from an older one"),
    "check-proof": Verb("journal.check_proof", "check a head or a proof with the facility's key, without a journal"),
    "proof": Verb("proof.proof", "solvency: make and verify reports and clients' proofs of what is owed", "facility"),
    "reconciliation": Verb(
        "reconciliation.reconciliation", "ledger, book, chains and banks compared: run, review, items, lift", "facility"
    ),
    "insolvency-file": Verb(
        "proof.insolvency_file", "write who is owed what at a command, and whether all can be paid"
    ),
    "copy-stream": Verb(
        "journal.copy_stream", "bring a folder up to the end of a facility's replicated log", "facility,stream"
    ),
    "replay": Verb("journal.replay", "run a journal's commands again and compare every digest"),
    "import": Verb(
        "market_data.imports",
        "turn a published order flow file into a journal (bitstamp, lobster, binance)",
        "facility",
    ),
    "export": Verb("journal.export", "write a journal's commands and events as Parquet", "export"),
    "events": Verb("journal.events", "check the events file beside a journal, or make it anew"),
    "projections": Verb(
        "facility.projections",
        "read models: balances, orders, trades, book, candles; rebuild, follow, digest",
        "facility",
    ),
    "book": Verb("journal.book", "show a market's book at a sequence number"),
    "explain": Verb("journal.explain", "tell one command's five stages in words, with balances before and after"),
    "facility": Verb(
        "facility.facility", "a facility: create it, serve it to traders, keys of its accounts' programs", "facility"
    ),
    "custody": Verb(
        "custody.custody",
        "custody: wallets, addresses, keys, deposits and withdrawals on chains, a signer that follows the record",
        "facility",
    ),
    "officer": Verb("facility.officer", "officers' keys, and who the officers of a facility are"),
    "instruct": Verb("facility.instruct", "signed instructions: draft, show, sign, serve, submit, status", "facility"),
    "bank": Verb("bank.bank", "bank rails: statements of banks read and checked", "facility"),
    "documents": Verb("documents.documents", "documents by hash beside a record: add, show, list, retain, delete"),
    "config": Verb("config.config", "the one configuration file of a house: check, show", "facility"),
    "screen": Verb(
        "screening.screen", "screen a token: what its code allows, who holds each power, and a verdict", "screening"
    ),
    "screening": Verb(
        "screening.screening",
        "the screening as a service: serve, keys, watch, safe tokens, wallets, dossier",
        "screening",
    ),
    "rules": Verb(
        "rules.rules", "the rulebook as code: list, show, check a facility, coverage, diff, export", "authority"
    ),
    "greenlist": Verb("greenlist.greenlist", "the green list's criteria: run them over a market's record", "authority"),
    "authority": Verb(
        "authority.authority",
        "the regulator's desk: licences, green list, consultations, each step signed",
        "authority",
    ),
    "new": Verb("development.new", "write the skeleton of an extension and of its test: a check of the screening"),
    "bench": Verb(
        "development.bench",
        "measure: engine, durable, ack, spec, replay, memory, checkpoint, signatures, events, projections ...",
        "all,dev",
    ),
}


def main(argv: list[str] | None = None) -> int:
    """Run one verb and return the exit code."""
    argv = sys.argv[1:] if argv is None else argv
    replace_closed_streams()
    spell_what_the_terminal_cannot()
    output = Output(as_json="--json" in argv)
    try:
        code = general(argv, output) if not argv or argv[0] not in VERBS else run(argv[0], argv[1:], output)
        flush()
        return code
    except OutputLostError as lost:
        forget_stdout()
        if lost.reader_left:
            return READER_LEFT
        output.warn(f"tarazy: {lost}")
        return 1


def run(name: str, argv: list[str], output: Output) -> int:
    """Run a verb; whatever goes wrong is one line, and with --json one object.

    Raises: OutputLostError.
    """
    try:
        module = importlib.import_module(f"tarazy.cli.{VERBS[name].module}")
        parser = VerbParser(prog=f"tarazy {name}", description=capital(VERBS[name].summary))
        module.add_arguments(parser)
        return int(module.run(parser.parse_args(argv), output))
    except OutputLostError:
        raise
    except HelpAsked as asked:
        output.say(str(asked))
        output.result({"help": str(asked)})
        return 0
    except KeyboardInterrupt:
        output.fail("stopped by the keyboard")
        return 130
    except UsageError as error:
        output.warn(error.usage)
        output.fail(str(error))
        return 2
    except Exception as error:
        output.fail(describe(error) or missing_part(name, error) or defect(error))
        return 2 if isinstance(error, CliError) else 1


def replace_closed_streams() -> None:
    """Put a stream that refuses everything in the place of one that was closed before the start."""
    if sys.stdout is None:
        sys.stdout = open("/dev/full", "w")  # noqa: SIM115 - lives as long as the process
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115


def flush() -> None:
    """Write what is still held back, so that a full device is found here and not at the very end.

    Raises: OutputLostError.
    """
    with found_by_stdout():
        sys.stdout.flush()


def forget_stdout() -> None:
    """Let what cannot be written go nowhere, so that the interpreter's end does not try again."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def missing_part(name: str, error: Exception) -> str | None:
    """Return what to install where a verb's libraries are not there, else None."""
    extra = VERBS[name].extra
    if not (extra and isinstance(error, ModuleNotFoundError)) or str(error.name).startswith("tarazy."):
        return None
    return f"{name}: expected the parts of tarazy[{extra}], found no {error.name}. pip install 'tarazy[{extra}]'"


def spell_what_the_terminal_cannot() -> None:
    """Have letters that the terminal's encoding lacks written as their numbers: a name must not stop a verb."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def general(argv: list[str], output: Output) -> int:
    """Answer --help, --version, an unknown verb, or none."""
    name = next((word for word in argv if word != "--json"), "")
    if name in ("--version", "-V"):
        version = importlib.metadata.version("tarazy")
        output.say(f"tarazy {version}")
        output.result({"version": version})
        return 0
    if name in ("", "--help", "-h", "help"):
        output.say(usage())
        output.result({"help": usage()} if name else {"error": "expected a verb, found none", "help": usage()})
        return 0 if name else 2
    output.fail(f"expected one of {', '.join(VERBS)}, found {name!r}; see tarazy --help")
    return 2


def usage() -> str:
    """Return the list of verbs."""
    lines = ["usage: tarazy VERB ...   (tarazy VERB --help explains one)", ""]
    width = max(map(len, VERBS)) + 2
    return "\n".join(lines + [f"  {name:{width}}{verb.summary}" for name, verb in VERBS.items()])


def capital(sentence: str) -> str:
    """Return the summary as a sentence."""
    return sentence[0].upper() + sentence[1:] + "."


if __name__ == "__main__":
    sys.exit(main())
