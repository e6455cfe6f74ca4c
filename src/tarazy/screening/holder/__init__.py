"""What a holder asks before signing: its tokens and approvals, what a transaction does, how to revoke.

Nothing here holds or asks for a key: a transaction is prepared and the holder's own wallet signs it.
"""
