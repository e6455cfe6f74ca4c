"""Papers for clients: what a statement or a confirmation says, written as CSV and PDF. Knows no HTTP."""
