"""Persons and what is known of them, each fact with its source."""

from portevoix.people.models.duplicates import Alias, Candidate, DuplicateSearch
from portevoix.people.models.households import Household, HouseholdMember
from portevoix.people.models.persons import (
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
    "Alias",
    "Attachment",
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
    "Note",
    "Person",
    "PersonQuerySet",
    "PersonRole",
    "PhoneNumber",
    "PostalAddress",
    "Relationship",
    "Tag",
    "TagQuerySet",
    "Tagging",
    "sort_key_of",
]
