"""What a chain says of a contract: a JSON-RPC client that trusts no answer, state pinned to a block, and ownership."""
