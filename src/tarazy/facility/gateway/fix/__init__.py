"""Traders by FIX 4.4: sessions, order entry, drop copies, market data."""
