"""A request's target: its path and query, as they are judged and as they go to the backend.

What goes on is written anew from the exchange that the guards have looked at, never copied from what came: so
nothing can stand there that no guard saw.
"""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from yarl import URL

from gateway.core.decision import Reason
from gateway.core.dialect import Endpoint
from gateway.core.exchange import Exchange
from gateway.errors import RequestError

DATE: Final = r"\d{4}-\d\d-\d\d(?:-preview)?"
"""How vendors write a version of their interface."""

_VALUE: Final = re.compile(rf"{DATE}|\d{{1,4}}|[A-Za-z][A-Za-z0-9_-]{{0,127}}|[a-z_]+(?:\.[a-z_]+){{1,4}}", re.ASCII)
"""A date, a small number, an identifier, or a path of the format's own words with an underscore in it."""


def query_of(endpoint: Endpoint, url: URL) -> tuple[tuple[str, str], ...]:
    """Return a target's query parameters in the order in which they came, or raise `RequestError` (400).

    Each has a name of the endpoint's, a plain value, and comes once unless it is a list: of two values of the same
    name, nobody knows which one the backend takes.
    """
    pairs = tuple(url.query.items())
    for at, (name, value) in enumerate(pairs):
        plain = _VALUE.fullmatch(value) is not None and ("." not in value or "_" in value)
        if name not in endpoint.query or not plain:
            raise RequestError(
                400,
                Reason.UNKNOWN_ENDPOINT,
                "a query parameter is not one of this path's; credentials go into a header",
            )
        if name not in endpoint.lists and any(name == other for other, _ in pairs[:at]):
            raise RequestError(
                400, Reason.UNKNOWN_ENDPOINT, f"the query parameter {name} stands there twice: send it once"
            )
    return pairs


def passed_path(exchange: Exchange) -> str:
    """Return the path that goes to the backend: the endpoint's, with the parts that were judged."""
    return exchange.endpoint.path.format_map(exchange.params)


def passed_query(exchange: Exchange) -> str:
    """Return the query that goes to the backend: what was judged, but for pages that we cut ourselves."""
    listing = exchange.endpoint.listing
    paging = listing.paging if listing is not None else None
    if paging is None:
        return urlencode(exchange.query)
    ours: Mapping[str, str] = {paging.limit: str(paging.most)}
    cut = {paging.limit, paging.after, paging.before}
    return urlencode([*(pair for pair in exchange.query if pair[0] not in cut), *ours.items()])
