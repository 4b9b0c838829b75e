"""The ops port: health, readiness and metrics. Never on the data port, and it knows no exchange."""

from collections.abc import Callable
from typing import Final

from aiohttp import web

METRICS_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


def ops_app(
    not_ready: Callable[[], dict[str, str]], stale: Callable[[], bool], metrics: Callable[[], str]
) -> web.Application:
    """Return the application of the ops port.

    `not_ready` names what is not ready, and why; `stale` tells that the last reload of the policy
    failed and an older one is in force.
    """

    async def healthz(_: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def readyz(_: web.Request) -> web.Response:
        problems = not_ready()
        body = {"status": "ready" if not problems else "not ready", "policy_stale": stale(), "problems": problems}
        return web.json_response(body, status=503 if problems else 200)

    async def metrics_page(_: web.Request) -> web.Response:
        return web.Response(body=metrics().encode(), headers={"Content-Type": METRICS_TYPE})

    app = web.Application()
    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", metrics_page)
    return app
