"""Bank rails: statements read, receipts matched to clients, payouts sent and followed, one adapter for each bank."""
