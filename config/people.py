"""How people sign in, whom they ask, and what allauth is told. Constants: nothing here reads the environment."""

AUTH_USER_MODEL = "accounts.User"
HOUSE_CONTACT = "apps.accounts.services.house_contact"  # what a page says that asks no member who they are
AUTHENTICATION_BACKENDS = ["apps.accounts.adapter.people.PeopleBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
LOGIN_URL = "login"
SESSION_ENGINE = "apps.tenants.backend.sessions"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "login"
ACCOUNT_ADAPTER = "apps.accounts.adapter.people.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "optional"  # people come in by a mailed link, their firm's provider or an operator
ACCOUNT_EMAIL_CONFIRMATION_HMAC = False  # a signed key would carry no organization
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True  # the mailed link stays open while guesses are spent
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "apps.accounts.services.passwords.ResetTokens"  # noqa: S105 (a class)
PASSWORD_RESET_TIMEOUT = 3600
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_FORMS = {"login": "apps.accounts.forms.sign_in.SignInForm"}
# Guesses of passwords are counted by apps.tenants.ratelimits; those of codes by allauth, by user.
ACCOUNT_RATE_LIMITS = {"login": None, "login_failed": "10/15m/key", "reset_password": None}
SOCIALACCOUNT_ADAPTER = "apps.accounts.adapter.firm.FirmAdapter"
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"provider_class": "apps.accounts.providers.openid.FirmProvider"}}
MFA_ADAPTER = "apps.accounts.adapter.factors.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # nobody signs up with somebody else's address here
MFA_TOTP_TOLERANCE = 1
MFA_RATE_LIMITS = {"webauthn_login": None}  # nothing there can be guessed
MFA_FORMS = {
    "add_webauthn": "apps.accounts.forms.factors.AddPasskeyForm",
    "authenticate_webauthn": "apps.accounts.forms.factors.AuthenticatePasskeyForm",
    "reauthenticate_webauthn": "apps.accounts.forms.factors.ReauthenticatePasskeyForm",
    "login_webauthn": "apps.accounts.forms.factors.SignInPasskeyForm",
}
