"""The public forms of the site."""

from portevoix.actions.forms.acting import ActionForm
from portevoix.actions.forms.public import LONGEST, SALT, EmailForm, NewLinkForm, PublicForm
from portevoix.actions.forms.stepping import PreviewedForm, SteppedForm, form_of, previewed

__all__ = [
    "LONGEST",
    "SALT",
    "ActionForm",
    "EmailForm",
    "NewLinkForm",
    "PreviewedForm",
    "PublicForm",
    "SteppedForm",
    "form_of",
    "previewed",
]
