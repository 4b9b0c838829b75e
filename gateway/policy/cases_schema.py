"""The shape of policy test files, for `sluice policy test`."""

from typing import Any, Literal

from gateway.core.decision import Action, Reason
from gateway.policy.fields import FileModel, Metadata, option


class PrincipalModel(FileModel):
    """Who calls, in a test."""

    tenant: str = option(default="test", min_length=1, description="The tenant.")
    subject: str = option(default="test", min_length=1, description="The caller.")
    scopes: list[str] = option(default=[], description="The scopes of the token.")


class FindingModel(FileModel):
    """A finding that a test states instead of running detectors."""

    entity: str = option(description="The entity.")
    text: str = option(min_length=1, description="The text that is found, wherever it stands.")
    score: float = option(default=1.0, ge=0, le=1, description="How sure the detector is.")


class RedactionModel(FileModel):
    """A place that is expected to be rewritten."""

    entity: str = option(description="The entity.")
    text: str | None = option(default=None, description="What stands there. Without it, any text.")


class ExpectModel(FileModel):
    """What is expected. Only what is stated is compared."""

    action: Action = option(strict=False, description="What is done: `allow`, `redact` or `deny`.")
    would_action: Action | None = option(default=None, strict=False, description="What would be done if all enforced.")
    rule: str | None = option(default=None, description="The deciding rule, route or word (`spec.content.media`).")
    reason: Reason | None = option(default=None, strict=False, description="The reason of a refused route.")
    redactions: list[RedactionModel] | None = option(default=None, description="All that is rewritten, in any order.")


class CaseModel(FileModel):
    """One request or one answer, and what is expected of it."""

    name: str = option(min_length=1, max_length=200, description="A sentence that says what holds.")
    principal: PrincipalModel = option(default=PrincipalModel(), description="Who calls.")
    dialect: str = option(default="openai-chat", description="The dialect.")
    model: str = option(default="test-model", description="The model that is asked for.")
    request: Any = option(default=None, description="A prompt: a text, or a whole body.")
    response: Any = option(default=None, description="An answer: a text, or a whole body.")
    findings: list[FindingModel] | None = option(default=None, description="Findings. Without it, the detectors run.")
    expect: ExpectModel = option(description="What is expected.")


class CasesSpec(FileModel):
    """Tests of one policy."""

    policy: str | None = option(default=None, description="The policy, from this file. Default: the one being tested.")
    cases: list[CaseModel] = option(min_length=1, max_length=10_000, description="The tests.")


class CasesFile(FileModel):
    """A file of policy tests, for `sluice policy test`."""

    api_version: Literal["sluice/v1alpha1"] = option(alias="apiVersion", description="The version of this language.")
    kind: Literal["PolicyTest"] = option(description="What this file is.")
    metadata: Metadata = option(description="Name and labels.")
    spec: CasesSpec = option(description="The tests.")
