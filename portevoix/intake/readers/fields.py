"""The columns that are understood, and the table that their cells become."""

from __future__ import annotations

EMAILS = ("email", "email1", "email2", "email3", "email4")
PHONES = {"mobile_number": "mobile", "phone_number": "home", "work_phone_number": "work"}
#: Where an address may stand in a file, the one a person lives at first.
ADDRESSES = ("primary", "address", "user_submitted", "registered", "mailing", "billing", "work")
ADDRESS_PARTS = ("address1", "address2", "address3", "city", "zip", "country", "country_code")
#: Yes-or-no columns, and what is understood where the answer cannot be read: what protects the person.
PERMISSIONS = {
    "email_opt_in": "false",
    "mobile_opt_in": "false",
    "do_not_call": "true",
    "federal_donotcall": "true",
    "do_not_contact": "true",
    "is_deceased": "true",
    "is_mobile_bad": "true",
    **{f"{email}_is_bad": "true" for email in EMAILS},
}
#: Yes-or-no columns that say what a person is to the campaign.
ROLES = {"is_volunteer": "volunteer", "is_donor": "donor", "is_supporter": "supporter"}
NAMES = ("first_name", "last_name", "full_name")
FIELDS = (
    *("external_ref", *NAMES, "sex", "born_at", "language", "occupation", "signup_type", "tag_list"),
    *EMAILS,
    *PHONES,
    *PERMISSIONS,
    *("unsubscribed_at", "support_level", "note", *ROLES),
    *(f"{place}_{part}" for place in ADDRESSES for part in ADDRESS_PARTS),
)
#: Longest values of the columns they go to.
LIMITS = {"first_name": 100, "last_name": 100, "full_name": 100, "occupation": 150, "external_ref": 60}
#: Words for a gender that are known for sure, in lower case and without a final dot; any other word is the person's.
GENDERS = {
    "F": ("f", "femme", "female", "woman", "féminin", "feminin", "mme", "madame"),
    "M": ("m", "h", "homme", "male", "man", "masculin", "mr", "monsieur"),
    "O": ("o", "x", "mx", "other", "autre"),
    "": ("u", "unknown", "inconnu", "non renseigné", "nc", "n/a", "-", "?"),
}
LONGEST_GENDER = 40
LONGEST_EXTRA = 10_000
LONGEST_NOTE = 10_000

#: The staging table: one row a row of the file, clean. ``leader`` is the first row of the same person.
STAGED = {
    "row_number": "integer NOT NULL",
    "leader": "integer NOT NULL",
    "external_ref": "text",
    "first_name": "text NOT NULL",
    "last_name": "text NOT NULL",
    "sort_key": "text",
    "gender": "text NOT NULL",
    "born_on": "date",
    "language": "text NOT NULL",
    "occupation": "text NOT NULL",
    "emails": "text[] NOT NULL",
    "bad_emails": "text[] NOT NULL",
    "phones": "text[] NOT NULL",
    "phone_kinds": "text[] NOT NULL",
    "has_bad_mobile": "boolean NOT NULL",
    "line1": "text NOT NULL",
    "line2": "text NOT NULL",
    "postcode": "text NOT NULL",
    "city": "text NOT NULL",
    "country": "text NOT NULL",
    "commune": "text",
    "more_addresses": "jsonb",
    "tags": "text[] NOT NULL",
    "custom": "jsonb NOT NULL",
    "note": "text NOT NULL",
    "roles": "text[] NOT NULL",
    "support_level": "smallint",
    "wants_email": "boolean NOT NULL",
    "wants_texts": "boolean NOT NULL",
    "stops": "text[] NOT NULL",
    "lapses": "text[] NOT NULL",
}
