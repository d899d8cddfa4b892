"""Broker files become ledger rows: detected, mapped, read row by row, each with what became of it."""
