from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0017_brought_in")]
    operations = [
        migrations.AddIndex(
            model_name="person", index=models.Index(fields=["updated_at"], name="person_updated")
        ),
    ]
