"""Market data over WebSocket: names of streams, who listens to them, and what they say."""
