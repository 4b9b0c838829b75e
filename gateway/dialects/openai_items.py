"""The parts that requests and answers of OpenAI's Responses API share: items, tools, the response object.

Each function returns the marks for such a part at a place. Types: the SDK's
``openai.types.responses``.
"""

from gateway.core.dialect import BLOB, IDENT, MEDIA_DATA, WORD, by_type, offsets, opaque, special
from gateway.core.payload import Kind, Mark

Marks = list[tuple[str, Mark]]

_IDENT = Mark(Kind.OPAQUE, IDENT)
_STATE = Mark(Kind.STATE)
_REFERENCE = Mark(Kind.STATE, within=1)
_MEDIA = Mark(Kind.MEDIA)
_TEXT = Mark(Kind.TEXT)


def part(at: str, *, answer: bool) -> Marks:
    """Mark a content part: a text, a refusal, an image, a sound, a file."""
    return [
        *opaque(WORD, f"{at}/type", f"{at}/detail", f"{at}/annotations/*/type", f"{at}/prompt_cache_breakpoint/**"),
        *special(Kind.MEDIA, f"{at}/image_url", f"{at}/input_audio", f"{at}/file_data", f"{at}/file_url"),
        *([] if answer else special(Kind.STATE, f"{at}/file_id", within=1)),
        *opaque(IDENT, f"{at}/file_id", f"{at}/annotations/*/file_id", f"{at}/annotations/*/container_id"),
        *special(Kind.DERIVED, f"{at}/logprobs"),
        *offsets("3/text", f"{at}/annotations/*/start_index", f"{at}/annotations/*/end_index", within=1),
        # Where a file's citation is put in; a file's path has its place in a list of files there.
        *by_type(
            offsets("3/text", f"{at}/annotations/*/index", within=1)[0][1],
            f"{at}/annotations/*/index",
            file_path=_IDENT,
        ),
    ]


def item(at: str, *, answer: bool) -> Marks:
    """Mark an item of input or output: a message, reasoning, a call of a tool, what the tool said."""
    identified = (
        opaque(IDENT, f"{at}/id")
        if answer
        else by_type(_IDENT, f"{at}/id", **{"item_reference": _REFERENCE, "": _STATE})
    )
    return [
        *identified,
        *opaque(
            IDENT,
            *(f"{at}/{name}" for name in ("call_id", "name", "namespace", "server_label", "approval_request_id")),
            f"{at}/caller/caller_id",
            f"{at}/pending_safety_checks/*/id",
            f"{at}/acknowledged_safety_checks/*/id",
            f"{at}/container_id",
            f"{at}/results/*/file_id",
        ),
        *opaque(
            WORD,
            *(f"{at}/{name}" for name in ("type", "role", "status", "phase", "execution", "quality", "output_format")),
            f"{at}/action/type",
            f"{at}/actions/*/type",
            f"{at}/operation/type",
            f"{at}/caller/type",
            f"{at}/summary/*/type",
            f"{at}/outputs/*/type",
            f"{at}/output/type",
            f"{at}/output/*/outcome/type",
            f"{at}/output/*/outcome/**",
            f"{at}/environment/type",
            f"{at}/error/type",
            f"{at}/results/*/type",
            f"{at}/max_output_length",
        ),
        *opaque(BLOB, f"{at}/encrypted_content", f"{at}/fingerprint"),
        *by_type(Mark(Kind.MEDIA, MEDIA_DATA), f"{at}/result", image_generation_call=_MEDIA, program_output=_TEXT),
        *special(Kind.MEDIA, f"{at}/output/image_url", f"{at}/outputs/*/url"),
        *([] if answer else special(Kind.STATE, f"{at}/output/file_id")),
        *part(f"{at}/content/*", answer=answer),
        *part(f"{at}/output/*", answer=answer),
        *tool(f"{at}/tools/*", answer=answer),
    ]


def tool(at: str, *, answer: bool) -> Marks:
    """Mark the description of a tool. What it is called and means, and a server's address, are inspected or plain."""
    hidden = [
        *special(Kind.STATE, f"{at}/vector_store_ids", f"{at}/tunnel_id", f"{at}/environment/container_id", within=1),
        *special(Kind.STATE, f"{at}/container/file_ids"),
        (f"{at}/container", Mark(Kind.STATE, IDENT, within=1)),
        *special(Kind.MEDIA, f"{at}/input_image_mask"),
    ]
    return [
        *([] if answer else hidden),
        *opaque(IDENT, f"{at}/name", f"{at}/server_label", f"{at}/connector_id", f"{at}/model", f"{at}/tools/*/name"),
        *opaque(
            WORD,
            f"{at}/type",
            f"{at}/parameters/**/type",
            f"{at}/tools/*/type",
            f"{at}/tools/*/parameters/**/type",
            f"{at}/tools/*/input_schema/**/type",
            f"{at}/input_schema/**/type",
            f"{at}/format/type",
            f"{at}/format/syntax",
            f"{at}/container/type",
            f"{at}/container/memory_limit",
            f"{at}/environment/type",
            f"{at}/require_approval",
            f"{at}/search_context_size",
            f"{at}/user_location/type",
            f"{at}/ranking_options/ranker",
        ),
    ]


def settings(at: str) -> Marks:
    """Mark the settings that a request makes and the response object repeats."""
    return [
        *opaque(
            IDENT, f"{at}/model", f"{at}/text/format/name", f"{at}/tool_choice/name", f"{at}/tool_choice/tools/*/name"
        ),
        *opaque(
            WORD,
            *(f"{at}/{name}" for name in ("service_tier", "truncation", "prompt_cache_retention", "tool_choice")),
            f"{at}/reasoning/**",
            f"{at}/text/verbosity",
            f"{at}/text/format/type",
            f"{at}/text/format/schema/**/type",
            f"{at}/tool_choice/type",
            f"{at}/tool_choice/mode",
            f"{at}/tool_choice/tools/*/type",
            f"{at}/prompt_cache_options/**",
            f"{at}/max_output_tokens",
        ),
    ]


def response(at: str) -> Marks:
    """Mark a response object."""
    return [
        *settings(at),
        *opaque(
            IDENT,
            f"{at}/id",
            f"{at}/previous_response_id",
            f"{at}/conversation/id",
            f"{at}/prompt/id",
            f"{at}/moderation/*/model",
        ),
        *opaque(
            WORD,
            *(
                f"{at}/{name}"
                for name in ("object", "status", "created_at", "completed_at", "usage/**", "tool_usage/**")
            ),
            f"{at}/error/code",
            f"{at}/error/type",
            f"{at}/incomplete_details/reason",
            f"{at}/moderation/*/type",
            f"{at}/prompt_cache_diagnostics/**",
        ),
        *item(f"{at}/output/*", answer=True),
        *item(f"{at}/instructions/*", answer=True),
        *tool(f"{at}/tools/*", answer=True),
    ]
