"""Rights in the back office: a person's grounds on their page, and what the list may be narrowed to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import django_filters
from django import forms
from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.urls import URLResolver, include, path, reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.ui.components import Component
from wagtail.admin.widgets.button import HeaderButton

from portevoix.accounts.commands import may
from portevoix.accounts.office import HomeTask, ScreenItem, actor_of
from portevoix.accounts.rules import FORGOTTEN_AFTER
from portevoix.accounts.services import signing
from portevoix.audience import services as audience
from portevoix.people.exceptions import Impossible
from portevoix.people.models import EmailAddress, Person, PersonQuerySet, PhoneNumber, PostalAddress, sort_key_of
from portevoix.people.models.bulk import UNDOABLE
from portevoix.people.selectors import capped_count, over
from portevoix.people.services.contacts import NEW_CONTACT_HOOK
from portevoix.people.services.editing import NEW_IDENTITY_HOOK
from portevoix.people.types import PhoneKind
from portevoix.rights.models import Closure, Ground, Opinion, RetentionRun
from portevoix.rights.models.retention import ClosureState, RunState
from portevoix.rights.purposes import Purpose
from portevoix.rights.rules.likeness import Known
from portevoix.rights.selectors import break_of, last_verification, means_of, suppressions_of
from portevoix.rights.selectors import requests as asked
from portevoix.rights.selectors.likeness import is_brought_back, known_of
from portevoix.rights.selectors.merging import candidates
from portevoix.rights.selectors.protected import misplaced
from portevoix.rights.services.merging import UNDOABLE_FOR
from portevoix.rights.types import PROOFS, Kept, RequestKind, RequestWay
from portevoix.rights.views import closing, duplicates, office, opinions, protected, requests, retention


@hooks.register("register_admin_urls")
def addresses() -> list[URLResolver]:
    patterns = [
        path("<int:pk>/retirer/<int:ground_pk>/", office.withdraw, name="withdraw"),
        path("<int:pk>/effacer/", office.erase, name="erase"),
        path("<int:pk>/opinions/", opinions.edit, name="opinion"),
        path("<int:pk>/opinions/accord/", opinions.agree, name="opinion_agree"),
    ]
    pairs = [
        path("", duplicates.pairs, name="pairs"),
        path("chercher/", duplicates.look, name="look"),
        path("regle/", duplicates.threshold, name="threshold"),
        path("avec/<int:pk>/", duplicates.partner, name="partner"),
        path("<int:kept_pk>/<int:absorbed_pk>/", duplicates.review, name="review"),
        path("<int:kept_pk>/<int:absorbed_pk>/differents/", duplicates.apart, name="apart"),
        path("fusions/<int:pk>/annuler/", duplicates.undo, name="undo"),
    ]
    terms = [
        path("", retention.rules, name="rules"),
        path("regles/<str:code>/", retention.rule, name="rule"),
        path("regles/<str:code>/qui/", retention.who, name="who"),
        path("nuit/", retention.begin, name="begin"),
        path("nuit/<int:pk>/confirmer/", retention.confirm, name="confirm"),
        path("nuit/<int:pk>/arreter/", retention.stop, name="stop"),
        path("a-regulariser/", protected.to_settle, name="to_settle"),
        path("a-regulariser/<slug:slug>/<int:pk>/", protected.settle, name="settle"),
        path("fin/", closing.close, name="close"),
        path("fin/<int:pk>/accord/", closing.agree, name="agree"),
        path("fin/<int:pk>/annuler/", closing.cancel, name="cancel"),
        path("fin/<int:pk>/attestation/", closing.record, name="record"),
        path("fin/<int:pk>/fichier/", closing.record_file, name="record_file"),
    ]
    desk = [
        path("", requests.desk, name="desk"),
        path("nouvelle/<int:pk>/", requests.enter, name="enter"),
        path("<int:pk>/", requests.show, name="request"),
        path("<int:pk>/<slug:verb>/", requests.act, name="act"),
    ]
    return [
        path("conservation/", include((terms, "retention"))),
        path("demandes/", include((desk, "requests"))),
        path("droits/", include((patterns, "rights_office"))),
        path("doublons/", include((pairs, "duplicates"))),
    ]


@hooks.register("register_admin_menu_item")
def duplicates_item() -> ScreenItem:
    return ScreenItem(
        _("Duplicates"), reverse("duplicates:pairs"), act="rights.merge", name="duplicates", icon_name="copy", order=15
    )


@hooks.register("register_admin_menu_item")
def retention_item() -> ScreenItem:
    return ScreenItem(
        _("How long things are kept"),
        reverse("retention:rules"),
        act="rights.set_term",
        name="retention",
        icon_name="history",
        order=45,
    )


@hooks.register("construct_home_tasks")
def destructions(request: HttpRequest, tasks: list[HomeTask]) -> None:
    """Tell of a night that waits for somebody, and of a campaign's end that waits for the second person."""
    actor = actor_of(request)
    if not may(actor, "rights.confirm_retention"):
        return
    if run := RetentionRun.objects.filter(state=RunState.BRAKED).first():
        label = gettext("The night would erase many people at once: look at it")
        tasks.append(HomeTask(label, reverse("retention:rules"), run.foreseen))
    if Closure.objects.filter(state=ClosureState.PROPOSED).exists():
        tasks.append(
            HomeTask(gettext("The end of the campaign was decided: agree or cancel"), reverse("retention:close"))
        )
    if number := len(misplaced(in_use=True)):
        label = ngettext(
            "A field or a tag says what the law protects: settle it",
            "Fields and tags say what the law protects: settle them",
            number,
        )
        tasks.append(HomeTask(label, reverse("retention:to_settle"), number))


#: Rows that go with the record of their person, by their own handlers.
WITH_THE_PERSON = (
    *("people.EmailAddress", "people.PhoneNumber", "people.PostalAddress", "people.PersonRole", "people.Relationship"),
    *("people.Tagging", "people.Note", "people.Attachment", "people.Interaction", "people.Alias", "people.Candidate"),
    *("people.HouseholdMember", "people.FieldText", "rights.Ground", "rights.Proof", "rights.Opinion"),
)


@hooks.register(NEW_CONTACT_HOOK)
def keep_the_erased_away(contact: EmailAddress | PhoneNumber | PostalAddress) -> None:
    """Refuse to bring back, under another record, whoever asked to be erased.

    A landline and a postal address are a household's: they are refused beside the name only, as a shared number is.
    """
    named = Known(contact.person.sort_key, contact.person.born_on, "", has_contact=True)
    if isinstance(contact, PostalAddress):
        with_it = replace(named, homes=((contact.line1, contact.postcode),))
    else:
        with_it = replace(named, shared=(contact.number,) if isinstance(contact, PhoneNumber) else ())
    own = []
    if isinstance(contact, EmailAddress):
        own = [("email", contact.address)]
    elif isinstance(contact, PhoneNumber) and contact.kind == PhoneKind.MOBILE:
        own = [("phone", contact.number)]
    told = {"contact": contact}
    if suppressions_of(own).exists():
        raise Impossible(
            gettext("%(contact)s is of somebody who asked to be erased: only they can come back, by the site.") % told
        )
    if is_brought_back(with_it, was=named):
        raise Impossible(
            gettext(
                "%(contact)s and this name are of somebody who asked to be erased: only they can come back, by the "
                "site."
            )
            % told
        )


@hooks.register(NEW_IDENTITY_HOOK)
def keep_erased_names_away(person: Person, source: str) -> None:
    """Refuse to make of a record, by name and birth date, somebody who asked to be erased; they themselves may."""
    if source in RequestWay.values:
        return
    (was,) = known_of([person.pk], shared=None)
    name = sort_key_of(person.first_name, person.last_name)
    if is_brought_back(replace(was, sort_key=name, born_on=person.born_on, postcode=person.postcode), was=was):
        raise Impossible(
            gettext(
                "This name, with the birth date, the address or the number beside it, is of somebody who asked to be "
                "erased: only they can come back, by the site."
            )
        )


@hooks.register("construct_kept")
def kept(lines: list[Kept]) -> None:
    """Say how long what is in this room, and in those below, is kept."""
    lines += [
        Kept(("people.Person",), _("by the rules above"), "RGPD art. 5(1)(e)", "rights.retain_nightly"),
        Kept(WITH_THE_PERSON, _("with the record of the person"), "RGPD art. 5(1)(e)", "rights.retain_nightly"),
        Kept(
            ("rights.Request", "rights.RequestLetter"),
            format_lazy(
                _(
                    "{longest} years after an objection, a withdrawal or an erasure, {other} after the rest: "
                    "without a name once erased"
                ),
                longest=PROOFS[RequestKind.OBJECTION].months // 12,
                other=PROOFS[RequestKind.ACCESS].months // 12,
            ),
            "RGPD art. 5(2), 17(3)(e)",
            "rights.forget_requests",
        ),
        Kept(
            ("people.BulkChange",),
            format_lazy(_("what undoing takes: {days} days"), days=UNDOABLE.days),
            "RGPD art. 5(1)(e)",
            "people.forget_acts_nightly",
        ),
        Kept(
            ("rights.Merge",),
            format_lazy(_("what undoing takes: {days} days"), days=UNDOABLE_FOR.days),
            "RGPD art. 5(1)(e)",
            "rights.forget_merges",
        ),
        Kept(
            ("rights.LedgerEntry",),
            _("as long as the instance: it proves each consent, by a random number and no name"),
            "RGPD art. 5(2), 7(1)",
        ),
        Kept(
            ("rights.Suppression",),
            _("as long as the instance: fingerprints that keep files from bringing people back"),
            "RGPD art. 17(3), 21",
        ),
        Kept(
            ("journal.Entry",),
            _("as long as the instance: who of the staff did what, and no personal value of the people in the file"),
            "RGPD art. 5(2), 32",
        ),
        Kept(
            ("audience.DailyCount",),
            format_lazy(_("{months} months: totals, nobody’s"), months=audience.MONTHS),
            "CNIL, 4 juillet 2025",
            "audience.forget_old",
        ),
        Kept(
            ("accounts.SignIn", "accounts.Notice"),
            format_lazy(_("{days} days after the session"), days=signing.KEPT.days),
            "RGPD art. 32",
            "accounts.forget",
        ),
        Kept(
            ("accounts.Attempts",),
            format_lazy(_("{hours} hours after the last failure"), hours=int(FORGOTTEN_AFTER.total_seconds()) // 3600),
            "RGPD art. 32",
            "accounts.forget",
        ),
        Kept(
            ("accounts.User", "accounts.Mandate", "accounts.Factor", "accounts.RecoveryCode"),
            _("as long as the member of staff is in the team, then until a director removes the account"),
            "RGPD art. 6(1)(b)",
        ),
    ]


@hooks.register("register_admin_menu_item")
def requests_item() -> ScreenItem:
    address = reverse("requests:desk")
    return ScreenItem(_("Requests"), address, act="rights.answer_request", name="requests", icon_name="mail", order=16)


@hooks.register("construct_home_tasks")
def requests_that_wait(request: HttpRequest, tasks: list[HomeTask]) -> None:
    """Remind of what is owed to persons, and of what is late."""
    actor = actor_of(request)
    if not may(actor, "rights.answer_request"):
        return
    counts = asked.counts(actor)
    if owed := counts["owed"]:
        label = ngettext("%(count)d request to answer", "%(count)d requests to answer", owed) % {"count": owed}
        if late := counts["late"]:
            label += " – " + ngettext("%(count)d late", "%(count)d late", late) % {"count": late}
        tasks.append(HomeTask(label, reverse("requests:desk"), owed))


class RestrictionPanel(Component):
    """That a person's data is kept and not used, above everything else on their page (RGPD art. 18)."""

    template_name = "rights/restriction_panel.html"
    order = 0
    is_head = True

    def __init__(self, person: Person, *, may_answer: bool) -> None:
        self.person, self.may_answer = person, may_answer

    def get_context_data(self, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return since when, and the requests of the person that are owed or in force."""
        owed = [one for one in self.person.requests.all() if one.is_owed or one.is_in_force]
        clocks = [(one, asked.spoken_clock(one)) for one in owed]
        return {"person": self.person, "requests": clocks, "may_answer": self.may_answer}


@hooks.register("construct_person_panels")
def restriction(request: HttpRequest, person: Person, panels: list[Component]) -> None:
    may_answer = may(over(actor_of(request), person), "rights.answer_request")
    if person.restricted_at or (may_answer and person.requests.owed().exists()):
        panels.append(RestrictionPanel(person, may_answer=may_answer))


@hooks.register("construct_person_buttons")
def enter_request(request: HttpRequest, person: Person, buttons: list[HeaderButton]) -> None:
    if may(over(actor_of(request), person), "rights.enter_request"):
        address = reverse("requests:enter", args=[person.pk])
        buttons.append(HeaderButton(gettext("Enter a request"), address, icon_name="mail", priority=55))


@hooks.register("construct_home_tasks")
def waiting_pairs(request: HttpRequest, tasks: list[HomeTask]) -> None:
    """Remind of the pairs that nobody has judged yet."""
    actor = actor_of(request)
    if may(actor, "rights.merge") and (count := capped_count(candidates(actor))):
        label = ngettext("%(count)s possible duplicate", "%(count)s possible duplicates", count) % {"count": count}
        tasks.append(HomeTask(label, reverse("duplicates:pairs"), count))


class GroundsPanel(Component):
    """Why a person may be reached, since when, in which words and on which proof (RGPD art. 7(1))."""

    template_name = "rights/grounds_panel.html"
    order = 10

    def __init__(self, request: HttpRequest, person: Person, grounds: list[Ground]) -> None:
        self.request, self.person, self.grounds = request, person, grounds

    def get_context_data(self, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return the grounds, the live ones first."""
        return {
            "person": self.person,
            "grounds": sorted(self.grounds, key=lambda ground: not ground.is_live),
            "may_withdraw": may(over(actor_of(self.request), self.person), "rights.withdraw"),
        }


class MeansPanel(Component):
    """What may be done with a person now – write, call –, with the ground of each, or why not."""

    template_name = "rights/means_panel.html"
    order = 1
    is_head = True

    def __init__(self, person: Person, grounds: list[Ground]) -> None:
        self.person, self.grounds = person, grounds

    def get_context_data(self, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
        return {"means": means_of(self.person, self.grounds)}


class OpinionPanel(Component):
    """Political opinions, or why there can be none (RGPD art. 9)."""

    template_name = "rights/opinion_panel.html"
    order = 20

    def __init__(self, request: HttpRequest, person: Person, grounds: list[Ground]) -> None:
        self.request, self.person, self.grounds = request, person, grounds

    def get_context_data(self, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
        return {
            "person": self.person,
            "ground": next((g for g in self.grounds if g.is_live and g.purpose == Purpose.OPINION), None),
            "opinion": Opinion.objects.filter(person=self.person).first(),
            "may_agree": may(over(actor_of(self.request), self.person), "rights.give"),
        }


@hooks.register("construct_person_panels")
def grounds(request: HttpRequest, person: Person, panels: list[Component]) -> None:
    held = list(person.grounds.select_related("wording"))
    panels += [MeansPanel(person, held), GroundsPanel(request, person, held)]
    if person.restricted_at is None and may(over(actor_of(request), person), "rights.record_opinion"):
        panels.append(OpinionPanel(request, person, held))


@hooks.register("construct_person_buttons")
def merging(request: HttpRequest, person: Person, buttons: list[HeaderButton]) -> None:
    if may(over(actor_of(request), person), "rights.merge"):
        address = reverse("duplicates:partner", args=[person.pk])
        buttons.append(HeaderButton(gettext("Merge with…"), address, icon_name="copy", priority=80))


@hooks.register("construct_person_buttons")
def erasure(request: HttpRequest, person: Person, buttons: list[HeaderButton]) -> None:
    if may(over(actor_of(request), person), "rights.erase"):
        address = reverse("rights_office:erase", args=[person.pk])
        buttons.append(HeaderButton(gettext("Erase"), address, icon_name="bin", priority=90))


def agreeing(people: PersonQuerySet, name: str, purpose: str) -> PersonQuerySet:
    """Keep those with a live ground for a purpose."""
    if not purpose:
        return people
    return people.filter(Exists(Ground.objects.live().filter(person=OuterRef("pk"), purpose=purpose)))


@hooks.register("construct_people_filters")
def consent_filter(request: HttpRequest, filters: dict[str, django_filters.Filter]) -> None:
    filters["consent"] = django_filters.ChoiceFilter(
        choices=Purpose.choices, method=agreeing, label=_("Consent in force"), widget=forms.Select
    )


@hooks.register("construct_home_tasks")
def broken_ledger(request: HttpRequest, tasks: list[HomeTask]) -> None:
    """Alarm the keepers when the last verification of the ledger found a break."""
    if not may(actor_of(request), "rights.verify"):
        return
    last = last_verification()
    if last is not None and (broken := break_of(last)) is not None:
        label = gettext("The ledger of consents is broken. %(break)s") % {"break": broken}
        tasks.append(HomeTask(label, reverse("accounts:journal")))
