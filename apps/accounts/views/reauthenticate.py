"""Asking again who it is, before what cannot be undone."""

from allauth.account import views


class ReauthenticateView(views.ReauthenticateView):
    """By password; the page leads to the other ways that this person has."""

    template_name = "accounts/reauthenticate.html"
    extra_context = {"title": "Confirm that it is you"}


by_password = ReauthenticateView.as_view()
