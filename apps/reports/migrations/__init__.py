"""Schema history of what the organization takes home."""
