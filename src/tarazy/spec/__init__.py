"""The venue as readable Python: the oracle, and the regulator's machine. Twin of core/src, file by file."""
