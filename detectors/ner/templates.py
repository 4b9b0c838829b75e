"""Sentences with slots for synthetic training text, our own. Development only.

A slot is `{name}`; `synthesis.SLOTS` says what fills it and which class it is.
Slots without a class ({email}, {phone}, {id}, {amount}, {product}, {job} ...)
teach the network what is no name.
"""

PERSONAL = """
my name is {person} and i live in {place}
Hi, I'm {person} from {place}.
This is {person} calling about order {id}.
I am {full}, born {date} in {city}.
Hello {person}, thanks for reaching out to {org}.
Dear {title} {last}, your appointment is on {when}.
Dear {full}, we have received your application for the {job} position.
{person} works at {org} as a {job}.
{person} joined {org} in {when} and left {when}.
I spoke to {first} yesterday about it, she said {first} would call back.
can you ask {person} to send me the file?
Please forward this to {full} ({email}).
{full}, {job} at {org}, said the results were good.
According to {title} {last}, the shipment left {city} on {date}.
My wife {first} and I moved from {city} to {city} last year.
Her son {first} is {number} years old and goes to school in {city}.
{first}, can you review this please?
thanks {first}!
Thank you, {first}. I will check with {first} and {first}.
{first} and {first} are going to {place} {when}.
{first}: {phone}, {first}: {phone}
Best regards, {full}
Sincerely yours, {full}, {org}
hey {first}, are you free {when}?
lol {first} is always late
omg {first} you have to see this, {first} sent it to me
i think {person} already paid for that
Is {person} still with {org}?
The patient, {full}, was admitted to {org} on {date}.
Patient {full} (DOB {date}) lives at {address}.
{title} {full} referred the patient to {title} {last}.
Please update the mailing address for {full} to {address}.
Contact {full} at {phone} or {email}.
The contract between {org} and {full} was signed on {date}.
{full} v. {org}, decided {date}
{last} argued that {org} had breached the agreement.
In {when}, {last} published a paper with {last} and {last}.
We met {person} and {person} in {city}.
{person}'s account was locked {when}.
Did {person} ever reply?
I need to talk to {person}, where is she?
the driver's name was {person}, plate {id}
He goes by {first} but his real name is {full}.
{full} is a {nrp} {job} who lives in {city}.
{nrp} citizen {full} entered on passport {id}.
Write a short bio of {full}, {job} at {org} in {city}.
Write an email to {person} apologising for the delay.
Summarize the call between {person} and {person}.
Translate this letter from {full} into French.
{person} hat mir gesagt that {person} is coming too
Tell {first} I said hi.
Say happy birthday to {first} for me, it's on {date}.
Our CEO {full} will visit {city} {when}.
Chairman {last} and CFO {full} did not comment.
President {last} met {title} {last} in {city} on {when}.
Professor {last} teaches at {org}.
Coach {last} praised {full} after the game against {org}.
{full} scored twice for {org}.
Attendees: {full}, {full}, {full}
Attendees: {first}, {first} and {first}
Present were {full} ({org}), {full} ({org}) and {full}.
cc {full}; {full}; {full}
{first} {first} {first}
{full} <{email}> wrote:
On {date}, {full} <{email}> wrote:
On {when}, {person} said: let's do it
From: {full} To: {full} Date: {date}
From: {first} To: {first}
@{first} could you take this one? I'm with {first} until {clock}.
RT {handle}: {person} is in {place}!
{handle} {handle} have you seen {person} in {place}?
{first} u there? {first} said {place} is closed {when}
just landed in {place} w/ {first}, so tired
Customer {full} called from {phone}. Wants refund to card {card}.
User {full} cannot log in since {when}. Tried {email}.
caller id {phone}, name {full}, address {address}
Name on card: {full}
Beneficiary {full}, IBAN {iban}
Please wire {amount} to {full}, account {iban}, by {date}.
{amount} was transferred from {person} to {org} on {date}.
My SSN is {ssn} and my name is {full}.
The insured, {full}, resides at {address} and can be reached at {phone}.
{full} ({number}) of {city} was arrested on {when}.
{full}, {number}, from {city}, told the court
I'm {first}, {number}, from {place}
Signed: {full}, {date}
Witness: {full}
Reviewed by {full} on {date}
Assigned to: {full}
Reported by {person} {when}
{person} commented {when}: works for me
The interview with {full} takes place {when} in {city}.
Ask for {first} at the front desk.
{first}'s mom called. {first} has a fever.
We named our cat {first}.
Uncle {first} and aunt {first} live near {city}.
Mr. and Mrs. {last} from {city}
The {last} family has lived on {street} since {when}.
{initials} signed for the parcel
Sra. {last} and Herr {last} attended.
"{person} was right," said {person}.
- {full}: {phone}
* {full}, {org}
1. {full} 2. {full} 3. {full}
{full} / {full} / {full}
{lastfirst} ({org})
{lastfirst}; {lastfirst}; {lastfirst}
Student: {lastfirst}, ID {id}
I'm calling on behalf of {full}.
{person} is allergic to penicillin.
Remind {person} to pick up {person} at {clock}.
who is {person}?
what did {person} say about {org}
Why does {person} hate {person}?
{person} told me {person} quit
can u send {amount} to {person} pls
is {person} going to the party in {place} {when}
I work with {full} and {full} at {org}
Have you met my colleague {full}?
My manager {person} approved it on {date}.
as {person} mentioned, {org} is out
{person} here. Call me at {phone}.
It's {person} again.
{full} was born on {date} in {place} and died on {date} in {place}.
""".strip().split("\n")

PLACES = """
My address is {address}.
Ship it to {address} please.
Please deliver to {address} before {when}.
We are located at {address}.
Our office moved to {address} on {date}.
The house at {street} was sold for {amount}.
I live at {street} in {city}.
{street} is closed {when}.
Where is {street}?
how do i get from {street} to {street}
Meet me at {street}, {city} at {clock}.
Turn left on {street} and park there.
Billing address: {address}
Send the invoice to {org}, {address}.
{org}, {address}
{org}
{address}
{full}
{address}
Deliver to: {full}, {address}
{full}, {address}, {phone}
Return to sender: {address}
The branch in {city} opens {when}.
flights from {city} to {city} on {date}
What is the weather in {place}?
What's the weather like in {place} {when}?
I moved to {place} {when} and love it.
Is {place} safe for tourists?
best restaurants in {city}
We drove from {city} through {region} to {city}.
The {org} office in {city}, {country} has {number} staff.
The population of {city} is {number}000.
{country} and {country} signed the treaty in {city}.
Exports from {country} to {country} rose {number}%.
The earthquake hit {region}, {country}, on {date}.
{city} - {city} - {city}
{place}, {place} and {place}
Countries: {country}, {country}, {country}
born in {city}, raised in {city}
We ship to {country}, {country} and {country}.
The server is in {city} ({country}).
Timezone: {city}
greetings from {place}!
anyone in {place} wanna hang out {when}
stuck in traffic near {city} again
The {nrp} embassy in {city}
{nrp} food in {city} is great
He speaks {nrp} and lives in {country}.
My {nrp} friend {first} moved to {place}.
The {nrp} community of {city} celebrated on {when}.
Her parents are {nrp}, she grew up in {region}.
Ich wohne in {street}, {city}.
zip code {postcode}
My postcode is {postcode}, {city}.
Postal code: {postcode} City: {city}
Previous address {street}, {city} {postcode}; new address {street}, {city} {postcode}.
Property: {address} Owner: {full}
Pickup: {address}
Dropoff: {address}
The crash happened on {when} near {city}, {region}.
Visit us at {address} or call {phone}.
Can you confirm that you still live at {address}?
i just moved, new addr is {address}
the package went to {street} instead of {street}
Directions to {street}, {city}
{clock} {city} to {city} platform {number}
The river flows through {city} and {city}.
""".strip().split("\n")

ORGS = """
{org} announced a merger with {org} on {date}.
I work for {org}.
I used to work at {org} in {city}.
{org} is hiring a {job} in {city}.
Shares of {org} fell {number} percent {when}.
My invoice from {org} is wrong.
I bought it from {org} for {amount}.
{org} charged me {amount} twice!
Is {org} a good company?
Why is {org} down again?
{org} customer service is terrible
Our supplier {org} ({city}) raised prices.
{org} and {org} are suing each other.
{org} was founded in {when} by {full} and {full}.
The website of {org} is {url}
{org} is the brainchild of {full}.
{org} acquired {org} for {amount}.
Please add {org} as a vendor.
Vendor: {org}
Employer: {org}
Company: {org}
Client {org} requested a quote for {product}.
We at {org} value your privacy.
She studied at {org} and works for {org}.
He got his degree from {org} in {when}.
My account at {org} was closed.
Insurance: {org}, policy {id}
The {org} app keeps crashing.
{org}'s new {product} costs {amount}.
an engineer at {org} told me
according to {org}, demand grew in {country}
lawyers for {org} declined to comment
Wire to {org}, IBAN {iban}
{org} vs {org} {when}, who wins?
{org}, {org} and {org} compete in {country}.
Terms of service between you and {org}
Copyright {number} {org}. All rights reserved.
Have you tried {org}?
do you bank with {org} or {org}
A spokesman for {org} said
{full} left {org} for {org}.
{full}, {org}
{org} | {city} | {url}
{job}, {org}, {when} - {when}
{job} at {org} ({when}-{when})
Experience: {org}, {city}: {job}
""".strip().split("\n")

DATES = """
The deadline is {when}.
Let's meet {when}.
Due date: {date}
It happened on {date}.
I was born on {date}.
DOB: {date}
date of birth {date}
Expires {date}
valid from {date} to {date}
between {date} and {date}
Last updated: {date}
See you {when}!
{when} works for me
The meeting was moved from {when} to {when}.
since {when} I have had headaches
My flight leaves on {date} at {clock}.
open {clock} to {clock}
Invoice {id} dated {date} over {amount}
On {date} at {clock}, the system restarted.
Created {date}, closed {date}
The {when} report is late.
Hired: {date}
{date}: call with {person}
{date} {clock} - {person}: {chat}
[{date}, {clock}] {first}: {chat}
({clock}) {first}: {chat}
admission {date}, discharge {date}
our anniversary is {date}
he passed away on {date}
""".strip().split("\n")

NEGATIVE = """
Can you explain how recursion works?
Write a haiku about the ocean.
What is the difference between TCP and UDP?
Please Find Attached The Report
Click Here To Unsubscribe
Terms and Conditions Apply
Error {number}: Connection refused
Order {id} has shipped. Tracking number {id}.
Your verification code is {number}.
Call {phone} now
Total: {amount}
The {product} is out of stock.
I love my new {product}.
My {product} stopped charging after the update.
SELECT * FROM users WHERE id = {number};
The quick brown fox jumps over the lazy dog.
IMPORTANT: READ BEFORE USE
Frequently Asked Questions
Step {number}: Open the Settings menu and choose Privacy.
Good Morning! How are you?
Thanks! Sounds good.
Yes, please. No, thank you.
Hello World
Monthly Report Summary
Total Amount Due
Rewrite the following paragraph in a more formal tone.
How do I reset my password?
Senior Software Engineer
Chief Executive Officer
Human Resources Department
Account Number: {id}
Serial No. {id}
version {version} fixes the crash
ticket {id} is still open
see {url} for details
email {email}
ping {ip} works
password: {id}
The {job} will call you back.
Every {job} needs insurance.
My card {card} expires soon.
My IBAN is {iban}.
ssn {ssn}
I want to cancel my subscription
Make it shorter and add bullet points.
Physics and Chemistry are my favorite subjects.
Happy New Year everyone
Merry Christmas
Read the Bible and the Quran.
Python, Java and Rust are programming languages.
Machine Learning and Natural Language Processing
Bitcoin dropped {number}% today
Windows {number} and Android {number}
Section {number}. Definitions.
WHEREAS, the Borrower and the Lender agree
Payment Method: Credit Card
Status: Pending Approval
Priority: High
Subject: Re: Quarterly Budget Review
Best regards,
Kind regards
Dear Sir or Madam,
To Whom It May Concern
Dear Customer,
Hi there,
Hi all,
Hi Team,
Customer Support
First Name Last Name Date of Birth
Name Email Phone Address
Bring milk, eggs and bread.
I took Ibuprofen and Amoxicillin.
Diagnosis: Type 2 Diabetes Mellitus
Blood pressure {number}/{number}
Rudder breaks are common. Bulwark failed.
{phrase}
{phrase}
{phrase} {phrase}
{phrase}: {phrase}
{phrase} {number}
The {phrase} is ready.
Please open the {phrase} tab and click {phrase}.
{phrase}, {phrase} and {phrase}
## {phrase}
- {phrase}
SWIFT: {code}
Model {code}
flight {code}
the patient has {disease}
{disease} and {disease}
Diagnosis: {disease}
{dept} Department
{dept} Team
I work in {dept}.
I am in {dept} and report to {dept}
my {phrase} is broken
I love {phrase}!
{phrase} is the best album ever
watching {phrase} {soon}
reading {phrase} and {phrase}
Can you review my essay about {phrase}?
How to cook {phrase}
Grace under pressure. Hope is not a strategy. Will you mark this paid?
May I ask a question? Mark it done. Bill them later. Rose petals fell.
Jack up the car. Frank advice. Chase the invoice. Drew a line.
Turkey sandwiches and China plates. Polish the table. Reading is fun.
""".strip().split("\n")

FOREIGN = {
    "de": """
Guten Tag, mein Name ist {full} und ich wohne in {city}.
Sehr geehrter Herr {last}, Ihre Rechnung vom {date} ist offen.
Sehr geehrte Frau {last}, wir bestätigen Ihren Termin am {date}.
Hallo {first}, kannst du {first} anrufen?
Ich arbeite bei {org} in {city}.
Meine Adresse lautet {address}.
Mit freundlichen Grüßen {full}
Mit freundlichen Grüßen
Der Vertrag zwischen {org} und {full} wurde am {date} geschlossen.
Bitte überweisen Sie {amount} an {full}, IBAN {iban}.
{full}, geboren am {date} in {city}
Frau {last} wohnt in der {street}.
Das Wetter in {city} ist schön. Die Rechnung ist bezahlt.
Vielen Dank für Ihre Nachricht. Die Bestellung wird morgen versendet.
Kunde: {full}, Telefon {phone}
""",
    "fr": """
Bonjour, je m'appelle {full} et j'habite à {city}.
Chère Madame {last}, votre rendez-vous est le {date}.
Monsieur {last} travaille chez {org} à {city}.
Salut {first}, tu viens avec {first} ?
Mon adresse est {address}.
Cordialement, {full}
Veuillez agréer, Madame, Monsieur, nos salutations.
Le contrat entre {org} et {full} a été signé le {date}.
{full}, née le {date} à {city}
Merci de votre message. La commande sera expédiée demain.
Client : {full}, téléphone {phone}
La société {org} est basée à {city}.
""",
    "es": """
Hola, me llamo {full} y vivo en {city}.
Estimado Sr. {last}, su cita es el {date}.
La Sra. {last} trabaja en {org} en {city}.
Mi dirección es {address}.
Un saludo, {full}
Gracias por su mensaje. El pedido se enviará mañana.
{first} y {first} viajan a {city} el {date}.
El contrato entre {org} y {full} se firmó el {date}.
Nombre: {full}, teléfono: {phone}
{full}, nacida el {date} en {city}
La empresa {org} tiene su sede en {city}.
""",
    "it": """
Ciao, mi chiamo {full} e abito a {city}.
Gentile signor {last}, il suo appuntamento è il {date}.
La signora {last} lavora presso {org} a {city}.
Il mio indirizzo è {address}.
Cordiali saluti, {full}
Grazie per il messaggio. L'ordine sarà spedito domani.
{full}, nato il {date} a {city}
""",
    "nl": """
Hallo, mijn naam is {full} en ik woon in {city}.
Geachte heer {last}, uw afspraak is op {date}.
Mevrouw {last} werkt bij {org} in {city}.
Mijn adres is {address}.
Met vriendelijke groet, {full}
Bedankt voor uw bericht. De bestelling wordt morgen verzonden.
""",
    "pt": """
Olá, meu nome é {full} e moro em {city}.
Prezado Sr. {last}, sua consulta é em {date}.
A Sra. {last} trabalha na {org} em {city}.
Meu endereço é {address}.
Atenciosamente, {full}
Obrigado pela mensagem. O pedido será enviado amanhã.
""",
    "pl": """
Dzień dobry, nazywam się {full} i mieszkam w mieście {city}.
Szanowny Panie {last}, termin wizyty to {date}.
Pani {full} pracuje w {org}.
Mój adres to {address}.
Z poważaniem, {full}
""",
    "sv": """
Hej, jag heter {full} och bor i {city}.
{first} och {first} åker till {city} den {date}.
Min adress är {address}.
Med vänliga hälsningar, {full}
{full} arbetar på {org} i {city}.
""",
}

FIELDS = {
    "full": "Name|Full name|Customer|Customer name|Client|Contact|Contact person|Patient|Employee|Owner|Applicant|Insured|Claimant|Tenant"
    "|Cardholder|Account holder|Author|Manager|Assignee|Reporter|Requester|Sender|Recipient|Attn|Attention|Witness|Doctor|Physician"
    "|Name des Kunden|Kunde|Nom|Nombre|Nome|Naam|Imię i nazwisko|Namn|name|full_name|customer_name|contact_name|fullName|user"
    "|displayName|To|From|Bill to|Ship to|Signed by|Approved by|Emergency contact|Next of kin|Spouse|Beneficiary",
    "first": "First name|Given name|first_name|firstName|Vorname|Prénom|given_name|nickname|Preferred name|First|fname",
    "last": "Last name|Surname|last_name|lastName|Nachname|Family name|surname|Apellido|Cognome|Last|lname",
    "address": "Address|Home address|Mailing address|Billing address|Shipping address|Residence|Street address|address|Adresse|Dirección"
    "|Indirizzo|Adres|Location|billing_address|Property|Anschrift|Addr",
    "street": "Street|street|Address line 1|address1|Straße|Rue|Calle|addressLine1|line1",
    "city": "City|Town|city|Ort|Ville|Ciudad|Place of birth|Birthplace|location|Hometown|Branch|Site",
    "country": "Country|country|Land|Pays|País|Country of residence|Citizenship|region",
    "org": "Company|Employer|Organization|Organisation|company|Firma|Société|Empresa|Vendor|Supplier|Bank|Insurer|School|Institution|org"
    "|company_name|organization|employer|Provider|Hospital|Client company|Account",
    "date": "Date|DOB|Date of birth|Birth date|dob|birthdate|Hire date|Start date|Due date|Geburtsdatum|Date de naissance|created_at|Issued"
    "|Admission|Expiry|Invoice date|date",
    "email": "Email|E-mail|email|Mail|emailAddress",
    "phone": "Phone|Tel|Telephone|Mobile|phone|Cell|Fax|Telefon",
    "id": "ID|Ref|Reference|Order|Invoice|Policy|Account no|Employee ID|MRN|Ticket|id|Case|Serial|Passport|customer_id|Tax ID",
    "amount": "Amount|Total|Salary|Balance|Price|amount|Wages",
    "job": "Title|Position|Role|Job title|Occupation|job|Department",
    "status": "Status|Priority|Type|Payment|Category|status|type|State|Notes",
    "postcode": "ZIP|Postal code|Zip code|zip|PLZ|Postcode",
    "nrp": "Nationality|nationality|Ethnicity",
    "ssn": "SSN|ssn|National ID|Social security number",
    "card": "Card|Credit card|card_number",
    "code": "SWIFT|BIC|Code|SKU|Model|Plate|Voucher|swift|code|License|Flight|Gate|PNR|Lot|Batch",
    "disease": "Diagnosis|Condition|Reason|Symptoms|diagnosis|Allergies|Medication|Treatment|Procedure",
    "phrase": "Subject|Notes|Comment|Field|Value|Category|Description",
    "ip": "IP|ip_address|Host|client_ip",
}

DISEASES = (
    "Migraine",
    "Osteoarthritis",
    "Essential Hypertension",
    "Type 2 Diabetes",
    "Asthma",
    "Chronic Kidney Disease",
    "Gastroesophageal Reflux",
    "Rheumatoid Arthritis",
    "Influenza",
    "COVID-19",
    "Pneumonia",
    "Depression",
    "Anxiety Disorder",
    "Anemia",
    "Hyperlipidemia",
    "Epilepsy",
    "Atrial Fibrillation",
    "Lower Back Pain",
    "Penicillin",
    "Ibuprofen",
    "Metformin 500mg",
    "Lisinopril",
    "Atorvastatin",
    "Peanuts",
    "MRI",
    "Knee Replacement",
    "Bronchitis",
    "Eczema",
    "Psoriasis",
    "Acute Sinusitis",
    "Hepatitis B",
    "Breast Cancer",
    "Amoxicillin",
    "Insulin",
)
DEPARTMENTS = (
    "Engineering",
    "Marketing",
    "Sales",
    "Finance",
    "Human Resources",
    "Legal",
    "Operations",
    "IT Support",
    "Customer Success",
    "Accounting",
    "Research",
    "Procurement",
    "Quality Assurance",
    "Payroll",
    "Product",
    "Design",
    "Security",
    "Administration",
    "Emergency Department",
)
SOON = (
    "tomorrow",
    "yesterday",
    "today",
    "tonight",
    "last week",
    "next month",
    "two weeks ago",
    "this morning",
    "last year",
    "soon",
    "later",
    "next week",
    "this afternoon",
    "in an hour",
    "right now",
    "all day",
    "every morning",
    "the other day",
    "at noon",
    "this weekend",
)

CHAT = """
ok
sounds good
i'll check and get back to you
lol
no worries
brb
can you resend that?
the link is broken
thx!
see attached
what time works?
we need {product} by {when}
{first} knows more about that
ask {first}
not sure, maybe {person}?
I'm in {place} till {when}
at {org} now
done
great, thanks {first}
who's on call? {first}?
yep, {first} fixed it
""".strip().split("\n")

STATUSES = (
    "Open",
    "Closed",
    "Pending",
    "Approved",
    "High",
    "Low",
    "Urgent",
    "Paid",
    "Overdue",
    "Credit Card",
    "New Customer",
    "In Progress",
    "Active",
    "N/A",
    "None",
    "Yes",
    "No",
    "true",
    "false",
    "Gold",
    "Standard",
    "Follow Up Required",
    "Left Voicemail",
    "Refund Requested",
)
PRODUCTS = (
    "MacBook Pro",
    "Galaxy S23",
    "coffee machine",
    "washing machine",
    "PlayStation",
    "Model X",
    "iPhone",
    "AirPods",
    "vacuum cleaner",
    "premium plan",
    "headset",
    "router",
    "Pixel 8",
    "Kindle",
    "ThinkPad",
    "laptop",
    "running shoes",
    "Gold Membership",
    "blender",
    "Xbox",
)
TITLES = (
    "Mr.",
    "Mrs.",
    "Ms.",
    "Dr.",
    "Mr",
    "Mrs",
    "Ms",
    "Dr",
    "Prof.",
    "Sir",
    "Miss",
    "Judge",
    "Captain",
    "Senator",
    "Rev.",
    "Sgt.",
)
