"""Parts of files: players ask for the middle of a video, and some play nothing at all where they get no part."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.utils.crypto import constant_time_compare, salted_hmac

CHUNK = 64 * 1024
#: Where nginx finds the files that it gives in our place (« portevoix nginx »); nobody can ask for them there.
GIVEN = "/_donne/"
_RANGE = re.compile(r"bytes=(\d{1,15})?-(\d{1,15})?")


def front_word() -> str:
    """Return what nginx says to be known for ours: who could say it too would have a cache keep empty files."""
    return salted_hmac("portevoix.nginx", "gives files", algorithm="sha256").hexdigest()


def given(request: HttpRequest, name: str, content_type: str) -> HttpResponseBase:
    """Give a file of the instance, or the part that is asked for; behind nginx, let nginx do it."""
    if constant_time_compare(request.headers.get("X-Portevoix-Front", ""), front_word()):
        headers = {"X-Accel-Redirect": f"{GIVEN}{quote(name)}", "Cache-Control": "public, max-age=86400"}
        return HttpResponse(content_type=content_type, headers=headers)
    return partial(settings.MEDIA_ROOT / name, content_type, request.headers.get("Range", ""))


def partial(path: Path, content_type: str, asked: str) -> HttpResponseBase:
    """Return a file, or the one part of it that a Range header asks for (RFC 9110, 14)."""
    try:
        size = path.stat().st_size
    except OSError:
        raise Http404 from None
    headers = {"Accept-Ranges": "bytes", "Cache-Control": "public, max-age=86400"}
    found = _RANGE.fullmatch(asked.replace(" ", ""))
    if found is None or not any(found.groups()):
        return FileResponse(path.open("rb"), content_type=content_type, headers=headers)
    if found[1] is None:
        start, end = max(size - int(found[2]), 0), size - 1
    else:
        start, end = int(found[1]), min(int(found[2] or size - 1), size - 1)
    if start > end:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    headers |= {"Content-Range": f"bytes {start}-{end}/{size}", "Content-Length": str(end - start + 1)}
    return StreamingHttpResponse(_read(path, start, end), status=206, content_type=content_type, headers=headers)


def _read(path: Path, start: int, end: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(start)
        left = end - start + 1
        while left and (chunk := file.read(min(CHUNK, left))):
            left -= len(chunk)
            yield chunk
