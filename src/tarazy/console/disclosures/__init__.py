"""What a facility publishes: its licence, what it lists, its disclosures, notices to clients; free, without a login."""
