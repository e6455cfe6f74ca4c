"""The pages of the officers' section."""
