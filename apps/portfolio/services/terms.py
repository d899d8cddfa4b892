"""How a portfolio is kept: its name and place, what its figures follow, its accounts, and its end."""

from typing import Any

from django.db import IntegrityError, transaction

from apps.accounts.models import Act, User
from apps.accounts.services import record_audit
from apps.portfolio.errors import NameTakenError
from apps.portfolio.models import Account, Portfolio, Transaction
from apps.portfolio.services.entries import FIRST_DAY
from apps.portfolio.services.ledger import hold_portfolio
from apps.portfolio.services.snapshots import forget_snapshots

TERMS = (
    "name",
    "group",
    "base_currency",
    "cost_method",
    "benchmark",
    "risk_free_rate",
    "keeps_cash",
    "is_model",
    "shared",
)


@transaction.atomic
def set_portfolio_terms(portfolio: Portfolio, *, by: User, **terms: Any) -> Portfolio:
    """What is kept of its days is forgotten where anything changed. Raises NameTakenError."""
    if wrong := terms.keys() - set(TERMS):
        raise ValueError(f"{', '.join(sorted(wrong))} are no terms of a portfolio")
    hold_portfolio(portfolio)
    stored = Portfolio.objects.get(pk=portfolio.pk)
    changed = [name for name, value in terms.items() if getattr(stored, name) != value]
    for name in changed:
        setattr(stored, name, terms[name])
    try:
        with transaction.atomic():
            stored.save(update_fields=changed)
    except IntegrityError as error:
        raise NameTakenError("You have a portfolio of this name.") from error
    if changed:
        forget_snapshots(stored, FIRST_DAY)
        record_audit(Act.PORTFOLIO_CHANGED, by_id=by.pk, subject_id=stored.pk, changed=sorted(changed))
    return stored


@transaction.atomic
def add_account(portfolio: Portfolio, *, name: str, currency: str) -> Account:
    """Raises NameTakenError."""
    try:
        with transaction.atomic():
            return Account.objects.create(portfolio=portfolio, name=name.strip(), currency=currency)
    except IntegrityError as error:
        raise NameTakenError("This portfolio has an account of this name.") from error


@transaction.atomic
def delete_portfolio(portfolio: Portfolio, *, by: User) -> None:
    """With its ledger, its history, its reports and all that hangs on it; the other ends of transfers stay."""
    hold_portfolio(portfolio)
    rows = Transaction.objects.filter(account__portfolio=portfolio)
    record_audit(Act.PORTFOLIO_DELETED, by_id=by.pk, subject_id=portfolio.pk, transactions=rows.count())
    rows.delete()
    portfolio.delete()
