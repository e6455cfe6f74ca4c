"""The console's section of the screening."""
