"""Addresses of the market."""

from django.urls import path

from apps.market import views

urlpatterns = [path("search/", views.instrument_search, name="instrument_search")]
