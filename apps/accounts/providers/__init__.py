"""The firm's own sign-in provider, spoken to as a stranger."""
