"""Foreign content: which site an address belongs to, and the only address of that site which a page may then load.

The host goes into the Content-Security-Policy of the page and into the visitor's choice, so that it is a plain name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from urllib.parse import parse_qs, urlencode, urlsplit

from portevoix.website.types import Aim, Foreign

_HOST = re.compile(r"(?=.{4,120}$)([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,24}")
_YOUTUBE = re.compile(r"[\w-]{11}")
_PEERTUBE = re.compile(r"/(?:w|videos/watch|videos/embed)/([\w-]{8,64})/?")
_TWEET = re.compile(r"/\w{1,20}/status/(\d{5,25})/?")
_VIMEO = re.compile(r"/(\d{5,15})/?")
_UMAP = re.compile(r"/(?:[a-z]{2}/)?map/[\w-]+_\d+/?")
_VIEW = re.compile(r"map=(\d{1,2})/(-?\d{1,2}(?:\.\d+)?)/(-?\d{1,3}(?:\.\d+)?)")

Query = Mapping[str, list[str]]


def recognise(address: str) -> Foreign | None:
    """Return the content behind an address, None where it is of no site that is known."""
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").lower().removeprefix("www.").removeprefix("m.")
        port = parts.port
    except ValueError:
        return None
    if parts.scheme != "https" or port not in {None, 443} or not _HOST.fullmatch(host):
        return None
    read = _KNOWN.get(host, _peertube)
    return read(host, parts.path, parse_qs(parts.query), parts.fragment)


def _youtube(host: str, path: str, query: Query, _fragment: str) -> Foreign | None:
    parts = path.strip("/").split("/")
    found = query.get("v", [""])[0] if parts[0] == "watch" else parts[-1]
    if host != "youtu.be" and parts[0] not in {"watch", "shorts", "embed", "live"}:
        return None
    if not _YOUTUBE.fullmatch(found):
        return None
    own = "www.youtube-nocookie.com"
    return Foreign(
        own, "YouTube", "Google Ireland Ltd (Google LLC, États-Unis)", Aim.VIDEO, f"https://{own}/embed/{found}"
    )


def _vimeo(_host: str, path: str, _query: Query, _fragment: str) -> Foreign | None:
    if not (found := _VIMEO.fullmatch(path)):
        return None
    own = "player.vimeo.com"
    return Foreign(own, "Vimeo", "Vimeo.com, Inc. (États-Unis)", Aim.VIDEO, f"https://{own}/video/{found[1]}?dnt=1")


def _x(_host: str, path: str, _query: Query, _fragment: str) -> Foreign | None:
    if not (found := _TWEET.fullmatch(path)):
        return None
    own = "platform.twitter.com"
    asked = urlencode({"id": found[1], "dnt": "true", "lang": "fr"})
    return Foreign(
        own,
        "X",
        "X Internet Unlimited Company (X Corp., États-Unis)",
        Aim.NETWORK,
        f"https://{own}/embed/Tweet.html?{asked}",
    )


def _openstreetmap(_host: str, _path: str, query: Query, fragment: str) -> Foreign | None:
    found = _VIEW.search(fragment)
    try:
        zoom, latitude, longitude = (float(found[n]) for n in (1, 2, 3)) if found else (15.0, *_marker(query))
    except (KeyError, ValueError):
        return None
    if not (0 <= zoom <= 20 and abs(latitude) <= 85 and abs(longitude) <= 180):
        return None
    reach = 180 / 2**zoom
    box = ",".join(
        f"{value:.5f}" for value in (longitude - reach, latitude - reach / 2, longitude + reach, latitude + reach / 2)
    )
    own = "www.openstreetmap.org"
    asked = urlencode({"bbox": box, "layer": "mapnik", "marker": f"{latitude:.5f},{longitude:.5f}"})
    return Foreign(
        own,
        "OpenStreetMap",
        "OpenStreetMap Foundation (Royaume-Uni)",
        Aim.MAP,
        f"https://{own}/export/embed.html?{asked}",
    )


def _marker(query: Query) -> tuple[float, float]:
    return float(query["mlat"][0]), float(query["mlon"][0])


def _umap(host: str, path: str, _query: Query, _fragment: str) -> Foreign | None:
    if not _UMAP.fullmatch(path):
        return None
    return Foreign(host, "uMap", "OpenStreetMap France (France)", Aim.MAP, f"https://{host}{path}")


def _peertube(host: str, path: str, _query: Query, _fragment: str) -> Foreign | None:
    if not (found := _PEERTUBE.fullmatch(path)):
        return None
    return Foreign(host, f"PeerTube ({host})", host, Aim.VIDEO, f"https://{host}/videos/embed/{found[1]}")


_KNOWN: dict[str, Callable[[str, str, Query, str], Foreign | None]] = {
    "youtube.com": _youtube,
    "youtu.be": _youtube,
    "youtube-nocookie.com": _youtube,
    "vimeo.com": _vimeo,
    "x.com": _x,
    "twitter.com": _x,
    "openstreetmap.org": _openstreetmap,
    "umap.openstreetmap.fr": _umap,
}
