"""A ledger written as one JSON document, and every figure of it: docs/developer/evaluate-ledger.md."""
