"""The two commands and their set-up: embedded services, demo, tests, checks."""
