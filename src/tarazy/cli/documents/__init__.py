"""The section of documents: one file per act."""
