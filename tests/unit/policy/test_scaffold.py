"""`sluice init` writes a directory that runs, with everything on."""

import stat
from pathlib import Path

import pytest

from gateway.adapters.keys_file import load_keys
from gateway.core.plan import LimitUnit
from gateway.errors import PolicyError
from gateway.policy.loader import load
from gateway.policy.names import known_names
from gateway.scaffold import init
from gateway.settings import load_settings


def test_init_writes_a_directory_that_loads(tmp_path: Path) -> None:
    """Every dialect goes to the given address, every model is allowed."""
    home = tmp_path / "deep" / "home"
    init(home, "https://api.openai.com/v1/")
    settings = load_settings(home, {})
    loaded = load(settings.policy, known_names(upstreams=frozenset(settings.upstreams)))
    assert loaded.plan is not None, loaded.problems
    upstream = settings.upstream_for(loaded.plan.routes[0].upstream, "anything")
    assert upstream is not None
    assert upstream.base_url == "https://api.openai.com"
    assert loaded.plan.routes[0].models == ("*",)
    policies = {path.name for path in (home / "policies").iterdir()}
    assert policies == {"default.yaml", "strict.yaml", "monitor.yaml", "README.md"}


def test_everything_is_on_and_the_limits_are_above_what_one_machine_can_send(tmp_path: Path) -> None:
    """A first load test measures the gateway, not the limits."""
    init(tmp_path, None)
    plan = load(load_settings(tmp_path, {}).policy).plan
    assert plan is not None
    assert plan.audit.payload
    assert plan.audit.required
    for unit, per_second in ((LimitUnit.REQUESTS, 100_000), (LimitUnit.TOKENS, 100_000_000)):
        limits = [limit for limit in plan.limits if limit.unit is unit]
        assert limits
        assert all(limit.quota / limit.window >= per_second for limit in limits)


def test_secrets_are_readable_by_their_owner_only_and_not_committed(tmp_path: Path) -> None:
    """Keys stay on the machine."""
    init(tmp_path, None)
    secret = tmp_path / "keys" / "local-issuer.secret"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    assert len(bytes.fromhex(secret.read_text())) == 32
    assert load_keys(tmp_path / "keys").audit_key
    assert "/keys/" in (tmp_path / ".gitignore").read_text().splitlines()
    other = tmp_path / "other"
    init(other, None)
    assert (other / "keys" / "local-issuer.secret").read_text() != secret.read_text()


def test_a_directory_that_has_settings_is_left_alone(tmp_path: Path) -> None:
    """With `force` the settings are written anew; keys are always kept, because records are sealed to them."""
    init(tmp_path, "http://one")
    secret = (tmp_path / "keys" / "local-issuer.secret").read_text()
    keys = load_keys(tmp_path / "keys")
    with pytest.raises(PolicyError, match="--force"):
        init(tmp_path, "http://two")
    assert load_settings(tmp_path, {}).upstreams["default"].base_url == "http://one"
    init(tmp_path, "http://two", force=True)
    assert load_settings(tmp_path, {}).upstreams["default"].base_url == "http://two"
    assert (tmp_path / "keys" / "local-issuer.secret").read_text() == secret
    assert load_keys(tmp_path / "keys").audit_key == keys.audit_key


def test_an_upstream_that_is_no_address_writes_nothing(tmp_path: Path) -> None:
    """Nothing is half done."""
    with pytest.raises(PolicyError, match="--upstream: must be an address"):
        init(tmp_path / "new", "api.openai.com")
    assert not (tmp_path / "new").exists()


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    """One line, no traceback."""
    (tmp_path / "file").write_text("")
    with pytest.raises(PolicyError, match="cannot be written"):
        init(tmp_path / "file" / "home", None)
