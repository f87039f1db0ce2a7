from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0015_what_happened")]
    operations = [
        migrations.AddIndex(
            model_name="person", index=models.Index(fields=["updated_at"], name="person_updated")
        ),
    ]
