"""A visitor's answer about other sites."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from portevoix.website.types import Way


class ChoiceForm(forms.Form):
    """Which hosts are accepted: ``all``, ``none``, or one by one."""

    answer = forms.ChoiceField(choices=[("all", ""), ("none", ""), ("some", "")])
    way_answered = forms.ChoiceField(choices=Way.choices, required=False)

    def __init__(self, *args: Any, hosts: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.hosts = list(hosts)
        known = [(host, host) for host in hosts]
        self.fields["accepted_hosts"] = forms.MultipleChoiceField(choices=known, required=False)
        self.fields["answered_hosts"] = forms.MultipleChoiceField(choices=known, required=False)

    @property
    def accepted(self) -> list[str]:
        asked = self.cleaned_data["answer"]
        return self.hosts if asked == "all" else [] if asked == "none" else self.cleaned_data["accepted_hosts"]

    @property
    def answered(self) -> list[str]:
        """The hosts that this answer is about: one where its content asked by itself, else all."""
        return self.cleaned_data["answered_hosts"] or self.hosts

    @property
    def refuses_all(self) -> bool:
        return self.cleaned_data["answer"] == "none" and not self.cleaned_data["answered_hosts"]

    @property
    def way(self) -> Way:
        return Way(self.cleaned_data["way_answered"] or Way.PAGE)
