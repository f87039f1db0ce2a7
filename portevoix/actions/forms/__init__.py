"""The public forms of the site."""

from portevoix.actions.forms.acting import ActionForm
from portevoix.actions.forms.public import LONGEST, SALT, EmailForm, NewLinkForm, PublicForm
from portevoix.actions.forms.stepping import SteppedForm, form_of

__all__ = ["LONGEST", "SALT", "ActionForm", "EmailForm", "NewLinkForm", "PublicForm", "SteppedForm", "form_of"]
