"""`tarazy greenlist ...`: the criteria of the green list, run over a market's record."""
