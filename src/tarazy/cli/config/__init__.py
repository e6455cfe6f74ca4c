"""The section of the configuration: one file per act."""
