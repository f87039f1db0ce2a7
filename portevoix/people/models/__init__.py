"""Persons and what is known of them, each fact with its source."""

from portevoix.people.models.persons import (
    CONTACT_POINTS,
    Consultation,
    ContactQuerySet,
    CustomField,
    EmailAddress,
    Interaction,
    Person,
    PersonQuerySet,
    PhoneNumber,
    PostalAddress,
    Tag,
    Tagging,
    TagQuerySet,
    sort_key_of,
)
from portevoix.people.models.record import Attachment, Note, PersonRole, Relationship

__all__ = [
    "CONTACT_POINTS",
    "Attachment",
    "Consultation",
    "ContactQuerySet",
    "CustomField",
    "EmailAddress",
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
