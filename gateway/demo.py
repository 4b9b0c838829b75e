"""`sluice demo`: a short conversation, seen from all sides.

Everything is real and local: a stand-in model, the gateway with its default
policy (and one rule that refuses), requests over sockets, the audit log.
"""

import asyncio
import json
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path

import aiohttp
from rich import box
from rich.console import Console
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from gateway import audit_commands
from gateway.adapters.audit_reader import AuditReader
from gateway.adapters.keys_file import AUDIT_PRIVATE
from gateway.app import Gateway, running
from gateway.core.jsonvalue import Json
from gateway.core.payload import get
from gateway.scaffold import init, local_issuer
from gateway.settings import Settings, load_settings
from gateway.standin import StandIn, last_text, letter, standing_in

_REFUSING_RULE = """    rules:
      - id: no-social-security-numbers
        entities: [US_SSN]
        direction: request
        operator: deny
        threshold: 0.5
"""


@dataclass(frozen=True, slots=True)
class Scene:
    """One request of the conversation."""

    title: str
    dialect: str
    prompt: str
    stream: bool = False


SCENES = (
    Scene(
        "A plain request (OpenAI chat)",
        "openai",
        "Please mail john.smith@acme.com and call him at +1 415 555 2671. His card 4111 1111 1111 1111 was charged "
        "twice. Again: the address is john.smith@acme.com.",
    ),
    Scene(
        "A streamed answer (Anthropic messages)",
        "anthropic",
        "Tell marie.curie@sorbonne.fr that IBAN DE89 3704 0044 0532 0130 00 is the right one.",
        stream=True,
    ),
    Scene("A request that the policy refuses", "openai", "My social security number is 536-90-4399, keep it in mind."),
)


@dataclass(slots=True)
class Seen:
    """What the three parties saw of a scene. `pieces` counts what a stream came in."""

    sent: str
    model: str
    received: str
    exchange: str
    status: int
    pieces: int = 0


def run(console: Console | None = None) -> int:
    """Play the demo; return the exit code."""
    console = console or Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=max(console.width, 110), file=console.file)
    return asyncio.run(_run(console))


async def _run(console: Console) -> int:
    console.print(Rule("[bold]Sluice[/bold]: what the app sent, what the model saw, what came back"))
    standin = StandIn(letter, delay=0.004)
    with tempfile.TemporaryDirectory(prefix="sluice-demo-") as name:
        async with standing_in(standin) as url:
            settings = _provisioned(Path(name) / "gateway", url)
            token = local_issuer(settings).mint("app-7", "acme", ttl=600)
            async with running(settings) as gateway:
                seen = [await _play(scene, gateway, token, standin) for scene in SCENES]
            for scene, one in zip(SCENES, seen, strict=True):
                _show_scene(console, scene, one)
                _show_decisions(console, settings, one.exchange)
            _show_record(console, settings, seen[0].exchange)
    return 0


def _provisioned(directory: Path, upstream: str) -> Settings:
    init(directory, upstream)
    policy = directory / "policies" / "default.yaml"
    text = policy.read_text(encoding="utf-8")
    policy.write_text(text.replace("    rules:\n", _REFUSING_RULE, 1), encoding="utf-8")
    settings = load_settings(directory)
    return replace(settings, listen=replace(settings.listen, port=0, ops_port=0))


async def _play(scene: Scene, gateway: Gateway, token: str, standin: StandIn) -> Seen:
    path = "/v1/messages" if scene.dialect == "anthropic" else "/v1/chat/completions"
    body = {"model": "stand-in", "max_tokens": 200, "messages": [{"role": "user", "content": scene.prompt}]}
    if scene.stream:
        body["stream"] = True
    header = {"x-api-key": token} if scene.dialect == "anthropic" else {"Authorization": f"Bearer {token}"}
    before = len(standin.seen)
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"http://127.0.0.1:{gateway.ports.data}{path}", json=body, headers=header) as response,
    ):
        exchange = response.headers["x-sluice-exchange"]
        pieces: list[str] = []
        if scene.stream:
            events = [json.loads(line[6:]) async for line in response.content if line.startswith(b"data: {")]
            pieces = [str(get(event, ("delta", "text")) or "") for event in events]
            received = "".join(pieces)
        else:
            answer: Json = await response.json()
            received = str(get(answer, ("choices", 0, "message", "content")) or get(answer, ("error", "message")))
    model = last_text(standin.seen[-1]) if len(standin.seen) > before else ""
    return Seen(scene.prompt, model, received, exchange, response.status, sum(map(bool, pieces)))


def _show_scene(console: Console, scene: Scene, seen: Seen) -> None:
    table = Table(
        box=box.ROUNDED, expand=True, title=scene.title, title_justify="left", title_style="bold", padding=(0, 1)
    )
    table.add_column("the app sent", ratio=1, header_style="bold")
    table.add_column("the model saw", ratio=1, header_style="bold")
    came = f"came back (status {seen.status}" + (f", in {seen.pieces} pieces)" if seen.pieces else ")")
    table.add_column(came, ratio=1, header_style="bold")
    nothing = Text("nothing: it never left", style="dim italic")
    table.add_row(
        _marked(seen.sent, _values(seen), "bold red"),
        _marked(seen.model, _tokens(seen.model), "bold green") if seen.model else nothing,
        _received(seen),
    )
    console.print()
    console.print(table)


def _received(seen: Seen) -> Text:
    text = _marked(seen.received, _values(seen), "bold cyan")
    for token in ("[EMAIL_ADDRESS]", "[PERSON]", "[US_SSN]"):
        text.highlight_words([token], "bold yellow")
    return text


def _values(seen: Seen) -> list[str]:
    """Return what was replaced: the stretches of the prompt that the model saw as tokens."""
    values: list[str] = []
    rest, at = seen.sent, 0
    for token in _tokens(seen.model):
        position = seen.model.index(token, at)
        before = seen.model[at:position]
        rest = rest[len(before) :]
        at = position + len(token)
        following = seen.model[at : at + 6]
        end = rest.find(following) if following else len(rest)
        values.append(rest[:end])
        rest = rest[end:]
    return values


def _tokens(text: str) -> list[str]:
    return re.findall(r"\[[A-Z_]+_[0-9A-Z]{12}\]", text)


def _marked(text: str, words: Sequence[str], style: str) -> Text:
    marked = Text(text)
    marked.highlight_words([word for word in words if word], style)
    return marked


def _show_decisions(console: Console, settings: Settings, exchange: str) -> None:
    with AuditReader(settings.stores.audit) as reader:
        facts = json.loads(reader.exchange(exchange)[-1].record.facts)
    table = Table(box=box.SIMPLE, title="decisions, as the trace has them", title_justify="left", title_style="dim")
    for column in ("guard", "direction", "action", "reason", "rule", "evidence"):
        table.add_column(column)
    colours = {"allow": "green", "redact": "yellow", "deny": "red"}
    for fact in facts["decisions"]:
        numbers = {k: v for k, v in fact.get("evidence", {}).items() if not k.startswith("remaining")}
        evidence = "  ".join(f"{name.removeprefix('findings.')} {number}" for name, number in numbers.items())
        action = f"[{colours[fact['action']]}]{fact['action']}[/]"
        row = (fact["guard"], fact["direction"], action, fact["reason"], fact.get("rule", ""))
        table.add_row(*row, evidence)
    console.print(table)


def _show_record(console: Console, settings: Settings, exchange: str) -> None:
    log = settings.stores.audit
    listing, opened = StringIO(), StringIO()
    audit_commands.verify(log, listing)
    with AuditReader(log) as reader:
        row = reader.exchange(exchange)[0]
        sealed = row.sealed or b""
    audit_commands.show(log, exchange, settings.stores.keys / AUDIT_PRIVATE, opened)
    body = Text()
    body.append("on disk   ", style="dim")
    body.append(f"{sealed[:48].hex()}… ({len(sealed)} bytes; the gateway itself has no key to open them)\n")
    body.append("chain     ", style="dim")
    body.append(f"{row.record.chain.hex()}\n")
    body.append("verify    ", style="dim")
    body.append(listing.getvalue().strip() + "\n")
    body.append("opened    ", style="dim")
    first = next(line for line in opened.getvalue().splitlines() if "payload" in line)
    body.append(f"with the private key: {first.strip()[:300]}…")
    console.print(Panel(body, title="the sealed record of the first exchange", title_align="left", box=box.ROUNDED))
    console.print("Run it for real: [bold]make serve UPSTREAM=https://api.openai.com[/bold]")
