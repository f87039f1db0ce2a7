import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("actions", "0021_questions"),
        ("delivery", "0015_purpose_participation"),
    ]

    operations = [
        migrations.AddField(
            model_name="participation",
            name="is_letter_due",
            field=models.BooleanField(db_default=False, default=False, verbose_name="letter still to be written"),
        ),
        migrations.AddField(
            model_name="participation",
            name="letter",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="delivery.batch",
                verbose_name="letter that asks to confirm",
            ),
        ),
        migrations.AddIndex(
            model_name="participation",
            index=models.Index(
                condition=models.Q(("is_letter_due", True)), fields=["id"], name="participation_letter_due"
            ),
        ),
    ]
