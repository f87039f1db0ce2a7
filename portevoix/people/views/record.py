"""A person's page and its edit form. Whoever is outside the reader's territory does not exist: 404, never 403."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.ui.components import Component
from wagtail.admin.widgets.button import HeaderButton

from portevoix.accounts.commands import may
from portevoix.accounts.office import actor_of, seen_by, seen_by_who_may
from portevoix.accounts.types import Fact
from portevoix.people import interactions, selectors, services
from portevoix.people.exceptions import ChangedMeanwhile, Impossible, OutOfSight
from portevoix.people.forms.identity import PersonForm
from portevoix.people.forms.record import AttachmentForm, NoteForm, TimelineForm
from portevoix.people.models import Interaction, Person
from portevoix.people.selectors import households
from portevoix.people.types import Kind, Why

#: What is said to be masked where it would stand, but the birth date, which has its own place.
CONTACTS = (Fact.EMAIL, Fact.PHONE, Fact.ADDRESS)
#: So many acts stand beside the name.
IN_THE_HEAD = 2
#: The picture of each kind of interaction on the timeline.
ICONS = {
    Kind.IMPORTED: "upload",
    Kind.SIGNED_UP: "form",
    Kind.ENTERED: "form",
    Kind.ADDED: "form",
    Kind.CONFIRMED: "circle-check",
    Kind.PARTICIPATED: "clipboard-list",
    Kind.RETRACTED: "circle-xmark",
    Kind.ATTENDED: "group",
    Kind.CONSENTED: "check",
    Kind.WITHDREW: "circle-xmark",
    Kind.MAILED: "mail",
    Kind.TEXTED: "mobile-alt",
    Kind.REPLIED: "comment",
    Kind.CALLED: "mobile-alt",
    Kind.POSTED: "doc-full",
    Kind.VISITED: "home",
    Kind.EDITED: "edit",
    Kind.TAGGED: "tag",
    Kind.UNTAGGED: "tag",
    Kind.EXPORTED: "download",
    Kind.MERGED: "copy",
    Kind.SEPARATED: "copy",
    Kind.CONSULTED: "view",
    Kind.NOTED: "comment",
    Kind.CORRECTED: "comment",
    Kind.UNNOTED: "comment",
    Kind.FILED: "doc-full",
    Kind.UNFILED: "bin",
    Kind.TIED: "link",
    Kind.HOUSED: "home",
    Kind.PLAYED: "user",
    Kind.STEPPED: "arrow-right",
    Kind.ASKED: "mail",
    Kind.ANSWERED: "circle-check",
    Kind.RESTRICTED: "lock",
    Kind.RELEASED: "lock-open",
}


def person_or_404(request: HttpRequest, pk: int) -> Person:
    """Return a person of the reader's territory. Raises Http404 for every other."""
    people = Person.objects.visible_to(actor_of(request)).with_contact_points()
    return get_object_or_404(people.prefetch_related("taggings__tag", "addresses", "roles", "attachments"), pk=pk)


def trail(person: Person, last: str = "") -> list[dict[str, str]]:
    """Return the way from the list to a person's page, or to a page below it."""
    way = [
        {"url": reverse("people:list"), "label": gettext("People")},
        {"url": reverse("people:person", args=[person.pk]), "label": str(person)},
    ]
    return [*way, {"url": "", "label": last}] if last else way


@seen_by()
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one person: this room's facts, then what the rooms above add by ``construct_person_panels``."""
    person = person_or_404(request, pk)
    interactions.consulted(person, Why.RECORD, actor=actor_of(request))
    panels: list[Component] = []
    for add in hooks.get_hooks("construct_person_panels"):
        add(request, person, panels)
    panels.sort(key=lambda panel: getattr(panel, "order", 1000))
    buttons = _buttons(request, person)
    context = {
        "person": person,
        "header_title": str(person),
        "header_icon": "user",
        "breadcrumbs_items": trail(person),
        # The head of the screen has room for the name and no more; the others are links under it.
        "header_buttons": buttons[:IN_THE_HEAD],
        "more_buttons": buttons[IN_THE_HEAD:],
        "may_edit": may(selectors.over(actor_of(request), person), "people.edit"),
        "masked": [fact.label for fact in CONTACTS if fact in person.hidden],
        "reader": request.user.pk,
        "ties": selectors.ties(person, actor_of(request)),
        "home": households.home_of(person, actor_of(request)),
        "notes": person.notes.all()[: selectors.NOTES],
        "note_form": NoteForm(),
        "file_form": AttachmentForm(),
        "own_groups": selectors.own_fields(person),
        "heads": [panel for panel in panels if getattr(panel, "is_head", False)],
        "panels": [panel for panel in panels if not getattr(panel, "is_head", False)],
        **_story(request, person),
    }
    return render(request, "people/person.html", context)


@seen_by_who_may("people.edit")
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Take what staff know better."""
    person = person_or_404(request, pk)
    form = PersonForm(person, request.POST or None)
    if request.method == "POST" and form.is_valid() and _saved(request, person, form):
        messages.success(request, gettext("The record of %(person)s is up to date.") % {"person": form.full_name})
        return redirect("people:person", pk)
    interactions.consulted(person, Why.EDIT, actor=actor_of(request))
    context = {
        "person": person,
        "form": form,
        "header_title": gettext("Edit %(person)s") % {"person": person},
        "header_icon": "edit",
        "breadcrumbs_items": trail(person, gettext("Edit")),
    }
    return render(request, "people/edit.html", context)


def _saved(request: HttpRequest, person: Person, form: PersonForm) -> bool:
    """Save; where somebody else changed the same fields, show both values instead."""
    actor = actor_of(request)
    try:
        services.edit(person, form.identity, seen=form.seen_identity, actor=actor)
        if form.are_tags_changed:
            services.tag(person, form.tag_names, seen=form.seen_tags, actor=actor)
    except OutOfSight:
        raise Http404 from None
    except ChangedMeanwhile as clash:
        form.offer_choice(clash.conflicts)
        return False
    except Impossible as reason:
        form.add_error(None, str(reason))
        return False
    return True


def _story(request: HttpRequest, person: Person) -> dict[str, object]:
    """What happened, as far as the reader asked for it."""
    form = TimelineForm(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    events, older = selectors.timeline(
        person,
        _number(request.GET.get("avant")),
        kind=asked.get("quoi") or "",
        who=asked.get("qui") or "",
        since=asked.get("depuis"),
        until=asked.get("jusque"),
    )
    kept = {name: request.GET[name] for name in ("qui", "quoi", "depuis", "jusque") if request.GET.get(name)}
    return {
        "timeline_form": form,
        "is_narrowed": bool(kept),
        "events": [(event, _icon(event)) for event in events],
        "older": urlencode({"avant": older, **kept}) if older else "",
        "is_latest": "avant" not in request.GET,
    }


def _icon(event: Interaction) -> str:
    return ICONS.get(Kind(event.kind), "dots-horizontal") if event.kind in Kind.values else "dots-horizontal"


def _buttons(request: HttpRequest, person: Person) -> list[HeaderButton]:
    buttons: list[HeaderButton] = []
    if may(selectors.over(actor_of(request), person), "people.edit"):
        address = reverse("people:edit", args=[person.pk])
        buttons.append(HeaderButton(gettext("Edit"), address, icon_name="edit", priority=10))
    for add in hooks.get_hooks("construct_person_buttons"):
        add(request, person, buttons)
    return sorted(buttons)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 19 else None
