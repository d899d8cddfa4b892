"""Addresses of people: sign-in (operators' on the public host too), settings of a member and of the house."""

from django.urls import path

from apps.accounts.views import entrance, profile, reauthenticate, sign_in

everywhere = [
    path("login/", sign_in.login, name="login"),
    path("logout/", sign_in.logout, name="logout"),
    path("reauthenticate/", reauthenticate.by_password, name="account_reauthenticate"),
]
urlpatterns = [*everywhere, path("enter/", entrance.enter, name="enter")]

# Below /settings/: each page extends accounts/settings.html, whose tabs go by these names.
settings_patterns = [
    path("", profile.settings_profile, name="settings_profile"),
]
