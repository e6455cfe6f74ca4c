"""A strategy for freqtrade that buys weakness and leaves its stop loss on the exchange, where it works without the bot.

`stoploss_on_exchange_limit_ratio` says how far below its trigger the stop may sell: keep it within the market's collar.
"""

from typing import ClassVar

import talib.abstract as indicators
from freqtrade.strategy import IStrategy
from pandas import DataFrame


class StopOnTheExchange(IStrategy):
    """Buys while the relative strength index of three candles is low, sells while it is high."""

    INTERFACE_VERSION = 3
    timeframe = "1m"
    startup_candle_count = 4
    minimal_roi: ClassVar = {"0": 0.01}
    stoploss = -0.008
    order_types: ClassVar = {
        "entry": "limit",
        "exit": "limit",
        "stoploss": "limit",
        "stoploss_on_exchange": True,
        "stoploss_on_exchange_interval": 60,
        "stoploss_on_exchange_limit_ratio": 0.98,
    }

    def populate_indicators(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        """Add the index."""
        dataframe["rsi"] = indicators.RSI(dataframe, timeperiod=3)
        return dataframe

    def populate_entry_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        """Buy weakness."""
        dataframe.loc[dataframe["rsi"] < 50, "enter_long"] = 1
        return dataframe

    def populate_exit_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        """Sell strength."""
        dataframe.loc[dataframe["rsi"] > 85, "exit_long"] = 1
        return dataframe
