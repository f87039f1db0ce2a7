"""Notes, files, roles and ties on a person's record: small acts that lead back to it."""

from __future__ import annotations

from collections.abc import Callable

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST
from wagtail.admin import messages

from portevoix.accounts.office import actor_of, seen_by_who_may
from portevoix.people import interactions, selectors
from portevoix.people.exceptions import ChangedMeanwhile, Impossible, OutOfSight
from portevoix.people.forms.record import (
    AttachmentForm,
    CorrectionForm,
    NoteForm,
    RoleDaysForm,
    RoleForm,
    SeenDaysForm,
    TieForm,
)
from portevoix.people.models import Note, PersonRole, Relationship
from portevoix.people.services import writing
from portevoix.people.types import Held, RelationKind, Why
from portevoix.people.views.record import person_or_404, trail


def attempt(request: HttpRequest, act: Callable[[], object], done: str) -> None:
    """Do an act and say so, or say why it cannot be done."""
    try:
        act()
    except OutOfSight:
        raise Http404 from None
    except Impossible as reason:
        messages.error(request, str(reason))
    else:
        messages.success(request, done)


@require_POST
@seen_by_who_may("people.write_note")
def write_note(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep a note."""
    person = person_or_404(request, pk)
    form = NoteForm(request.POST)
    if form.is_valid():
        text, actor = form.cleaned_data["text"], actor_of(request)
        attempt(request, lambda: writing.write_note(person, text, actor=actor), gettext("The note is kept."))
    else:
        messages.error(request, gettext("A note has between 1 and 10,000 characters."))
    return redirect("people:person", pk)


@seen_by_who_may("people.correct_note")
def correct_note(request: HttpRequest, pk: int, note_pk: int) -> HttpResponse:
    """Let who wrote a note correct or remove it."""
    person = person_or_404(request, pk)
    note = get_object_or_404(person.notes.filter(author=request.user.pk), pk=note_pk)
    form = CorrectionForm(note, request.POST or None)
    if request.method == "POST" and form.is_valid() and _note_saved(request, note, form):
        return redirect("people:person", pk)
    interactions.consulted(person, Why.EDIT, actor=actor_of(request))
    title = gettext("Correct a note")
    context = {"person": person, "form": form, "header_title": title, "header_icon": "comment"}
    return render(request, "people/small_form.html", {**context, "breadcrumbs_items": trail(person, title)})


def _note_saved(request: HttpRequest, note: Note, form: CorrectionForm) -> bool:
    text, seen, actor = form.cleaned_data["text"], form.seen_text, actor_of(request)
    correct = lambda: writing.correct_note(note, text, seen=seen, actor=actor)  # noqa: E731
    try:
        attempt(request, correct, gettext("The note is corrected."))
    except ChangedMeanwhile as clash:
        form.offer_choice(clash.conflicts)
        return False
    return True


@require_POST
@seen_by_who_may("people.add_file")
def add_file(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep a file."""
    person = person_or_404(request, pk)
    form = AttachmentForm(request.POST, request.FILES)
    if form.is_valid():
        file, actor = form.cleaned_data["file"], actor_of(request)
        attempt(request, lambda: writing.add_file(person, file, actor=actor), gettext("The file is kept."))
    else:
        messages.error(request, gettext("Choose a file that is not empty."))
    return redirect("people:person", pk)


@seen_by_who_may("people.add_file")
def file(request: HttpRequest, pk: int, file_pk: int) -> HttpResponseBase:
    """Give a file back, always as a download: the browser runs nothing that somebody sent us."""
    person = person_or_404(request, pk)
    attachment = get_object_or_404(person.attachments, pk=file_pk)
    interactions.consulted(person, Why.RECORD, actor=actor_of(request))
    return FileResponse(
        attachment.file.open(), as_attachment=True, filename=attachment.name, content_type="application/octet-stream"
    )


@require_POST
@seen_by_who_may("people.remove_file")
def remove_file(request: HttpRequest, pk: int, file_pk: int) -> HttpResponse:
    """Remove a file."""
    attachment = get_object_or_404(person_or_404(request, pk).attachments, pk=file_pk)
    actor = actor_of(request)
    attempt(request, lambda: writing.remove_file(attachment, actor=actor), gettext("The file is removed."))
    return redirect("people:person", pk)


@seen_by_who_may("people.give_role")
def roles(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the roles of a person; give one."""
    person = person_or_404(request, pk)
    form = RoleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        held, actor = Held(**form.cleaned_data), actor_of(request)
        give = lambda: writing.give_role(person, held, is_new=True, actor=actor)  # noqa: E731
        attempt(request, give, gettext("The role is kept."))
        return redirect("people:person", pk)
    interactions.consulted(person, Why.EDIT, actor=actor_of(request))
    for held_already in person.roles.all():
        held_already.removal = SeenDaysForm.of(held_already)  # type: ignore[attr-defined]
    title = gettext("Roles of %(person)s") % {"person": person}
    context = {"person": person, "form": form, "header_title": title, "header_icon": "user"}
    return render(request, "people/roles.html", {**context, "breadcrumbs_items": trail(person, gettext("Roles"))})


@seen_by_who_may("people.correct_role")
def role(request: HttpRequest, pk: int, role_pk: int) -> HttpResponse:
    """Correct the days of a role."""
    person = person_or_404(request, pk)
    held = get_object_or_404(person.roles, pk=role_pk)
    form = RoleDaysForm(held, request.POST or None)
    if request.method == "POST" and form.is_valid() and _role_saved(request, held, form):
        messages.success(request, gettext("The role is kept."))
        return redirect("people:roles", pk)
    interactions.consulted(person, Why.EDIT, actor=actor_of(request))
    title = gettext("%(person)s, %(role)s") % {"person": person, "role": held}
    context = {"person": person, "form": form, "header_title": title, "header_icon": "user"}
    return render(request, "people/small_form.html", {**context, "breadcrumbs_items": trail(person, str(held))})


def _role_saved(request: HttpRequest, held: PersonRole, form: RoleDaysForm) -> bool:
    try:
        writing.correct_role(held, form.said, seen=form.seen_days, actor=actor_of(request))
    except OutOfSight:
        raise Http404 from None
    except ChangedMeanwhile as clash:
        form.offer_choice(clash.conflicts)
        return False
    return True


@require_POST
@seen_by_who_may("people.remove_role")
def remove_role(request: HttpRequest, pk: int, role_pk: int) -> HttpResponse:
    """Take a role away."""
    role = get_object_or_404(person_or_404(request, pk).roles, pk=role_pk)
    form, actor = SeenDaysForm(request.POST), actor_of(request)
    if not form.is_valid():
        messages.error(request, " ".join(str(fault) for fault in form.errors["seen"]))
        return redirect("people:roles", pk)
    remove = lambda: writing.remove_role(role, seen=form.seen_days, actor=actor)  # noqa: E731
    try:
        attempt(request, remove, gettext("The role is taken away."))
    except ChangedMeanwhile:
        text = gettext("Somebody else corrected this role in the meantime: look at it as it is now.")
        messages.error(request, text)
    return redirect("people:roles", pk)


@seen_by_who_may("people.tie")
def ties(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what ties a person to others; add a tie."""
    person, actor = person_or_404(request, pk), actor_of(request)
    form = TieForm(person, actor, request.POST or None)
    if request.method == "POST" and form.is_valid():
        kind, other = RelationKind(form.cleaned_data["kind"]), form.cleaned_data["other"]
        attempt(request, lambda: writing.tie(person, kind, other, actor=actor), gettext("The relationship is kept."))
        return redirect("people:person", pk)
    interactions.consulted(person, Why.EDIT, actor=actor)
    title = gettext("Relationships of %(person)s") % {"person": person}
    context = {"person": person, "form": form, "header_title": title, "header_icon": "link"}
    context |= {"ties": selectors.ties(person, actor), "breadcrumbs_items": trail(person, gettext("Relationships"))}
    return render(request, "people/ties.html", context)


@require_POST
@seen_by_who_may("people.untie")
def untie(request: HttpRequest, pk: int, tie_pk: int) -> HttpResponse:
    """End a tie."""
    relationship = get_object_or_404(Relationship.objects.about(person_or_404(request, pk)), pk=tie_pk)
    actor = actor_of(request)
    attempt(request, lambda: writing.untie(relationship, actor=actor), gettext("The relationship is ended."))
    return redirect("people:ties", pk)
