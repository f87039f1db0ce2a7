from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("people", "0015_what_happened")]

    operations = [
        migrations.AddIndex("person", models.Index(fields=["id"], include=["commune"], name="person_place")),
        migrations.AddIndex(
            "emailaddress",
            models.Index(fields=["person"], condition=Q(status__in=["unverified", "verified"]), name="email_usable"),
        ),
    ]
