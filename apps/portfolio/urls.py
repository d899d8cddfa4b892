"""Addresses of the dashboard, watchlists, instruments and portfolios."""

from django.urls import path

from apps.portfolio import views

urlpatterns = [
    path("", views.dashboard, name="dashboard"),
    path("i/<str:mic>/<str:symbol>/", views.instrument_detail, name="instrument_detail"),
    path("watchlists/new/", views.watchlist_create, name="watchlist_create"),
    path("watchlists/<uuid:pk>/", views.watchlist_detail, name="watchlist_detail"),
    path("watchlists/<uuid:pk>/select/", views.watchlist_select, name="watchlist_select"),
    path("watchlists/<uuid:pk>/items/", views.watchlist_item_add, name="watchlist_item_add"),
    path("watchlists/<uuid:pk>/items/<uuid:item>/remove/", views.watchlist_item_remove, name="watchlist_item_remove"),
    path("watchlists/<uuid:pk>/items/<uuid:item>/move/", views.watchlist_item_move, name="watchlist_item_move"),
    path("portfolios/", views.portfolio_list, name="portfolio_list"),
    path("portfolios/new/", views.portfolio_create, name="portfolio_create"),
    path("portfolios/<uuid:pk>/", views.portfolio_detail, name="portfolio_detail"),
    path("portfolios/<uuid:pk>/performance/", views.portfolio_performance, name="portfolio_performance"),
    path("portfolios/<uuid:pk>/why/<slug:figure>/", views.portfolio_why, name="portfolio_why"),
    path("portfolios/<uuid:pk>/positions/<str:mic>/<str:symbol>/", views.position_detail, name="position_detail"),
    path("portfolios/<uuid:pk>/income/", views.portfolio_income, name="portfolio_income"),
    path("portfolios/<uuid:pk>/gains/", views.portfolio_gains, name="portfolio_gains"),
    path("portfolios/<uuid:pk>/risk/", views.portfolio_risk, name="portfolio_risk"),
    path("portfolios/<uuid:pk>/allocation/", views.portfolio_allocation, name="portfolio_allocation"),
    path("portfolios/<uuid:pk>/what-if/", views.portfolio_what_if, name="portfolio_what_if"),
    path("portfolios/<uuid:pk>/transactions/new/", views.transaction_create, name="transaction_create"),
    path("portfolios/<uuid:pk>/transactions/", views.portfolio_transactions, name="portfolio_transactions"),
    path("portfolios/<uuid:pk>/transactions/<uuid:entry>/", views.transaction_detail, name="transaction_detail"),
    path("portfolios/<uuid:pk>/transactions/<uuid:entry>/change/", views.transaction_change, name="transaction_change"),
    path("portfolios/<uuid:pk>/transactions/<uuid:entry>/delete/", views.transaction_delete, name="transaction_delete"),
    path("portfolios/<uuid:pk>/edits/<uuid:edit>/undo/", views.transaction_undo, name="transaction_undo"),
    path("portfolios/<uuid:pk>/export/", views.portfolio_export, name="portfolio_export"),
    path(
        "portfolios/<uuid:pk>/export/<str:what>/<str:form>/", views.portfolio_export_file, name="portfolio_export_file"
    ),
    path("portfolios/<uuid:pk>/import/", views.import_list, name="import_list"),
    path("portfolios/<uuid:pk>/import/<uuid:batch>/", views.import_detail, name="import_detail"),
    path("portfolios/<uuid:pk>/import/<uuid:batch>/file/", views.import_file, name="import_file"),
    path("portfolios/<uuid:pk>/import/<uuid:batch>/columns/", views.import_columns, name="import_columns"),
    path("portfolios/<uuid:pk>/import/<uuid:batch>/symbols/", views.import_symbols, name="import_symbols"),
    path("portfolios/<uuid:pk>/import/<uuid:batch>/again/", views.import_again, name="import_again"),
    path("portfolios/<uuid:pk>/import/<uuid:batch>/record/", views.import_record, name="import_record"),
    path("portfolios/<uuid:pk>/import/<uuid:batch>/undo/", views.import_undo, name="import_undo"),
    path("portfolios/<uuid:pk>/import/<uuid:batch>/remove/", views.import_remove, name="import_remove"),
    path("mappings/<uuid:mapping>/forget/", views.mapping_forget, name="mapping_forget"),
]
