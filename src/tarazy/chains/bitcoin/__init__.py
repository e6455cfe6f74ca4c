"""Bitcoin: blocks that prove themselves, addresses, descriptors, partially signed transactions, proof of control."""
