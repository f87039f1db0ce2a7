"""Menus on two levels, and the right to arrange them."""

import wagtail.fields
from django.db import migrations, models


def give(apps, schema_editor):
    """Who publishes pages also arranges the menus."""
    editors = apps.get_model("auth", "Group").objects.filter(name="Moderators").first()
    if editors is None:
        return
    kind, _made = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label="website", model="menus"
    )
    right, _made = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=kind, codename="change_menus", defaults={"name": "Can change menus"}
    )
    editors.permissions.add(right)


class Migration(migrations.Migration):

    dependencies = [
        ('website', '0003_editors_rights'),
    ]

    operations = [
        migrations.CreateModel(
            name='Menus',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('main', wagtail.fields.StreamField([('entry', 6)], blank=True, block_lookup={0: ('wagtail.blocks.PageChooserBlock', (), {'label': 'page', 'required': False}), 1: ('wagtail.blocks.URLBlock', (), {'label': 'or address', 'required': False}), 2: ('wagtail.blocks.CharBlock', (), {'help_text': 'Empty: the title of the page.', 'label': 'words', 'max_length': 30, 'required': False}), 3: ('wagtail.blocks.CharBlock', (), {'help_text': 'Empty: the title of the page.', 'label': 'words', 'max_length': 40, 'required': False}), 4: ('wagtail.blocks.StructBlock', [[('page', 0), ('address', 1), ('label', 3)]], {}), 5: ('wagtail.blocks.ListBlock', (4,), {'default': [], 'label': 'links that it opens', 'max_num': 8, 'min_num': 0}), 6: ('wagtail.blocks.StructBlock', [[('page', 0), ('address', 1), ('label', 2), ('links', 5)]], {})}, help_text='Empty: the pages ticked “Show in menus”, in the order of the list of pages, on two levels.', verbose_name='bar at the top')),
                ('footer', wagtail.fields.StreamField([('column', 6)], blank=True, block_lookup={0: ('wagtail.blocks.CharBlock', (), {'label': 'title', 'max_length': 40}), 1: ('wagtail.blocks.PageChooserBlock', (), {'label': 'page', 'required': False}), 2: ('wagtail.blocks.URLBlock', (), {'label': 'or address', 'required': False}), 3: ('wagtail.blocks.CharBlock', (), {'help_text': 'Empty: the title of the page.', 'label': 'words', 'max_length': 40, 'required': False}), 4: ('wagtail.blocks.StructBlock', [[('page', 1), ('address', 2), ('label', 3)]], {}), 5: ('wagtail.blocks.ListBlock', (4,), {'label': 'links', 'max_num': 10, 'min_num': 1}), 6: ('wagtail.blocks.StructBlock', [[('title', 0), ('links', 5)]], {})}, help_text='Empty: the same as the bar at the top. Legal pages have their own column in any case.', verbose_name='columns at the foot')),
            ],
            options={
                'verbose_name': 'menus',
                'verbose_name_plural': 'menus',
            },
        ),
        migrations.RunPython(give, migrations.RunPython.noop),
    ]
