"""Files to download, as the team brings them in: each is what its name says."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _
from wagtail.documents.forms import BaseDocumentForm

from portevoix.website.rules.files import HEAD, is_document


class DocumentForm(BaseDocumentForm):
    """Wagtail's form of a document; a page of the web that is called a PDF is refused."""

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if isinstance(file, UploadedFile):
            file.seek(0)
            head = file.read(HEAD)
            file.seek(0)
            if not is_document(file.name or "", head):
                raise forms.ValidationError(
                    _("This file is not what its name says: nobody could open it, or it could do harm."), code="lies"
                )
        return file
