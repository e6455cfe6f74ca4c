"""Who may ask, how much, and what was done: keys, buckets, the audit trail."""
