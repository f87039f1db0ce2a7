"""Letters and texts wait apart, in the order in which they are claimed.

What waits for its hour is not walked over: the moment is in the index, and nobody's queue holds up another's.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("delivery", "0013_contact_gate")]

    operations = [
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                fields=["priority", "not_before", "id"],
                condition=models.Q(state="queued", channel="email"),
                name="message_letters_waiting",
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                fields=["priority", "not_before", "id"],
                condition=models.Q(state="queued", channel="sms"),
                name="message_texts_waiting",
            ),
        ),
        migrations.RemoveIndex(model_name="message", name="message_waiting"),
    ]
