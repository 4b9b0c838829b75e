"""Every entity that a detector of this library can report, with its tags and where a tag comes from.

A policy names entities or tags. A tag is a class of entities, so that a policy
can say what the law says (`special_category: deny`) and holds when detectors
learn new entities. Only names are here; nothing is imported.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

TAG_SOURCES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "identity": "who somebody is: GDPR Art. 4(1)",
        "form-of-address": "titles such as Dr or Ms, and people's jobs; they narrow down a person, and name nobody",
        "contact": "how somebody is reached: GDPR Art. 4(1)",
        "location": "where somebody is or lives: GDPR Art. 4(1)",
        "organization": "names of organisations; personal data only in context",
        "network": "online identifiers: GDPR Art. 4(1) and recital 30",
        "financial": "accounts and cards: CCPA 1798.140(ae)(1)(B), PCI DSS 4.0 3.4",
        "government-id": "numbers that a state issues: CCPA 1798.140(ae)(1)(A), GDPR Art. 87",
        "vehicle": "number plates and registrations, which identify a holder: HIPAA 45 CFR 164.514(b)(2)(i)(L)",
        "business-id": "numbers of businesses; of a person where the business is one",
        "health": "data and numbers of patients and insured: GDPR Art. 9(1), HIPAA 45 CFR 164.514(b)(2)",
        "time": "dates; of birth, treatment and the like: HIPAA 45 CFR 164.514(b)(2)(i)(C)",
        "special_category": "GDPR Art. 9(1)",
        "criminal": "criminal convictions and offences: GDPR Art. 10",
        "ccpa_sensitive": "sensitive personal information: CCPA 1798.140(ae)",
        "hipaa": "identifiers of the safe harbour: HIPAA 45 CFR 164.514(b)(2)",
        "secret": "what opens an account: CCPA 1798.140(ae)(1)(B); keys, tokens and passwords",
        "attack": "not data but an attempt to steer or to hide: prompt injection, invisible text",
    }
)


def _tagged(tags: str, entities: str) -> dict[str, frozenset[str]]:
    return {entity: frozenset(tags.split()) for entity in entities.split()}


_ID: Final = "government-id ccpa_sensitive"

TAGS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        # People, places, times
        **_tagged("identity hipaa", "PERSON USERNAME"),
        **_tagged("location hipaa", "LOCATION ADDRESS"),
        **_tagged("location ccpa_sensitive", "GEOLOCATION"),
        **_tagged("organization", "ORGANIZATION"),
        **_tagged("time hipaa", "DATE_TIME"),
        **_tagged("identity hipaa", "AGE"),
        **_tagged("form-of-address", "TITLE"),
        **_tagged("special_category ccpa_sensitive", "NRP"),
        **_tagged("location", "UK_POSTCODE CA_POSTAL_CODE DE_PLZ"),
        # Contact and network
        **_tagged("contact hipaa", "EMAIL_ADDRESS PHONE_NUMBER"),
        **_tagged("network hipaa", "URL IP_ADDRESS MAC_ADDRESS"),
        **_tagged("network", "UUID"),
        # Money
        **_tagged("financial ccpa_sensitive hipaa", "CREDIT_CARD IBAN_CODE US_BANK_NUMBER"),
        **_tagged("financial", "CRYPTO ABA_ROUTING_NUMBER"),
        # Numbers that a state issues to a person
        **_tagged(
            f"{_ID} hipaa",
            "US_SSN US_ITIN US_DRIVER_LICENSE US_PASSPORT",
        ),
        **_tagged(
            _ID,
            "AU_TFN CA_SIN DE_FUEHRERSCHEIN DE_ID_CARD DE_PASSPORT DE_SOCIAL_SECURITY DE_TAX_ID DE_TAX_NUMBER "
            "ES_NIE ES_NIF ES_PASSPORT FI_PERSONAL_IDENTITY_CODE IN_AADHAAR IN_PAN IN_PASSPORT IN_VOTER "
            "IT_DRIVER_LICENSE IT_FISCAL_CODE IT_IDENTITY_CARD IT_PASSPORT KR_DRIVER_LICENSE KR_FRN KR_PASSPORT "
            "KR_RRN NG_NIN PH_PASSPORT PH_TIN PH_UMID PL_PESEL SE_PERSONNUMMER SG_NRIC_FIN TH_TNIN "
            "TR_NATIONAL_ID UK_DRIVING_LICENCE UK_NINO UK_PASSPORT ZA_DRIVER_LICENSE ZA_ID_NUMBER "
            "ZA_INCOME_TAX_NUMBER ZA_PASSPORT ZA_TRAFFIC_REGISTER_NUMBER",
        ),
        # Numbers of patients, insured and prescribers
        **_tagged("government-id health hipaa", "UK_NHS AU_MEDICARE DE_HEALTH_INSURANCE US_MBI"),
        **_tagged(
            "health hipaa",
            "US_HEALTH_INSURANCE_MEMBER_ID US_CLAIM_NUMBER US_PRESCRIPTION_NUMBER US_PRIOR_AUTHORIZATION_NUMBER "
            "US_REFERRAL_NUMBER",
        ),
        **_tagged("government-id hipaa", "MEDICAL_LICENSE"),
        **_tagged("business-id hipaa", "US_NPI US_PROVIDER_TAX_ID"),
        **_tagged("business-id", "DE_LANR DE_BSNR"),
        # Vehicles and businesses
        **_tagged(
            "vehicle hipaa",
            "DE_KFZ IN_VEHICLE_REGISTRATION NG_VEHICLE_REGISTRATION TR_LICENSE_PLATE UK_VEHICLE_REGISTRATION "
            "ZA_LICENSE_PLATE",
        ),
        **_tagged(
            "business-id",
            "AU_ABN AU_ACN DE_HANDELSREGISTER DE_VAT_ID IN_GSTIN IT_VAT_CODE KR_BRN SE_ORGANISATIONSNUMMER SG_UEN "
            "ZA_COMPANY_REGISTRATION ZA_VAT_NUMBER",
        ),
        # What the law protects specially
        **_tagged("special_category ccpa_sensitive health", "HEALTH_CONDITION"),
        **_tagged("special_category ccpa_sensitive hipaa", "BIOMETRIC_DATA GENETIC_DATA"),
        **_tagged("special_category ccpa_sensitive", "RELIGION UNION_MEMBERSHIP SEXUAL_ORIENTATION ETHNIC_ORIGIN"),
        **_tagged("special_category", "POLITICAL_OPINION"),
        **_tagged("ccpa_sensitive", "IMMIGRATION_STATUS"),
        **_tagged("criminal", "CRIMINAL_RECORD"),
    }
)
"""Entity name to tags. `secrets` and `injection` tag their own entities by `SECRET_TAGS` and `ATTACK_TAGS`."""

_OWNED_BY_FORM: Final = frozenset({"contact", "financial", "government-id", "health", "business-id"})
SECRETS: Final = frozenset({"ACCESS_TOKEN", "API_KEY", "CONNECTION_STRING", "PASSWORD", "PRIVATE_KEY"})
"""Entities of `detectors.secrets`: named here, since importing it would build its rules. A test compares them."""

OWNED: Final = SECRETS | {
    entity for entity, tags in TAGS.items() if tags & _OWNED_BY_FORM and "special_category" not in tags
}
"""What is told by its form and somebody's wherever it stands, also where an identifier should: numbers of persons and
accounts, and secrets. Not what names machines, places and times, nor plain words: these make identifiers."""

SECRET_TAGS: Final = frozenset({"secret", "ccpa_sensitive"})
ATTACK_TAGS: Final = frozenset({"attack"})


def with_tag(tag: str) -> frozenset[str]:
    """Return the entities that carry `tag`; raises `KeyError` for a tag that is not in `TAG_SOURCES`."""
    TAG_SOURCES[tag]
    return frozenset(entity for entity, tags in TAGS.items() if tag in tags)
