"""Words that carry a protected attribute, and their neutral forms. Own lists, kept short enough to be read whole.

They cannot be complete. `leakage.py` measures what they miss on the prompts at
hand, and a lever is judged by what it changes, never by these lists.
"""


def _triples(text: str) -> dict[str, tuple[str, str, str]]:
    """Return each gendered word's (masculine, feminine, neutral) forms."""
    table = {}
    for line in text.strip().splitlines():
        masculine, feminine, neutral = (part.strip() for part in line.split("|"))
        for word in (masculine, feminine):
            table[word] = (masculine, feminine, neutral)
    return table


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Gendered nouns, plural where that is usual in prompts about people.
NOUNS = _triples("""
man | woman | person
men | women | people
gentleman | lady | person
gentlemen | ladies | people
boy | girl | child
boys | girls | children
guy | gal | person
male | female | adult
father | mother | parent
dad | mum | parent
daddy | mommy | parent
son | daughter | child
sons | daughters | children
brother | sister | sibling
brothers | sisters | siblings
husband | wife | spouse
boyfriend | girlfriend | partner
uncle | aunt | relative
nephew | niece | relative
grandfather | grandmother | grandparent
grandson | granddaughter | grandchild
fiancé | fiancée | partner
widower | widow | bereaved spouse
waiter | waitress | server
actor | actress | performer
policeman | policewoman | police officer
fireman | firewoman | firefighter
chairman | chairwoman | chair
salesman | saleswoman | salesperson
businessman | businesswoman | businessperson
spokesman | spokeswoman | spokesperson
paternity | maternity | parental
fraternity | sorority | student society
""")

TITLES = {
    "mr": ("Mr", "Ms"),
    "mrs": ("Mr", "Ms"),
    "ms": ("Mr", "Ms"),
    "miss": ("Mr", "Ms"),
    "sir": ("Sir", "Madam"),
    "madam": ("Sir", "Madam"),
}

#: Words for ethnicity, religion and origin. Colours count only before a word for people (see `slots.py`).
GROUP_TERMS = (
    "African American", "African-American", "Afro-American", "Asian American", "Asian", "Latino", "Latina", "Latinx",
    "Hispanic", "Caucasian", "Native American", "Indigenous", "Roma", "Romani", "Arab", "Muslim", "Christian",
    "Catholic", "Protestant", "Jewish", "Hindu", "Buddhist", "Sikh", "Mormon", "atheist", "Mexican", "Nigerian",
    "Chinese", "Indian", "Pakistani", "Turkish", "Polish", "Romanian", "Syrian", "Afghan", "Iranian", "Iraqi",
    "Somali", "Ethiopian", "Vietnamese", "Korean", "Japanese", "Filipino", "Filipina", "Haitian", "Cuban", "gay",
    "lesbian", "bisexual", "transgender", "straight", "heterosexual", "homosexual", "queer", "non-binary",
)  # fmt: skip
COLOURS = ("Black", "White", "Brown", "black", "white", "brown")

#: Names that tell a group without naming it: colleges, societies and clubs that are historically of one group.
PROXIES = (
    "Howard University", "Spelman College", "Morehouse College", "Hampton University", "Tuskegee University",
    "Florida A&M University", "North Carolina A&T State University", "Xavier University of Louisiana",
    "Fisk University", "Grambling State University", "Smith College", "Wellesley College", "Bryn Mawr College",
    "Barnard College", "Mount Holyoke College", "Hampden-Sydney College", "Wabash College", "Yeshiva University",
    "Brigham Young University", "National Society of Black Engineers", "Society of Women Engineers",
    "Society of Hispanic Professional Engineers", "Association of Latino Professionals",
    "National Association of Black Accountants", "Black Student Union", "Muslim Student Association",
    "Alpha Kappa Alpha", "Alpha Phi Alpha", "Delta Sigma Theta", "Omega Psi Phi", "NAACP", "Urban League",
    "Girl Scouts", "Boy Scouts", "Women in Computing", "Hillel", "Knights of Columbus",
)  # fmt: skip

PEOPLE_NOUNS = (
    "person", "people", "man", "men", "woman", "women", "male", "female", "applicant", "applicants", "candidate",
    "candidates", "patient", "patients", "tenant", "tenants", "student", "students", "customer", "customers", "family",
    "families", "community", "neighbourhood", "neighborhood", "employee", "employees", "worker", "workers", "girl",
    "boy", "guy", "driver", "user", "author", "defendant",
)  # fmt: skip

#: Words after which "her" and "his" do not own a thing. The choice depends on the next word alone, never on
#: which pronoun stood there, so that no pronoun shows through.
NOT_OWNED = _words(
    """
a about after again all also an and any are as at back because been before but by can could did do does during
every for from had has have how if in into is it just last later like may might more most much must next no
nor not now of off on once only or our out over quite really said says she should since so some soon than that
the their then there these they this to today tomorrow too under until up very was we well were what when
where whether which while who why will with without would yesterday yet you your he either enough here how
"""
)
