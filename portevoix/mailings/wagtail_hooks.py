"""Where mailings appear in the back office: the menu, their screens, the panel of the first page, the editor."""

from __future__ import annotations

from typing import Any

import wagtail.admin.rich_text.editors.draftail.features as draftail
from django.db.models import Q
from django.http import HttpRequest
from django.urls import URLPattern, URLResolver, include, path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.panels import FieldPanel, FieldRowPanel, HelpPanel, MultiFieldPanel, ObjectList
from wagtail.admin.ui.components import Component
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.rich_text.feature_registry import FeatureRegistry

from portevoix.accounts.commands import may
from portevoix.accounts.office import HomeTask, ScreenItem, actor_of
from portevoix.kernel import clock
from portevoix.mailings import selectors
from portevoix.mailings.forms import MailingForm
from portevoix.mailings.models import Departure, Mailing, ShortMessage, TextDeparture, TextTrial, Trial
from portevoix.mailings.types import UNDER_WAY, State
from portevoix.mailings.views import (
    adverts,
    archiving,
    composing,
    pace,
    reports,
    resending,
    returns,
    scheduling,
    sending,
    targeting,
    text_adverts,
    text_approvals,
    text_hours,
    text_trials,
    texts,
    trying,
)
from portevoix.mailings.views.access import MailingPolicy
from portevoix.mailings.views.routes import ROUTES
from portevoix.rights.types import Kept
from portevoix.segments.models import Segment
from portevoix.segments.types import ASKERS_HOOK, UsedIn

INSERTS = {"data-controller": "merge-fields"}


class MailingViewSet(ModelViewSet):
    """The screens of mailings, under /messages/."""

    model = Mailing
    name = "mailings"
    url_prefix = "messages"
    icon = "mail"
    menu_label = _("Messages")
    menu_order = 150
    add_to_admin_menu = True
    search_fields = ["title", "subject"]
    search_backend_name = None
    list_filter = ["state"]
    index_view_class = composing.MailingIndex
    add_view_class = composing.CreateMailing
    edit_view_class = composing.EditMailing
    copy_view_class = composing.CopyMailing
    delete_view_class = composing.DeleteMailing
    edit_handler = ObjectList(
        [
            MultiFieldPanel([FieldPanel("title"), FieldPanel("segment")], heading=_("For the team")),
            MultiFieldPanel(
                [
                    FieldPanel("subject", attrs=INSERTS),
                    FieldPanel("preheader", attrs=INSERTS),
                    FieldRowPanel([FieldPanel("sender_name"), FieldPanel("reply_to")]),
                ],
                heading=_("What readers see before they open it"),
            ),
            FieldPanel("body"),
            HelpPanel(template="mailings/_merge_fields_help.html", heading=_("Words that change with the reader")),
        ],
        base_form_class=MailingForm,
    )

    @cached_property
    def permission_policy(self) -> MailingPolicy:
        return MailingPolicy(Mailing)

    def get_urlpatterns(self) -> list[URLPattern]:
        standard = {pattern.name: pattern for pattern in super().get_urlpatterns()}
        kept = ["index", "index_results", "add", "edit", "copy", "delete"]
        return [
            *(standard[name] for name in kept),
            path("preview/", self.construct_view(composing.PreviewNew, **self._form), name="preview_on_add"),
            path(
                "preview/<int:pk>/", self.construct_view(composing.PreviewDraft, **self._form), name="preview_on_edit"
            ),
            path(
                "new/<slug:name>/",
                self.construct_view(composing.CreateFromTemplate, **self.get_add_view_kwargs()),
                name="add_from",
            ),
            *ROUTES,
            path("<int:pk>/look/", sending.look, name="look"),
            path("<int:pk>/letter/", sending.letter, name="letter"),
            path("<int:pk>/test/", sending.test, name="test"),
            path("<int:pk>/send/", sending.send, name="send"),
            path("<int:pk>/stop/", sending.stop, name="stop"),
            path("<int:pk>/pause/", sending.pause, name="pause"),
            path("<int:pk>/resume/", sending.resume, name="resume"),
            path("<int:pk>/targets/", targeting.choose, name="targets"),
            path("<int:pk>/schedule/", scheduling.schedule, name="schedule"),
            path("<int:pk>/departure/", scheduling.show, name="departure"),
            path("<int:pk>/unschedule/", scheduling.cancel, name="unschedule"),
            path("<int:pk>/trial/", trying.show, name="trial"),
            path("<int:pk>/trial/version/", trying.add, name="trial_version"),
            path("<int:pk>/trial/drop/", trying.drop, name="trial_drop"),
            path("<int:pk>/trial/decide/", trying.decide, name="trial_decide"),
            path("<int:pk>/again/", resending.choose, name="again"),
            path("<int:pk>/archive/", archiving.choose, name="archive"),
            path("pace/", pace.show, name="pace"),
            path("returns/", returns.show, name="returns"),
            path("<int:pk>/results/", sending.results, name="results"),
            path("<int:pk>/progress/", sending.progress, name="progress"),
            path("<int:pk>/rules/", adverts.rules, name="rules"),
            path("<int:pk>/rules/advert/", adverts.declare, name="declare"),
            path("<int:pk>/rules/advert/none/", adverts.withdraw, name="no_advert"),
            path("<int:pk>/report/", reports.report, name="report"),
            path("<int:pk>/report/<slug:form>/", reports.report_file, name="report_file"),
            path("compare/", reports.compare, name="compare"),
            path("compare/<slug:form>/", reports.compare_file, name="compare_file"),
            path("adverts/", adverts.adverts, name="adverts"),
            path("adverts/<slug:code>/", adverts.correct, name="correct"),
        ]

    @property
    def _form(self) -> dict[str, Any]:
        return {"form_class": self.get_form_class()}

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        # There is no page of usage or history: the journal says who did what.
        return {**super().get_common_view_kwargs(**kwargs), "usage_url_name": None, "history_url_name": None}

    def register_permissions(self) -> None:
        """Offer no box to tick: rights follow roles, see `views.access`."""


@hooks.register("construct_kept")
def kept(lines: list[Kept]) -> None:
    """Say how long messages that left are kept: the row of an erased person counts, and says nothing."""
    term = _("with the record of the person; then a number in the totals of the message")
    lines.append(Kept(("delivery.Message", "delivery.Bounce"), term, "RGPD art. 5(1)(e)", "rights.retain_nightly"))
    seven = _("seven years after the last publication: the register of advertisements is public, and names no reader")
    article = "règlement (UE) 2024/900 art. 12, 19"
    lines.append(Kept(("mailings.Notice",), seven, article, "mailings.forget_notices"))


@hooks.register(ASKERS_HOOK)
def messages_that_ask(wanted: set[int], _snapshots: set[int]) -> list[str]:
    """Keep a segment as long as a message that leaves, or will by itself, goes to it.

    One that is added to a message or left out of it stays as long as the message: drafts and copies go by it too.
    """
    going = Q(state__in=[State.SCHEDULED, *UNDER_WAY])
    tried = Q(pk__in=Trial.objects.filter(decided_at=None).values("mailing"))
    named = Q(segment__in=wanted) & (going | tried) | Q(targets__segment__in=wanted)
    titles = list(Mailing.objects.filter(named).order_by("pk").distinct().values_list("title", flat=True))
    tried = Q(pk__in=TextTrial.objects.filter(decided_at=None).values("mailing"))
    texts_going = ShortMessage.objects.filter(going | tried, segment__in=wanted)
    titles += texts_going.values_list("title", flat=True)
    return [gettext("the message “%(title)s”") % {"title": title} for title in titles]


@hooks.register("construct_segment_uses")
def mailings_of_segment(request: HttpRequest, segment: Segment, uses: list[UsedIn]) -> None:
    """Tell the page of a segment which messages go to it."""
    if may(actor_of(request), "mailings.edit"):
        for mailing in Mailing.objects.filter(Q(segment=segment) | Q(targets__segment=segment)).distinct():
            uses.append(UsedIn(gettext("Message"), mailing.title, composing.screen_of(mailing)))
        for text in ShortMessage.objects.filter(segment=segment):
            uses.append(UsedIn(gettext("Text message"), text.title, texts.screen_of(text)))


@hooks.register("register_admin_urls")
def screens_of_texts() -> list[URLResolver]:
    patterns = [
        path("", texts.index, name="index"),
        path("nouveau/", texts.write, name="write"),
        path("compter/", texts.count, name="count"),
        path("<int:pk>/", texts.edit, name="edit"),
        path("<int:pk>/supprimer/", texts.delete, name="delete"),
        path("<int:pk>/essai/", texts.test, name="test"),
        path("<int:pk>/envoi/", texts.send, name="send"),
        path("<int:pk>/arret/", texts.stop, name="stop"),
        path("<int:pk>/heure/", text_hours.schedule, name="schedule"),
        path("<int:pk>/depart/", text_hours.show, name="departure"),
        path("<int:pk>/annuler/", text_hours.cancel, name="unschedule"),
        path("<int:pk>/versions/", text_trials.show, name="trial"),
        path("<int:pk>/versions/ajouter/", text_trials.add, name="trial_version"),
        path("<int:pk>/versions/abandonner/", text_trials.drop, name="trial_drop"),
        path("<int:pk>/versions/choisir/", text_trials.decide, name="trial_decide"),
        path("<int:pk>/approbation/", text_approvals.approval, name="approval"),
        path("<int:pk>/approbation/demander/", text_approvals.ask, name="ask_approval"),
        path("<int:pk>/approbation/repondre/", text_approvals.answer, name="answer_approval"),
        path("<int:pk>/publicite/", text_adverts.declare, name="declare"),
        path("<int:pk>/publicite/retirer/", text_adverts.withdraw, name="no_advert"),
        path("<int:pk>/resultats/", texts.results, name="results"),
        path("<int:pk>/avancement/", texts.progress, name="progress"),
        path("<int:pk>/rapport/", reports.text_report, name="report"),
        path("<int:pk>/rapport/<slug:form>/", reports.text_report_file, name="report_file"),
        path("comparaison/", reports.compare_texts, name="compare"),
        path("comparaison/<slug:form>/", reports.compare_texts_file, name="compare_file"),
    ]
    return [path("sms/", include((patterns, "texts")))]


@hooks.register("register_admin_menu_item")
def texts_item() -> ScreenItem:
    return ScreenItem(_("Text messages"), reverse("texts:index"), name="texts", icon_name="mobile-alt", order=152)


@hooks.register("register_admin_viewset")
def screens() -> MailingViewSet:
    return MailingViewSet()


class LastMailings(Component):
    """On the first page of the back office: the last letters and what became of them."""

    order = 60
    template_name = "mailings/_last_mailings.html"
    shown = 5

    class Media:
        css = {"all": ["mailings/screens.css"]}

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        last = list(Mailing.objects.gone().select_related("batch").order_by("-sent_at")[: self.shown])
        figures = selectors.figures(last)
        may_write = may(actor_of(parent_context["request"]), "mailings.create")
        return {"rows": [figures[mailing.pk] for mailing in last], "may_write": may_write}


@hooks.register("construct_homepage_panels")
def last_mailings(request: HttpRequest, panels: list[Component]) -> None:
    if actor_of(request).roles:
        panels.append(LastMailings())


@hooks.register("construct_home_tasks")
def drafts(request: HttpRequest, tasks: list[HomeTask]) -> None:
    """Remind of letters that were begun."""
    if not may(actor_of(request), "mailings.edit"):
        return
    for mailing in Mailing.objects.drafts().order_by("-updated_at")[:3]:
        label = gettext("Draft of the message “%(title)s”") % {"title": mailing}
        tasks.append(HomeTask(label, reverse("mailings:edit", args=[mailing.pk])))


@hooks.register("construct_home_tasks")
def held_up(request: HttpRequest, tasks: list[HomeTask]) -> None:
    """Tell what should have left and could not."""
    if not may(actor_of(request), "mailings.send"):
        return
    for departure in Departure.objects.held_up().select_related("mailing")[:5]:
        label = gettext("The message “%(title)s” did not leave at its hour") % {"title": departure.mailing}
        tasks.append(HomeTask(label, reverse("mailings:send", args=[departure.mailing_id])))
    for waiting in TextDeparture.objects.held_up().select_related("mailing")[:5]:
        label = gettext("The message “%(title)s” did not leave at its hour") % {"title": waiting.mailing}
        tasks.append(HomeTask(label, reverse("texts:send", args=[waiting.mailing_id])))


@hooks.register("construct_home_tasks")
def to_be_chosen(request: HttpRequest, tasks: list[HomeTask]) -> None:
    """Tell which versions wait to be chosen."""
    if not may(actor_of(request), "mailings.send"):
        return
    now = clock.now()
    letters = Trial.objects.waiting_for_somebody(now).select_related("mailing")[:5]
    texts = TextTrial.objects.waiting_for_somebody(now).select_related("mailing")[:5]
    waiting = [("mailings:trial", one.mailing) for one in letters] + [("texts:trial", one.mailing) for one in texts]
    for screen, written in waiting:
        label = gettext("Choose a version of the message “%(title)s”") % {"title": written}
        tasks.append(HomeTask(label, reverse(screen, args=[written.pk])))


@hooks.register("construct_home_tasks")
def approvals(request: HttpRequest, tasks: list[HomeTask]) -> None:
    """Remind of letters and texts that wait for a second reader."""
    if not may(actor_of(request), "mailings.approve"):
        return
    for one in selectors.awaiting(actor_of(request)):
        label = gettext("“%(title)s” waits for your approval") % {"title": one.mailing}
        room = "texts" if isinstance(one.mailing, ShortMessage) else "mailings"
        tasks.append(HomeTask(label, reverse(f"{room}:approval", args=[one.mailing_id])))


@hooks.register("register_rich_text_features")
def merge_fields(features: FeatureRegistry) -> None:
    """Give the letter's text a control that inserts merge fields."""
    control = draftail.ControlFeature({"type": "merge-fields"}, js=["mailings/merge_fields_control.js"])
    features.register_editor_plugin("draftail", "merge-fields", control)
