"""What an operator runs: it depends on domain, spec and journal, never on the authority."""
