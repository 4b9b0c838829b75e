"""Words of the categories that the law protects specially, and the phrases that tie them to a person. Data only.

A category is reported only where a phrase of `ties` stands right before one of
its `words`: "she was diagnosed with epilepsy" is health data, "epilepsy is a
disorder" is not. English. Of one sense in most texts, or left out.
"""

from dataclasses import dataclass
from typing import Final

_PEOPLE: Final = (
    r"(?:I|he|she|they|we|who|you|patient|client|employee|applicant|colleague|neighbou?r|boss|friend|partner|wife|husband"
    r"|spouse|girlfriend|boyfriend|son|daughter|child|kid|mother|mom|mum|father|dad|sister|brother|aunt|uncle|cousin|niece"
    r"|nephew|grandmother|grandma|grandfather|grandpa|parents?)"
)
_BE: Final = rf"\b{_PEOPLE}(?:\s+(?:am|is|are|was|were|has been|have been)|'m|'s|'re)(?:\s+(?:now|also|openly|not))?"
_HAVE: Final = (
    rf"\b{_PEOPLE}\s+(?:(?:also|still)\s+)?(?:has|have|had|got|gets|suffers?|suffered|developed|survived)(?:\s+from)?"
)
_OWN: Final = r"\b(?:my|his|her|their|our|your|patient's|client's|employee's)"
_ARTICLE: Final = r"(?:\s+(?:a|an|the))?"


@dataclass(frozen=True, slots=True)
class Category:
    """One category: its entity, its words (lower case), and expressions for what ties a word to a person.

    Between tie and word may stand up to `between` other words.
    """

    entity: str
    words: tuple[str, ...]
    ties: tuple[str, ...]
    between: int = 0


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.replace("\n", " ").split(",") if word.strip())


CATEGORIES: Final = (
    Category(
        "HEALTH_CONDITION",
        _words(
            """
            diabetes, type 1 diabetes, type 2 diabetes, cancer, breast cancer, lung cancer, prostate cancer,
            colon cancer, skin cancer, ovarian cancer, cervical cancer, pancreatic cancer, leukemia, leukaemia,
            lymphoma, melanoma, brain tumor, brain tumour, hiv, aids, hepatitis, hepatitis b, hepatitis c,
            tuberculosis, syphilis, gonorrhea, chlamydia, herpes, depression, clinical depression,
            postpartum depression, anxiety disorder, panic attacks, bipolar disorder, bipolar, schizophrenia,
            borderline personality disorder, ptsd, ocd, adhd, autism, asperger's, anorexia, bulimia,
            eating disorder, dementia, alzheimer's, parkinson's, multiple sclerosis, epilepsy, asthma, copd,
            cystic fibrosis, crohn's disease, ulcerative colitis, celiac disease, coeliac disease, lupus,
            psoriasis, rheumatoid arthritis, arthritis, fibromyalgia, chronic fatigue syndrome, migraine,
            migraines, hypertension, high blood pressure, heart disease, heart failure, heart attack, stroke,
            kidney disease, kidney failure, liver disease, cirrhosis, anemia, anaemia, sickle cell anemia,
            sickle cell disease, hemophilia, haemophilia, endometriosis, infertility, miscarriage, alcoholism,
            drug addiction, substance abuse, pneumonia, sepsis, covid-19, osteoporosis, glaucoma,
            hypothyroidism, hyperthyroidism, obesity, insomnia, huntington's disease, als, meningitis, malaria,
            down syndrome, cerebral palsy
            """
        ),
        (
            _HAVE,
            rf"{_OWN}",
            r"\bdiagnosed(?:\s+(?:him|her|me|them))?\s+(?:with|as)",
            r"\bdiagnosis(?:\s+of|\s+is|\s*:)",
            r"\b(?:dx|hx|medical\s+condition|condition|medical\s+history)\s*:",
            r"\bsuffer(?:s|ed|ing)?\s+from",
            r"\b(?:has|have|had|with|medical|family|personal)(?:\s+an?)?\s+history\s+of",
            r"\btested\s+positive\s+for",
            r"\b(?:treated|hospitali[sz]ed|medication|therapy|chemo(?:therapy)?)\s+for",
            r"\bliv(?:es|ed|ing)\s+with",
            r"\bdied\s+(?:of|from)",
        ),
        between=2,
    ),
    Category(
        "RELIGION",
        _words(
            """
            muslim, catholic, roman catholic, jewish, jew, orthodox jew, christian, evangelical christian,
            hindu, buddhist, sikh, atheist, agnostic, protestant, mormon, jehovah's witness, baptist, lutheran,
            methodist, anglican, scientologist, shia, sunni, islam, christianity, judaism, hinduism, buddhism,
            sikhism, catholicism
            """
        ),
        (
            rf"{_BE}{_ARTICLE}(?:\s+(?:practi[sc]ing|devout|observant|born-again|non-practi[sc]ing|strict))?",
            r"\b(?:religion|religious\s+affiliation|faith|denomination)(?:\s+is|\s*:)",
            r"\bconverted\s+(?:to|from)",
            r"\b(?:was\s+raised|grew\s+up|identif(?:y|ies)\s+as)(?:\s+(?:a|an))?",
        ),
    ),
    Category(
        "POLITICAL_OPINION",
        _words(
            """
            democrat, republican, socialist, communist, marxist, libertarian, anarchist, registered democrat,
            registered republican, democratic party, republican party, communist party, labour party,
            conservative party, green party, socialist party, liberal democrats, afd, cdu, spd
            """
        ),
        (
            rf"{_BE}{_ARTICLE}(?:\s+(?:registered|lifelong|card-carrying|staunch|committed))?",
            r"\b(?:votes?|voted|voting)(?:\s+for)?(?:\s+(?:the|a))?",
            r"\b(?:political\s+(?:affiliation|opinion|views?|party)|party\s+affiliation)(?:\s+is|\s*:)",
            r"\b(?:member\s+of|joined|donated\s+to|belongs\s+to)(?:\s+the)?",
        ),
    ),
    Category(
        "UNION_MEMBERSHIP",
        _words(
            """
            union, trade union, labor union, labour union, teachers' union, union member, union rep,
            union representative, trade unionist, shop steward, unison, ig metall, ver.di, teamsters, uaw,
            seiu, afl-cio
            """
        ),
        (
            rf"{_BE}{_ARTICLE}(?:\s+(?:active|former))?",
            r"\b(?:member(?:ship)?\s+(?:of|in)|joined|belongs?\s+to|organi[sz]ed\s+(?:by|in))(?:\s+(?:a|the|our|his|her))?",
            r"\bunion\s+membership\s*:",
        ),
    ),
    Category(
        "SEXUAL_ORIENTATION",
        _words(
            """
            gay, lesbian, bisexual, homosexual, heterosexual, queer, asexual, pansexual, transgender,
            trans woman, trans man, transsexual, non-binary, nonbinary, intersex
            """
        ),
        (
            rf"{_BE}{_ARTICLE}",
            r"\b(?:identif(?:y|ies|ied)|came\s+out|comes?\s+out|outed)\s+as(?:\s+(?:a|an))?",
            r"\b(?:sexual\s+orientation|orientation|sexuality|gender\s+identity)(?:\s+is|\s*:)",
        ),
    ),
    Category(
        "ETHNIC_ORIGIN",
        _words(
            """
            african american, african-american, hispanic, latino, latina, latinx, native american,
            first nations, aboriginal, romani, roma, sinti, kurdish, caucasian, pacific islander,
            alaska native, biracial, mixed race, afro-caribbean, black, white, asian, arab
            """
        ),
        (
            rf"{_BE}{_ARTICLE}(?:\s+(?:half|part|ethnically))",
            r"\b(?:race|ethnicity|ethnic\s+(?:origin|group|background)|racial\s+(?:origin|group))(?:\s+is|\s*:)",
            r"\b(?:identif(?:y|ies|ied)\s+as)(?:\s+(?:a|an))?",
        ),
    ),
    Category(
        "IMMIGRATION_STATUS",
        _words(
            """
            undocumented, undocumented immigrant, illegal immigrant, asylum seeker, refugee, green card holder,
            stateless, permanent resident, overstayed
            """
        ),
        (
            rf"{_BE}{_ARTICLE}",
            rf"\b{_PEOPLE}",
            r"\b(?:immigration|residency|citizenship)\s+status(?:\s+is|\s*:)",
            r"\b(?:came|arrived)(?:\s+here)?\s+as(?:\s+(?:a|an))?",
        ),
    ),
    Category(
        "CRIMINAL_RECORD",
        _words(
            """
            convicted, convicted felon, arrested, imprisoned, incarcerated, on parole, on probation,
            criminal record, felony
            """
        ),
        (_BE + _ARTICLE, _HAVE + _ARTICLE, rf"{_OWN}"),
    ),
    Category(
        "BIOMETRIC_DATA",
        _words(
            """
            fingerprint, fingerprints, fingerprint template, iris scan, retina scan, face template, face scan,
            faceprint, voiceprint, palm print, hand geometry
            """
        ),
        (_OWN, rf"\b{_PEOPLE}'s"),
    ),
    Category(
        "GENETIC_DATA",
        _words(
            """
            dna test, dna profile, genome, genotype, genetic test, genetic data, brca1, brca2, brca1 mutation,
            brca2 mutation, genetic mutation
            """
        ),
        (
            _OWN,
            _HAVE + _ARTICLE,
            rf"\b{_PEOPLE}'s",
            r"\b(?:carrier\s+of|carries|tested\s+positive\s+for)(?:\s+(?:a|an|the))?",
        ),
    ),
)
