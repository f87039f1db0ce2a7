from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """A segment that a message adds or leaves out is not deleted under it."""

    dependencies = [("mailings", "0014_gate_of_text_approvals")]

    operations = [
        migrations.AlterField(
            model_name="target",
            name="segment",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="segments.segment",
                verbose_name="segment",
            ),
        ),
    ]
