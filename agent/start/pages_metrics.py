"""`/metrics` for Prometheus: from this machine without more, from elsewhere with a token of the team."""

from ipaddress import ip_address

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from agent.app.queue.store import Jobs
from agent.app.web import auth, context
from agent.app.web.auth import Anyone
from agent.core.observing.metrics import CONTENT_TYPE, exposition

router = APIRouter(include_in_schema=False)

_TEAM = auth.require("ops_lead", "manager", "viewer")
# A proxy on this machine asks from here too, for whoever asked it.
_FORWARDED = ("x-forwarded-for", "x-real-ip", "forwarded", "via", "x-forwarded-host", "x-forwarded-proto")


@router.get("/metrics")
async def metrics(request: Request, _: Anyone) -> Response:
    """The figures of this server, and how many calls wait in jobs. 401 or 403 for strangers."""
    if not _from_here(request):
        _TEAM.check(await auth.identify(request))

    counts = context.of(request).space.store[Jobs].waiting_and_settled
    return Response(await run_in_threadpool(exposition, counts), media_type=CONTENT_TYPE)


def _from_here(request: Request) -> bool:
    if request.client is None or any(name in request.headers for name in _FORWARDED):
        return False
    try:
        return ip_address(request.client.host).is_loopback
    except ValueError:
        return False
