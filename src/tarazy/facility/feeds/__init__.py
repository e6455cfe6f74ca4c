"""The way out: market data and user data from released frames, in memory for what is asked all the time."""
