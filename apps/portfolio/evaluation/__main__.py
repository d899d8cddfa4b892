"""`python -m apps.portfolio.evaluation FILE`: the figures of a ledger as JSON; 1 and a sentence where it cannot be."""

import json
import sys
from decimal import Decimal
from pathlib import Path

from apps.market.currencies import NoRateError
from apps.portfolio.evaluation.figures import evaluate
from apps.portfolio.evaluation.reading import parsed
from apps.portfolio.evaluation.scalars import DocumentError
from apps.portfolio.lots import LEDGER, InsufficientPositionError


def main(arguments: list[str]) -> int:
    """Reads the one file that is named, `-` for standard input."""
    if len(arguments) != 1:
        sys.stderr.write("Name one file: a ledger as JSON (docs/developer/evaluate-ledger.md).\n")
        return 2
    try:
        figures = evaluate(parsed(_read(arguments[0])))
    except (DocumentError, InsufficientPositionError, NoRateError) as error:
        sys.stdout.write(json.dumps({"error": _sentence(error)}, default=_plain) + "\n")
        return 1
    sys.stdout.write(json.dumps(figures, indent=2, default=_plain, allow_nan=False) + "\n")
    return 0


def _read(name: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise DocumentError(f"{name}: {error.strerror}") from None


def _sentence(error: Exception) -> dict[str, object]:
    said: dict[str, object] = {"kind": type(error).__name__, "message": str(error)}
    return said | ({"transaction": error.key} if isinstance(error, InsufficientPositionError) else {})


def _plain(value: object) -> str:
    """Decimals in full as text, so that nothing is lost; days in ISO."""
    return format(LEDGER.normalize(value), "f") if isinstance(value, Decimal) else str(value)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
