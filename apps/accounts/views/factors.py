"""Second factors: an authenticator app, passkeys, recovery codes."""

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect

from apps.accounts import actors, services
from apps.accounts.models import Act, House
from apps.accounts.views.pages import PageMixin
from apps.tenants.http import OrganizationRequest, reauthenticated, render_page
from apps.tenants.ratelimits import client_address


def required(request: OrganizationRequest) -> HttpResponse:
    """What stands between a session and everything else while policy asks for a factor and there is none."""
    if not services.lacks_factor(request.user, House.current()):
        return redirect("settings_security")
    return render_page(request, "accounts/factor_required.html", {"title": "Add a second factor"})


class AuditedFactorMixin:
    """What was added is in the log, in one transaction with it."""

    request: Any
    act, kind = Act.FACTOR_ADDED, ""

    def form_valid(self, form: Any) -> HttpResponse:
        """allauth's own, and the entry; the session has a new key from here on."""
        with transaction.atomic():
            response: HttpResponse = super().form_valid(form)  # type: ignore[misc]
            user, address = self.request.user, client_address(self.request)
            services.record_audit(self.act, by_id=user.pk, subject_id=user.pk, address=address, kind=self.kind)
        self.request.session.cycle_key()
        return response


class AuditedCodeMixin:
    """A recovery code that was taken instead of an app's is in the log, and its owner hears of it."""

    request: Any

    def form_valid(self, form: Any) -> HttpResponse:
        """allauth's own; only a typed code has an authenticator to say where it came from."""
        response: HttpResponse = super().form_valid(form)  # type: ignore[misc]
        factor = getattr(form, "authenticator", None)
        if factor and factor.type == Authenticator.Type.RECOVERY_CODES:
            actors.send_mail(services.record_recovery_code(factor, address=client_address(self.request)))
        return response


class AddAppView(AuditedFactorMixin, PageMixin, totp.ActivateTOTPView):
    """The secret as a picture and as letters, and a first code from the app."""

    template_name, title, kind = "accounts/add_app.html", "Connect an authenticator app", "totp"

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """One app is connected at a time."""
        if Authenticator.objects.filter(user=request.user, type=Authenticator.Type.TOTP).exists():
            return redirect("settings_security")
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response


class AddPasskeyView(AuditedFactorMixin, PageMixin, passkeys.AddWebAuthnView):
    """The device makes a key pair for this host; its public half is kept here."""

    template_name, title, kind = "accounts/add_passkey.html", "Add a passkey", "webauthn"


class RecoveryCodesView(PageMixin, codes.ViewRecoveryCodesView):
    """Those that are not used yet."""

    template_name, title = "accounts/recovery_codes.html", "Recovery codes"

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Codes stand beside a factor."""
        if not services.has_factor(request.user):
            return redirect("settings_security")
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response


class NewRecoveryCodesView(AuditedFactorMixin, PageMixin, codes.GenerateRecoveryCodesView):
    """The earlier ones are worth nothing afterwards."""

    template_name, title = "accounts/new_recovery_codes.html", "New recovery codes"
    act, kind = Act.RECOVERY_CODES_MADE, "recovery_codes"


@reauthenticated
def remove(request: OrganizationRequest) -> HttpResponse:
    """Asks first. The last factor stays where one is required."""
    wanted = request.POST.get("factor") or request.GET.get("factor", "")
    mine = Authenticator.objects.filter(user=request.user).exclude(type=Authenticator.Type.RECOVERY_CODES)
    factor = mine.filter(pk=wanted).first() if wanted.isdecimal() else None
    if factor is None:
        return redirect("settings_security")
    if request.method != "POST":
        ctx = {"title": "Remove a second factor", "factor": factor, "may": services.may_remove_factor(factor)}
        return render_page(request, "accounts/remove_factor.html", ctx)
    if not services.may_remove_factor(factor):
        messages.error(request, "A second factor is asked for here: add another one first.")
        return redirect("settings_security")
    mail = services.remove_factor(factor, by=request.user, address=client_address(request))
    actors.send_mail(mail)
    messages.success(request, "The second factor is removed.")
    return redirect("settings_security")


add_app = AddAppView.as_view()
add_passkey = AddPasskeyView.as_view()
recovery_codes = RecoveryCodesView.as_view()
new_recovery_codes = NewRecoveryCodesView.as_view()
