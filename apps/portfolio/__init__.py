"""What the organization owns and watches."""
