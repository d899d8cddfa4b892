"""Addresses of sign-in and sign-out."""

from django.urls import path

from apps.accounts import views

urlpatterns = [
    path("login/", views.login, name="login"),
    path("logout/", views.logout, name="logout"),
]
