"""The list of paths, and the form of one."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin import messages
from wagtail.admin.widgets.button import HeaderButton

from portevoix.accounts.commands import may
from portevoix.accounts.office import actor_of, seen_by, seen_by_who_may
from portevoix.kernel.ordering import Unaccented
from portevoix.paths import selectors
from portevoix.paths.exceptions import MovedMeanwhile, NotPossible
from portevoix.paths.forms import PathForm, RemoveStepForm, drafts, step_forms
from portevoix.paths.models import Path, Step
from portevoix.paths.services import designing
from portevoix.segments.models import Segment


def trail(*steps: tuple[str, str]) -> list[dict[str, str]]:
    """Return the way from the list of paths to this page."""
    way = [{"url": reverse("paths:list"), "label": gettext("Paths")}]
    return way + [{"url": address, "label": label} for address, label in steps]


@require_safe
@seen_by()
def show_all(request: HttpRequest) -> HttpResponse:
    """List the paths with their figures, as far as the reader sees people."""
    actor = actor_of(request)
    asked = request.GET.get("segment", "")
    segment = Segment.objects.filter(pk=asked).first() if asked.isdecimal() and len(asked) < 19 else None
    lines = selectors.overview(Path.objects.order_by("shelved_at", Unaccented("name")), actor)
    buttons = []
    if may(actor, "paths.design"):
        buttons = [HeaderButton(gettext("New path"), reverse("paths:create"), icon_name="plus")]
    context = {
        "segment": segment if may(actor, "paths.enrol") else None,
        "lines": [line for line in lines if line.path.shelved_at is None],
        "shelved": [line for line in lines if line.path.shelved_at],
        "header_title": gettext("Paths"),
        "header_icon": "list-ol",
        "header_buttons": buttons,
        "breadcrumbs_items": trail()[:1],
    }
    return render(request, "paths/list.html", context)


@seen_by_who_may("paths.design")
def edit(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Make a path, or change its name and steps."""
    path = get_object_or_404(Path, pk=pk) if pk else None
    if request.method == "POST":
        form, lines = PathForm(request.POST), step_forms(path, request.POST)
        if form.is_valid() and lines.is_valid() and (saved := _saved(request, path, form, lines)):
            messages.success(request, gettext("The path “%(path)s” is kept.") % {"path": saved})
            return redirect("paths:board", saved.pk)
    else:
        initial = {"name": path.name, "purpose": path.purpose, "seen": path.version} if path else {}
        form, lines = PathForm(initial=initial), step_forms(path)
    return render(request, "paths/path_form.html", _form_page(path, form, lines))


def _saved(request: HttpRequest, path: Path | None, form: PathForm, lines: Any) -> Path | None:
    said = form.cleaned_data
    try:
        return designing.design(
            path,
            name=said["name"],
            purpose=said["purpose"],
            steps=drafts(lines),
            seen=said["seen"],
            actor=actor_of(request),
        )
    except MovedMeanwhile:
        form.add_error(None, gettext("Somebody changed this path since you opened it: open it again to see how."))
    except NotPossible as reason:
        form.add_error(None, str(reason))
    return None


def _form_page(path: Path | None, form: PathForm, lines: Any) -> dict[str, Any]:
    title = gettext("Change the path") if path else gettext("New path")
    way = [(reverse("paths:board", args=[path.pk]), path.name), ("", title)] if path else [("", title)]
    return {
        "path": path,
        "form": form,
        "lines": lines,
        "header_title": title,
        "header_icon": "edit",
        "breadcrumbs_items": trail(*way),
    }


@seen_by_who_may("paths.remove_step")
def remove_step(request: HttpRequest, pk: int, step_pk: int) -> HttpResponse:
    """Remove a step, after saying where those go who stand on it."""
    step = get_object_or_404(Step.objects.select_related("path"), pk=step_pk, path=pk)
    number = step.places.count()
    form = RemoveStepForm(step, number, request.POST or None)
    is_asked = request.method == "POST" and (form.is_valid() or not number)
    if is_asked and _removed(request, step, form.cleaned_data.get("to")):
        return redirect("paths:edit", pk)
    title = gettext("Remove the step “%(step)s”") % {"step": step}
    way = trail((reverse("paths:edit", args=[pk]), step.path.name), ("", title))
    context = {"step": step, "number": number, "form": form, "header_title": title, "header_icon": "bin"}
    return render(request, "paths/remove_step.html", {**context, "breadcrumbs_items": way})


def _removed(request: HttpRequest, step: Step, to: Step | None) -> bool:
    name = step.name
    try:
        moved = designing.remove_step(step, to=to, actor=actor_of(request))
    except NotPossible as reason:
        messages.error(request, str(reason))
        return False
    told = ngettext(
        "The step “%(step)s” is removed; %(number)d person went on.",
        "The step “%(step)s” is removed; %(number)d people went on.",
        moved,
    )
    messages.success(request, told % {"step": name, "number": moved})
    return True


@require_POST
@seen_by_who_may("paths.shelve")
def shelve(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a path away, or take it up again."""
    path = get_object_or_404(Path, pk=pk)
    designing.shelve(path, is_shelved=path.shelved_at is None, actor=actor_of(request))
    return redirect("paths:list" if path.shelved_at else "paths:board", *([] if path.shelved_at else [pk]))
