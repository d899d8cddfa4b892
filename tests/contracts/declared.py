"""What no resolver lists: actors, commands and mails. One that is missing here fails the suite."""

# Actors that run where they were sent from; all others carry schema="public".
ORGANIZATION_ACTORS = frozenset({"build_report", "deliver_mail"})
PLATFORM_ACTORS = frozenset({
    "check_indicators", "forget_mail", "prepare_schemas", "record_news", "refresh_market", "score_articles",
    "settle_quotes", "sweep_mail", "sweep_reports",
})  # fmt: skip

# Commands: "platform" ones work in `public` and enter organizations one by one; "organization" ones are told which.
COMMANDS = {
    "create_operator": "platform",
    "create_organization": "platform",
    "crontab": "platform",
    "demo_organizations": "platform",
    "import_reference": "platform",
    "load_history": "platform",
    "migrate_schemas": "platform",
    "onboard_user": "organization",
    "prepare_schemas": "platform",
    "seed_demo_books": "platform",
    "stream_quotes": "platform",
    "value_portfolios": "platform",
}

# Mails: the page and the text beside it, composed at both twins.
MAILS = frozenset({"accounts/mail/frame.html", "accounts/mail/sign_up.html", "accounts/mail/sign_up.txt"})
