"""Filters and tags of portfolio pages."""
