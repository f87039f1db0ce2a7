"""A capture as a HAR file (1.2): other tools read its requests, we read all of it back, without any network."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from importlib import metadata
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from portevoix.auditor.engine.characters import storable
from portevoix.auditor.engine.types import Banner, Capture, Cookie, Page, Phase, Request, Visit

CAPTURE: TypeAdapter[Capture] = TypeAdapter(Capture)
#: What only we note of a request: kept beside HAR's own fields.
OURS = ("kind", "page", "frame", "at", "initiator", "hop_of", "failure", "by_worker")


class NotACapture(Exception):
    """A file that is no HAR."""


def write(capture: Capture, path: Path) -> None:
    """Write a capture as HAR."""
    path.write_text(json.dumps(har(capture), ensure_ascii=False, indent=1), "utf-8")


def har(capture: Capture) -> dict[str, Any]:
    """Return a capture as HAR: requests as its entries, all else in ``_portevoix``."""
    told = asdict(capture)
    began = datetime.fromisoformat(capture.began_at)
    entries = []
    for visit in told["visits"]:
        asked = visit.pop("requests")
        onward = {one["hop_of"]: one["url"] for one in asked if one["hop_of"]}
        entries += [_entry(one, visit["phase"], began, onward.get(one["url"], "")) for one in asked]
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": "portevoix audit", "version": metadata.version("portevoix")},
            "browser": {"name": "Chromium", "version": capture.browser.removeprefix("Chromium ")},
            "pages": [],
            "entries": entries,
            "_portevoix": told,
        }
    }


def _entry(request: dict[str, Any], phase: str, began: datetime, onward: str) -> dict[str, Any]:
    sent = {"postData": {"mimeType": "", "text": request["body"]}} if request["body"] else {}
    head = {"httpVersion": "", "cookies": [], "headers": [], "headersSize": -1, "bodySize": -1}
    return {
        "startedDateTime": (began + timedelta(seconds=request["at"])).isoformat(),
        "time": 0,
        "request": {"method": request["method"], "url": request["url"], "queryString": [], **head, **sent},
        "response": {
            "status": request["status"],
            "statusText": request["failure"],
            "content": {"size": -1, "mimeType": ""},
            "redirectURL": onward if 300 <= request["status"] < 400 else "",
            **head,
        },
        "cache": {},
        "timings": {"send": 0, "wait": 0, "receive": 0},
        "_portevoix": {"phase": phase, **{name: request[name] for name in OURS}},
    }


def read(path: Path) -> Capture:
    """Read a HAR file, ours or another tool's: of the latter only one pass without a choice is known."""
    try:
        log = storable(json.loads(path.read_text("utf-8")))["log"]
        entries = log["entries"]
        if "_portevoix" not in log:
            return _foreign(log)
        told = log["_portevoix"]
        for visit in told["visits"]:
            visit["requests"] = [_request(one) for one in entries if one["_portevoix"]["phase"] == visit["phase"]]
        return CAPTURE.validate_python(told)
    except (ValueError, KeyError, TypeError, AttributeError, ValidationError) as error:
        raise NotACapture(f"{path}: {type(error).__name__}: {str(error)[:200]}") from error


def _request(entry: dict[str, Any]) -> dict[str, Any]:
    ours = {name: entry["_portevoix"][name] for name in OURS}
    asked = entry["request"]
    body = asked.get("postData", {}).get("text", "")
    return {"url": asked["url"], "method": asked["method"], "status": entry["response"]["status"], "body": body, **ours}


def _foreign(log: dict[str, Any]) -> Capture:
    """Read what another tool recorded: requests and the cookies of answers; the rest is not known."""
    entries = log["entries"]
    url = entries[0]["request"]["url"] if entries else ""
    requests = tuple(
        Request(
            url=one["request"]["url"],
            method=one["request"]["method"],
            kind=str(one.get("_resourceType", "other")),
            page=url,
            status=one["response"]["status"],
            body=one["request"].get("postData", {}).get("text", "") or "",
        )
        for one in entries
    )
    cookies = tuple(
        Cookie(
            cookie["name"],
            cookie["value"],
            cookie.get("domain") or _host(one["request"]["url"]),
            set_by=one["request"]["url"],
        )
        for one in entries
        for cookie in one["response"].get("cookies", ())
    )
    page = Page(url=url, asked=url, status=entries[0]["response"]["status"] if entries else 0, kind="home")
    visit = Visit(
        Phase.NONE,
        (page,),
        requests,
        cookies,
        banner=Banner(),
        trouble="another tool’s archive: only requests are known",
    )
    at = entries[0]["startedDateTime"] if entries else datetime.now(UTC).isoformat()
    return Capture(url=url, began_at=at, visits=(visit,))


def _host(url: str) -> str:
    return url.split("/")[2].split(":")[0]
