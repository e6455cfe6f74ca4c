"""Trades off the book: requests for a quote, quotes, and the consent of two clients."""
