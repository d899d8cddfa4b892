"""Support access: asked for, granted by the customer, begun, ended. Every step is in both logs."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django_tenants.utils import schema_context, tenant_context

from apps.accounts.models import Act, OutgoingMail, SupportGrant, User
from apps.accounts.permissions import Role
from apps.accounts.services.audit import record_audit
from apps.accounts.services.mail import queue_mail
from apps.tenants.models import Organization
from apps.tenants.services import open_hand_over

GRANT_KEY = "support_grant"  # of a visitor's session
SUFFIX = "platform support"


class SupportError(Exception):
    """What was asked for does not fit the state of the grant."""


def ask_for_support(
    *, organization: Organization, by: User, reason: str, hours: int, address: str = ""
) -> tuple[SupportGrant, list[OutgoingMail]]:
    """An operator's wish, and the mails that tell those who may decide. Raises SupportError while one is open."""
    with tenant_context(organization), transaction.atomic():
        grants = SupportGrant.objects.filter(operator_id=by.pk)
        if grants.waiting().exists() or grants.running().exists():
            raise SupportError("You have asked this organization already.")
        grant = SupportGrant.objects.create(operator_id=by.pk, operator_name=by.name, reason=reason, hours=hours)
        _write_down(Act.SUPPORT_ASKED, organization, grant, operator=by, address=address, hours=hours)
        deciders = User.objects.filter(role__in=(Role.OWNER, Role.ADMIN), is_active=True, is_support=False)
        ctx = {"organization": organization.name, "grant": grant, "link": f"{organization.url}settings/support/"}
        subject = f"Platform support asks to look into {organization.name}"
        mail = "accounts/mail/support_asked.html"
        return grant, [queue_mail(one.email, subject=subject, template=mail, ctx=ctx) for one in deciders]


@transaction.atomic
def grant_support(*, organization: Organization, grant_id: UUID, by: User, hours: int, address: str = "") -> None:
    """The clock starts now; never for longer than was asked for."""
    grant = _locked(grant_id, waiting=True)
    if not 1 <= hours <= grant.hours:
        raise SupportError(f"Choose 1 to {grant.hours} hours.")
    now = timezone.now()
    grant.granted, grant.decided_at, grant.decided_by_id = True, now, by.pk
    grant.expires_at = now + timedelta(hours=hours)
    grant.save()
    _write_down(Act.SUPPORT_GRANTED, organization, grant, member=by, address=address, hours=hours)


@transaction.atomic
def refuse_support(*, organization: Organization, grant_id: UUID, by: User, address: str = "") -> None:
    """Nothing was reachable, and nothing will be."""
    grant = _locked(grant_id, waiting=True)
    grant.decided_at, grant.decided_by_id = timezone.now(), by.pk
    grant.save()
    _write_down(Act.SUPPORT_REFUSED, organization, grant, member=by, address=address)


@transaction.atomic
def end_support(*, organization: Organization, grant_id: UUID, by: User, address: str = "") -> User | None:
    """From here on the visitor is nobody; the shell then closes the sockets of the one that is returned."""
    grant = _locked(grant_id, waiting=False)
    visitor = _ended(grant, timezone.now())
    _write_down(Act.SUPPORT_ENDED, organization, grant, member=by, address=address)
    return visitor


@transaction.atomic
def end_late_visits(*, organization: Organization) -> int:
    """Nobody ended them in time, so the clock did: written down once each, for nobody. Returns how many.

    The operator was nobody from the moment the hours had passed; this only tells of it.
    """
    late = list(SupportGrant.objects.late().select_for_update(skip_locked=True))
    for grant in late:
        _ended(grant, grant.expires_at)
        _write_down(Act.SUPPORT_ENDED, organization, grant, by_clock=True)
    return len(late)


def _ended(grant: SupportGrant, at: datetime | None) -> User | None:
    """The operator's stand-in sleeps, unless another visit of theirs runs."""
    grant.ended_at = at
    grant.save(update_fields=["ended_at"])
    visitor = User.objects.filter(email=_email_of(grant)).first()
    if visitor and not SupportGrant.objects.running().filter(operator_id=grant.operator_id).exists():
        visitor.is_active = False
        visitor.save(update_fields=["is_active"])
    return visitor


def open_visit(*, organization: Organization, grant_id: UUID, by: User) -> str:
    """A hand-over for the operator whom the customer let in. Raises SupportError for everybody else."""
    with tenant_context(organization), transaction.atomic():
        grant = SupportGrant.objects.running().filter(pk=grant_id, operator_id=by.pk).first()
        if grant is None:
            raise SupportError("The organization has not granted this, or it is over.")
        visitor = User.objects.filter(email=_email_of(grant)).first() or User(email=_email_of(grant))
        visitor.name, visitor.role = f"{grant.operator_name} ({SUFFIX})", Role.VIEWER
        visitor.is_support, visitor.is_active, visitor.sees_amounts = True, True, False
        visitor.timezone = by.timezone
        visitor.set_unusable_password()
        visitor.save()
    return open_hand_over(organization, visitor.pk, grant.pk)


@transaction.atomic
def begin_visit(*, organization: Organization, grant_id: UUID, visitor: User, address: str = "") -> SupportGrant:
    """The door of the organization's host: asked again, because a minute may have passed. Raises SupportError."""
    grant = running_grant(visitor, grant_id)
    if grant is None:
        raise SupportError("The organization has ended this.")
    _write_down(Act.SUPPORT_ENTERED, organization, grant, operator=User(pk=grant.operator_id), address=address)
    return grant


def running_grant(visitor: User, grant_id: UUID | str | None) -> SupportGrant | None:
    """What a visitor's session rests on, at every request: granted to this operator, not ended, not over."""
    grant = SupportGrant.objects.running().filter(pk=grant_id).first() if grant_id else None
    return grant if grant and _email_of(grant) == visitor.email else None


def _email_of(grant: SupportGrant) -> str:
    """One row an operator; no mail is ever sent there (RFC 2606)."""
    return f"support-{grant.operator_id.hex}@visitor.invalid"


def _locked(grant_id: UUID, *, waiting: bool) -> SupportGrant:
    """Of two who decide at once, the second is told so."""
    grants = SupportGrant.objects.waiting() if waiting else SupportGrant.objects.running()
    grant = grants.select_for_update().filter(pk=grant_id).first()
    if grant is None:
        raise SupportError("Somebody was faster: this is decided." if waiting else "This is over already.")
    return grant


def _write_down(
    act: Act,
    organization: Organization,
    grant: SupportGrant,
    *,
    operator: User | None = None,
    member: User | None = None,
    address: str = "",
    **details: Any,
) -> None:
    """In the organization's log without the operator's key; in the platform's without the member's."""
    record_audit(
        act,
        by_id=member.pk if member else None,
        by_operator=operator is not None,
        subject_id=grant.pk,
        address=address if member else "",
        **details,
    )
    with schema_context("public"):
        record_audit(
            act,
            by_id=operator.pk if operator else None,
            subject_id=organization.pk,
            address=address if operator else "",
            grant=str(grant.pk),
            **details,
        )
