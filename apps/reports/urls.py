"""Addresses of reports."""

from django.urls import path

from apps.reports import views

urlpatterns = [
    path("", views.report_list, name="report_list"),
    path("create/<uuid:pk>/", views.report_create, name="report_create"),
    path("<uuid:pk>/", views.report_row, name="report_row"),
    path("<uuid:pk>/download/", views.report_download, name="report_download"),
]
