"""Play random episodes through both twins: `python -m tests.conformance.run --seed 7 --commands 100000`.

An episode is a world of its own (`seed` chooses its shape). The last line of the output is one JSON object with the
counts of what was reached; on a difference the report is printed and the exit code is 1.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from importlib import import_module
from pathlib import Path

from tarazy.spec.venue import Venue

from .generator import Generator
from .twins import Engines, Twins, TwinsDifferError

EPISODE = 25_000
COMPARE_EVERY, SWAP_EVERY = 2_500, 10_000
BATCHES = (1, 2, 7, 50, 128, 300)
OUT = Path(__file__).resolve().parents[2] / "var" / "conformance"
END_OF_TIME = (1 << 64) - 1


def play(engines: Engines, seed: int, commands: int) -> Counter[str]:
    """Play one episode and return what it reached.

    Raises: TwinsDifferError.
    """
    generator = Generator(seed)
    twins = Twins(engines, OUT / f"seed-{seed}", f"seed {seed}, shape {generator.world.shape.name}")
    for batch in generator.opening():
        generator.observe(twins.apply(batch))
    done, compared, swapped = 0, 0, 0
    while done < commands:
        size = BATCHES[generator.world.below(len(BATCHES))]
        if done + size >= commands - commands // 50 and seed % 3 == 0:
            last = END_OF_TIME - generator.world.shape.step_ns * 60
            generator.world.ts_ns = max(generator.world.ts_ns, last)
        generator.observe(twins.apply(generator.batch(size)))
        done += size
        if done - compared >= COMPARE_EVERY:
            twins.compare_states()
            compared = done
        if done - swapped >= SWAP_EVERY:
            twins.swap()
            swapped = done
    twins.compare_states()
    generator.world.seen["commands"] += done
    return generator.world.seen


def main() -> int:
    """Run the episodes of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, required=True, help="seed of the first episode")
    parser.add_argument("--step", type=int, default=1, help="distance to the next episode's seed")
    parser.add_argument("--commands", type=int, default=EPISODE, help="how many commands in all")
    parser.add_argument("--engine", choices=["core", "spec"], default="core", help="what plays against spec")
    options = parser.parse_args()
    other = Venue if options.engine == "spec" else import_module("tarazy_core").Venue
    seen: Counter[str] = Counter()
    seed = options.seed
    while seen["commands"] < options.commands:
        size = min(EPISODE, options.commands - seen["commands"])
        try:
            seen += play((Venue, other), seed, size)
        except TwinsDifferError as differ:
            print(differ.report)
            return 1
        seed += options.step
    print(json.dumps(seen))
    return 0


if __name__ == "__main__":
    sys.exit(main())
