"""What was done, by whom: written once, never changed. In `public`, what operators did."""

from typing import Self

from django.db import models

from apps.tenants.models import TenantModel


class Act(models.TextChoices):
    """Everything that is written down. One line an act: `<thing>.<what happened>`."""

    SIGNED_IN = "session.started", "Signed in"
    SIGN_IN_REFUSED = "session.refused", "Sign-in refused"
    SIGNED_OUT = "session.ended", "Signed out"
    SIGNED_OUT_EVERYWHERE = "session.ended_everywhere", "Signed out everywhere"
    PASSWORD_CHANGED = "password.changed", "Password changed"
    FACTOR_ADDED = "factor.added", "Second factor added"
    FACTOR_REMOVED = "factor.removed", "Second factor removed"
    RECOVERY_CODES_MADE = "factor.recovery_codes", "Recovery codes made"
    RECOVERY_CODE_USED = "factor.recovery_code_used", "Recovery code used"
    MEMBER_JOINED = "member.joined", "Member joined"
    MEMBER_CHANGED = "member.changed", "Role or rights changed"
    MEMBER_REMOVED = "member.removed", "Member removed"
    MEMBER_ERASED = "member.erased", "Member's personal data erased"
    INVITATION_SENT = "invitation.sent", "Invitation sent"
    INVITATION_REVOKED = "invitation.revoked", "Invitation revoked"
    INVITATION_REFUSED = "invitation.refused", "Invitation refused"
    HOUSE_CHANGED = "house.changed", "Settings of the organization changed"
    SSO_CHANGED = "sso.changed", "Single sign-on changed"
    SUPPORT_ASKED = "support.asked", "Support access asked for"
    SUPPORT_GRANTED = "support.granted", "Support access granted"
    SUPPORT_REFUSED = "support.refused", "Support access refused"
    SUPPORT_ENTERED = "support.entered", "Operator entered"
    SUPPORT_ENDED = "support.ended", "Support access ended"
    AUDIT_EXPORTED = "audit.exported", "Audit log exported"
    ORGANIZATION_CREATED = "organization.created", "Organization created"
    ORGANIZATION_SUSPENDED = "organization.suspended", "Organization suspended"
    ORGANIZATION_RESUMED = "organization.resumed", "Organization resumed"
    ORGANIZATION_CLOSING = "organization.closing", "Organization to be closed"
    ORGANIZATION_DROPPED = "organization.dropped", "Organization dropped"
    ORGANIZATION_MOVED = "organization.moved", "Subdomain or domain changed"
    ORGANIZATION_CHANGED = "organization.changed", "Name, time zone or quota changed"
    ORGANIZATION_EXPORTED = "organization.exported", "Organization exported"
    ORGANIZATION_RESTORED = "organization.restored", "Organization restored"
    PORTFOLIO_CHANGED = "portfolio.changed", "Terms of a portfolio changed"
    PORTFOLIO_DELETED = "portfolio.deleted", "Portfolio deleted"
    PRICE_ACCEPTED = "price.accepted", "Price in quarantine accepted"
    PRICE_DROPPED = "price.dropped", "Price in quarantine dropped"
    OPERATOR_NAMED = "operator.named", "Operator named"


class AuditEntryQuerySet(models.QuerySet["AuditEntry"]):
    def older_than(self, entry: "AuditEntry") -> Self:
        """What comes after `entry` in the order of the log, newest first."""
        return self.filter(models.Q(at__lt=entry.at) | models.Q(at=entry.at, id__lt=entry.pk))


class AuditEntry(TenantModel):
    """One act. The application's database role may add entries and read them, not change or delete them.

    An entry holds keys of people and things, never names or e-mails: who they are is looked up when the log is
    read, so that erasing a person leaves the log whole and the person unknown. `by_id` is NULL for the system,
    the anonymous and (in an organization) the platform's operators, whom `by_operator` marks.
    """

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    act = models.CharField(max_length=40, choices=Act, db_index=True)
    by_id = models.UUIDField(null=True, db_index=True)
    by_operator = models.BooleanField(default=False)
    subject_id = models.UUIDField(null=True, db_index=True, help_text="The person or thing that it was done to.")
    details = models.JSONField(default=dict, help_text="Plain values, no personal data.")
    network = models.CharField(max_length=43, blank=True, help_text="The address it came from, cut to its network.")

    objects = AuditEntryQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-id")
        verbose_name, verbose_name_plural = "audit entry", "audit log"

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.act}"
