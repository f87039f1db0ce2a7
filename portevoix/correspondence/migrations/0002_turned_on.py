import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("correspondence", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="TurnedOn",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=60, unique=True, verbose_name="letter")),
                (
                    "since",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="since"
                    ),
                ),
                ("by", models.CharField(blank=True, max_length=200, verbose_name="turned on by")),
            ],
            options={
                "verbose_name": "optional letter turned on",
                "verbose_name_plural": "optional letters turned on",
                "ordering": ["key"],
            },
        ),
    ]
