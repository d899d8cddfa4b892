"""What happens to people."""

from apps.accounts.services.audit import record_audit
from apps.accounts.services.members import add_member, add_operator, add_owner

__all__ = ["add_member", "add_operator", "add_owner", "record_audit"]
