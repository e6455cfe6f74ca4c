"""The dialect's WebSocket API: the endpoints of the gateway asked by messages, and user data by subscription."""
