"""What the search finds in the campaign's own fields is folded again where 0009 gave rare letters a key.

Until then such a text was kept in lower case only, accents and all, while the words that are looked for are folded: a
field that says Țepeș or Παπαδόπουλος was found by nobody who searched for it. Texts that are folded already, which is
nearly all, are not written.
"""

from django.db import migrations

FORWARD = r"""
UPDATE people_fieldtext AS kept SET text = people_field_words(person.custom -> field.key)
FROM people_person AS person, people_customfield AS field
WHERE person.id = kept.person_id AND field.id = kept.field_id
    AND kept.text ~ '[^a-z0-9øđłðþħŋŧı ]'
    AND jsonb_typeof(person.custom -> field.key) = 'string'
    AND kept.text <> people_field_words(person.custom -> field.key);
"""


class Migration(migrations.Migration):
    dependencies = [("intake", "0009_rare_letters"), ("people", "0015_what_happened")]
    operations = [migrations.RunSQL(FORWARD, migrations.RunSQL.noop)]
