"""The header of NationBuilder's export of people, in the order in which it comes."""

from __future__ import annotations

import re

_ADDRESS = ("address1", "address2", "address3", "city", "county", "state", "zip", "country", "country_code")

COLUMNS = (
    *("nationbuilder_id", "prefix", "first_name", "middle_name", "last_name", "suffix", "full_name", "legal_name"),
    *("sex", "born_at", "language", "occupation", "employer", "is_deceased"),
    *("email", "email1", "email1_is_bad", "email2", "email2_is_bad", "email3", "email3_is_bad"),
    *("email4", "email4_is_bad", "phone_number", "work_phone_number", "mobile_number", "fax_number"),
    *("is_mobile_bad", "website", "twitter_login", "facebook_username"),
    *("email_opt_in", "mobile_opt_in", "do_not_call", "do_not_contact", "federal_donotcall", "unsubscribed_at"),
    *(f"primary_{part}" for part in _ADDRESS),
    *(f"mailing_{part}" for part in _ADDRESS),
    *("party", "support_level", "inferred_support_level", "priority_level", "precinct_name", "state_file_id"),
    *("city_district", "federal_district"),
    *("tag_list", "is_volunteer", "is_supporter", "is_donor", "is_prospect", "is_fundraiser", "signup_type"),
    *("membership_level_name", "membership_started_at", "membership_expires_at", "recruiter_id", "parent_id"),
    *("note", "created_at", "first_supporter_at", "first_volunteer_at", "last_contacted_at"),
    *("donations_count", "donations_amount", "church", "ethnicity", "religion", "marital_status"),
)

#: The row of someone who says nothing of anything: every column, in the order of the header.
UNSAID = dict.fromkeys(COLUMNS, "") | {
    "language": "fr",
    "is_deceased": "false",
    "email1_is_bad": "false",
    "is_mobile_bad": "false",
    "email_opt_in": "false",
    "mobile_opt_in": "false",
    "do_not_call": "false",
    "do_not_contact": "false",
    "federal_donotcall": "false",
    "primary_country": "France",
    "primary_country_code": "FR",
    "is_volunteer": "false",
    "is_supporter": "false",
    "is_donor": "false",
    "is_prospect": "true",
    "is_fundraiser": "false",
    "signup_type": "0",
}
_SPECIAL = re.compile(r'[,"\r\n]')


def line(row: dict[str, str]) -> str:
    """Return a row, made from ``UNSAID``, as a line of comma-separated values, quoted where it must be."""
    text = ",".join(row.values())
    if text.count(",") == len(COLUMNS) - 1 and '"' not in text and "\n" not in text and "\r" not in text:
        return text + "\n"
    return ",".join(_quoted(field) if field else "" for field in row.values()) + "\n"


def _quoted(field: str) -> str:
    return '"' + field.replace('"', '""') + '"' if _SPECIAL.search(field) else field
