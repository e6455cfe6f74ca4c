"""Token security screening: what a token's code allows, who holds each power, what bounds it, and the evidence."""
