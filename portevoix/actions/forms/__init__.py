"""The public forms of the site."""

from portevoix.actions.forms.acting import ActionForm
from portevoix.actions.forms.public import LONGEST, SALT, EmailForm, NewLinkForm, PublicForm

__all__ = ["LONGEST", "SALT", "ActionForm", "EmailForm", "NewLinkForm", "PublicForm"]
