"""What no resolver lists: actors and commands, each with what it works on. One that is missing fails the suite."""

# Actors that run where they were sent from; every other must carry schema="public".
ORGANIZATION_ACTORS = frozenset(
    {"build_report", "deliver_mail", "keep_snapshots", "mail_reset_link", "record_demand", "work_on_import"}
)

# Commands: "platform" ones work in `public` and enter organizations one by one; "organization" ones are told which.
COMMANDS = {
    "backfill_bars": "platform",
    "close_organization": "platform",
    "create_operator": "platform",
    "create_organization": "platform",
    "crontab": "platform",
    "demo_organizations": "platform",
    "export_organization": "platform",
    "import_reference": "platform",
    "import_universe": "platform",
    "load_history": "platform",
    "migrate": "platform",
    "migrate_fleet": "platform",
    "migrate_schemas": "platform",
    "onboard_user": "organization",
    "prepare_schemas": "platform",
    "rename_organization": "platform",
    "reset_operator_factors": "platform",
    "restore_organization": "platform",
    "resume_organization": "platform",
    "seed_demo_books": "platform",
    "stream_quotes": "platform",
    "suspend_organization": "platform",
    "value_portfolios": "platform",
}
