"""Letters on the site: their list, and each as everybody may read it."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from portevoix.kernel.security import public
from portevoix.mailings import letters
from portevoix.mailings.models import Archive

#: Styles are in the letter, since mail programs want them so; there is no script, and nothing comes from elsewhere.
POLICY = (
    "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
A_PAGE = 20


@public
@require_safe
def show_all(request: HttpRequest) -> HttpResponse:
    """List the letters that the campaign shows."""
    page = Paginator(Archive.objects.listed(), A_PAGE).get_page(request.GET.get("page"))
    return render(request, "mailings/letters.html", {"page_of_letters": page})


@public
@require_safe
def show(request: HttpRequest, code: str) -> HttpResponse:
    """Show a letter as it left, to nobody in particular: no counted link, no tracker, no name."""
    archive = get_object_or_404(Archive.objects.public(), code=code)
    response = HttpResponse(letters.as_sent_by(archive.html))
    response["Content-Security-Policy"] = POLICY
    response["Referrer-Policy"] = "no-referrer"
    if not archive.is_indexed:
        response["X-Robots-Tag"] = "noindex"
    return response
