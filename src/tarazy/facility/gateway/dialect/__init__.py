"""The REST dialect of Binance Spot: its numbers, names, parameters, errors and answers, and no network."""
