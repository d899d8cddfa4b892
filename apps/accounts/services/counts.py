"""How many people an organization has, as its quota counts them."""

from apps.accounts.models import User


def count_members() -> int:
    """Those who may sign in; a visiting operator is no member."""
    return User.objects.filter(is_active=True, is_support=False).count()
