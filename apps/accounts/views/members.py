"""The firm's people: who they are, what they may do, how they leave."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth import logout
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts import services
from apps.accounts.errors import MemberError
from apps.accounts.forms.members import AmountsForm, InvitationForm, RemovalForm, RoleForm
from apps.accounts.models import Invitation, User
from apps.accounts.permissions import ROLES, Permission, Role, require
from apps.tenants import live
from apps.tenants.http import OrganizationRequest, reauthenticated, render_page
from apps.tenants.ratelimits import client_address
from apps.tenants.services.quotas import QuotaError

MEMBERS_A_PAGE = 30
LIST = "Members"


@require_safe
def member_list(request: OrganizationRequest) -> HttpResponse:
    """Everybody sees who works here; owners and admins manage them."""
    return members_page(request, InvitationForm(by=request.user))


def members_page(
    request: OrganizationRequest, form: InvitationForm, status: int = HTTPStatus.OK, **told: Any
) -> HttpResponse:
    """The table, the open invitations, and who may do what; `saved` or `refusal` tells what just happened."""
    manages = request.user.may(Permission.MEMBER_MANAGE)
    people = User.objects.members() if manages else User.objects.active()
    page = Paginator(people.with_second_factor().order_by("-is_active", "name", "pk"), MEMBERS_A_PAGE)
    ctx = {
        "title": LIST,
        "crumbs": [(LIST, None)],
        "page": page.get_page(request.GET.get("page")),
        "manages": manages,
        "may_erase": request.user.may(Permission.MEMBER_ERASE),
        "invitations": list(Invitation.objects.waiting()) if manages else [],
        "form": form,
        "roles": list(Role),
        "table_of_roles": [(p.words, [p in ROLES[role] for role in Role]) for p in Permission],
    }
    return render_page(request, "accounts/member_list.html", ctx | told, partial="members", status=status)


@require_safe
@require(Permission.MEMBER_MANAGE)
def member_detail(request: OrganizationRequest, pk: UUID) -> HttpResponse:
    """One member and what may be changed."""
    return _member_page(request, get_object_or_404(User.objects.members(), pk=pk))


@require_POST
@require(Permission.MEMBER_MANAGE)
def member_role(request: OrganizationRequest, pk: UUID) -> HttpResponse:
    """Another role, at or below one's own."""
    member = get_object_or_404(User.objects.members(), pk=pk)
    form = RoleForm(request.POST, by=request.user)
    done = attempted(form, lambda: services.change_role(member=member, **form.cleaned_data, **_by(request)))
    return _answer(request, member, done=done, role_form=form)


@require_POST
@require(Permission.MEMBER_MANAGE)
def member_amounts(request: OrganizationRequest, pk: UUID) -> HttpResponse:
    """Amounts, or weights and percentages only; open pages change at once."""
    member = get_object_or_404(User.objects.members(), pk=pk)
    form = AmountsForm(request.POST)
    done = attempted(form, lambda: services.set_sees_amounts(member=member, **form.cleaned_data, **_by(request)))
    return _answer(request, member, done=done, amounts_form=form)


@require_http_methods(["GET", "POST"])
@require(Permission.MEMBER_MANAGE)
def member_remove(request: OrganizationRequest, pk: UUID) -> HttpResponse:
    """Asks who takes over, then removes."""
    member = get_object_or_404(User.objects.members(), pk=pk)
    form = _removal_form(request, member)
    if request.method == "POST" and attempted(form, lambda: _remove(request, member, form)):
        messages.success(request, f"{member.name} was removed and signed out.")
        return redirect("member_list")
    return _removal_page(request, member, form, f"Remove {member.name}")


@require_http_methods(["GET", "POST"])
def member_leave(request: OrganizationRequest) -> HttpResponse:
    """The same for oneself: whoever leaves is signed out for good."""
    form = _removal_form(request, request.user)
    if request.method == "POST" and attempted(form, lambda: _remove(request, request.user, form)):
        logout(request)
        return redirect("login")
    return _removal_page(request, request.user, form, "Leave the organization")


@require_http_methods(["GET", "POST"])
@require(Permission.MEMBER_ERASE)
@reauthenticated
def member_erase(request: OrganizationRequest, pk: UUID) -> HttpResponse:
    """Asks, then forgets who a removed member was."""
    member = get_object_or_404(User.objects.members(), pk=pk)
    form = forms.Form(request.POST if request.method == "POST" else None)
    if request.method == "POST" and attempted(form, lambda: services.erase_member(member=member, **_by(request))):
        messages.success(request, "The personal data were erased.")
        return redirect("member_list")
    return _erasure_page(request, member, form)


def attempted(form: forms.BaseForm, act: Callable[[], Any]) -> bool:
    """True if a valid form's act was done; what a rule refuses comes back in the form."""
    if not form.is_valid():
        return False
    try:
        act()
    except (MemberError, QuotaError) as refusal:
        form.add_error(None, str(refusal))
    return form.is_valid()


def status_of(form: forms.BaseForm) -> int:
    """422 for a form that came back."""
    return HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK


def _by(request: OrganizationRequest) -> dict[str, Any]:
    return {"by": request.user, "address": client_address(request)}


def _answer(request: OrganizationRequest, member: User, *, done: bool, **changed: Any) -> HttpResponse:
    if not done:
        return _member_page(request, member, status=HTTPStatus.UNPROCESSABLE_ENTITY, **changed)
    live.disconnect(live.user_topic(member))  # open pages come back with what the member may see now
    if not request.htmx:
        return redirect("member_detail", member.pk)
    return _member_page(request, get_object_or_404(User.objects.members(), pk=member.pk), saved=True)


def _member_page(
    request: OrganizationRequest,
    member: User,
    *,
    status: int = HTTPStatus.OK,
    saved: bool = False,
    **bound: forms.BaseForm,
) -> HttpResponse:
    reaches = Role(request.user.role).reaches(Role(member.role))
    ctx = {
        "title": member.name,
        "crumbs": _crumbs(member),
        "member": member,
        "may_change": member.is_active and reaches,
        "is_self": member.pk == request.user.pk,
        "may_erase": request.user.may(Permission.MEMBER_ERASE),
        "saved": saved,
        "role_form": RoleForm(by=request.user, initial={"role": member.role}),
        "amounts_form": AmountsForm(initial={"sees_amounts": "yes" if member.sees_amounts else "no"}),
    }
    return render_page(request, "accounts/member_detail.html", ctx | bound, partial="member", status=status)


def _removal_form(request: OrganizationRequest, member: User) -> RemovalForm:
    heirs = services.possible_heirs(member=member)
    return RemovalForm(request.POST if request.method == "POST" else None, heirs=heirs, initial={"heir": request.user})


def _remove(request: OrganizationRequest, member: User, form: RemovalForm) -> None:
    services.remove_member(member=member, heir=form.cleaned_data["heir"], **_by(request))
    live.disconnect(live.user_topic(member))


def _removal_page(request: OrganizationRequest, member: User, form: RemovalForm, title: str) -> HttpResponse:
    ctx = {
        "title": title,
        "crumbs": _crumbs(member, title) if member != request.user else [(LIST, reverse("member_list")), (title, None)],
        "member": member,
        "left": sorted(services.private_objects(member=member).items()),
        "form": form,
        "is_self": member == request.user,
    }
    return render_page(request, "accounts/member_remove.html", ctx, status=status_of(form))


def _erasure_page(request: OrganizationRequest, member: User, form: forms.Form) -> HttpResponse:
    ctx = {"title": f"Erase {member.name}", "crumbs": _crumbs(member, "Erase"), "member": member, "form": form}
    return render_page(request, "accounts/member_erase.html", ctx, status=status_of(form))


def _crumbs(member: User, last: str = "") -> list[tuple[str, str | None]]:
    crumbs: list[tuple[str, str | None]] = [(LIST, reverse("member_list"))]
    return [*crumbs, (member.name, reverse("member_detail", args=[member.pk])), *([(last, None)] if last else [])]
