"""The HTTP service: GoPlus-compatible API at the root, native API under /v1/screening, cache, keys, signatures.

The framework is decided in docs/decisions/2026-11-22-web-stack.md, the wire in docs/reference/screening-api.md.
"""
