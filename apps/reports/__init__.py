"""What the organization takes home."""
