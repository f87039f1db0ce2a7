"""A call, a letter or a visit leans on a live ground of the same person, channel and purpose, as a message does.

The key follows the ground when records are merged; the trigger looks at what is written down, and at nothing after.
"""

from django.db import migrations

FORWARD = """
ALTER TABLE delivery_contact ADD CONSTRAINT contact_leans_on_its_ground
    FOREIGN KEY (ground_id, person_id, channel, purpose)
    REFERENCES rights_ground (id, person_id, channel, purpose)
    ON UPDATE CASCADE ON DELETE CASCADE;

CREATE FUNCTION delivery_contact_gate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM rights_ground g
    WHERE g.id = NEW.ground_id AND g.withdrawn_at IS NULL AND NOT g.is_held FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'a contact without a live ground'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'delivery_contact_gate', TABLE = 'delivery_contact';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER delivery_contact_gate BEFORE INSERT ON delivery_contact
    FOR EACH ROW EXECUTE FUNCTION delivery_contact_gate();
"""
BACKWARD = """
DROP TRIGGER delivery_contact_gate ON delivery_contact;
DROP FUNCTION delivery_contact_gate();
ALTER TABLE delivery_contact DROP CONSTRAINT contact_leans_on_its_ground;
"""


class Migration(migrations.Migration):
    dependencies = [("delivery", "0012_texts_and_contacts")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
