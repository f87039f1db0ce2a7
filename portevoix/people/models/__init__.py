"""Persons and what is known of them, each fact with its source."""

from portevoix.people.models.bulk import BulkChange, BulkPortion, BulkRun
from portevoix.people.models.duplicates import Alias, Candidate, DuplicateSearch
from portevoix.people.models.households import Household, HouseholdMember
from portevoix.people.models.lists import ListHabit, SavedView
from portevoix.people.models.persons import (
    IS_NAMELESS,
    ContactQuerySet,
    EmailAddress,
    Person,
    PersonQuerySet,
    PhoneNumber,
    PostalAddress,
    sort_key_of,
)
from portevoix.people.models.record import (
    Attachment,
    CustomField,
    FieldText,
    Note,
    PersonRole,
    Relationship,
    Tag,
    Tagging,
    TagQuerySet,
)
from portevoix.people.models.story import Consultation, Interaction

__all__ = [
    "IS_NAMELESS",
    "Alias",
    "Attachment",
    "BulkChange",
    "BulkPortion",
    "BulkRun",
    "Candidate",
    "Consultation",
    "ContactQuerySet",
    "CustomField",
    "DuplicateSearch",
    "EmailAddress",
    "FieldText",
    "Household",
    "HouseholdMember",
    "Interaction",
    "ListHabit",
    "Note",
    "Person",
    "PersonQuerySet",
    "PersonRole",
    "PhoneNumber",
    "PostalAddress",
    "Relationship",
    "SavedView",
    "Tag",
    "TagQuerySet",
    "Tagging",
    "sort_key_of",
]
