"""`tarazy authority ...`: the regulator's desk."""
