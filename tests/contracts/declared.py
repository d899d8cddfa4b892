"""What no resolver lists: actors and commands, each with what it works on. One that is missing fails the suite."""

# Actors that run where they were sent from; every other must carry schema="public".
ORGANIZATION_ACTORS = frozenset({"build_report", "deliver_mail", "mail_reset_link"})

# Commands: "platform" ones work in `public` and enter organizations one by one; "organization" ones are told which.
COMMANDS = {
    "create_operator": "platform",
    "create_organization": "platform",
    "crontab": "platform",
    "demo_organizations": "platform",
    "import_reference": "platform",
    "load_history": "platform",
    "migrate": "platform",
    "migrate_fleet": "platform",
    "migrate_schemas": "platform",
    "onboard_user": "organization",
    "prepare_schemas": "platform",
    "reset_operator_factors": "platform",
    "seed_demo_books": "platform",
    "stream_quotes": "platform",
    "value_portfolios": "platform",
}
