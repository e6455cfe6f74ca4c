"""The section of the treasury: statements, what came in and waits, payouts under four eyes; to read, on one machine."""
