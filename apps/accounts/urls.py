"""Addresses of people: sign-in (operators' on the public host too), settings of a member and of the house."""

from django.urls import path

from apps.accounts.views import entrance, house, profile, reauthenticate, sign_in

everywhere = [
    path("login/", sign_in.login, name="login"),
    path("logout/", sign_in.logout, name="logout"),
    path("reauthenticate/", reauthenticate.by_password, name="account_reauthenticate"),
]
urlpatterns = [*everywhere, path("enter/", entrance.enter, name="enter")]

# Below /settings/: each page extends accounts/settings.html, whose tabs go by these names.
settings_patterns = [
    path("", profile.settings_profile, name="settings_profile"),
    path("house/", house.house_edit, name="house_edit"),
]

# Below /brand/: what an organization's own pages look like, before one signs in too.
brand_patterns = [
    path("logo", house.brand_logo, name="brand_logo"),
    path("style.css", house.brand_style, name="brand_style"),
]
