"""One signer, and the key file that it reads."""
