"""Shape and wording of what authors and senders fill in."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from wagtail.admin.forms import WagtailAdminModelForm

from portevoix.accounts.models import User
from portevoix.kernel import clock
from portevoix.mailings.blocks import check_words, refuse_compared_names
from portevoix.mailings.exceptions import NoSuchHour
from portevoix.mailings.models import ShortMessage
from portevoix.mailings.selectors import texts
from portevoix.mailings.types import Again, Aspect, Confirmation, Draft, Measure, TextDraft, TrialPlan
from portevoix.mailings.wording import explain
from portevoix.segments.models import Segment


class MailingForm(WagtailAdminModelForm):
    """A draft; words that end up in headers are put on one line."""

    def clean_title(self) -> str:
        return _on_one_line(self.cleaned_data["title"])

    def clean_sender_name(self) -> str:
        return _on_one_line(self.cleaned_data["sender_name"])

    def clean_subject(self) -> str:
        return _checked(self.cleaned_data["subject"])

    def clean_preheader(self) -> str:
        return _checked(self.cleaned_data["preheader"])

    @property
    def draft(self) -> Draft:
        """What was written."""
        return Draft(**{name: self.cleaned_data[name] for name in Draft.__dataclass_fields__})


class TargetsForm(forms.Form):
    """To whom a message goes, and to whom not, segment by segment."""

    included = forms.ModelMultipleChoiceField(
        Segment.objects.all(), required=False, widget=forms.CheckboxSelectMultiple, label=_("It goes to")
    )
    excluded = forms.ModelMultipleChoiceField(
        Segment.objects.all(), required=False, widget=forms.CheckboxSelectMultiple, label=_("But not to")
    )


class HourForm(forms.Form):
    """A day and an hour of France."""

    day = forms.DateField(label=_("Day"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    hour = forms.TimeField(label=_("Hour (in France)"), widget=forms.TimeInput({"type": "time"}, format="%H:%M"))

    @property
    def moment(self) -> datetime:
        """The moment meant. Raises NoSuchHour."""
        try:
            return clock.in_paris(self.cleaned_data["day"], self.cleaned_data["hour"])
        except clock.NoSuchHour as error:
            raise NoSuchHour from error


class TrialForm(forms.Form):
    """How versions are tried."""

    aspect = forms.ChoiceField(choices=Aspect, label=_("What differs"), widget=forms.RadioSelect)
    share = forms.IntegerField(
        label=_("Share of the audience that tries, all versions together (%)"), min_value=5, max_value=90
    )
    measure = forms.ChoiceField(choices=Measure, label=_("What decides"), widget=forms.RadioSelect)
    hours = forms.IntegerField(label=_("Hours to wait before one is chosen"), min_value=1, max_value=168)
    is_automatic = forms.BooleanField(
        required=False, label=_("The best version leaves by itself; otherwise you choose")
    )

    def __init__(self, data: Any = None, *, initial: Any = None, has_aspect: bool = True) -> None:
        super().__init__(data, initial=initial)
        if not has_aspect:
            # Of a text message nothing but the words can differ.
            del self.fields["aspect"]
            said = [(Measure.CLICKS, _("most clicks for a hundred texts")), (Measure.LEAVING, _("fewest STOP"))]
            self.fields["measure"].choices = said  # type: ignore[attr-defined]

    @property
    def plan(self) -> TrialPlan:
        data = self.cleaned_data
        return TrialPlan(
            aspect=Aspect(data.get("aspect", Aspect.CONTENT)),
            measure=Measure(data["measure"]),
            share=data["share"],
            hours=data["hours"],
            is_automatic=data["is_automatic"],
        )


class ArchiveForm(forms.Form):
    """What the site shows of a letter."""

    is_public = forms.BooleanField(required=False, label=_("Everybody may read it on the site"))
    is_listed = forms.BooleanField(required=False, label=_("It is in the list of letters"))
    is_indexed = forms.BooleanField(required=False, label=_("Search engines may show it"))


class AgainForm(forms.Form):
    """To whom of those not reached a letter is sent again."""

    title = forms.CharField(label=_("Title, for the team"), max_length=120)
    undelivered = forms.BooleanField(
        required=False, label=_("those whose server refused it, or from whom it came back")
    )
    newcomers = forms.BooleanField(
        required=False, label=_("those who came into the segment since, or from whom it was held back")
    )
    uncertain = forms.BooleanField(
        required=False, label=_("those of whom nobody knows whether they have it; they may get it twice")
    )

    @property
    def again(self) -> Again:
        return Again(**{name: self.cleaned_data[name] for name in ("undelivered", "newcomers", "uncertain")})


class ConfirmationForm(forms.Form):
    """What stands between a letter and its readers: a box to tick, and what the sender was shown."""

    digest = forms.CharField(widget=forms.HiddenInput, max_length=64)
    count = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    is_sure = forms.BooleanField(error_messages={"required": _("Tick the box to confirm.")})

    def __init__(self, data: Any = None, *, seen: Confirmation | None = None) -> None:
        super().__init__(data, initial={"digest": seen.digest, "count": seen.count} if seen else None)
        if seen:
            self.fields["is_sure"].label = ngettext(
                "I have read this letter again, and I send it to %(count)s person.",
                "I have read this letter again, and I send it to %(count)s people.",
                seen.count,
            ) % {"count": intcomma(seen.count)}

    @property
    def confirmation(self) -> Confirmation:
        return Confirmation(self.cleaned_data["digest"], self.cleaned_data["count"])


class TextForm(forms.Form):
    """The text part of a letter, written by hand."""

    words = forms.CharField(
        label=_("Plain text"), max_length=60_000, strip=False, widget=forms.Textarea(attrs={"rows": 24, "wrap": "soft"})
    )

    def clean_words(self) -> str:
        words: str = self.cleaned_data["words"]
        check_words(words)
        return words


class TemplateForm(forms.Form):
    """The name under which a message is kept as a template."""

    name = forms.CharField(label=_("Name of the template"), max_length=120)
    purpose = forms.CharField(label=_("What it is for"), max_length=200, required=False)

    def clean_name(self) -> str:
        return _on_one_line(self.cleaned_data["name"])


if TYPE_CHECKING:
    _UsersField = forms.ModelMultipleChoiceField[User]
else:
    _UsersField = forms.ModelMultipleChoiceField


class MembersField(_UsersField):
    """Members of staff, by name and address."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.get_full_name()} <{obj.email}>"


class TeamForm(forms.Form):
    """Who of the team gets a test."""

    members = MembersField(label=_("Who gets it"), queryset=User.objects.none(), widget=forms.CheckboxSelectMultiple)

    def __init__(self, data: Any = None, *, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        team = User.objects.filter(is_active=True).exclude(email="").order_by("last_name", "first_name")
        self.fields["members"].queryset = team  # type: ignore[attr-defined]


class RequestForm(forms.Form):
    """A word to whoever is asked to read a letter."""

    request = forms.CharField(
        label=_("A word to whoever reads it"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class AnswerForm(forms.Form):
    """What the second reader says: yes to this very letter, or what must change."""

    digest = forms.CharField(widget=forms.HiddenInput, max_length=64)
    word = forms.CharField(
        label=_("A word to the author"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


def faults_of(form: forms.BaseForm) -> list[str]:
    """Return what a form refuses, sentence by sentence, however deep in its blocks; each once."""
    found = [words for errors in form.errors.as_data().values() for one in errors for words in _said(one)]
    return list(dict.fromkeys(found))


def _said(error: Any) -> list[str]:
    """Return the sentences of an error of a block, and of the blocks within."""
    if not isinstance(error, ValidationError):
        return []
    inner = getattr(error, "block_errors", None)
    if inner is None:
        return [str(words) for words in error.messages]
    blocks = inner.values() if isinstance(inner, dict) else inner
    own = getattr(error, "non_block_errors", None) or []
    return [words for one in (*blocks, *own) for words in _said(one)]


def _checked(words: str) -> str:
    words = _on_one_line(words)
    check_words(words)
    return words


def _on_one_line(words: str) -> str:
    return " ".join(words.split())


class ShortMessageForm(forms.ModelForm):  # type: ignore[type-arg]
    """A draft of a text message; unknown fields and too many parts are told at once."""

    class Meta:
        model = ShortMessage
        fields = ("title", "segment", "words")
        widgets = {"words": forms.Textarea(attrs={"rows": 6})}

    def clean_title(self) -> str:
        return _on_one_line(self.cleaned_data["title"])

    def clean_words(self) -> str:
        words = str(self.cleaned_data["words"]).replace("\r\n", "\n").strip()
        if fault := texts.counted(words).fault:
            raise forms.ValidationError(explain(fault))
        refuse_compared_names(words)
        return words

    @property
    def draft(self) -> TextDraft:
        """What was written."""
        return TextDraft(**{name: self.cleaned_data[name] for name in TextDraft.__dataclass_fields__})


class TextConfirmationForm(ConfirmationForm):
    """The same confirmation, for a text message."""

    def __init__(self, data: Any = None, *, seen: Confirmation | None = None) -> None:
        super().__init__(data, seen=seen)
        if seen:
            self.fields["is_sure"].label = ngettext(
                "I have read this text message again, and I send it to %(count)s person.",
                "I have read this text message again, and I send it to %(count)s people.",
                seen.count,
            ) % {"count": intcomma(seen.count)}


class TextTestForm(forms.Form):
    """Where a test goes."""

    number = forms.CharField(
        label=_("My mobile number"), max_length=20, widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"})
    )
