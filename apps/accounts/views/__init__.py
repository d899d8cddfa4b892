"""Pages of people: one module a subject; an address names its view by module."""
