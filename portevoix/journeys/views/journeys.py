"""The list of automations, one of them drawn with its people counted, and what may be done with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin import messages
from wagtail.admin.widgets.button import HeaderButton

from portevoix.accounts.commands import may
from portevoix.accounts.office import actor_of, seen_by, seen_by_who_may
from portevoix.accounts.types import Actor
from portevoix.journeys import selectors
from portevoix.journeys.exceptions import Faulty, NotPossible
from portevoix.journeys.forms import NameForm
from portevoix.journeys.models import Journey, Trip, Version
from portevoix.journeys.services import designing, publishing
from portevoix.journeys.types import VIEWERS, State
from portevoix.journeys.views.approvals import reading
from portevoix.kernel.ordering import Unaccented


def trail(*steps: tuple[str, str]) -> list[dict[str, str]]:
    """Return the way from the list of automations to this page."""
    way = [{"url": reverse("journeys:list"), "label": gettext("Automations")}]
    return way + [{"url": address, "label": label} for address, label in steps]


def within(journey: Journey, title: str) -> list[dict[str, str]]:
    """Return the way to a page of one automation."""
    return trail((reverse("journeys:show", args=[journey.pk]), journey.name), ("", title))


@require_safe
@seen_by(VIEWERS)
def show_all(request: HttpRequest) -> HttpResponse:
    """List the automations with their figures, as far as the reader sees people."""
    actor = actor_of(request)
    lines = selectors.overview(Journey.objects.select_related("live").order_by(Unaccented("name")), actor)
    buttons = []
    if may(actor, "journeys.create"):
        buttons.append(HeaderButton(gettext("New automation"), reverse("journeys:create"), icon_name="plus"))
    if may(actor, "journeys.add_address"):
        buttons.append(
            HeaderButton(gettext("Addresses told"), reverse("journeys:addresses"), icon_name="link-external")
        )
    context = {
        "lines": [line for line in lines if line.journey.state != State.ARCHIVED],
        "archived": [line for line in lines if line.journey.state == State.ARCHIVED],
        "header_title": gettext("Automations"),
        "header_icon": "history",
        "header_buttons": buttons,
        "breadcrumbs_items": trail()[:1],
    }
    return render(request, "journeys/list.html", context)


@seen_by_who_may("journeys.create")
def create(request: HttpRequest) -> HttpResponse:
    """Begin an automation."""
    form = NameForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            journey = designing.create(**form.cleaned_data, actor=actor_of(request))
        except NotPossible as reason:
            form.add_error("name", str(reason))
        else:
            return redirect("journeys:start", journey.pk)
    title = gettext("New automation")
    context = {"form": form, "header_title": title, "header_icon": "plus", "breadcrumbs_items": trail(("", title))}
    return render(request, "journeys/name.html", context)


@seen_by_who_may("journeys.rename")
def rename(request: HttpRequest, pk: int) -> HttpResponse:
    """Change an automation's name and what it is for."""
    journey = get_object_or_404(Journey, pk=pk)
    form = NameForm(request.POST or None, initial={"name": journey.name, "aim": journey.aim})
    if request.method == "POST" and form.is_valid():
        try:
            designing.rename(journey, **form.cleaned_data, actor=actor_of(request))
        except NotPossible as reason:
            form.add_error("name", str(reason))
        else:
            return redirect("journeys:show", pk)
    title = gettext("Name")
    context = {"form": form, "journey": journey, "header_title": title, "header_icon": "edit"}
    return render(request, "journeys/name.html", {**context, "breadcrumbs_items": within(journey, title)})


@require_safe
@seen_by(VIEWERS)
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Draw an automation: the version that runs, the one that is written, or a former one."""
    journey = get_object_or_404(Journey.objects.select_related("live"), pk=pk)
    actor = actor_of(request)
    version = _version(journey, request.GET.get("version", ""))
    is_written = not version.is_published and may(actor, "journeys.publish")
    faults = _faults(journey, version, actor)
    picture = selectors.picture(version, actor, faults)
    read = reading(request, version) if is_written and not faults else {}
    (figures,) = selectors.overview([journey], actor)
    context = {
        "journey": journey,
        "version": version,
        "versions": _versions(journey, actor),
        "picture": picture,
        "figures": figures,
        "is_written": is_written,
        "draft": journey.draft,
        "has_faults": bool(faults),
        "is_broken": version.is_published and bool(faults),
        "is_ready": is_written and not faults and not (read and read["standing"].holds_back),
        **read,
        "may_publish": may(actor, "journeys.publish"),
        "sees_all": actor.departements is None,
        "compares": selectors.compares(version.trigger),
        "only": selectors.in_words(version.only),
        "goal": selectors.in_words(version.goal),
        "header_title": journey.name,
        "header_icon": "history",
        "header_buttons": _buttons(journey, version, actor),
        "breadcrumbs_items": trail(("", journey.name)),
    }
    return render(request, "journeys/show.html", context)


def _faults(journey: Journey, version: Version, actor: Actor) -> list[tuple[int, str]]:
    """Return what is wrong with a version: what its author may not publish, or what the one in force cannot do."""
    if not version.is_published:
        return selectors.faults(version, actor) if may(actor, "journeys.publish") else []
    # What runs is done by the platform, whatever is hidden from who looks.
    is_in_force = version.pk == journey.live_id and journey.state != State.ARCHIVED
    return selectors.faults(version, selectors.ACTOR) if is_in_force else []


def _version(journey: Journey, asked: str) -> Version:
    """Return the version that is asked for by its number; else the one that runs, or is written."""
    if asked.isdecimal() and len(asked) < 9:
        return get_object_or_404(Version.objects.select_related("journey"), journey=journey, number=int(asked))
    found = journey.live or journey.draft
    if found is None:
        raise Http404
    return found


def _versions(journey: Journey, actor: Actor) -> list[dict[str, Any]]:
    under_way = selectors.under_way_by_version(journey, actor)
    return [
        {"version": one, "is_live": one.pk == journey.live_id, "under_way": under_way.get(one.pk, 0)}
        for one in journey.versions.order_by("-number")
    ]


def _buttons(journey: Journey, version: Version, actor: Actor) -> list[HeaderButton]:
    found = [
        HeaderButton(
            gettext("Try on a person"),
            reverse("journeys:try", args=[journey.pk]) + f"?version={version.number}",
            icon_name="view",
        )
    ]
    if may(actor, "journeys.rename"):
        found.append(HeaderButton(gettext("Name"), reverse("journeys:rename", args=[journey.pk]), icon_name="edit"))
    return found


def _publish(request: HttpRequest, journey: Journey) -> str:
    draft = journey.draft
    if draft is None:
        raise NotPossible(gettext("Nothing is being written: there is nothing to publish."))
    publishing.publish(draft, actor=actor_of(request))
    return gettext("“%(name)s” is published: it runs from now on.") % {"name": journey.name}


def _begin(request: HttpRequest, journey: Journey) -> str:
    designing.begin_version(journey, actor=actor_of(request))
    return gettext("This is the new version: nothing changes for anybody before you publish it.")


def _drop(request: HttpRequest, journey: Journey) -> str:
    draft = journey.draft
    if draft is None:
        raise NotPossible(gettext("Nothing is being written."))
    designing.drop_version(draft, actor=actor_of(request))
    return gettext("What was being written is gone.")


def _pause(request: HttpRequest, journey: Journey) -> str:
    publishing.pause(journey, actor=actor_of(request))
    return gettext("“%(name)s” is paused: nobody enters, nobody goes on.") % {"name": journey.name}


def _resume(request: HttpRequest, journey: Journey) -> str:
    publishing.resume(journey, actor=actor_of(request))
    return gettext("“%(name)s” goes on.") % {"name": journey.name}


def _archive(request: HttpRequest, journey: Journey) -> str:
    publishing.archive(journey, actor=actor_of(request))
    return gettext("“%(name)s” is archived: whoever is on it leaves within the minute.") % {"name": journey.name}


def _move(request: HttpRequest, journey: Journey) -> str:
    moved = publishing.move_people(journey, actor=actor_of(request))
    words = ngettext("%(n)d person follows the new version now.", "%(n)d people follow the new version now.", moved)
    return words % {"n": moved}


def _again(request: HttpRequest, journey: Journey) -> str:
    moved = publishing.try_again(journey, actor=actor_of(request))
    return ngettext("%(n)d person goes on.", "%(n)d people go on.", moved) % {"n": moved}


#: The words of an address, and what they do.
ACTS: dict[str, Callable[[HttpRequest, Journey], str]] = {
    "publier": _publish,
    "version": _begin,
    "abandonner": _drop,
    "pause": _pause,
    "reprendre": _resume,
    "archiver": _archive,
    "deplacer": _move,
    "reessayer": _again,
}


@require_POST
@seen_by_who_may("journeys.publish")
def act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Do what a button says, and show the automation again."""
    journey = get_object_or_404(Journey, pk=pk)
    if name not in ACTS:
        raise Http404
    try:
        messages.success(request, ACTS[name](request, journey))
    except Faulty as error:
        for words in error.faults:
            messages.error(request, words)
    except NotPossible as reason:
        messages.error(request, str(reason))
    if not Journey.objects.filter(pk=pk).exists():
        return redirect("journeys:list")
    draft = journey.draft if name in {"version", "publier"} else None
    address = reverse("journeys:show", args=[pk])
    return redirect(f"{address}?version={draft.number}" if draft else address)


@require_POST
@seen_by_who_may("journeys.take_out")
def take_out(request: HttpRequest, pk: int) -> HttpResponse:
    """End somebody's run, from their record."""
    trip = get_object_or_404(Trip.objects.visible_to(actor_of(request)).select_related("journey"), pk=pk)
    if publishing.take_out(trip, actor=actor_of(request)):
        messages.success(request, gettext("They left “%(name)s”.") % {"name": trip.journey.name})
    return redirect("people:person", trip.person_id)
