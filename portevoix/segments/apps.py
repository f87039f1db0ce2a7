from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SegmentsConfig(AppConfig):
    name = "portevoix.segments"
    label = "segments"
    verbose_name = _("Segments")

    def ready(self) -> None:
        from portevoix.segments import criteria, personal_data  # noqa: F401
