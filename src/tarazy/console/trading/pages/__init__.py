"""The pages of the traders' section, one file each."""
