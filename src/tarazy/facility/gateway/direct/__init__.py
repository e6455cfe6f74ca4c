"""The short path of plain new orders: what programs send most, read and answered without the layers between."""
