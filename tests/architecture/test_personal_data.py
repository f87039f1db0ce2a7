"""Nobody can add a table that leads to a person without saying how it is exported, erased and merged."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import models
from procrastinate.contrib.django import app

from portevoix.people.models import Household, HouseholdMember, Person
from portevoix.rights.selectors.closing import kept
from portevoix.rights.types import HANDLERS


def models_leading_to_persons() -> set[type[models.Model]]:
    """Follow keys to Person, and to what leads to a person by a key of its own, however far."""
    found: set[type[models.Model]] = {Person}
    while found != (more := found | {model for model in apps.get_models() if _keys_of(model) & found}):
        found = more
    return found - {Person}


def _keys_of(model: type[models.Model]) -> set[type[models.Model]]:
    ours = model.__module__.startswith("portevoix.")
    return {field.related_model for field in model._meta.concrete_fields if field.is_relation} if ours else set()


def test_every_table_that_leads_to_a_person_has_its_handler() -> None:
    leading = models_leading_to_persons()
    assert len(leading) > 40, "the census counted nobody"
    assert {"rights.RequestLetter", "actions.EnquiryAnswer", "paths.Passage"} <= {one._meta.label for one in leading}
    handled = {handler.model for _name, handler in HANDLERS.items()}
    assert {model._meta.label for model in leading - handled} == set()


def test_every_exported_field_exists() -> None:
    seen = 0
    for _name, handler in HANDLERS.items():
        assert str(handler.model._default_manager.values(*handler.exported, handler.path).query)
        seen += len(handler.exported)
    assert seen > 20


def test_what_a_household_says_is_in_the_copy_of_each_who_lives_there() -> None:
    """No key leads from a household to a person: its members lead to it, and it goes with the last of them."""
    given = {
        name for _name, handler in HANDLERS.items() if handler.model is HouseholdMember for name in handler.exported
    }
    said = {f"household__{field.name}" for field in Household._meta.local_concrete_fields if is_free(field)}
    assert len(said) > 4
    assert said - given == set()


def is_free(field: models.Field[Any, Any]) -> bool:
    """Tell whether a column takes words that nobody foresaw."""
    if isinstance(field, ArrayField) and field.base_field.choices:
        return False
    return isinstance(field, CAN_HOLD_ANYTHING) or (isinstance(field, models.CharField) and not field.choices)


def test_columns_that_look_personal_are_in_tables_that_are_handled() -> None:
    """An address or a name kept as plain text, without a key to the person, would escape erasure."""
    suspicious = {"email", "address", "phone", "number", "first_name", "last_name"}
    handled = {handler.model for _name, handler in HANDLERS.items()} | {Person}
    staff = {"accounts.User"}
    tables = [model for model in apps.get_models() if model.__module__.startswith("portevoix.")]
    assert len(tables) > 10
    wrong = {
        f"{model._meta.label}.{field.name}"
        for model in tables
        for field in model._meta.concrete_fields
        if field.name in suspicious
        and isinstance(field, models.CharField)
        and model not in handled
        and model._meta.label not in staff
    }
    assert wrong == set()


#: Why a column that could hold anything about anybody holds nothing about a person, table by table.
FREE_OF_PEOPLE = {
    "accounts.Factor": "the staff’s own keys, not a person’s",
    "accounts.Notice": "reminders name nobody, by rule: what waits and where",
    "actions.ContactPage": "words of the campaign",
    "actions.FormVersion": "words of the campaign, as a form showed them",
    "actions.OpenLetterPage": "words of the campaign, and of first signatories who publish them; the form says so",
    "actions.PetitionPage": "words of the campaign",
    "actions.SharePage": "words of the campaign",
    "actions.EventPage": "words of the campaign",
    "actions.MembershipPage": "words of the campaign",
    "actions.PledgePage": "words of the campaign",
    "actions.ProxyPage": "words of the campaign",
    "actions.SponsorshipPage": "words of the campaign",
    "actions.VolunteerPage": "words of the campaign",
    "actions.WritePage": "words of the campaign, and representatives as their institutions publish them",
    "actions.SignUpPage": "words of the campaign",
    "auditor.Audit": "what our own browser saw of public pages: no visitor, no person of the campaign",
    "actions.SurveyPage": "words of the campaign",
    "api.Key": "names of acts; what a key is called and for, in the team’s words",
    "correspondence.OwnWords": "words of the campaign",
    "delivery.Batch": "words of the campaign; those of a letter to one person go when it has left",
    "disclosure.Portion": "numbers of persons while a file is written; an erased one’s leads nowhere",
    "mailings.OwnText": "words of the campaign, as many read them",
    "exchange.ImportRun": "titles and counts; its file goes when the import ends, and meets the suppression list",
    "journal.Entry": "counts, field names and identifiers, by rule",
    "mailings.ShortMessage": "words of the campaign",
    "journeys.Address": "services of the campaign, and names of fields",
    "journeys.Horizon": "numbers of transactions of the database",
    "journeys.Step": "what steps do: words and numbers of the campaign’s own things",
    "journeys.Version": "questions, not answers",
    "mailings.Archive": "words of the campaign, for a reader of whom nothing is known",
    "people.BulkPortion": "numbers of persons while an act is done; an erased one’s leads nowhere",
    "people.BulkRun": "what many are told at once, for thirty days; numbers and counts",
    "people.CustomField": "answers to choose from: words of the campaign",
    "registers.Assessment": "facts of the instance, and what the team thinks of the processing",
    "registers.Edition": "facts of the instance: purposes, tables, roles, companies",
    "registers.Notification": "what was told of a breach, to how many, by rule never to whom: kept for ever",
    "registers.Processor": "companies under contract, and how to reach them as such",
    "registers.Statement": "what happened and to how many, by rule never to whom: kept for ever",
    "mailings.Advert": "what the campaign declares of an advertisement: sponsor, money, how readers were chosen",
    "journeys.StepAdvert": "the same, of what an automation writes",
    "mailings.TextAdvert": "the same, of a text message",
    "mailings.Notice": "the same, public, with a number of people reached; the form says to name nobody",
    "people.ListHabit": "names of columns",
    "people.SavedView": "answers chosen from lists; never the words of a search, which name people",
    "rights.Closure": "counts, roles and numbers of accounts; its record is read by a test for names",
    "rights.RetentionRule": "reasons of rules: the form says to name nobody",
    "rights.RetentionRun": "counts",
    "rights.Wording": "words of the campaign",
    "segments.Segment": "questions, not answers",
    "segments.Snapshot": "questions; whom they found is in its members",
    "territory.Commune": "postcodes",
    "website.ArticlePage": "words of the campaign",
    "website.FaqPage": "words of the campaign",
    "website.GlossaryPage": "words of the campaign",
    "website.HomePage": "words of the campaign",
    "website.Identity": "words of the campaign",
    "website.IndexPage": "words of the campaign",
    "website.LandingPage": "words of the campaign",
    "website.LegalPage": "words of the campaign",
    "website.LocalPage": "words of the campaign",
    "website.LocalPagesPage": "words of the campaign",
    "website.MeasurePage": "words of the campaign",
    "website.Picture": "pictures of the campaign",
    "website.PressRoomPage": "words of the campaign",
    "website.ProfilePage": "words of the campaign on its candidates, who published it themselves",
    "website.ProgrammePage": "words of the campaign",
    "website.Question": "words of the campaign",
    "website.Recording": "videos and sounds that the campaign publishes, and what is said in them",
    "website.Rendition": "pictures of the campaign",
    "website.StandardPage": "words of the campaign",
    "website.TeamPage": "words of the campaign",
    "website.ThemePage": "words of the campaign",
}
CAN_HOLD_ANYTHING = (models.FileField, models.JSONField, models.TextField, ArrayField)


def test_files_and_columns_that_can_hold_anything_are_handled_or_explained() -> None:
    """Cells of rejected rows, answers, attachments: what no key leads to, erasure must find by other ways."""
    handled = {handler.model for _name, handler in HANDLERS.items()} | {Person}
    tables = {
        model._meta.label
        for model in apps.get_models()
        if model.__module__.startswith("portevoix.")
        and model not in handled
        and any(isinstance(field, CAN_HOLD_ANYTHING) for field in model._meta.local_concrete_fields)
    }
    assert len(tables) > 10
    assert tables == set(FREE_OF_PEOPLE), "say why it holds nobody, or how it is erased"


#: Tables about people or staff that no handler knows: they too say how long they are kept.
WITHOUT_HANDLER = {
    *("accounts.User", "accounts.Mandate", "accounts.Factor", "accounts.RecoveryCode", "accounts.SignIn"),
    *("accounts.Notice", "accounts.Attempts", "audience.DailyCount", "journal.Entry", "people.Person"),
    *("rights.LedgerEntry", "rights.Suppression", "exchange.ImportRun", "mailings.Notice"),
    "api.Key",
}


def test_every_table_with_personal_data_says_how_long_it_is_kept() -> None:
    """The screen of terms is the truth: no table is missing from it, and none is there twice."""
    told = [label for line in kept() for label in line.tables]
    personal = {handler.model._meta.label for _name, handler in HANDLERS.items()} | WITHOUT_HANDLER
    assert len(personal) > 30
    assert (personal - set(told), set(told) - personal) == (set(), set())
    assert len(told) == len(set(told))


def test_every_periodic_job_that_a_term_names_exists() -> None:
    known = set(app.periodic_registry.periodic_tasks)
    names = {periodic.task.name for periodic in app.periodic_registry.periodic_tasks.values()}
    named = {line.job for line in kept() if line.job}
    assert known
    assert named
    assert named - names == set()


def test_every_term_is_worded_and_rests_on_an_article() -> None:
    assert [line.tables for line in kept() if not (str(line.term) and line.article)] == []
