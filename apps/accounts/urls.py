"""Addresses of people: sign-in (operators' on the public host too), settings of a member and of the house."""

from django.contrib.auth.decorators import login_not_required
from django.urls import path
from django.views.generic import RedirectView

from apps.accounts.views import (
    audit,
    entrance,
    exports,
    factors,
    house,
    invitations,
    members,
    passwords,
    profile,
    reauthenticate,
    security,
    sign_in,
    sso,
    support,
)

# allauth knows its own names; one address may have two.
everywhere = [
    path("login/", sign_in.login, name="login"),
    path("login/", sign_in.login, name="account_login"),
    path("login/code/", sign_in.code, name="mfa_authenticate"),
    path("login/passkey/", sign_in.passkey, name="mfa_login_webauthn"),
    path("logout/", sign_in.logout, name="logout"),
    path("reauthenticate/", reauthenticate.by_password, name="account_reauthenticate"),
    path("reauthenticate/code/", reauthenticate.by_code, name="mfa_reauthenticate"),
    path("reauthenticate/passkey/", reauthenticate.by_passkey, name="mfa_reauthenticate_webauthn"),
    path("password/", passwords.change, name="account_change_password"),
    path("factors/", factors.required, name="factor_required"),
    path("factors/app/", factors.add_app, name="mfa_activate_totp"),
    path("factors/passkey/", factors.add_passkey, name="mfa_add_webauthn"),
    path("factors/remove/", factors.remove, name="factor_remove"),
    path("factors/codes/", factors.recovery_codes, name="mfa_view_recovery_codes"),
    path("factors/codes/new/", factors.new_recovery_codes, name="mfa_generate_recovery_codes"),
]
security_patterns = [
    path("security/", security.overview, name="settings_security"),
    path("security/", security.overview, name="mfa_index"),
    path("security/sign-out/", security.sign_out_everywhere, name="sign_out_everywhere"),
    path("security/session/", security.end_session, name="session_end"),
    path("security/device/", security.forget_device, name="device_forget"),
]
# Below /settings/: each page extends accounts/settings.html, whose tabs go by these names.
settings_patterns = [
    path("", profile.settings_profile, name="settings_profile"),
    path("house/", house.house_edit, name="house_edit"),
    *security_patterns,
    path("sso/", sso.sso_edit, name="sso_edit"),
    path("security/e-mail/", security.confirm_email, name="confirm_email_send"),
    path("audit/", audit.audit_list, name="audit_list"),
    path("audit/export/", audit.audit_export, name="audit_export"),
    path("support/", support.support_list, name="support_list"),
    path("support/<uuid:pk>/grant/", support.support_grant, name="support_grant"),
    path("support/<uuid:pk>/refuse/", support.support_refuse, name="support_refuse"),
    path("support/<uuid:pk>/end/", support.support_end, name="support_end"),
    path("export/", exports.export_list, name="export_list"),
    path("export/new/", exports.export_create, name="export_create"),
    path("export/<uuid:pk>/download/", exports.export_download, name="export_download"),
]
# Below /brand/: what an organization's own pages look like, before one signs in too.
brand_patterns = [
    path("logo", house.brand_logo, name="brand_logo"),
    path("style.css", house.brand_style, name="brand_style"),
]
urlpatterns = [
    *everywhere,
    path("enter/", entrance.enter, name="enter"),
    path("password/new/", passwords.choose, name="account_set_password"),
    path("reset/", passwords.reset, name="account_reset_password"),
    path("reset/sent/", passwords.reset_sent, name="account_reset_password_done"),
    path("reset/<str:uidb36>/<str:key>/", passwords.reset_by_link, name="account_reset_password_from_key"),
    path("sso/begin/", sso.begin, name="sso_begin"),
    path("reauthenticate/provider/", reauthenticate.by_provider, name="sso_reauthenticate"),
    path("sso/callback/", sso.callback, name="sso_callback"),
    path("confirm/<slug:key>/", passwords.confirm_email, name="account_confirm_email"),
]
operator_login = login_not_required(RedirectView.as_view(pattern_name="login", query_string=True))
people_patterns = [
    path("members/", members.member_list, name="member_list"),
    path("members/leave/", members.member_leave, name="member_leave"),
    path("members/<uuid:pk>/", members.member_detail, name="member_detail"),
    path("members/<uuid:pk>/role/", members.member_role, name="member_role"),
    path("members/<uuid:pk>/amounts/", members.member_amounts, name="member_amounts"),
    path("members/<uuid:pk>/remove/", members.member_remove, name="member_remove"),
    path("members/<uuid:pk>/erase/", members.member_erase, name="member_erase"),
    path("invitations/", invitations.invitation_create, name="invitation_create"),
    path("invitations/accept/", invitations.invitation_accept, name="invitation_accept"),
    path("invitations/<uuid:pk>/resend/", invitations.invitation_resend, name="invitation_resend"),
    path("invitations/<uuid:pk>/revoke/", invitations.invitation_revoke, name="invitation_revoke"),
]
