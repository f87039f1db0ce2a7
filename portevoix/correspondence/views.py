"""Screens of standard letters: the list, the words of one, and how it looks."""

from __future__ import annotations

from dataclasses import asdict

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin import messages

from portevoix.accounts.office import actor_of, seen_by_who_may
from portevoix.correspondence import letters, selectors, services
from portevoix.correspondence.exceptions import NoAddressForTests
from portevoix.correspondence.forms import WordsForm
from portevoix.correspondence.types import LANGUAGES, STANDARDS, Standard, Words
from portevoix.delivery import selectors as outbox
from portevoix.delivery.exceptions import LetterError, MalformedMergeField, UnknownMergeField
from portevoix.delivery.types import Letter

#: Stricter than the back office's: no script, no frame, nothing from elsewhere.
POLICY = (
    "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'self'; sandbox allow-same-origin"
)


def trail(*steps: tuple[str, str]) -> list[dict[str, str]]:
    """Return the way from the list of letters to this page."""
    way = [{"url": reverse("correspondence:list"), "label": gettext("Standard letters")}]
    return way + [{"url": address, "label": label} for address, label in steps]


def _known(key: str, language: str) -> Standard:
    standard = STANDARDS.get(key)
    if standard is None or language not in LANGUAGES:
        raise Http404
    return standard


@require_safe
@seen_by_who_may("correspondence.edit")
def show_all(request: HttpRequest) -> HttpResponse:
    """List the letters that the product writes by itself."""
    context = {
        "lines": selectors.lines(),
        "languages": LANGUAGES,
        "header_title": gettext("Standard letters"),
        "header_icon": "mail",
        "breadcrumbs_items": trail()[:1],
    }
    return render(request, "correspondence/list.html", context)


@seen_by_who_may("correspondence.edit")
def edit(request: HttpRequest, key: str, language: str) -> HttpResponse:
    """Change the words of a letter; its fixed parts stand beside."""
    standard = _known(key, language)
    with translation.override(language):
        facts = standard.sample()
    own = selectors.own_words(key, language)
    words = own.words if own else selectors.default_words(key, language)
    form = WordsForm(facts, request.POST or None, initial=asdict(words))
    if request.method == "POST" and form.is_valid() and _kept(request, key, language, form):
        return redirect("correspondence:edit", key, language)
    title = str(standard.label)
    context = {
        "key": key,
        "language": language,
        "languages": LANGUAGES,
        "standard": standard,
        "own": own,
        "leaves": selectors.leaves(key),
        "form": form,
        "facts": facts,
        "blanks": letters.blanks(key),
        "header_title": title,
        "header_icon": "mail",
        "breadcrumbs_items": trail(("", title)),
    }
    return render(request, "correspondence/letter.html", context)


def _kept(request: HttpRequest, key: str, language: str, form: WordsForm) -> bool:
    try:
        services.edit(key, language, form.words, actor=actor_of(request))
    except LetterError as error:
        form.add_error(None, _explained(error))
        return False
    messages.success(request, gettext("These words are kept: the next letter says them."))
    return True


def _explained(error: LetterError) -> str:
    if isinstance(error, UnknownMergeField):
        return gettext("The field “%(name)s” does not exist: use one of those of the list.") % {"name": error.name}
    if isinstance(error, MalformedMergeField):
        return gettext("These braces do not hold a field: “%(near)s”.") % {"near": error.near}
    return gettext("This letter cannot be sent as it is written.")


@require_safe
@xframe_options_sameorigin
@seen_by_who_may("correspondence.edit")
def preview(request: HttpRequest, key: str, language: str) -> HttpResponse:
    """Give the letter as an invented reader would get it."""
    _known(key, language)
    own = selectors.own_words(key, language)
    words = own.words if own else selectors.default_words(key, language)
    letter = _sampled(key, words, language)
    if request.GET.get("mode") == "text":
        response = HttpResponse(letter.text, content_type="text/plain; charset=utf-8")
    else:
        response = HttpResponse(letter.html)
    response["Content-Security-Policy"] = POLICY
    return response


def _sampled(key: str, words: Words, language: str) -> Letter:
    try:
        return outbox.sample(letters.sample(key, words, language=language))
    except LetterError:
        default = selectors.default_words(key, language)
        return outbox.sample(letters.sample(key, default, language=language))


@require_POST
@seen_by_who_may("correspondence.send_test")
def send_test(request: HttpRequest, key: str, language: str) -> HttpResponse:
    """Send whoever asks the example of a letter, as it was saved."""
    _known(key, language)
    try:
        address = services.send_test(key, language, request.user, actor=actor_of(request))  # type: ignore[arg-type]
    except LetterError as error:
        messages.error(request, _explained(error))
    except NoAddressForTests:
        messages.error(request, gettext("Your account’s address does not receive our letters: no test was sent."))
    else:
        messages.success(request, gettext("A test is on its way to %(address)s.") % {"address": address})
    return redirect("correspondence:edit", key, language)


@require_POST
@seen_by_who_may("correspondence.restore")
def restore(request: HttpRequest, key: str, language: str) -> HttpResponse:
    """Go back to the product's words."""
    _known(key, language)
    if services.restore(key, language, actor=actor_of(request)):
        messages.success(request, gettext("The letter has its first words again."))
    return redirect("correspondence:edit", key, language)


@require_POST
@seen_by_who_may("correspondence.turn")
def turn(request: HttpRequest, key: str) -> HttpResponse:
    """Let an optional letter leave, or let it leave no more."""
    standard = _known(key, LANGUAGES[0])
    if not standard.is_optional:
        raise Http404
    is_on = request.POST.get("leaves") == "yes"
    services.turn(key, on=is_on, actor=actor_of(request))
    said = gettext("“%(letter)s” leaves from now on.") if is_on else gettext("“%(letter)s” leaves no more.")
    messages.success(request, said % {"letter": standard.label})
    return redirect("correspondence:list")
