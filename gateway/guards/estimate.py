"""How many tokens an exchange may use, before anything is known: what the guard limit reserves."""

from typing import Final

from gateway.core.exchange import Exchange
from gateway.core.payload import get


def estimate(exchange: Exchange) -> int:
    """Return the tokens that an exchange may use at most: its size by four, and its output budget."""
    return exchange.size // 4 + _output_budget(exchange)


DEFAULT_OUTPUT: Final = 1024
"""Tokens reserved for an answer whose request sets no bound; corrected when the true usage is known."""


def _output_budget(exchange: Exchange) -> int:
    """Return the bound on the answer's tokens that the request sets, times the answers that it asks for."""
    body = exchange.payload if isinstance(exchange.payload, dict) else {}
    bounds = [get(body, tuple(pointer.split("/")[1:])) for pointer in exchange.endpoint.output_budget]
    bound = next((b for b in bounds if isinstance(b, int) and not isinstance(b, bool) and b >= 0), DEFAULT_OUTPUT)
    answers = body.get("n")
    return bound * (answers if isinstance(answers, int) and not isinstance(answers, bool) and answers > 1 else 1)
