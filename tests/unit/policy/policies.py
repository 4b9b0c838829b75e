"""Small policies to test with, and names that stay put when the detectors grow."""

from gateway.policy.loader import Loaded, load_text
from gateway.policy.names import Names

NAMES = Names(
    entities={
        "PERSON": frozenset({"identity"}),
        "EMAIL_ADDRESS": frozenset({"contact"}),
        "PHONE_NUMBER": frozenset({"contact"}),
        "CREDIT_CARD": frozenset({"financial"}),
    },
    detectors=frozenset({"pii", "ner"}),
    dialects=frozenset({"openai-chat", "anthropic-messages"}),
    upstreams=frozenset({"openai", "anthropic"}),
)

HEAD = "apiVersion: sluice/v1alpha1\nkind: Policy\nmetadata: {name: test}\nspec:\n"
ROUTES = "  routes: [{id: all}]\n"
RULES = "  inspect: {detectors: [pii], rules: [{id: mail, entities: [EMAIL_ADDRESS], operator: redact}]}\n"


def load(spec: str, head: str = HEAD) -> Loaded:
    """Load a policy whose spec (indented by two) is `spec`."""
    return load_text(head + spec, "p.yaml", NAMES)


def problems(spec: str, head: str = HEAD) -> list[str]:
    """Return the problems of a policy whose spec is `spec`, as printed."""
    return [str(problem) for problem in load(spec, head).problems]
