"""One TOML file for a house: typed sections that rooms declare, secrets from elsewhere, errors that name the key."""
