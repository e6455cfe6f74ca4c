"""`tarazy custody`: wallets, addresses, keys, deposits and withdrawals of a facility."""
