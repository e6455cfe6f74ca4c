"""Read models made from events alone: balances, open orders, orders, trades, book, candles. Each has its own cursor."""
