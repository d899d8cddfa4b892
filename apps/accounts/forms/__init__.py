"""What people may write: one module a subject."""
