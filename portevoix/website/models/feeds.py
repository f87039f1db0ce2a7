"""The latest articles in the three forms that readers of feeds understand."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed, SyndicationFeed

from portevoix.kernel.clock import PARIS
from portevoix.website.models.identity import Identity


def rss(page: Any, articles: Iterable[Any], request: HttpRequest) -> HttpResponse:
    return _written(Rss201rev2Feed, page, articles, request, "flux/rss/")


def atom(page: Any, articles: Iterable[Any], request: HttpRequest) -> HttpResponse:
    return _written(Atom1Feed, page, articles, request, "flux/atom/")


def json_feed(page: Any, articles: Iterable[Any], request: HttpRequest) -> HttpResponse:
    """Write a JSON Feed 1.1."""
    here = page.get_full_url(request)
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": page.title,
        "description": page.description,
        "language": page.locale.language_code,
        "home_page_url": here,
        "feed_url": f"{here}flux/json/",
        "authors": [{"name": Identity.load(request).name}],
        "items": [
            {
                "id": article.get_full_url(request),
                "url": article.get_full_url(request),
                "title": article.title,
                "summary": article.lead,
                "content_text": article.lead,
                "date_published": _moment(article).isoformat(),
            }
            for article in articles
        ],
    }
    return JsonResponse(
        feed, json_dumps_params={"ensure_ascii": False}, content_type="application/feed+json; charset=utf-8"
    )


def _written(
    kind: type[SyndicationFeed], page: Any, articles: Iterable[Any], request: HttpRequest, name: str
) -> HttpResponse:
    here = page.get_full_url(request)
    feed = kind(
        title=page.title,
        link=here,
        description=page.description,
        language=page.locale.language_code,
        feed_url=f"{here}{name}",
        author_name=Identity.load(request).name,
    )
    for article in articles:
        address = article.get_full_url(request)
        feed.add_item(
            title=article.title,
            link=address,
            description=article.lead,
            unique_id=address,
            pubdate=_moment(article),
            updateddate=article.last_published_at or _moment(article),
        )
    content_type: str = kind.content_type  # type: ignore[attr-defined]  # of both forms
    return HttpResponse(feed.writeString("utf-8"), content_type=content_type)


def _moment(article: Any) -> datetime:
    """Return when an article appeared: its day, at noon in Paris, since no hour is asked of editors."""
    return datetime.combine(article.published_on, time(12), PARIS)
