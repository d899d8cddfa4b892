"""What members decide about themselves: name, clock, ways of writing, theme, notices."""

from copy import copy

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from apps.accounts import services
from apps.accounts.forms.profile import ZONES, ProfileForm
from apps.tenants.http import OrganizationRequest, render_page
from apps.tenants.ratelimits import limited


@require_http_methods(["GET", "HEAD", "POST"])
@limited("120/m")
def settings_profile(request: OrganizationRequest) -> HttpResponse:
    """The page's header shows what is saved: the form works on a copy."""
    sent = request.POST if request.method == "POST" else None
    form = ProfileForm(sent, instance=copy(request.user))
    if form.is_valid():
        services.change_profile(by=request.user, **form.cleaned_data)
        messages.success(request, "Saved.")
        return redirect("settings_profile")
    ctx = {"title": "You", "crumbs": [("Settings", None), ("You", None)], "form": form, "zones": ZONES}
    return render_page(request, "accounts/settings_profile.html", ctx, status=422 if form.is_bound else 200)
