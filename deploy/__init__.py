"""How the product is run: on one machine by two commands, and in production."""
