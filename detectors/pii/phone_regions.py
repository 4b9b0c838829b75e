"""What libphonenumber's metadata say about a number: is it valid in a region, can its length be right?

Read once for each region, when a number first asks for it.
"""

import re
from functools import cache
from typing import Any, Final

REGIONS: Final = (
    "US", "GB", "DE", "FR", "IL", "IN", "CA", "BR", "AU", "IT", "ES", "NL", "CH", "AT", "SE", "PL", "ZA", "BE", "IE",
    "NZ", "JP", "KR", "TR", "UA", "RO", "HU", "FI", "BG", "HR", "RS", "SK", "SI", "TH", "MY", "ID", "PH", "VN", "PK",
    "NG", "KE", "EG", "AR", "MX", "CO", "CL", "PE", "RU", "CN", "TW", "AE", "SA", "GR", "PT", "CZ",
)  # fmt: skip
"""Regions of numbers in national form: Presidio's eight, and those of most people who write with separators."""


def valid(digits: str, regions: tuple[str, ...] = REGIONS, *, bare: bool) -> bool:
    """Say whether `digits` are a valid number in one of `regions`.

    Where a trunk prefix is the rule, they need it, save when they are `bare`: in a
    form that says without it where the area code is.
    """
    for region in regions:
        prefix, pattern = _national_numbers(region)
        national = digits[len(prefix) :] if prefix and digits.startswith(prefix) else digits
        if (bare or national is not digits or region in _NO_TRUNK) and pattern.fullmatch(national):
            return True
    return False


_NO_TRUNK: Final = frozenset({"US", "CA", "IT", "ES", "PL", "BR", "IN", "PT", "GR", "CZ", "CL", "CO"})


def mobile(digits: str) -> bool:
    """Say whether `digits`, with a trunk zero, are a valid mobile number in one of `REGIONS`."""
    for region in REGIONS:
        prefix, pattern = _mobile_numbers(region)
        if prefix == "0" and pattern.fullmatch(digits[1:]):
            return True
    return False


@cache
def _national_numbers(region: str) -> tuple[str, re.Pattern[str]]:
    """Return the trunk prefix of `region` and an expression of its valid national numbers."""
    kinds = ("fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost", "voip", "personal_number", "uan")
    return _numbers(region, kinds)


@cache
def _mobile_numbers(region: str) -> tuple[str, re.Pattern[str]]:
    return _numbers(region, ("mobile",))


def _numbers(region: str, kinds: tuple[str, ...]) -> tuple[str, re.Pattern[str]]:
    from phonenumbers.phonemetadata import PhoneMetadata

    data: Any = PhoneMetadata.metadata_for_region(region, None)
    patterns = [d.national_number_pattern for kind in kinds if (d := getattr(data, kind)) and d.national_number_pattern]
    return data.national_prefix or "", re.compile("|".join(f"(?:{p})" for p in patterns))


def possible_lengths(digits: bytes) -> tuple[int, frozenset[int]] | None:
    """Return how long the calling code is that opens `digits`, and how many digits can follow it; None without one."""
    codes = _calling_codes()
    for size in (1, 2, 3):
        if digits[:size] in codes:
            return size, _possible_lengths(digits[:size])
    return None


@cache
def _calling_codes() -> frozenset[bytes]:
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

    return frozenset(b"%d" % code for code in COUNTRY_CODE_TO_REGION_CODE)


@cache
def _possible_lengths(code: bytes) -> frozenset[int]:
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE
    from phonenumbers.phonemetadata import PhoneMetadata

    region = COUNTRY_CODE_TO_REGION_CODE[int(code)][0]
    data: Any = PhoneMetadata.metadata_for_region_or_calling_code(int(code), region)
    return frozenset(data.general_desc.possible_length)
