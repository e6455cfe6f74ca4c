"""Static reading of EVM runtime code: disassembly, symbolic paths, storage layout, entry points."""
