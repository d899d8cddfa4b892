"""Schema history of what the organization owns and watches."""
