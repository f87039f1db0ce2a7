"""A letter may be of no use after a moment: nothing of it leaves from then on.

The gate is one function for what is written first and for what is changed, and its source stands in one file.
"""

from importlib import import_module
from pathlib import Path

from django.db import migrations, models

GATE = Path(__file__).with_name("0018_gate.sql").read_text("utf-8")
FORWARD = f"""
{GATE}
DROP TRIGGER delivery_gate_on_update ON delivery_message;
DROP FUNCTION delivery_gate_again();
CREATE TRIGGER delivery_gate_on_update AFTER UPDATE ON delivery_message
    REFERENCING OLD TABLE AS former NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION delivery_gate();
"""
_first = import_module("portevoix.delivery.migrations.0011_gate_of_elections_and_advertising")
_again = import_module("portevoix.delivery.migrations.0016_gate_of_what_moves")
BACKWARD = _first.AFTER.replace("{more}", _first.MORE) + _again.GATE.replace("{moved}", _again.MOVED).replace(
    "{changed}", _again.CHANGED
)


class Migration(migrations.Migration):
    dependencies = [("delivery", "0017_silence_of_contacts")]
    operations = [
        migrations.AddField(
            model_name="batch",
            name="not_after",
            field=models.DateTimeField(blank=True, null=True, verbose_name="of use until"),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
