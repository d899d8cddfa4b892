"""Schema history of the market tables."""
