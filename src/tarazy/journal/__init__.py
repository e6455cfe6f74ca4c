"""The record that facility and authority share: frames, hash chain, signatures, reader, verifier, export."""
