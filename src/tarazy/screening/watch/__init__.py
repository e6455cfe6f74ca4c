"""The watch: listed tokens followed block by block; a change for the worse becomes a signed alert within one block.

Layout: `follow` walks the blocks and handles reorganisations, `snapshot` reads what a token is at a block (`probes`
moves tokens as strangers would, without moving them), `calls` finds uses of privileged entry points, `compare` says
what got worse, `rescreen` puts the screening's word beside it, `alerts` words and signs it, `draft` proposes a
suspension, `store` keeps all of it through restarts, `record_file` is the append-only file that others read.
"""
