"""The ledger once more, in fractions and written from its definitions alone: what the product must say."""

from tests.portfolio.exact.figures import evaluate

__all__ = ["evaluate"]
