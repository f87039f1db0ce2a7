"""Counts pages as they leave, outside the page cache so that cached pages count too.

A page is counted under ``request.counted_as``, which the site's views and its cache set: an address that carries a
token (a preference link, a confirmation) has none and is never written down. What is sent is no visit, but where a
view says so (``request.begins_a_visit``): a form that was begun on another site leads to a page as a link does.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from portevoix.audience import counter, rules


class CountVisits:
    """Read the path, the host of the referrer, the word of the link, and nothing else.

    Nothing is set or read on the terminal.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if (
            settings.COUNT_VISITS
            and hasattr(request, "counted_as")
            and settings.SESSION_COOKIE_NAME not in request.COOKIES  # staff at work
            and self._is_page(request, response)
        ):
            origin = rules.origin_of(request.META.get("HTTP_REFERER", ""), request.get_host().partition(":")[0])
            counter.count(request.counted_as, origin, rules.link_of(request.META.get("QUERY_STRING", "")))
        return response

    @staticmethod
    def _is_page(request: HttpRequest, response: HttpResponseBase) -> bool:
        begins_here = getattr(request, "begins_a_visit", False)
        return rules.is_counted(
            method="GET" if begins_here else request.method or "",
            status=response.status_code,
            content_type=response.headers.get("Content-Type", ""),
            agent=request.META.get("HTTP_USER_AGENT", ""),
            opted_out="1" in (request.META.get("HTTP_SEC_GPC"), request.META.get("HTTP_DNT")),
        )
