"""The risk table speaks of problems, in the form that SOC rules match on."""

import re

from gateway.core.decision import Reason
from gateway.core.risk import RISKS, risks


def test_ids_have_their_catalogues_form() -> None:
    """OWASP LLM 2025 first, MITRE ATLAS last."""
    for ids in RISKS.values():
        *owasp, atlas = ids
        assert owasp
        assert all(re.fullmatch(r"LLM(0[1-9]|10):2025", one) for one in owasp)
        assert re.fullmatch(r"AML\.T\d{4}(\.\d{3})?", atlas)


def test_good_news_is_no_risk() -> None:
    """What says that all is well has no entry."""
    for reason in (Reason.TOKEN_VERIFIED, Reason.ROUTE_ALLOWED, Reason.WITHIN_LIMIT, Reason.NOTHING_FOUND):
        assert risks(reason) == ()


def test_every_refusal_of_a_caller_names_a_risk() -> None:
    """Whatever is refused about who calls, what for or how much has one."""
    refused = [reason for reason in Reason if reason.endswith(("-refused", "-denied", "-exceeded"))]
    untold = {Reason.UPGRADE_REFUSED, Reason.UPSTREAM_REFUSED}
    assert [reason for reason in refused if not risks(reason) and reason not in untold] == []
