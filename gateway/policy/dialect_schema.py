"""The shape of a dialect file: a backend's own JSON, described in the same table as the vendors'."""

from typing import Literal

from gateway.policy.fields import FileModel, Identifier, Metadata, option

Pointers = list[str]


class PlacesModel(FileModel):
    """What need not be inspected, and what cannot be. Every place that is not named is inspected as text.

    Places are JSON pointers in which `*` stands for any list position or key, `**` for any way down.
    """

    words: Pointers = option(default=[], description="Closed vocabularies: lower-case words; numbers pass too.")
    identifiers: Pointers = option(default=[], description="Identifiers: begin with a letter, without blanks.")
    upper: Pointers = option(default=[], description="Closed vocabularies in capitals.")
    times: Pointers = option(default=[], description="RFC 3339 times.")
    blobs: Pointers = option(default=[], description="Base64 that must stay as it is.")
    media: Pointers = option(default=[], description="Images, sounds, files: ruled by `content.media`.")
    state: Pointers = option(default=[], description="References to what the backend keeps: `content.state`.")
    tokens: Pointers = option(default=[], description="Text, or token ids instead of it: `content.tokens`.")
    derived: Pointers = option(default=[], description="Copies of text in another form: `content.derived`.")


class CloseModel(FileModel):
    """An event that ends texts: what a channel still holds leaves before it."""

    path: str = option(description="Where the event says so.")
    values: list[str | bool] = option(default=[], description="What it says. None: anything but null.")
    channels: str = option(default="", description="The beginning of the channels' names. None: all.")


class StreamModel(FileModel):
    """A streamed answer."""

    framing: Literal["sse", "ndjson", "json-array"] = option(description="How the events come.")
    member: str = option(default="", description="The body's switch, such as `stream`. None: always streamed.")
    default: bool = option(default=False, description="What the switch's absence means.")
    places: PlacesModel = option(default=PlacesModel(), description="The events' places.")
    deltas: dict[str, str] = option(
        description="Where text comes in pieces, each with its channel's name: `{0}` is the first list item on the "
        "way, `{/a}` what stands at that pointer of the event, `{../a}` what stands beside the text."
    )
    closes: list[CloseModel] = option(default=[], description="What ends texts. The stream's end does in any case.")
    sequence: str = option(default="", description="The member that counts events, which are numbered anew.")


class UsageModel(FileModel):
    """Where token counts stand in answers and events; several are summed."""

    input: Pointers = option(default=[], description="Tokens of the prompt.")
    output: Pointers = option(default=[], description="Tokens of the answer.")


class VoicesModel(FileModel):
    """Whose words a request's texts are. What is not named is a prompt. Some detectors look at some of these only."""

    system: Pointers = option(default=[], description="What an operator tells the model to be.")
    documents: Pointers = option(default=[], description="Documents, search results, what a tool answered.")


class EndpointModel(FileModel):
    """One method and path."""

    method: Literal["GET", "POST"] = option(default="POST", description="The HTTP method.")
    path: str = option(description="The path. Parts in braces match one segment: `/v2/models/{model}/infer`.")
    operation: str = option(default="chat", description="What it is called in traces (`gen_ai.operation.name`).")
    model: str = option(default="", description="The model: a pointer into the body, a part of the path, or none.")
    query: list[str] = option(
        default=[], description="Query parameters that are passed on, each once but for those named `...[]`."
    )
    request: PlacesModel = option(default=PlacesModel(), description="The body's places.")
    voices: VoicesModel = option(default=VoicesModel(), description="Whose words the body's texts are.")
    answer: PlacesModel = option(default=PlacesModel(), description="The places of a whole answer.")
    stream: StreamModel | None = option(default=None, description="The streamed answer. None: it never streams.")
    usage: UsageModel = option(default=UsageModel(), description="Token counts.")
    output_budget: Pointers = option(default=[], description="Members of the body that bound the answer's tokens.")


class DialectSpec(FileModel):
    """How a backend speaks."""

    errors: Literal["openai", "anthropic", "gemini", "ollama"] = option(
        default="openai", description="In whose form refusals are told."
    )
    headers: list[Identifier] = option(default=[], description="Request headers that are passed on, in lower case.")
    endpoints: list[EndpointModel] = option(min_length=1, max_length=100, description="Its endpoints.")


class DialectFile(FileModel):
    """A dialect file."""

    api_version: Literal["sluice/v1alpha1"] = option(alias="apiVersion", description="The version of this language.")
    kind: Literal["Dialect"] = option(description="What this file is.")
    metadata: Metadata = option(description="The dialect's name: routes and upstreams name it.")
    spec: DialectSpec = option(description="The table.")
