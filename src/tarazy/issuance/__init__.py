"""Safe tokens: templates without powers over holders, a time lock that nobody can open early, and what reads them."""
