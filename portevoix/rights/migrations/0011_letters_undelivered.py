from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('rights', '0010_requests'),
    ]

    operations = [
        migrations.AddField(
            model_name='requestletter',
            name='undelivered_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='could not be delivered'),
        ),
        migrations.AddField(
            model_name='requestletter',
            name='told_on',
            field=models.DateField(blank=True, null=True, verbose_name='told by post on'),
        ),
        migrations.AddConstraint(
            model_name='requestletter',
            constraint=models.CheckConstraint(condition=models.Q(('told_on', None), ('undelivered_at__isnull', False), _connector='OR'), name='letter_told_by_post_after_it_failed'),
        ),
    ]
