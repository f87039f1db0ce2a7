"""Which site is watched, how often."""

from __future__ import annotations

from urllib.parse import urlsplit

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portevoix.auditor.models import AuditedSite
from portevoix.auditor.types import Rhythm


class WatchForm(forms.Form):
    """A site to watch."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("As you call this site in lists and letters."))
    url = forms.URLField(
        label=_("Address"),
        max_length=300,
        assume_scheme="https",
        help_text=_("Its first page, such as https://example.org."),
    )
    rhythm = forms.ChoiceField(label=_("How often"), choices=Rhythm.choices, initial=Rhythm.WEEKLY)

    def __init__(self, *args: object, site: AuditedSite | None = None, **more: object) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]
        if site is not None:
            del self.fields["url"]
            self.initial = {"name": site.name, "rhythm": site.rhythm}

    def clean_url(self) -> str:
        """Only the web is audited; each site is watched once."""
        url: str = self.cleaned_data["url"].rstrip("/")
        if urlsplit(url).scheme not in {"http", "https"}:
            raise forms.ValidationError(gettext("An address that begins with https:// or http://."))
        if "@" in urlsplit(url).netloc:
            raise forms.ValidationError(gettext("An address without a name or a password in it: all read it here."))
        if AuditedSite.objects.filter(url=url).exists():
            raise forms.ValidationError(gettext("This site is watched already."))
        return url
