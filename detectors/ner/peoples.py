"""Words for a people, a religion or a party and their members, of which the tagger misses many."""

from collections.abc import Iterator, Sequence

_WORDS = (
    "Aborigines Afghans Africans Afrikaners Albanians Algerians Algonquins Americans Andorrans Angolans Antiguans"
    " Apaches Arabs Argentineans Argentines Argentinians Armenians Asians Assyrians Aussies Australians Austrians"
    " Azerbaijanis Bahamians Bahrainis Bangladeshis Barbadians Barbudans Basotho Basques Batswana Bavarians"
    " Belarusians Belgians Belizeans Bengalis Berbers Bermudians Bolivians Bosniaks Bosnians Botswanans Brazilians"
    " Britons Brits Bruneians Bulgarians Burundians Byelorussians Cambodians Cameroonians Canadians Caribbeans"
    " Catalans Caucasians Chadians Chechens Cherokees Chileans Colombians Comorans Comorians Congolese Corsicans"
    " Crimeans Croatians Croats Cubans Cypriots Czechs Dalmatians Danes Djiboutians Dominicans Dutchman Dutchmen"
    " Dutchwoman Ecuadoreans Ecuadorians Egyptians Emiratis Englishman Englishmen Englishwoman Englishwomen"
    " Equatoguineans Eritreans Eskimos Estonians Ethiopians Europeans Fijians Filipinas Filipinos Finns Flemings"
    " Frenchman Frenchmen Frenchwoman Frenchwomen Frisians Gambians Georgians Germans Ghanaians Gibraltarians"
    " Greeks Greenlanders Grenadians Guadeloupeans Guamanians Guatemalans Guineans Gujaratis Guyanese Haitians"
    " Hausas Hawaiians Hazaras Herzegovinians Hispanics Hondurans Hongkongers Hungarians Hutus Iberians Icelander"
    " Icelanders Igbos Indians Indonesians Inuit Iranians Iraqis Irishman Irishmen Irishwoman Irishwomen Iroquois"
    " Islanders Israelis Italians Ivoirians Ivorians Jamaicans Jordanians Kashmiris Kazakhs Kazakhstanis Kenyans"
    " Kikuyus Kittitians Koreans Kosovans Kosovars Kurds Kuwaitis Kyrgyz Kyrgyzstanis Lankans Laotians Latinas"
    " Latinos Latvians Leoneans Liberians Libyans Liechtensteiners Lithuanians Luxembourgers Macedonians Malawians"
    " Malaysians Maldivians Malians Maoris Martinicans Mauritanians Mauritians Mayans Melanesians Mexicans"
    " Micronesians Mohawks Moldovans Monegasques Mongolians Mongols Montenegrins Montserratians Moroccans Motswana"
    " Mozambicans Namibians Nauruans Navajos Nepalis Nicaraguans Nigerians Nigeriens Niueans Norwegians Omanis"
    " Pakistanis Palauans Palestinians Panamanians Papuans Paraguayans Pashtuns Persians Peruvians Poles"
    " Polynesians Punjabis Qataris Quebecers Ricans Romanians Romanis Russians Rwandans Sahrawis Salvadorans"
    " Salvadoreans Salvadorians Samoans Sardinians Saudis Scandinavians Scots Scotsman Scotsmen Scotswoman"
    " Scotswomen Senegalese Serbians Serbs Siberians Sicilians Singaporeans Sioux Slavs Slovakians Slovaks"
    " Slovenes Slovenians Somalis Soviets Spaniard Spaniards Sudanese Swazis Swedes Syrians Tajiks Tamils"
    " Tanzanians Tatars Thais Tibetans Tobagonians Tomeans Tongans Trinidadians Tunisians Turkmens Turks Tutsis"
    " Tuvaluans Ugandans Ukrainians Uruguayans Uyghurs Uzbekistanis Uzbeks Vanuatuans Venezuelans Verdeans"
    " Vincentians Walloons Welshman Welshmen Welshwomen Yemenis Yorubas Yugoslavs Zambians Zealanders Zimbabweans"
    " Zulus Anglicans Agnostics Alawites Atheists Baptists Buddhists Calvinists Catholics Christians Evangelicals"
    " Hindus Jains Jainist Jews Lutheran Lutherans Methodists Mormon Mormons Muslims Pentecostals Presbyterian"
    " Presbyterians Protestants Quakers Shia Shias Shiite Shiites Sikhs Sunni Sunnis Zoroastrian Zoroastrians"
    " Communists Conservatives Democrats Islamists Liberals Marxists Republicans Socialists Tories Zionists"
    " Adventists Anarchists Bahais Confucians Copts Daoists Episcopalians Fascists Hasidim Ismailis Leninists"
    " Libertarians Maoists Maronites Mennonites Nazis Peronists Rastafarians Salafis Salafists Scientologists"
    " Sufis Taoists Trotskyists Unitarians Wahhabis Whigs Wiccans Yazidis"
)
PEOPLES = tuple(_WORDS.split())
_ADJECTIVES = (
    "Aboriginal Adventist Afghan African Afrikaner Agnostic Ahmadi Albanian Algerian American Amhara Amish"
    " Anarchist Andalusian Andean Andorran Anglican Angolan Anguillan Antiguan Arab Arabian Argentine Argentinian"
    " Armenian Asian Assyrian Atheist Aussie Australian Austrian Azerbaijani Bahai Bahamian Bahraini Balinese"
    " Bangladeshi Barbadian Barbudan Basque Bavarian Belarusian Belgian Belizean Bengali Beninese Berber Bermudian"
    " Bhutanese Bolivian Bosniak Bosnian Botswanan Brazilian Brit British Briton Bruneian Buddhist Bulgarian"
    " Burkinabe Burkinabé Burkinan Burmese Burundian Calvinist Cambodian Cameroonian Canadian Catalan Catholic"
    " Caucasian Chadian Chechen Cherokee Chilean Chinese Christian Colombian Communist Comoran Comorian Confucian"
    " Congolese Congregationalist Coptic Corsican Croat Croatian Cuban Cypriot Czech Dane Danish Daoist Democrat"
    " Djiboutian Dominican Druze Dutch Ecuadorean Ecuadorian Egyptian Emirati English Episcopalian Equatoguinean"
    " Eritrean Eskimo Estonian Ethiopian European Evangelical Faroese Fascist Fijian Filipina Filipino Finn"
    " Finnish Flemish French Frisian Gabonese Gambian Georgian German Ghanaian Gibraltarian Greek Greenlander"
    " Greenlandic Grenadian Guadeloupean Guamanian Guatemalan Guinean Guyanese Haitian Hasidic Hausa Hawaiian"
    " Hazara Helenian Hellenic Herzegovinian Hindu Hispanic Honduran Hungarian Hutu Icelandic Igbo Indian"
    " Indonesian Inuit Iranian Iraqi Irish Islamic Islamist Islander Ismaili Israeli Italian Ivorian Jain Jamaican"
    " Japanese Javanese Jew Jewish Jordanian Kashmiri Kazakh Kazakhstani Kenyan Kikuyu Kittitian Konger Korean"
    " Kosovan Kosovar Kurd Kurdish Kuwaiti Kyrgyz Kyrgyzstani Lankan Laotian Latina Latino Latvian Lebanese"
    " Leninist Leonean Liberian Libertarian Libyan Liechtensteiner Lithuanian Luxembourger Luxembourgish Maasai"
    " Macanese Macedonian Malagasy Malawian Malaysian Maldivian Malian Maltese Manchu Maoist Maori Maronite"
    " Marshallese Martinican Martiniquais Marxist Mauritanian Mauritian Melanesian Mennonite Methodist Mexican"
    " Micronesian Moldovan Monegasque Mongol Mongolian Montenegrin Montserratian Moroccan Mosotho Mozambican"
    " Muslim Namibian Nauruan Navajo Nazi Nepalese Nepali Nicaraguan Nigerian Nigerien Niuean Norwegian Omani"
    " Oromo Pakistani Palauan Palestinian Panamanian Papuan Paraguayan Pashtun Pentecostal Peronist Persian"
    " Peruvian Pole Polish Polynesian Portuguese Protestant Punjabi Qatari Quaker Quebecois Québécois Rastafarian"
    " Republican Rican Romani Romanian Russian Rwandan Sahrawi Salafi Salafist Salvadoran Salvadorean Salvadorian"
    " Sammarinese Samoan Sardinian Saudi Scandinavian Scientologist Scot Scottish Senegalese Serb Serbian"
    " Seychellois Shinto Siberian Sicilian Sikh Singaporean Sinhalese Sinti Slav Slavic Slovak Slovakian Slovene"
    " Slovenian Socialist Somali Soviet Spanish Sudanese Sufi Surinamese Swazi Swede Swedish Swiss Syrian"
    " Taiwanese Tajik Tajikistani Tamil Tanzanian Taoist Tatar Thai Tibetan Timorese Tobagonian Togolese Tomean"
    " Tongan Tory Trinidadian Tristanian Trotskyist Tuareg Tunisian Turk Turkish Turkmen Tutsi Tuvaluan Ugandan"
    " Uighur Ukrainian Unitarian Uruguayan Uyghur Uzbek Uzbekistani Vanuatuan Venezuelan Verdean Vietnamese"
    " Vincentian Wahhabi Wallisian Walloon Welsh Whig Wiccan Xhosa Yazidi Yemeni Yoruba Yugoslav Yugoslavian"
    " Zambian Zealander Zimbabwean Zionist Zulu"
)
_KEYS = frozenset(lead + word for word in PEOPLES for lead in ("", " "))
_FIRST_WORDS = (
    "South North East West New Sri Puerto Costa Saudi Central Cape Sierra Hong Northern Latin Native Equatorial"
    " Solomon Cayman Cook Marshall Pitcairn Faroe Falkland Virgin Sao"
)
FIRST_PARTS = frozenset(_FIRST_WORDS.split())
"""Words that such a name of two words begins with."""
_ADJECTIVE_KEYS = frozenset(lead + word for word in _ADJECTIVES.split() for lead in ("", " "))
KEYS = _KEYS | _ADJECTIVE_KEYS
"""All tokens that a rule here takes."""
LOWERED = frozenset(key.strip().lower() for key in KEYS)
"""Their words in lower case."""
LEADS = frozenset(word.lower() for word in FIRST_PARTS) | {"-"}
"""What may stand before one of them in a name of two words, in lower case."""


def peoples(keys: Sequence[str], marks: Sequence[int]) -> Iterator[int]:
    """Yield the indices of tokens such as `Danes`, `Muslims`, `Democrats`."""
    return (i for i in marks if keys[i] in _KEYS)


def adjectives(keys: Sequence[str], marks: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield first and last token of what is like `Danish`, `Turk`, `Sri Lankan`: some of them are names, too."""
    for i in [i for i in marks if keys[i] in _ADJECTIVE_KEYS]:
        yield (i - 1 if i and keys[i - 1].strip() in FIRST_PARTS and keys[i][0] == " " else i), i
