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
    "Afghan African Agnostic Albanian Algerian American Andorran Anglican Angolan Anguillan Arab Argentine"
    " Armenian Asian Atheist Aussie Australian Austrian Azerbaijani Bahamian Bahraini Bangladeshi Barbadian Basque"
    " Bavarian Belarusian Belgian Belizean Bengali Beninese Berber Bermudian Bhutanese Bolivian Bosniak Bosnian"
    " Botswanan Brazilian British Briton Bruneian Buddhist Bulgarian Burkinan Burmese Burundian Cambodian"
    " Cameroonian Canadian Catalan Catholic Caucasian Chadian Chechen Chilean Chinese Colombian Communist Comoran"
    " Croat Croatian Cuban Cypriot Czech Danish Democrat Djiboutian Dominican Dutch Ecuadorean Ecuadorian Egyptian"
    " Emirati English Eritrean Estonian Ethiopian European Faroese Fijian Filipina Filipino Finnish French"
    " Gabonese Gambian Georgian German Ghanaian Gibraltarian Greek Greenlandic Grenadian Guamanian Guatemalan"
    " Guinean Haitian Hindu Hispanic Honduran Hungarian Icelandic Indian Indonesian Iranian Iraqi Irish Islamic"
    " Israeli Italian Ivorian Jamaican Japanese Jew Jewish Jordanian Kazakh Kenyan Kittitian Kosovan Kosovar Kurd"
    " Kurdish Kuwaiti Latina Latino Latvian Lebanese Liberian Libyan Lithuanian Luxembourger Macanese Macedonian"
    " Malagasy Malawian Malaysian Maldivian Malian Maltese Marshallese Martiniquais Mauritanian Mauritian"
    " Methodist Mexican Micronesian Moldovan Monegasque Mongolian Montenegrin Montserratian Moroccan Mosotho"
    " Mozambican Muslim Namibian Nauruan Nepalese Nicaraguan Nigerian Nigerien Niuean Norwegian Omani Pakistani"
    " Palauan Palestinian Panamanian Paraguayan Persian Peruvian Polish Portuguese Protestant Punjabi Qatari"
    " Quaker Republican Romanian Russian Rwandan Salvadoran Salvadorean Sammarinese Samoan Scottish Serb Serbian"
    " Sicilian Sikh Singaporean Slav Slovak Slovene Slovenian Socialist Somali Spanish Surinamese Swazi Swede"
    " Swedish Swiss Syrian Taiwanese Tajik Tamil Tanzanian Tatar Thai Tibetan Togolese Tongan Trinidadian"
    " Tristanian Tunisian Turk Turkish Turkmen Tuvaluan Ugandan Ukrainian Uruguayan Uyghur Uzbek Venezuelan"
    " Vietnamese Vincentian Wallisian Welsh Yemeni Zambian Zimbabwean Zionist"
)
_KEYS = frozenset(lead + word for word in PEOPLES for lead in ("", " "))
_ADJECTIVE_KEYS = frozenset(lead + word for word in _ADJECTIVES.split() for lead in ("", " "))


def peoples(keys: Sequence[str]) -> Iterator[int]:
    """Yield the indices of tokens such as `Danes`, `Muslims`, `Democrats`."""
    return (i for i, key in enumerate(keys) if key in _KEYS)


def adjectives(keys: Sequence[str]) -> Iterator[int]:
    """Yield the indices of tokens such as `Danish`, `Jewish`, `Turk`: some of them are names and places, too."""
    return (i for i, key in enumerate(keys) if key in _ADJECTIVE_KEYS)
