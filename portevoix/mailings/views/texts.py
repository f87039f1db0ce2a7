"""Screens of text messages: write with a counter that lives, look, try, confirm, follow, read what became of it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin.widgets.button import HeaderButton

from portevoix.accounts.commands import may
from portevoix.accounts.office import actor_of, seen_by, seen_by_who_may
from portevoix.delivery.exceptions import LetterError
from portevoix.delivery.rules import texting as texting_rules
from portevoix.delivery.types import MERGE_FIELDS
from portevoix.mailings import selectors
from portevoix.mailings.exceptions import MailingError, NotADraft
from portevoix.mailings.forms import HourForm, ShortMessageForm, TextConfirmationForm, TextTestForm
from portevoix.mailings.models import ShortMessage, TextDeparture
from portevoix.mailings.selectors import people_of, texts
from portevoix.mailings.services import texting
from portevoix.mailings.types import Confirmation, Label
from portevoix.mailings.wording import explain

ON_A_PAGE = 50


@require_safe
@seen_by()
def index(request: HttpRequest) -> HttpResponse:
    """Show every text message beside what became of it."""
    found = ShortMessage.objects.select_related("segment", "batch").order_by("-id")
    page = Paginator(found, ON_A_PAGE).get_page(request.GET.get("page"))
    context = furniture(request, None, gettext("Text messages"))
    context |= {"page": page, "rows": texts.text_figures(list(page.object_list))}
    return render(request, "mailings/texts.html", context)


@seen_by_who_may("mailings.write_text")
def write(request: HttpRequest) -> HttpResponse:
    """Begin a text message."""
    form = _form(request)
    if _is_done(request, form):
        return _saved(request, texting.write_text(form.draft, actor=actor_of(request)))
    return _editor(request, None, form)


@seen_by_who_may("mailings.edit_text")
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Go on with a draft; what was sent shows its results."""
    text = get_object_or_404(ShortMessage.objects.select_related("segment"), pk=pk)
    if not text.is_draft:
        return redirect(screen_of(text))
    form = _form(request, text)
    if _is_done(request, form):
        try:
            return _saved(request, texting.edit_text(text, form.draft, actor=actor_of(request)))
        except NotADraft as error:
            messages.error(request, explain(error))
            return redirect("texts:results", pk)
    return _editor(request, text, form)


def _form(request: HttpRequest, text: ShortMessage | None = None) -> ShortMessageForm:
    """Return the form as it was filled in; in plain letters where the button for it was pressed."""
    return ShortMessageForm(in_plain_letters(request), instance=text)


def in_plain_letters(request: HttpRequest) -> QueryDict | None:
    """Return what was filled in, if anything; its words in plain letters where the button for it was pressed."""
    data = request.POST.copy() if request.method == "POST" else None
    if data and "plain" in data:
        data["words"] = texting_rules.plain(data.get("words", ""))
    return data


def _is_done(request: HttpRequest, form: ShortMessageForm) -> bool:
    """Tell whether the form is to be saved, rather than only counted."""
    return request.method == "POST" and not {"count", "plain"} & request.POST.keys() and form.is_valid()


def _editor(request: HttpRequest, text: ShortMessage | None, form: ShortMessageForm) -> HttpResponse:
    context = furniture(request, text, gettext("Write a text message"))
    context |= {
        "form": form,
        "counted": counted_words(
            str(form["words"].value() or ""), selectors.label_of(text) if text else None, is_being_written=True
        ),
        "fields": fields_for_texts(),
    }
    return render(request, "mailings/text_write.html", context)


def fields_for_texts() -> list[dict[str, str]]:
    """Return the fields that fit in a text message."""
    return [{"name": name, "label": str(MERGE_FIELDS[name].label), "otherwise": ""} for name in texts.FIELDS]


def counted_words(words: str, label: Label | None = None, *, is_being_written: bool = False) -> dict[str, Any]:
    """Return what the screens say of words: how long they are, how they are read, what is wrong with them."""
    found = texts.counted(words, label=label)
    fault = explain(found.fault) if found.fault and words.strip() else ""
    return {"text": found, "fault": fault, "is_being_written": is_being_written}


def _saved(request: HttpRequest, text: ShortMessage) -> HttpResponse:
    messages.success(request, gettext("“%(title)s” is saved.") % {"title": text.title})
    return redirect("texts:send" if "send" in request.POST else "texts:edit", text.pk)


@require_POST
@seen_by_who_may("mailings.write_text")
def count(request: HttpRequest) -> HttpResponse:
    """Count what is being typed, for the screen to show it at once."""
    number = request.GET.get("text", "")
    text = ShortMessage.objects.filter(pk=number).first() if number.isdecimal() and len(number) < 15 else None
    label = selectors.label_of(text) if text else None
    counted = counted_words(request.POST.get("words", "")[:2000], label, is_being_written=True)
    return render(request, "mailings/_text_count.html", {"counted": counted})


@require_POST
@seen_by_who_may("mailings.delete_text")
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a draft."""
    try:
        texting.delete_text(get_object_or_404(ShortMessage, pk=pk), actor=actor_of(request))
    except MailingError as error:
        messages.error(request, explain(error))
    else:
        messages.success(request, gettext("The text message is deleted."))
    return redirect("texts:index")


@require_POST
@seen_by_who_may("mailings.test_text")
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """Send whoever asks a test at a number of their own."""
    text, form = get_object_or_404(ShortMessage, pk=pk), TextTestForm(request.POST)
    try:
        number = form.data.get("number", "")
        sent_to = texting.test_text(text, request.user, number, actor=actor_of(request))  # type: ignore[arg-type]
    except (LetterError, MailingError) as error:
        messages.error(request, explain(error))
    else:
        messages.success(request, gettext("A test is on its way to %(address)s.") % {"address": sent_to})
    return redirect("texts:send", pk)


@seen_by_who_may("mailings.send_text")
def send(request: HttpRequest, pk: int) -> HttpResponse:
    """Say to whom it goes, what it costs and what they will read; send it when that is confirmed."""
    text = get_object_or_404(ShortMessage.objects.select_related("segment"), pk=pk)
    form = TextConfirmationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _send(request, text, form.confirmation)
    return before_sending(request, text, form)


def before_sending(
    request: HttpRequest, text: ShortMessage, form: TextConfirmationForm, hour: HourForm | None = None
) -> HttpResponse:
    """Show what the sender must know, with what is wrong in what they said, next to it."""
    if not text.is_draft:
        return redirect(screen_of(text))
    context = furniture(request, text, gettext("Send"))
    context |= _before_sending(request, text)
    if request.method == "POST" and "form" in context:
        context |= {"unconfirmed": form.errors.get("is_sure"), "hour": hour or context["hour"]}
    return render(request, "mailings/text_send.html", context)


def _send(request: HttpRequest, text: ShortMessage, confirmed: Confirmation) -> HttpResponse:
    try:
        sent = texting.send_text(text, confirmed, actor=actor_of(request))
    except NotADraft as error:
        messages.info(request, explain(error))
    except (LetterError, MailingError) as error:
        messages.error(request, explain(error))
        return redirect("texts:send", text.pk)
    else:
        message = ngettext("It leaves now for %(n)s person.", "It leaves now for %(n)s people.", sent.recipients)
        messages.success(request, message % {"n": intcomma(sent.recipients)})
    return redirect("texts:results", text.pk)


def _before_sending(request: HttpRequest, text: ShortMessage) -> dict[str, Any]:
    """Return what the sender must know, or the fault that keeps the text here."""
    found = {
        "counted": counted_words(text.words, selectors.label_of(text)),
        "advert": selectors.advert_of(text),
        "advertising": selectors.advertising_of(text),
        "test_form": TextTestForm(),
        "fault_of_provider": texts.provider_fault(),
    }
    try:
        people = people_of(text, actor_of(request))
        reach = texts.reach_by_text(people, selectors.advertising_of(text))
        counted = texts.dearest_of(text, people)
        if counted.fault:
            raise counted.fault
    except (LetterError, MailingError) as error:
        return {**found, "fault": explain(error)}
    shown = Confirmation(texts.digest(text), reach.admitted)
    return {
        **found,
        "counted": {
            "text": texts.counted(text.words, people, selectors.label_of(text)),
            "fault": "",
            "is_being_written": False,
        },
        "reach": reach,
        "estimate": texts.estimate(counted, reach.admitted),
        "first_departure": texts.first_departure(),
        "is_partial": actor_of(request).departements is not None,
        "form": TextConfirmationForm(seen=shown),
        "hour": HourForm(),
        "departure": TextDeparture.objects.filter(mailing=text).first(),
        "trial": selectors.trial_of(text),
        "standing": selectors.standing(selectors.approvals_of(text), shown.digest, actor_of(request)),
    }


@require_POST
@seen_by_who_may("mailings.stop_text")
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    """Hold back what has not left."""
    try:
        held = texting.stop_text(get_object_or_404(ShortMessage, pk=pk), actor=actor_of(request))
    except MailingError as error:
        messages.error(request, explain(error))
    else:
        message = ngettext("Stopped: %(n)s message was held back.", "Stopped: %(n)s messages were held back.", held)
        messages.success(request, message % {"n": intcomma(held)})
    return redirect("texts:results", pk)


@require_safe
@seen_by()
def results(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what became of a text message, in totals."""
    text = get_object_or_404(ShortMessage.objects.gone().select_related("batch", "created_by"), pk=pk)
    context = furniture(request, text, gettext("Results"))
    context |= _outcome(request, text)
    context["header_buttons"] = [
        HeaderButton(gettext("Report"), reverse("texts:report", args=[pk]), icon_name="history"),
    ]
    context["counted"] = counted_words(text.words, selectors.label_of(text))
    context["advert"] = selectors.advert_of(text)
    return render(request, "mailings/text_results.html", context)


@require_safe
@seen_by()
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the part of the results that moves."""
    text = get_object_or_404(ShortMessage.objects.gone().select_related("batch"), pk=pk)
    return render(request, "mailings/_text_outcome.html", _outcome(request, text))


def _outcome(request: HttpRequest, text: ShortMessage) -> dict[str, Any]:
    actor = actor_of(request)
    return {
        "text": text,
        "outcome": texts.text_outcome(text),
        "may_stop": may(actor, "mailings.stop_text"),
        "may_read": may(actor, "delivery.read_reply"),
        "trial": selectors.trial_of(text),
    }


def screen_of(text: ShortMessage) -> str:
    """Return the address of the screen of a text message that fits its state."""
    if text.is_draft:
        return reverse("texts:edit", args=[text.pk])
    return reverse("texts:departure" if text.is_here else "texts:results", args=[text.pk])


def furniture(request: HttpRequest, text: ShortMessage | None, title: str) -> dict[str, Any]:
    """Return what Wagtail's page around the screen shows."""
    actor, here = actor_of(request), reverse("texts:index")
    crumbs = [
        {"url": reverse("wagtailadmin_home"), "label": gettext("Home")},
        {"url": here, "label": gettext("Text messages")},
        *([{"url": reverse("texts:edit", args=[text.pk]), "label": text.title}] if text else []),
    ]
    buttons = []
    if request.path == here and may(actor, "mailings.write_text"):
        buttons.append(HeaderButton(gettext("Write a text message"), reverse("texts:write"), icon_name="plus"))
    return {
        "text": text,
        "header_title": f"{title} : {text.title}" if text else title,
        "screen": title,
        "header_icon": "mobile-alt",
        "breadcrumbs_items": crumbs if request.path == here else [*crumbs, {"url": "", "label": title}],
        "header_buttons": buttons,
        "sender": settings.INSTANCE.sms.sender,
        "may_send": may(actor, "mailings.send_text"),
        "may_write": may(actor, "mailings.write_text"),
    }
