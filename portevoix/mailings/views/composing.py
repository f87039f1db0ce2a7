"""Screens of authors: the list, the editor and its live preview."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.components import MediaContainer
from wagtail.admin.ui.side_panels import PreviewSidePanel
from wagtail.admin.ui.tables import Column, DateColumn, NumberColumn, StatusTagColumn, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.views.generic.preview import PreviewOnCreate, PreviewOnEdit
from wagtail.admin.widgets.button import Button, HeaderButton

from portevoix.accounts.commands import may
from portevoix.accounts.office import actor_of
from portevoix.delivery.exceptions import LetterError
from portevoix.mailings import letters, selectors
from portevoix.mailings.exceptions import MailingError
from portevoix.mailings.forms import faults_of
from portevoix.mailings.letters import templates
from portevoix.mailings.models import Mailing
from portevoix.mailings.services import composing, sending, targeting
from portevoix.mailings.types import State
from portevoix.mailings.views.letter import letter_response
from portevoix.mailings.wording import explain


def screen_of(mailing: Mailing) -> str:
    """Return where one goes to see a mailing: the editor of a draft, the hour of what waits for it, or the results."""
    screen = "edit" if mailing.is_draft else "departure" if mailing.is_here else "results"
    return reverse(f"mailings:{screen}", args=[mailing.pk])


class FigureColumn(NumberColumn):
    """A number about what was sent, with its share of it where `percent` names one; a draft has none."""

    cell_template_name = "mailings/_figure_cell.html"

    class Media:
        css = {"all": ["mailings/screens.css"]}

    def __init__(self, name: str, percent: str = "", **kwargs: Any) -> None:
        super().__init__(name, accessor=f"figures.{name}", **kwargs)
        self.percent = percent

    def get_cell_context_data(self, instance: Mailing, parent_context: Any) -> Any:
        context = super().get_cell_context_data(instance, parent_context)
        context["percent"] = getattr(instance.figures, self.percent) if self.percent else None
        context["is_draft"] = instance.is_here
        return context


class MessageColumn(TitleColumn):
    """The title of a message, and under it whom it goes to."""

    cell_template_name = "mailings/_title_cell.html"


class MailingIndex(generic.IndexView):
    """All mailings, each beside what became of it."""

    any_permission_required = ["add", "change", "delete", "view"]
    page_title = _("Messages")
    add_item_label = _("Write a message")
    default_ordering = "-id"

    @cached_property
    def columns(self) -> list[Column]:
        return [
            MessageColumn("title", label=_("Message"), get_url=screen_of, sort_key="title"),
            StatusTagColumn(
                "state",
                label=_("State"),
                accessor="get_state_display",
                primary=lambda mailing: mailing.state in {State.SENT, State.SENDING, State.SCHEDULED},
                sort_key="state",
            ),
            DateColumn("sent_at", label=_("Sent on"), sort_key="sent_at"),
            FigureColumn("recipients", label=_("Recipients"), sort_key="recipients"),
            FigureColumn("sent", label=_("Accepted")),
            FigureColumn("undelivered", label=_("Not delivered")),
            FigureColumn("clicks", "clicks_percent", label=_("Clicks")),
            FigureColumn("unsubscribed", "unsubscribed_percent", label=_("Unsubscribed")),
        ]

    @cached_property
    def header_more_buttons(self) -> list[Button]:
        buttons: list[Button] = super().header_more_buttons
        if may(actor_of(self.request), "mailings.demand_approval"):
            rule = reverse("mailings:approval_rule")
            buttons.append(Button(gettext("Approval"), rule, icon_name="check", priority=80))
        return [
            *buttons,
            Button(gettext("Messages side by side"), reverse("mailings:compare"), icon_name="chart", priority=90),
            Button(gettext("Political advertisements"), reverse("mailings:adverts"), icon_name="doc-full", priority=91),
            Button(gettext("Pace of sending"), reverse("mailings:pace"), icon_name="time", priority=92),
            Button(gettext("What came back"), reverse("mailings:returns"), icon_name="redirect", priority=93),
        ]

    @cached_property
    def header_buttons(self) -> list[Any]:
        buttons: list[Any] = super().header_buttons
        if may(actor_of(self.request), "mailings.create"):
            buttons.append(HeaderButton(gettext("Templates"), reverse("mailings:templates"), icon_name="copy"))
        return buttons

    def get_base_queryset(self) -> Any:
        return super().get_base_queryset().select_related("segment", "batch")

    def get_table(self, object_list: Any) -> Any:
        mailings = list(object_list)
        figures = selectors.figures(mailings)
        for mailing in mailings:
            mailing.figures = figures[mailing.pk]
        return super().get_table(mailings)

    def get_edit_url(self, instance: Mailing) -> str | None:
        return super().get_edit_url(instance) if instance.is_draft else None


class LetterPanel(PreviewSidePanel):
    """Beside the editor: the letter on a computer, a telephone, in the dark and as plain text, and what to look at."""

    template_name = "mailings/_letter_panel.html"

    class SidePanelToggle(PreviewSidePanel.SidePanelToggle):
        icon_name = "view"


class _Editor:
    """What writing anew and writing again have in common."""

    error_message = _("The message is not saved: some of its parts must be corrected first.")

    actions = ["save", "look", "test", "text", "checks", "send"]
    template_name = "mailings/editor.html"
    request: HttpRequest
    object: Mailing
    form: Any
    action: str

    def get_side_panels(self) -> MediaContainer:
        preview = LetterPanel(self.form.instance, self.request, preview_url=self.get_preview_url())
        return MediaContainer([preview])

    def get_preview_url(self) -> str:
        raise NotImplementedError

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]
        context["merge_fields"] = [
            {"name": name, "label": str(field.label), "otherwise": gettext("to you") if name == "first_name" else ""}
            for name, field in selectors.fields_for_authors()
        ]
        words = " … ".join(f"{{{{ {mark} }}}}" for mark in (pgettext("mark", "if commune"), pgettext("mark", "end")))
        context["merge_fields"].append({"name": "", "label": gettext("passage for some"), "words": words})
        return context

    def save_action(self) -> HttpResponse:
        """Go where the button says."""
        messages.success(self.request, gettext("“%(title)s” is saved.") % {"title": self.object.title})
        if self.action == "test":
            send_test(self.request, self.object)
        name = self.action if self.action in {"look", "text", "checks", "send"} else "edit"
        return redirect(f"mailings:{name}", self.object.pk)


class CreateMailing(_Editor, generic.CreateView):
    page_title = _("Write")
    page_subtitle = _("New message")

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = super().get_breadcrumbs_items()
        return [*items[:-1], {"url": "", "label": self.page_subtitle}]

    def get_preview_url(self) -> str:
        return reverse("mailings:preview_on_add")

    def save_instance(self) -> Mailing:
        return composing.create(self.form.draft, actor=actor_of(self.request))


class CreateFromTemplate(CreateMailing):
    """A new draft with the words of a template: one that was saved, or one that comes with the product."""

    def get_initial_form_instance(self) -> Mailing:
        begun: Mailing | None = templates.begun_from(str(self.kwargs["name"]))
        if begun is None:
            raise Http404
        return begun


class CopyMailing(generic.CopyViewMixin, CreateMailing):
    """A new draft with the words of another."""

    def get_initial_form_instance(self) -> Mailing:
        original: Mailing = self.get_object()
        words = ("subject", "preheader", "sender_name", "reply_to", "body", "segment")
        copy = Mailing(**{name: getattr(original, name) for name in words})
        copy.title = gettext("%(title)s (copy)") % {"title": original.title}
        return copy

    def save_instance(self) -> Mailing:
        """Keep the audience too, with the segment that was chosen here."""
        copy = super().save_instance()
        targets = selectors.targets_of(self.get_object())
        if copy.segment is None or not (targets.included[1:] or targets.excluded):
            return copy
        included = [copy.segment, *targets.included[1:]]
        return targeting.target(copy, included, targets.excluded, actor=actor_of(self.request))


class EditMailing(_Editor, generic.EditView):
    page_title = _("Write")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the results of what was sent: it can no longer be changed."""
        self.object = self.get_object()
        if not self.object.is_draft:
            return redirect(screen_of(self.object))
        response: HttpResponse = super().dispatch(request, *args, **kwargs)
        return response

    @cached_property
    def header_more_buttons(self) -> list[Button]:
        rules = reverse("mailings:rules", args=[self.object.pk])
        more = Button(gettext("Measurement and law"), rules, icon_name="chart", priority=5)
        return [more, *super().header_more_buttons]

    def get_preview_url(self) -> str:
        return reverse("mailings:preview_on_edit", args=[self.object.pk])

    def save_instance(self) -> Mailing:
        return composing.edit(self.object, self.form.draft, actor=actor_of(self.request))


class DeleteMailing(generic.DeleteView):
    success_message = _("“%(object)s” is deleted.")

    def delete_action(self) -> None:
        composing.delete(self.object, actor=actor_of(self.request))

    def user_has_permission(self, permission: str) -> bool:
        return bool(self.user_has_permission_for_instance(permission, self.object))


class _Preview:
    """The letter as it is being written: kept for its author at each pause, and shown in several ways at once."""

    request: HttpRequest
    object: Mailing

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Keep what is being written for the previews, and say what keeps it from being shown."""
        answer: HttpResponse = super().post(request, *args, **kwargs)  # type: ignore[misc]
        form = self.get_form(request.POST)  # type: ignore[attr-defined]
        self.validate_form(form)  # type: ignore[attr-defined]
        return JsonResponse({**json.loads(answer.content), "faults": faults_of(form)})

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.get_form(self._get_form_data(self._get_form_state()))  # type: ignore[attr-defined]
        if not self.validate_form(form):  # type: ignore[attr-defined]
            refused: HttpResponse = self.error_response()  # type: ignore[attr-defined]
            return refused
        form.save(commit=False)
        mode = request.GET.get("mode", "html")
        if mode == "hints":
            return render(request, "mailings/_hints.html", hints_of(self.object))
        return letter_response(self.object, mode, is_known=request.GET.get("reader") != "unknown")


class PreviewNew(_Preview, PreviewOnCreate):
    pass


class PreviewDraft(_Preview, PreviewOnEdit):
    pass


def hints_of(mailing: Mailing) -> dict[str, Any]:
    """Return what a letter's author should look at, for its panel; or the fault that keeps it from leaving."""
    try:
        return {"hints": letters.hints(mailing)}
    except LetterError as error:
        return {"hints": [], "fault": explain(error)}


def send_test(request: HttpRequest, mailing: Mailing) -> None:
    """Send a test to whoever asks, and tell them what became of it."""
    try:
        address = sending.send_test(mailing, request.user, actor=actor_of(request))  # type: ignore[arg-type]
    except (LetterError, MailingError) as error:
        messages.error(request, explain(error))
    else:
        messages.success(request, gettext("A test is on its way to %(address)s.") % {"address": address})
