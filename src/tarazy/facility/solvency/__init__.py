"""What a facility makes of its record for others: liabilities trees with stored nodes, reports, clients' proofs."""
