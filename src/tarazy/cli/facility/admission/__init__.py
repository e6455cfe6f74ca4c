"""`tarazy facility admission ...`: what may be listed, who decided, what is disclosed."""
