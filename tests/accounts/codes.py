"""What an authenticator app would show for a secret."""

import time

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

PERIOD = 30


def code_of(secret: str, *, later: int = 0) -> str:
    """Now, or some periods later: a code is taken once."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // PERIOD + later)))
