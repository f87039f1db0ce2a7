"""No call, letter or visit is made in electoral silence, any more than a message leaves (code électoral, art. L. 49).

What counts is when it was made: what was done before may be written down meanwhile.
"""

from django.db import migrations

GATE = """
CREATE OR REPLACE FUNCTION delivery_contact_gate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM rights_ground g
    WHERE g.id = NEW.ground_id AND g.withdrawn_at IS NULL AND NOT g.is_held FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'a contact without a live ground'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'delivery_contact_gate', TABLE = 'delivery_contact';
    END IF;
{more}    RETURN NEW;
END $$;
"""
SILENCE = """    PERFORM FROM territory_silenthours s
    WHERE s.begins_at <= NEW.at AND s.ends_at > NEW.at AND s.departement = coalesce(
        (SELECT c.departement_id FROM people_person p JOIN territory_commune c ON c.code = p.commune_id
         WHERE p.id = NEW.person_id), '');
    IF FOUND THEN
        RAISE EXCEPTION 'a contact in electoral silence'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'delivery_silence', TABLE = 'delivery_contact';
    END IF;
"""


class Migration(migrations.Migration):
    dependencies = [("delivery", "0016_gate_of_what_moves")]
    operations = [migrations.RunSQL(GATE.replace("{more}", SILENCE), GATE.replace("{more}", ""))]
