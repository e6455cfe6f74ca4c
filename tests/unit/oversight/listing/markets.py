"""Markets made for tests: surveys on the first of each month, as a folder of files."""

from __future__ import annotations

from datetime import date
from pathlib import Path

HEADER = "date,rank,rank_recalc,symbol,name,price_usd,cap_usd,supply,volume24h_usd"
GIANT = 2_000_000_000_000


def months(first: str, count: int) -> list[date]:
    """Return the first days of months."""
    year, month = map(int, first.split("-"))
    return [date(year + (month - 1 + n) // 12, (month - 1 + n) % 12 + 1, 1) for n in range(count)]


class Surveys:
    """Surveys of one giant and of whoever is added; every number is given in whole USD."""

    def __init__(self, first: str = "2020-01", count: int = 24) -> None:
        self.days = months(first, count)
        self.rows: list[str] = []
        self.add("GIANT", "Giant", [50_000.0] * count, cap=GIANT, volume=GIANT // 10)

    def add(
        self,
        symbol: str,
        name: str,
        prices: list[float | None],
        cap: int = 5_000_000_000,
        volume: int = 100_000_000,
        supply: float | None = None,
    ) -> Surveys:
        """Add an asset: a price for each survey, None where the survey leaves it out. With a supply the value moves."""
        for day, price in zip(self.days, prices, strict=True):
            if price is not None:
                value = int(price * supply) if supply else cap
                self.rows.append(f"{day},1,1,{symbol},{name},{price},{value},1,{volume}")
        return self

    def write(self, folder: Path) -> Path:
        """Write the files; return the folder."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "cmc_monthly_test.csv").write_text("\n".join([HEADER, *self.rows]) + "\n")
        return folder
