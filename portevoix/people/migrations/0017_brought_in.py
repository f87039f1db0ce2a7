from django.db import migrations, models


# What programs brought in was told as if the person had filled in the form of the site: such a line leads to no form
# that we kept, and says which one elsewhere it was.
TOLD_AS_IT_WAS = """
UPDATE people_interaction SET kind = 'added'
WHERE kind = 'signed_up' AND about_kind = '' AND detail ? 'form' AND detail ? 'signed_on';
"""


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0016_counted_from_indexes'),
    ]

    operations = [
        migrations.AlterField(
            model_name='interaction',
            name='kind',
            field=models.CharField(choices=[('imported', 'came in by a file'), ('signed_up', 'filled in the sign-up form'), ('entered', 'filled in a form on paper'), ('added', 'brought in by a program of the campaign'), ('confirmed', 'confirmed their address'), ('participated', 'took part in an action of the site'), ('retracted', 'took part in something, which they took back or did anew'), ('attended', 'came to a meeting'), ('consented', 'gave a consent'), ('withdrew', 'withdrew a consent'), ('mailed', 'was sent a message'), ('opened', 'opened a message'), ('clicked', 'followed a link of a message'), ('texted', 'was sent a text message'), ('replied', 'answered by text message'), ('called', 'was called'), ('posted', 'was sent a letter'), ('visited', 'was visited at the door'), ('edited', 'record edited'), ('tagged', 'was tagged'), ('untagged', 'tag removed'), ('exported', 'was part of an export'), ('merged', 'merged with another record'), ('separated', 'merge undone'), ('consulted', 'record consulted'), ('noted', 'note written'), ('corrected', 'note corrected'), ('unnoted', 'note removed'), ('filed', 'file added'), ('unfiled', 'file removed'), ('tied', 'relationship changed'), ('housed', 'household described'), ('played', 'role changed'), ('stepped', 'moved on a path'), ('asked', 'used one of their rights'), ('answered', 'request answered'), ('restricted', 'data left alone (restriction)'), ('released', 'restriction lifted')], max_length=20, verbose_name='what'),
        ),
        migrations.RunSQL(TOLD_AS_IT_WAS, migrations.RunSQL.noop),
    ]
