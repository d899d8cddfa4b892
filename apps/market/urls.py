"""Addresses of the market."""

from django.urls import path

from apps.market import views

urlpatterns = [
    path("search/", views.instrument_search, name="instrument_search"),
    path("search/new/", views.symbol_request, name="symbol_request"),
]
