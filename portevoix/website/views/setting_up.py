"""From nothing to a published, lawful site, in steps that are each kept: the screens of the assistant."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from wagtail.admin import messages

from portevoix.accounts.office import actor_of, seen_by_who_may
from portevoix.rights.rules.imprint import OF_THE_HOST, missing
from portevoix.rights.selectors.imprint import label_of, legal_facts
from portevoix.rights.services.imprint import declare_imprint
from portevoix.website import rules
from portevoix.website.exceptions import NoHomePageYet, NotLawfulYet
from portevoix.website.forms.look import LookForm
from portevoix.website.forms.setting_up import ImprintForm, NameForm, OpeningForm, PagesForm
from portevoix.website.models import Identity
from portevoix.website.selectors.starting import drafts, home_page, present, progress
from portevoix.website.services import dress, make_pages, name_site, open_site
from portevoix.website.types import OPTIONAL_PAGES, REQUIRED_PAGES
from portevoix.website.views.look import judged, ready_looks

ACT = "website.make_pages"
STEPS: tuple[tuple[str, Promise], ...] = (
    ("who", _("Who you are")),
    ("look", _("Name and look")),
    ("pages", _("First pages")),
    ("review", _("Review and publish")),
)


@dataclass(frozen=True)
class Step:
    """A step as it is shown beside the others."""

    name: str
    label: str
    url: str
    is_done: bool
    is_current: bool


def steps(current: str = "") -> list[Step]:
    """Return the steps of the assistant, each with where it is and whether it is done."""
    done = asdict(progress())
    return [
        Step(name, str(label), reverse(f"website_office:set_up_{name}"), done[name], name == current)
        for name, label in STEPS
    ]


@require_safe
@seen_by_who_may(ACT)
def begin(request: HttpRequest) -> HttpResponse:
    """Lead to the first step that is not done."""
    found = steps()
    return redirect(next((step.url for step in found if not step.is_done), found[-1].url))


@seen_by_who_may(ACT)
def who(request: HttpRequest) -> HttpResponse:
    """Say who publishes and who answers; what is not known yet may wait."""
    form = ImprintForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        declare_imprint(form.facts, election=form.cleaned_data["election"], actor=actor_of(request))
        return redirect("elections:add" if "calendar" in request.POST else "website_office:set_up_look")
    return _screen(request, "who", {"form": form, "missing": missing(legal_facts())}, is_refused=bool(form.errors))


@seen_by_who_may(ACT)
def look(request: HttpRequest) -> HttpResponse:
    """Name the site and choose its look; a ready look is taken at once, and stays on this step."""
    identity = Identity.load()
    names = NameForm(request.POST or None, request.FILES or None, identity=identity)
    form = LookForm(request.POST or None, initial=asdict(identity.look), instance=identity)
    if request.method == "POST":
        ready = rules.LOOKS.get(request.POST.get("ready", ""))
        if names.is_valid() and (ready or form.is_valid()):
            said = names.cleaned_data
            try:
                dress(ready or form.look, actor=actor_of(request))
            except ValidationError as refusal:
                form.add_error(None, refusal)
            else:
                name_site(said["name"], slogan=said["slogan"], logo=said["logo"], actor=actor_of(request))
                return redirect("website_office:set_up_look" if ready else "website_office:set_up_pages")
    shown = form.look if form.is_bound else Identity.load().look
    context = {"names": names, "form": form, "looks": ready_looks(), "shown": shown, **judged(shown)}
    return _screen(request, "look", context, is_refused=bool(names.errors or form.errors))


@seen_by_who_may(ACT)
def pages(request: HttpRequest) -> HttpResponse:
    """Choose the first pages; they are made as drafts."""
    home = home_page()
    there = present(home) if home else set()
    form = PagesForm(request.POST if request.method == "POST" else None, present=there)
    if request.method == "POST" and form.is_valid():
        make_pages(form.wanted, actor=actor_of(request))
        return redirect("website_office:set_up_review")
    made = [page.label for page in OPTIONAL_PAGES if page in there]
    context = {"form": form, "made": made, "required": [page.label for page in REQUIRED_PAGES], "home": home}
    return _screen(request, "pages", context, is_refused=bool(form.errors))


@seen_by_who_may(ACT)
def review(request: HttpRequest) -> HttpResponse:
    """Say what is missing, show what would be published, and publish."""
    found = drafts()
    if request.method == "POST":
        form = OpeningForm(request.POST, drafts=found)
        if form.is_valid() and _opened(request, form):
            return redirect("website_office:set_up_review")
    lacking = missing(legal_facts())
    context = {
        "facts": [_fact(name) for name in lacking],
        "ready": [draft for draft in found if not draft.waits],
        "waiting": [draft for draft in found if draft.waits],
        "home": home_page(),
        "identity": Identity.load(),
    }
    return _screen(request, "review", context)


def _opened(request: HttpRequest, form: OpeningForm) -> bool:
    try:
        opened = open_site(form.wanted, actor=actor_of(request))
    except NotLawfulYet:
        messages.error(request, gettext("The law wants a few more facts before this site may open: see below."))
    except NoHomePageYet:
        messages.error(request, gettext("The home page is not made yet, or has words to complete."))
    else:
        done = ngettext("%(number)d page published.", "%(number)d pages published.", len(opened))
        messages.success(request, done % {"number": len(opened)})
        return True
    return False


def _fact(name: str) -> dict[str, Any]:
    """Return a missing fact: what it is called, where it is said, and the line of the file that the host may write."""
    url = f"{reverse('website_office:set_up_who')}#id_{name}"
    return {"label": label_of(name), "url": url, "key": f"legal.{name}" if name in OF_THE_HOST else ""}


def _screen(request: HttpRequest, name: str, context: dict[str, Any], *, is_refused: bool = False) -> HttpResponse:
    found = steps(name)
    here = next(number for number, step in enumerate(found) if step.is_current)
    title = gettext("Setting up the site")
    context |= {
        "steps": found,
        "number": here + 1,
        "step": found[here],
        "before": found[here - 1] if here else None,
        "header_title": title,
        "header_icon": "site",
        "breadcrumbs_items": [{"url": "", "label": title}],
    }
    return render(request, f"website/office/set_up_{name}.html", context, status=400 if is_refused else 200)
