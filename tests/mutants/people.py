"""The guards of how people come in: mailed links, sealed secrets, budgets of guesses."""

from tests.mutants.mutant import Mutant

PEOPLE = "apps/accounts/adapter/people.py"
GUESSES = "tests/accounts/test_guesses.py::"
SEALS = "tests/accounts/test_seals.py::"

SIGN_IN = (
    Mutant(
        "a link that confirms an address is good in every organization", "config/people.py",
        "ACCOUNT_EMAIL_CONFIRMATION_HMAC = False", "ACCOUNT_EMAIL_CONFIRMATION_HMAC = True",
        ("tests/accounts/test_passwords.py::test_the_link_that_was_mailed_confirms_nothing_next_door",),
    ),
    Mutant(
        "secrets of second factors lie in clear", "apps/accounts/adapter/factors.py",
        "return seal(text, _PURPOSE)", "return text",
        (SEALS + "test_a_copy_of_the_table_shows_no_secret_of_a_second_factor",),
    ),
    Mutant(
        "the secret of a firm's provider lies in clear", "apps/accounts/services/providers.py",
        "row.client_secret = seal(secret, _PURPOSE)", "row.client_secret = secret",
        (SEALS + "test_a_copy_of_the_table_shows_no_secret_of_a_provider",),
    ),
    Mutant(
        "what is sealed can be read next door", "apps/tenants/sealing.py",
        'return f"{connection.schema_name}:{purpose}".encode()', "return purpose.encode()",
        (SEALS + "test_what_acme_sealed_globex_cannot_use",),
    ),
    Mutant(
        "an account has ten guesses on each host", PEOPLE,
        'else f"e-mail:{email}"', 'else f"e-mail:{connection.schema_name}:{email}"',
        (GUESSES + "test_a_flood_over_hosts_with_forged_headers_has_ten_guesses",),
    ),
    Mutant(
        "a stranger's guesses lock the owner out", PEOPLE,
        'if device else f"e-mail:{email}"', 'if False else f"e-mail:{email}"',
        (GUESSES + "test_the_owner_gets_in_with_a_known_device",),
    ),
    Mutant(
        "a known device guesses for ever", PEOPLE,
        "if not spend_guess(account):\n            raise Ratelimited\n        user: User",
        "if not device and not spend_guess(account):\n            raise Ratelimited\n        user: User",
        (GUESSES + "test_a_known_device_has_ten_guesses_too",),
    ),
    Mutant(
        "a device is known for whoever signs in with it", "apps/accounts/services/sessions.py",
        "filter(token_digest=_digest(token), user__email=email)", "filter(token_digest=_digest(token))",
        (GUESSES + "test_a_device_is_known_for_its_own_member_only",),
    ),
)  # fmt: skip
