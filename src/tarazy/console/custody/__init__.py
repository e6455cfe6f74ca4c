"""The section of the custodian: wallets, withdrawals and arrivals, keys and proofs; to read, on one machine."""
