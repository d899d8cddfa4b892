"""What our figures are held against, each at its best settings."""
