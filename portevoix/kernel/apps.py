from django.apps import AppConfig


class KernelConfig(AppConfig):
    name = "portevoix.kernel"
    label = "kernel"

    def ready(self) -> None:
        from portevoix.kernel import choosers, typography

        choosers.start_without_inline_script()
        typography.write_first_days()
