"""What the market says: one copy for all organizations, in the shared schema."""
