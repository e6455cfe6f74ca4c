"""`tarazy facility ACT`: found a facility, run it, let its accounts' programs in; the register of its clients."""

from __future__ import annotations

import argparse

from tarazy.cli.acts import add_acts, run_act
from tarazy.cli.output import Output

ACTS = {
    "create": ("facility.create", "make a facility's folder: its key, its first officers, its empty record"),
    "serve": ("facility.serve", "run a facility: its writer, its read models and the traders' gateway"),
    "key": ("facility.key", "API keys of accounts: new, list, revoke"),
    "user": ("facility.user", "people who log in to the pages: new, invite, list, lock, unlock"),
    "desk": ("facility.desk", "what people handed in at the pages: sign-ups, complaints, tests; take it"),
    "client": ("facility.client", "the register of clients: who they are, who decided about them, whom lists name"),
    "admission": (
        "facility.admission.admission",
        "what may be listed, who decided it, what is disclosed and confirmed",
    ),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the acts and their arguments."""
    add_acts(parser, ACTS)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Do one act."""
    return run_act(arguments, output, ACTS)
