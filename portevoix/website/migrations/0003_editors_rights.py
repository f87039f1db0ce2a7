"""Who publishes pages also edits the banner, recordings, redirects and translations."""

from django.db import migrations

RIGHTS = {
    ("website", "banner"): ("change",),
    ("website", "identity"): ("change",),
    ("website", "recording"): ("add", "change", "delete", "view"),
    ("wagtailredirects", "redirect"): ("add", "change", "delete"),
    ("simple_translation", "simpletranslation"): ("submit_translation",),
}
LABELS = {"submit_translation": "Can submit translations"}


def give(apps, schema_editor):
    ContentType = apps.get_model("contenttypes", "ContentType")
    Permission = apps.get_model("auth", "Permission")
    editors = apps.get_model("auth", "Group").objects.filter(name="Moderators").first()
    if editors is None:
        return
    for (app, model), acts in RIGHTS.items():
        kind, _made = ContentType.objects.get_or_create(app_label=app, model=model)
        for act in acts:
            codename = act if "_" in act else f"{act}_{model}"
            name = LABELS.get(codename, f"Can {act} {model}")
            right, _made = Permission.objects.get_or_create(
                content_type=kind, codename=codename, defaults={"name": name}
            )
            editors.permissions.add(right)


class Migration(migrations.Migration):
    dependencies = [
        ("website", "0002_page_types_looks_and_sources"),
        ("simple_translation", "0001_initial"),
        ("wagtailredirects", "0008_add_verbose_name_plural"),
        ("wagtailcore", "0002_initial_data"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(give, migrations.RunPython.noop)]
