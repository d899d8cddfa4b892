"""What members choose while they bring in a file."""

from collections.abc import Mapping as Words
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from apps.market.models import Instrument
from apps.portfolio.imports.days import ORDERS
from apps.portfolio.imports.encodings import ENCODINGS
from apps.portfolio.imports.layouts import FIELDS, MEANINGS, Layout
from apps.portfolio.imports.numbers import COMMA, POINT
from apps.portfolio.imports.presets import presets
from apps.portfolio.imports.tables import DELIMITERS
from apps.portfolio.models import Mapping
from apps.tenants.models import validate_visible

MARKS = [("", "Ask me: it could be either"), (POINT, "Point: 1,234.56"), (COMMA, "Comma: 1.234,56")]
DAYS = [("", "Ask me: it could be either"), *((key, words.capitalize()) for key, words in ORDERS.items())]
COLUMN, KIND, ANSWER, KEY, LEAVE = "column_", "kind_", "answer_", "key_", "leave_"


class UploadForm(forms.Form):
    """A file to bring in."""

    file = forms.FileField(
        label="File",
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,text/csv"}),
        help_text="CSV or another text file, up to 25 MB and 200,000 rows.",
    )


class FileForm(forms.Form):
    """How the file is cut into columns; a broker or a saved mapping chooses the rest."""

    source = forms.ChoiceField(label="Where it is from", required=False)
    encoding = forms.ChoiceField(label="Encoding", choices=list(ENCODINGS.items()))
    delimiter = forms.ChoiceField(label="Separator", choices=list(DELIMITERS.items()))
    header = forms.IntegerField(label="Line with the names of the columns", min_value=1, max_value=10_000)

    def __init__(self, *args: Any, mappings: Sequence[Mapping], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        brokers = [(f"preset:{one.key}", one.name) for one in presets().values()]
        saved = [(f"mapping:{one.pk}", f"Saved: {one.name}") for one in mappings]
        self.fields["source"].choices = [*brokers, *saved]  # type: ignore[attr-defined]


class ColumnsForm(forms.Form):
    """Which column is which, and what the file's words for kinds mean."""

    mark = forms.ChoiceField(label="Decimals", choices=MARKS, error_messages={"required": "Say which it is."})
    order = forms.ChoiceField(label="Order of dates", choices=DAYS, error_messages={"required": "Say which it is."})

    def __init__(self, *args: Any, layout: Layout, names: Sequence[str], words: Words[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.layout, self.words = layout, list(words)
        self.initial.update(mark=layout.mark or "", order=layout.order or "")
        columns = [("", "—"), *((name, name) for name in names)]
        for one, label in FIELDS.items():
            field = forms.ChoiceField(label=label, choices=columns, required=False, initial=layout.columns.get(one, ""))
            self.fields[COLUMN + one] = field
        meanings = [("", "Say what it means"), *MEANINGS.items()]
        for place, (word, written) in enumerate(words.items()):
            known = layout.kinds.get(word, "")
            self.fields[f"{KIND}{place}"] = forms.ChoiceField(
                label=f"“{written[:60]}”", choices=meanings, required=False, initial=known
            )
        self.fields["save_as"] = forms.CharField(
            label="Keep this mapping as", max_length=80, required=False, validators=[validate_visible]
        )

    def columns(self) -> list[forms.BoundField]:
        """Fields of the ledger."""
        return [field for field in self if field.name.startswith(COLUMN)]

    def kinds(self) -> list[forms.BoundField]:
        """Words of the file."""
        return [field for field in self if field.name.startswith(KIND)]

    def chosen(self) -> dict[str, Any]:
        """Parts of the layout that the member decided."""
        said = self.cleaned_data
        columns = {one: said[COLUMN + one] for one in FIELDS if said[COLUMN + one]}
        kinds = {word: said[f"{KIND}{place}"] for place, word in enumerate(self.words) if said[f"{KIND}{place}"]}
        return {
            "mark": said["mark"],
            "order": said["order"],
            "columns": columns,
            "kinds": {**self.layout.kinds, **kinds},
        }


class SymbolsForm(forms.Form):
    """What the things are that the file names and nobody knows: a symbol each, or left out."""

    def __init__(self, *args: Any, keys: Sequence[str], proposed: Words[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.keys = list(keys)
        for place, key in enumerate(self.keys):
            first = (proposed or {}).get(key, "")
            self.fields[f"{ANSWER}{place}"] = forms.CharField(
                label=key, required=False, max_length=30, initial=first, help_text="Symbol, or MIC:SYMBOL"
            )
            self.fields[f"{LEAVE}{place}"] = forms.BooleanField(label="Leave its rows out", required=False)

    def answers(self) -> dict[str, str | None]:
        """Name of a thing -> "MIC:SYMBOL", None to leave it out; what is unknown becomes an error of its field."""
        found: dict[str, str | None] = {}
        for place, key in enumerate(self.keys):
            text = self.cleaned_data[f"{ANSWER}{place}"].strip().upper()
            if self.cleaned_data[f"{LEAVE}{place}"]:
                found[key] = None
            elif text:
                found[key] = self._answer(f"{ANSWER}{place}", text)
        return found

    def _answer(self, name: str, text: str) -> str | None:
        mic, _, symbol = text.rpartition(":")
        matches = Instrument.objects.filter(symbol=symbol, **({"exchange": mic} if mic else {}))[:2]
        if len(matches) == 1:
            return f"{matches[0].exchange_id}:{matches[0].symbol}"
        words = "Several exchanges trade it: write MIC:SYMBOL." if matches else "No instrument has this symbol."
        self.add_error(name, ValidationError(words))
        return None
