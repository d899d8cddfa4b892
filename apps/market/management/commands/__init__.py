"""Commands of the market, one a file."""
