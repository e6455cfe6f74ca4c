"""`tarazy copy-stream URL DIR --identity FILE`: bring a folder up to the end of a facility's replicated log."""

from __future__ import annotations

import argparse
from pathlib import Path

from tarazy.cli.arguments import add_json
from tarazy.cli.config.arguments import add_config, configuration, given, neither
from tarazy.cli.output import Output


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument("url", nargs="?", metavar="URL", help="where the servers are, as nats://HOST:PORT")
    parser.add_argument("directory", type=Path, metavar="DIR", help="new folder, or one with an earlier copy")
    parser.add_argument("--identity", type=Path, required=True, metavar="FILE", help="the facility's facility.json")
    parser.add_argument("--credentials", type=Path, metavar="FILE", help="credentials file for the servers")
    add_config(parser)
    add_json(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Copy what is new."""
    from tarazy.facility.sequencer.stream_copy import copy_stream

    over = given(url=arguments.url, credentials_file=arguments.credentials)
    section = configuration(arguments).facility.stream.model_copy(update=over)
    settings = section.settings()
    if settings is None:
        raise neither("URL", "facility.stream.url")
    with output.progress() as bar:
        task = bar.add_task("copy", total=None)
        end = copy_stream(
            settings, arguments.identity, arguments.directory, progress=lambda done: bar.update(task, completed=done)
        )
    output.say(f"{end.frame_number - 1:,} frames with {end.next_seq - 1:,} commands are in {arguments.directory}")
    output.result({"frames": end.frame_number - 1, "commands": end.next_seq - 1, "frame_hash": end.prev_hash})
    return 0
