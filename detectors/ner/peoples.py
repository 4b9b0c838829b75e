"""Words for the members of a people, a religion or a party: the tagger's texts mark adjectives, seldom these."""

from collections.abc import Iterator, Sequence

_PEOPLES = (
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
_KEYS = frozenset(lead + word for word in _PEOPLES.split() for lead in ("", " "))


def peoples(keys: Sequence[str]) -> Iterator[int]:
    """Yield the indices of tokens such as `Danes`, `Muslims`, `Democrats`."""
    return (i for i, key in enumerate(keys) if key in _KEYS)
