"""Which decoder and encoder an answer needs."""

from gateway.core.dialect import Framing
from gateway.core.frame import Decoder, Encoder, Frame, FrameKind
from gateway.core.jsonvalue import Json
from gateway.dialects.jsonarray import ArrayDecoder, ArrayEncoder
from gateway.dialects.jsonbody import JsonDecoder, JsonEncoder, LinesDecoder, LinesEncoder
from gateway.dialects.sse import SseDecoder, SseEncoder

_CONTENT_TYPES = {
    Framing.SSE: ("text/event-stream",),
    Framing.LINES: ("application/x-ndjson", "application/json"),
    Framing.ARRAY: ("application/json",),
}


def decoder(framing: Framing | None) -> Decoder:
    """Return a fresh decoder; None is one whole JSON value."""
    match framing:
        case Framing.SSE:
            return SseDecoder()
        case Framing.LINES:
            return LinesDecoder()
        case Framing.ARRAY:
            return ArrayDecoder()
    return JsonDecoder()


def encoder(framing: Framing | None, begun: bool = False) -> Encoder:
    """Return a fresh encoder; None is one whole JSON value. With `begun`, one that goes on where another stopped."""
    match framing:
        case Framing.SSE:
            return SseEncoder()
        case Framing.LINES:
            return LinesEncoder()
        case Framing.ARRAY:
            return ArrayEncoder(begun)
    return JsonEncoder()


def announced(framing: Framing | None, content_type: str) -> bool:
    """Tell whether a backend's content type is what the framing promises."""
    plain = content_type.partition(";")[0].strip().lower()
    return plain in (_CONTENT_TYPES[framing] if framing is not None else ("application/json",))


def event(name: str, data: Json) -> Frame:
    """Return a frame of our own."""
    return Frame(FrameKind.DATA, data, name)
