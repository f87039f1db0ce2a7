"""The steps that take a new instance to a published site: who publishes, name, first pages, what is published."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from portevoix.registers import readers
from portevoix.rights.models import Imprint
from portevoix.rights.rules.imprint import OF_THE_HOST
from portevoix.rights.selectors.imprint import file_facts, imprint, label_of
from portevoix.rights.types import LegalFacts
from portevoix.territory.models import Election
from portevoix.website.forms.pictures import PictureField
from portevoix.website.models import Identity
from portevoix.website.selectors.starting import Draft
from portevoix.website.types import OPTIONAL_PAGES, StartingPage

CAMPAIGN = ("publisher", "publisher_form", "publisher_number", "candidate", "election")
REACHED = ("publisher_address", "publisher_phone", "publisher_email")
ANSWERS = ("director", "data_officer_email")
HOST = (*OF_THE_HOST, "host_country")


class ImprintForm(forms.ModelForm[Imprint]):
    """What the law has the campaign say of itself; of the host, only what the instance's file does not say."""

    class Meta:
        model = Imprint
        fields = [*CAMPAIGN, *REACHED, *ANSWERS, *HOST]
        widgets = {
            "publisher_phone": forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
            "host_phone": forms.TextInput(attrs={"type": "tel"}),
        }

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, instance=imprint())
        self.file = file_facts()
        self.fields["election"] = forms.ModelChoiceField(
            Election.objects.all(),
            label=capfirst(_("election")),
            required=False,
            empty_label=_("none, or not in the calendar yet"),
        )
        self.fields["host_country"] = forms.ChoiceField(
            label=capfirst(_("country of the host")),
            choices=readers.named(),
            required=False,
            initial=self.file["host_country"],
        )
        self.initial["host_country"] = self.instance.host_country or self.file["host_country"]
        for name in self.said_by_the_host:
            del self.fields[name]

    @property
    def said_by_the_host(self) -> list[str]:
        """The facts that the file says, and that nobody here may contradict."""
        said = [name for name in OF_THE_HOST if self.file[name]]
        return [*said, "host_country"] if self.file["host_name"] else said

    @property
    def groups(self) -> list[tuple[Any, list[Any]]]:
        titles = ((_("The campaign"), CAMPAIGN), (_("How it is reached"), REACHED), (_("Who answers"), ANSWERS))
        return [(title, [self[name] for name in names]) for title, names in titles]

    @property
    def host_fields(self) -> list[Any]:
        return [self[name] for name in HOST if name in self.fields]

    @property
    def host_facts(self) -> list[tuple[str, str]]:
        """What the file says of the host, as it is shown."""
        shown = {**self.file, "host_country": readers.name_of(self.file["host_country"])}
        return [(label_of(name), shown[name]) for name in HOST if name in self.said_by_the_host]

    @property
    def facts(self) -> LegalFacts:
        said = {name: value for name, value in self.cleaned_data.items() if name != "election"}
        return LegalFacts(**said)


class NameForm(forms.Form):
    """What the site is called."""

    name = forms.CharField(
        label=_("Name of the campaign"), max_length=60, help_text=_("As it stands at the top of each page.")
    )
    slogan = forms.CharField(
        label=_("Slogan"), max_length=120, required=False, help_text=_("Up to 80 signs, it opens the home page.")
    )
    logo = PictureField(
        label=_("Logo, square"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp,image/avif"}),
    )

    def __init__(self, data: Any, files: Any, *, identity: Identity) -> None:
        super().__init__(data, files, initial={"name": identity.public_name, "slogan": identity.slogan})
        # Said here: Wagtail's field replaces what it is given by a list of formats.
        self.fields["logo"].help_text = _(
            "PNG, JPEG or WebP, at least 512 pixels wide. Without one, the first letter of the name stands for it."
        )


class PagesForm(forms.Form):
    """Which pages the site begins with."""

    pages = forms.MultipleChoiceField(
        label=_("Pages to make"),
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "setting-up__pages"}),
    )

    def __init__(self, data: Any, *, present: set[StartingPage]) -> None:
        offered = [page for page in OPTIONAL_PAGES if page not in present]
        first = [page for page in offered if page is not StartingPage.TEAM] if not present else []
        super().__init__(data, initial={"pages": first})
        self.fields["pages"].choices = [(page.value, page.label) for page in offered]  # type: ignore[attr-defined]

    @property
    def wanted(self) -> list[StartingPage]:
        return [StartingPage(value) for value in self.cleaned_data["pages"]]


class OpeningForm(forms.Form):
    """What is published with the home page and the legal pages."""

    pages = forms.MultipleChoiceField(required=False)

    def __init__(self, data: Any, *, drafts: list[Draft]) -> None:
        super().__init__(data)
        self.fields["pages"].choices = [(str(draft.page.pk), "") for draft in drafts]  # type: ignore[attr-defined]

    @property
    def wanted(self) -> set[int]:
        return {int(value) for value in self.cleaned_data["pages"]}
