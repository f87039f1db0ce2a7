from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """What an automation met at its last pass that nobody foresaw, for its own page; what becoming a donor means."""

    dependencies = [("journeys", "0006_becoming")]

    operations = [
        migrations.AddField(
            model_name="journey",
            name="fault",
            field=models.CharField(blank=True, editable=False, max_length=200, verbose_name="fault"),
        ),
        migrations.AddField(
            model_name="journey",
            name="faulty_since",
            field=models.DateTimeField(editable=False, null=True, verbose_name="meets a fault since"),
        ),
        migrations.AlterField(
            model_name="version",
            name="trigger",
            field=models.CharField(
                choices=[
                    ("happened", "something happens to the person"),
                    ("action", "they take part in an action of the site"),
                    ("step", "they reach a step of a path"),
                    ("tag", "they get a tag"),
                    ("role", "they become a donor (by a first gift, not by each one), a member, a volunteer…"),
                    ("segment_in", "they enter a segment"),
                    ("segment_out", "they leave a segment"),
                    ("inactive", "nothing comes from them for some time"),
                    ("day", "a day comes"),
                    ("birthday", "it is their birthday"),
                    ("dues", "their membership ends"),
                ],
                default="happened",
                max_length=12,
                verbose_name="what starts it",
            ),
        ),
    ]
