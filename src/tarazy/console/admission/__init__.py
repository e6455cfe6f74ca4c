"""Pages of the admission desk: what the officers of a facility decide about assets and disclosures."""
