"""Documents by hash: decisions, evidence, statements and client requests, kept beside the record until their day."""
