"""A message is for the purpose and the channel of its batch: no newsletter rides on a sign-up's own request."""

import django.db.models.deletion
from django.db import migrations, models

FORWARD = """
ALTER TABLE delivery_message ADD CONSTRAINT message_is_for_what_its_batch_is_for
    FOREIGN KEY (batch_id, channel, purpose) REFERENCES delivery_batch (id, channel, purpose)
    ON UPDATE CASCADE ON DELETE CASCADE;
"""
BACKWARD = "ALTER TABLE delivery_message DROP CONSTRAINT message_is_for_what_its_batch_is_for;"


class Migration(migrations.Migration):
    dependencies = [("delivery", "0003_batch_stopped_at")]
    operations = [
        migrations.AddConstraint(
            model_name="batch",
            constraint=models.UniqueConstraint(fields=("id", "channel", "purpose"), name="batch_for_its_messages"),
        ),
        migrations.AlterField(
            model_name="message",
            name="batch",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="messages",
                to="delivery.batch",
                verbose_name="batch of messages",
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
