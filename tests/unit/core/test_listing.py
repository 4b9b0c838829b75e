"""Lists of models: what is not the caller's leaves no trace, not in cursors, not beside the list, not by gaps."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.dialect import Listing
from gateway.core.frame import Malformed
from gateway.core.listing import listed
from gateway.dialects.registry import DIALECTS

LISTINGS = {
    dialect.name: endpoint.listing
    for dialect in DIALECTS
    for endpoint in dialect.endpoints
    if endpoint.listing and endpoint.listing.items
}
ONES = {
    f"{dialect.name} {endpoint.path}": endpoint.listing
    for dialect in DIALECTS
    for endpoint in dialect.endpoints
    if endpoint.listing and not endpoint.listing.items
}
CLAUDE = LISTINGS["anthropic-messages"]
SECRET = "secret-x"


def usable(model: str) -> bool:
    """Whether a model is the caller's."""
    return not model.startswith("secret")


def answer(listing: Listing, names: list[str], **beside: Any) -> dict[str, Any]:
    """A list of models as a backend gives it; every name in its vendor's place."""
    items = [{listing.name[1:]: listing.prefix + name, "display_name": "A model"} for name in names]
    return {listing.items[1:]: items, **beside}


def claude(names: list[str], query: dict[str, str] | None = None) -> tuple[list[str], Any, Any, Any]:
    """The caller's page of Anthropic's list: names, first, last, and whether there is more."""
    made: Any = listed(
        answer(CLAUDE, names, has_more=False, first_id=names[0], last_id=names[-1]), CLAUDE, usable, query or {}
    )
    return [item["id"] for item in made["data"]], made["first_id"], made["last_id"], made["has_more"]


@pytest.mark.parametrize("name", LISTINGS)
@pytest.mark.parametrize("hidden", [["secret-x"], ["secret-x", "secret-y"]])
def test_nothing_of_a_hidden_model(name: str, hidden: list[str]) -> None:
    """Wherever a backend repeats a name: the list, its cursors, another list, a scalar, a member of another item."""
    listing = LISTINGS[name]
    beside = {
        "first_id": SECRET,
        "last_id": SECRET,
        "models": [{"name": SECRET}],
        "default": SECRET,
        "meta": {"a": SECRET},
    }
    beside.pop(listing.items[1:], None)
    data = answer(listing, [hidden[0], "mine", *hidden[1:]], **beside)
    for mention in listing.mentions:
        for item in data[listing.items[1:]]:
            place, *inner = mention[1:].split("/")
            item[place] = {inner[0]: listing.prefix + SECRET} if inner else listing.prefix + SECRET
    made: Any = listed(data, listing, usable, {})
    assert "secret" not in json.dumps(made)
    assert len(made[listing.items[1:]]) == 1
    assert "secret" not in json.dumps(listed(answer(listing, hidden, **beside), listing, usable, {}))


@pytest.mark.parametrize(
    ("query", "page"),
    [
        ({}, (["a", "b", "c", "d"], "a", "d", False)),
        ({"limit": "2"}, (["a", "b"], "a", "b", True)),
        ({"limit": "2", "after_id": "b"}, (["c", "d"], "c", "d", False)),
        ({"limit": "2", "before_id": "d"}, (["b", "c"], "b", "c", True)),
        ({"limit": "3", "before_id": "d"}, (["a", "b", "c"], "a", "c", False)),
        ({"after_id": "a", "before_id": "d"}, (["b", "c"], "b", "c", False)),
        ({"after_id": "d"}, ([], None, None, False)),
        ({"after_id": "d", "before_id": "a"}, ([], None, None, False)),
        ({"limit": "0"}, (["a"], "a", "a", True)),
        ({"limit": "9999"}, (["a", "b", "c", "d"], "a", "d", False)),
    ],
)
def test_pages(query: dict[str, str], page: tuple[list[str], Any, Any, bool]) -> None:
    """Pages are of the caller's models; cursors are its models; more means more of its models."""
    names = ["secret-1", "a", "secret-2", "b", "c", "secret-3", "secret-4", "d", "secret-5"]
    assert claude(names, query) == page


@pytest.mark.parametrize("name", ["after_id", "before_id"])
def test_a_hidden_cursor_is_an_unknown_one(name: str) -> None:
    """Who guesses names learns nothing."""
    names = ["a", SECRET, "b"]
    assert claude(names, {name: SECRET}) == claude(names, {name: "never-was"}) == ([], None, None, False)


@given(st.lists(st.booleans(), min_size=1, max_size=30), st.integers(1, 7))
def test_walking_the_pages(mine: list[bool], size: int) -> None:
    """Page after page, a caller sees each of its models once; what is hidden changes no page."""
    names = [f"{'mine' if own else 'secret'}-{n}" for n, own in enumerate(mine)]
    seen: list[str] = []
    query = {"limit": str(size)}
    while True:
        page, first, last, more = claude(names, query)
        assert (first, last) == ((page[0], page[-1]) if page else (None, None))
        seen += page
        if not more:
            break
        assert len(page) == size
        query["after_id"] = last
    assert seen == [name for name in names if usable(name)]


@pytest.mark.parametrize("data", [{}, [], None, {"object": "list"}, "x"])
def test_what_is_no_list(data: Any) -> None:
    """Neither a list nor an error."""
    with pytest.raises(Malformed):
        listed(data, CLAUDE, usable, {})


def test_errors_and_empty_lists() -> None:
    """An error is an error; a list that is null brings no other list with it."""
    error: Any = {"type": "error", "error": {"type": "api_error", "message": "no"}, "request_id": "r"}
    assert listed(error, CLAUDE, usable, {}) == error
    assert listed({"data": None, "models": [SECRET]}, CLAUDE, usable, {}) == {"data": None}


@pytest.mark.parametrize("name", ONES)
@pytest.mark.parametrize("other", [SECRET, "mine too", ["secret-x"]])
def test_one_model_mentions_no_hidden_one(name: str, other: Any) -> None:
    """What a model was made from is told as in a list: where it is the caller's."""
    listing = ONES[name]
    data: dict[str, Any] = {listing.name[1:]: listing.prefix + "mine", "details": {"family": "llama"}}
    for mention in listing.mentions:
        place, *inner = mention[1:].split("/")
        said = listing.prefix + other if isinstance(other, str) else other
        data[place] = {**data[place], inner[0]: said} if inner else said
    made: Any = listed(data, listing, usable, {})
    assert ("secret" in json.dumps(made), "mine" in json.dumps(made)) == (False, True)
    assert (made == data) is (other == "mine too")
    assert listed({"error": {"message": "x"}}, listing, usable, {}) == {"error": {"message": "x"}}


def test_every_answer_that_is_one_model_is_filtered() -> None:
    """A vendor's own words for where a model came from are in its list and in its single answer alike."""
    for dialect in DIALECTS:
        ones = {one.mentions for one in ONES.values() if one in [endpoint.listing for endpoint in dialect.endpoints]}
        listed_ = LISTINGS.get(dialect.name)
        for mentions in ones:
            assert listed_ is not None
            assert set(mentions) <= set(listed_.mentions)
