"""The interface as a whole: every address, and the OpenAPI document, which is open to all as the source is."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe
from ninja import NinjaAPI

from portevoix.api.views import consents, contacts, own_key, segments, writing
from portevoix.api.views.problems import tell_problems
from portevoix.api.views.schemas import ProblemTold
from portevoix.kernel.security import public

ROOT = "/api/v1"
#: No page of the library's: its scripts come from elsewhere, and the document says it all.
interface = NinjaAPI(
    title="Portevoix",
    version="1",
    description="Every act is one of the campaign's own: see docs/reference/api.md.",
    openapi_url=None,
    docs_url=None,
    urls_namespace="api_v1",
)
for router in (own_key.router, writing.router, contacts.router, consents.router, segments.router):
    interface.add_router("", router)
tell_problems(interface)


@public
@require_safe
def openapi(request: HttpRequest) -> JsonResponse:
    """Give the OpenAPI document."""
    return JsonResponse(document(), json_dumps_params={"ensure_ascii": False})


def document() -> dict[str, Any]:
    """Return the OpenAPI document, with the act that each address does and the problems that it answers."""
    told: dict[str, Any] = interface.get_openapi_schema(path_prefix=f"{ROOT}/")
    told["components"]["schemas"]["Problem"] = ProblemTold.model_json_schema()
    said = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for acts in told["paths"].values():
        for act in acts.values():
            act["responses"]["default"] = {"description": "What is wrong (RFC 9457)", "content": said}
    return told
