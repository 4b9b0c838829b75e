"""Words for a people, a religion or a party and their members, of which the tagger misses many."""

from collections.abc import Iterator, Sequence

_WORDS = (
    "Afghans Africans Albanians Algerians Americans Angolans Arabs Argentines Argentinians Armenians Asians"
    " Aussies Australians Austrians Azerbaijanis Bangladeshis Basques Bavarians Belarusians Belgians Bengalis"
    " Berbers Bolivians Bosniaks Bosnians Brazilians Brits Britons Bulgarians Cambodians Cameroonians Canadians"
    " Catalans Caucasians Chechens Chileans Colombians Congolese Corsicans Croatians Croats Cubans Cypriots Czechs"
    " Danes Dominicans Dutchman Dutchmen Ecuadorians Egyptians Emiratis Englishman Englishmen Englishwoman"
    " Eritreans Estonians Ethiopians Europeans Fijians Filipinas Filipinos Finns Flemings Frenchman Frenchmen"
    " Frenchwoman Georgians Germans Ghanaians Greeks Guatemalans Gujaratis Guyanese Haitians Hazaras Hispanics"
    " Hondurans Hungarians Icelander Icelanders Indians Indonesians Inuit Iranians Iraqis Irishman Irishmen"
    " Irishwoman Israelis Italians Ivorians Jamaicans Jordanians Kazakhs Kenyans Koreans Kosovars Kurds Kuwaitis"
    " Kyrgyz Laotians Latinas Latinos Latvians Liberians Libyans Lithuanians Macedonians Malaysians Malians Maoris"
    " Mayans Mexicans Moldovans Mongolians Montenegrins Moroccans Mozambicans Namibians Nepalis Nicaraguans"
    " Nigerians Norwegians Omanis Pakistanis Palestinians Panamanians Paraguayans Pashtuns Persians Peruvians"
    " Poles Polynesians Punjabis Qataris Romanians Russians Rwandans Salvadorans Samoans Saudis Scots Scotsman"
    " Scotsmen Scotswoman Senegalese Serbians Serbs Sicilians Singaporeans Slavs Slovaks Slovenes Slovenians"
    " Somalis Spaniard Spaniards Sudanese Swedes Syrians Tajiks Tamils Tanzanians Tatars Thais Tibetans Tongans"
    " Tunisians Turkmens Turks Ugandans Ukrainians Uruguayans Uyghurs Uzbeks Venezuelans Welshman Welshmen Yemenis"
    " Zambians Zimbabweans Anglicans Agnostics Alawites Atheists Baptists Buddhists Calvinists Catholics"
    " Christians Evangelicals Hindus Jains Jainist Jews Lutheran Lutherans Methodists Mormon Mormons Muslims"
    " Pentecostals Presbyterian Presbyterians Protestants Quakers Shia Shias Shiite Shiites Sikhs Sunni Sunnis"
    " Zoroastrian Zoroastrians Communists Conservatives Democrats Islamists Liberals Marxists Republicans"
    " Socialists Tories Zionists"
)
PEOPLES = tuple(_WORDS.split())
_ADJECTIVES = (
    "Aboriginal Adventist Afghan African Agnostic Albanian Algerian American Amhara Amish Andalusian Andean"
    " Andorran Anglican Angolan Anguillan Arab Arabian Argentine Armenian Asian Atheist Aussie Australian Austrian"
    " Azerbaijani Bahamian Bahraini Balinese Bangladeshi Barbadian Basque Bavarian Belarusian Belgian Belizean"
    " Bengali Beninese Berber Bermudian Bhutanese Bolivian Bosniak Bosnian Botswanan Brazilian Brit British Briton"
    " Bruneian Buddhist Bulgarian Burkinan Burmese Burundian Cambodian Cameroonian Canadian Catalan Catholic"
    " Caucasian Chadian Chechen Chilean Chinese Christian Colombian Communist Comoran Confucian Coptic Corsican"
    " Croat Croatian Cuban Cypriot Czech Dane Danish Daoist Democrat Djiboutian Dominican Druze Dutch Ecuadorean"
    " Ecuadorian Egyptian Emirati English Eritrean Estonian Ethiopian European Faroese Fascist Fijian Filipina"
    " Filipino Finn Finnish Flemish French Gabonese Gambian Georgian German Ghanaian Gibraltarian Greek"
    " Greenlandic Grenadian Guamanian Guatemalan Guinean Haitian Hausa Hazara Hindu Hispanic Honduran Hungarian"
    " Hutu Icelandic Igbo Indian Indonesian Iranian Iraqi Irish Islamic Islamist Islander Israeli Italian Ivorian"
    " Jamaican Japanese Javanese Jew Jewish Jordanian Kashmiri Kazakh Kenyan Kittitian Konger Korean Kosovan"
    " Kosovar Kurd Kurdish Kuwaiti Lankan Laotian Latina Latino Latvian Lebanese Leninist Leonean Liberian Libyan"
    " Lithuanian Luxembourger Maasai Macanese Macedonian Malagasy Malawian Malaysian Maldivian Malian Maltese"
    " Manchu Maoist Maori Marshallese Martiniquais Marxist Mauritanian Mauritian Mennonite Methodist Mexican"
    " Micronesian Moldovan Monegasque Mongol Mongolian Montenegrin Montserratian Moroccan Mosotho Mozambican"
    " Muslim Namibian Nauruan Navajo Nazi Nepalese Nicaraguan Nigerian Nigerien Niuean Norwegian Omani Oromo"
    " Pakistani Palauan Palestinian Panamanian Paraguayan Pashtun Pentecostal Persian Peruvian Pole Polish"
    " Portuguese Protestant Punjabi Qatari Quaker Rastafarian Republican Rican Romani Romanian Russian Rwandan"
    " Salvadoran Salvadorean Sammarinese Samoan Sardinian Scandinavian Scot Scottish Serb Serbian Shinto Siberian"
    " Sicilian Sikh Singaporean Sinhalese Sinti Slav Slavic Slovak Slovene Slovenian Socialist Somali Spanish"
    " Surinamese Swazi Swede Swedish Swiss Syrian Taiwanese Tajik Tamil Tanzanian Taoist Tatar Thai Tibetan"
    " Togolese Tongan Tory Trinidadian Tristanian Trotskyist Tuareg Tunisian Turk Turkish Turkmen Tutsi Tuvaluan"
    " Ugandan Uighur Ukrainian Unitarian Uruguayan Uyghur Uzbek Venezuelan Verdean Vietnamese Vincentian Wallisian"
    " Walloon Welsh Whig Wiccan Xhosa Yazidi Yemeni Yoruba Zambian Zealander Zimbabwean Zionist Zulu"
)
_KEYS = frozenset(lead + word for word in PEOPLES for lead in ("", " "))
_FIRST_WORDS = "South North East West New Sri Puerto Costa Saudi Central Cape Sierra Hong Northern"
FIRST_PARTS = frozenset(_FIRST_WORDS.split())
"""Words that such a name of two words begins with."""
_ADJECTIVE_KEYS = frozenset(lead + word for word in _ADJECTIVES.split() for lead in ("", " "))
KEYS = _KEYS | _ADJECTIVE_KEYS
"""All tokens that a rule here takes."""


def peoples(keys: Sequence[str], marks: Sequence[int]) -> Iterator[int]:
    """Yield the indices of tokens such as `Danes`, `Muslims`, `Democrats`."""
    return (i for i in marks if keys[i] in _KEYS)


def adjectives(keys: Sequence[str], marks: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield first and last token of what is like `Danish`, `Turk`, `Sri Lankan`: some of them are names, too."""
    for i in [i for i in marks if keys[i] in _ADJECTIVE_KEYS]:
        yield (i - 1 if i and keys[i - 1].strip() in FIRST_PARTS and keys[i][0] == " " else i), i
