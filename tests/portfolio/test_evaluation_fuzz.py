"""Whatever a document says, it is figures or a sentence of a declared kind."""

import contextlib
import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.market.currencies import NoRateError
from apps.portfolio.evaluation.figures import evaluate
from apps.portfolio.evaluation.reading import parsed
from apps.portfolio.evaluation.scalars import DocumentError
from apps.portfolio.lots import InsufficientPositionError
from tests.portfolio.ledgers import random_document

DECLARED = (DocumentError, InsufficientPositionError, NoRateError)
KEYS = [
    "id", "date", "time", "kind", "instrument", "quantity", "price", "amount", "fee", "tax", "currency", "rate",
    "inverse_rate", "portfolio", "transfer", "numerator", "denominator", "ratio", "base", "quote", "start", "end",
    "period", "periods", "cost_method", "cash", "before_taxes", "benchmark", "risk_free_rate", "days", "A", "EURUSD",
]  # fmt: skip
WORDS = [
    "buy", "sell", "SPLIT", "Transfer in", "transfer_out", "opening", "delivery_in", "dividend", "fee_refund", "A",
    "*", "2024-01-02", "2024-02-30", "2024-01-03T10:00:00Z", "0001-01-01", "9999-12-31", "25:00", "10:00+14:00", "USD",
    "gbp", "GBp", "1e-31", "1e999999999", "-1", "0", "3:2", "1/0", "NaN", "-Infinity", "1.234,56", "\u22121", "", " ",
    "\0",
]  # fmt: skip
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.decimals(), st.text(max_size=3), st.sampled_from(WORDS)
)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=6,
)
PARTS = ["base_currency", "transactions", "instruments", "prices", "price_basis", "splits", "fx_rates", "options"]
many = settings(max_examples=100, deadline=None, derandomize=True)


def told(document: Any) -> None:
    """Figures that JSON can say, or a declared refusal."""
    with contextlib.suppress(*DECLARED):
        json.dumps(evaluate(document), default=str, allow_nan=False)


@many
@given(anything | st.dictionaries(st.sampled_from(PARTS), anything, max_size=4))
def test_nonsense_is_refused_with_a_sentence(document: Any) -> None:
    told(document)


@many
@given(st.integers(0, 30), st.data())
def test_a_document_with_one_word_changed(seed: int, data: st.DataObject) -> None:
    document: Any = random_document(seed)
    place: Any = document
    while isinstance(place, dict | list) and place:
        keys = [*place, data.draw(st.sampled_from(KEYS))] if isinstance(place, dict) else range(len(place))
        key = data.draw(st.sampled_from(keys))
        inner = place.get(key) if isinstance(place, dict) else place[key]
        if not isinstance(inner, dict | list) or not inner or data.draw(st.integers(0, 9)) == 0:
            place[key] = data.draw(anything)
            break
        place = inner
    told(document)


@many
@given(st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(KEYS[:17], scalars)), max_size=4))
def test_rows_of_anything(rows: list[dict[str, Any]]) -> None:
    told({"transactions": rows})


@given(st.binary(max_size=40) | st.text(max_size=40).map(str.encode))
def test_what_is_no_json_is_said_to_be_none(text: bytes) -> None:
    with contextlib.suppress(DocumentError):
        parsed(text)


@pytest.mark.parametrize("text", [b"[" * 100_000, b"\xff", b'{"a": NaN}', b"1" * 5000, b""])
def test_hostile_texts(text: bytes) -> None:
    with pytest.raises(DocumentError):
        parsed(text)


def test_numbers_keep_their_digits_in_any_encoding() -> None:
    assert parsed('{"a": 0.1000000000000000055}'.encode("utf-16")) == {"a": Decimal("0.1000000000000000055")}


def test_the_command_says_what_is_wrong_with_a_file(tmp_path: Path) -> None:
    for name, text in (("missing.json", None), ("broken.json", "{"), ("nan.json", '{"transactions": [NaN]}')):
        if text is not None:
            (tmp_path / name).write_text(text)
        command = [sys.executable, "-m", "apps.portfolio.evaluation", str(tmp_path / name)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (done.returncode, json.loads(done.stdout)["error"]["kind"], done.stderr) == (1, "DocumentError", "")
