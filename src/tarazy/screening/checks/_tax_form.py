"""The form of a tax, measured by simulated sales at sizes a thousand times apart: a part, a flat amount, or a scale."""

from __future__ import annotations

from tarazy.screening.bytecode.fees import PPM
from tarazy.screening.checks._trading import trades_of
from tarazy.screening.model import SimulatedTrade, Simulation

SAME_PPM = 1_000  # a tenth of a percent of the amount: rounding, and the price that moved
SAME_FLAT = 20  # amounts that differ by less than this part are one flat amount


def tax_form(simulation: Simulation | None) -> str:
    """Return in words how the measured tax of a sale follows its size, nothing where it was not measured or is none."""
    if simulation is None or not simulation.ran:
        return ""
    small, large = ({t.pool: t for t in trades_of(simulation, name)} for name in ("sell_small", "sell"))
    for pool in sorted(small.keys() & large.keys()):
        form = form_of(small[pool], large[pool])
        if form:
            return form
    return ""


def form_of(small: SimulatedTrade, large: SimulatedTrade) -> str:
    """Return how the tax of two sales follows their size."""
    if not large.succeeded or large.tax_ppm is None or not large.amount_in or not small.amount_in:
        return ""
    if not small.succeeded or small.tax_ppm is None:
        return "a sale a thousand times smaller is refused" if large.tax_ppm > 0 else ""
    if max(small.tax_ppm, large.tax_ppm) <= SAME_PPM:
        return ""
    if abs(small.tax_ppm - large.tax_ppm) <= SAME_PPM:
        return f"the same part at sizes a thousand times apart: {large.tax_ppm / 10_000:g} %"
    taken = [small.amount_in * small.tax_ppm // PPM, large.amount_in * large.tax_ppm // PPM]
    if abs(taken[0] - taken[1]) * SAME_FLAT <= max(taken):
        return f"a flat amount of about {taken[0]:.2e} units whatever the size"
    rises = "rises" if large.tax_ppm > small.tax_ppm else "falls"
    parts = f"{small.tax_ppm / 10_000:g} % of a sale, {large.tax_ppm / 10_000:g} % of one a thousand times as large"
    return f"it {rises} with the size: {parts}"
