"""Every address of an organization's host, taken from the resolver: nobody keeps a list that could forget one."""

from collections.abc import Iterator
from typing import Any

from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django_tenants.utils import schema_context

from apps.accounts.models import Invitation, SupportGrant, User
from apps.portfolio.models import Import, LedgerEdit, Mapping, Portfolio, Transaction, Watchlist, WatchlistItem
from apps.reports.models import Report
from apps.tenants.backend.connections import connection
from apps.tenants.models import Archive

# Which model an address's key belongs to: by the parameter, else by how the address's name begins.
MODEL_OF_PARAMETER: dict[str, type[Any]] = {
    "item": WatchlistItem,
    "batch": Import,
    "mapping": Mapping,
    "entry": Transaction,
    "edit": LedgerEdit,
}
MODEL_OF_NAME: dict[str, type[Any]] = {
    "watchlist": Watchlist,
    "portfolio": Portfolio,
    "position": Portfolio,
    "transaction": Portfolio,
    "report_create": Portfolio,
    "report": Report,
    "member": User,
    "invitation": Invitation,
    "support": SupportGrant,
    "export": Archive,
    "import": Portfolio,
}
ANONYMOUS_MAY = {
    "account_confirm_email",
    "account_login",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "brand_logo",
    "brand_style",
    "enter",
    "healthz",
    "invitation_accept",
    "login",
    "readyz",
}
MARKET = {"mic": "XNAS", "symbol": "AAPL"}  # market data belong to everybody
FILES = {"what": "transactions", "form": "csv"}
LINKS = {"uidb36": "1", "key": "unknown"}  # mailed links: what they open is tried in tests/accounts
FIGURES = {"figure": "twr"}  # one whose trail everybody may see; those of amounts are tried in tests/portfolio
FIXED = MARKET | LINKS | FILES | FIGURES


def patterns(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """(route, pattern) of everything that config.urls leads to."""
    for entry in (resolver or get_resolver("config.urls")).url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from patterns(entry, route)
        else:
            yield route, entry


def named(name: str) -> URLPattern:
    return next(pattern for _, pattern in patterns() if pattern.name == name)


NAMES = sorted(str(pattern.name) for _, pattern in patterns())
OF_OBJECTS = sorted(str(pattern.name) for _, pattern in patterns() if set(pattern.pattern.converters) - set(FIXED))


def model_of(name: str, parameter: str) -> type[Any]:
    """Fails for a new kind of object: add it above, and its rows to the demo's books."""
    if parameter in MODEL_OF_PARAMETER:
        return MODEL_OF_PARAMETER[parameter]
    known = [prefix for prefix in MODEL_OF_NAME if name.startswith(prefix)]
    assert known, f"The address {name} has a key of a model that tests/contracts/addresses.py does not know."
    return MODEL_OF_NAME[max(known, key=len)]


def keys_of(name: str, converters: Any) -> dict[str, Any]:
    """Keys of one existing object (in the organization in context) for each parameter."""
    keys: dict[str, Any] = {parameter: FIXED.get(parameter) for parameter in converters}
    if "item" in keys:
        item = WatchlistItem.objects.select_related("watchlist").order_by("position")[0]
        return keys | {"item": item.pk, "pk": item.watchlist_id}
    if "batch" in keys:
        batch = Import.objects.order_by("at")[0]
        return keys | {"batch": batch.pk, "pk": batch.portfolio_id}
    if "entry" in keys:
        entry = Transaction.objects.filter(account__portfolio__shared=True).earliest("traded_on", "pk")
        return keys | {"entry": entry.pk, "pk": entry.account.portfolio_id}
    if "edit" in keys:
        edit = LedgerEdit.objects.order_by("at", "pk")[0]
        return keys | {"edit": edit.pk, "pk": edit.portfolio_id}
    return keys | {p: _first(model_of(name, p)) for p, key in keys.items() if key is None}


def _first(model: type[Any]) -> Any:
    """An archive's row is the platform's: looked up where the organization itself may not read."""
    if model is not Archive:
        return model.objects.all()[0].pk
    schema = connection.schema_name
    with schema_context("public"):
        return Archive.objects.ready().filter(organization__schema_name=schema)[0].pk


def path_of(name: str) -> str:
    """The address with keys of the organization in context."""
    from django.urls import reverse

    return reverse(name, urlconf="config.urls", kwargs=keys_of(name, named(name).pattern.converters))


def ask(client: Client, method: str, path: str) -> Any:
    """A form that is sent says what every form of ours may say: a direction."""
    answer: Any = client.get(path) if method == "GET" else client.post(path, {"direction": "down"})
    if answer.streaming:
        answer.getvalue()  # to its end, where Django's client closes the file
    return answer
