"""Names for surrogates, by script and language: uncommon ones, that a text is unlikely to hold by itself."""

from collections.abc import Mapping
from typing import Final

GIVEN: Final[Mapping[str, str]] = {
    "en": "Alden Briony Corwin Delphine Edmund Fenella Gideon Hester Ingram Jocasta",
    "de": "Albrecht Brunhild Clemens Dietlind Eckhart Friedhelm Gerlinde Hartmut Irmela Volkmar",
    "fr": "Aurélien Blandine Célestin Delphin Édith Fulbert Geneviève Honorine Ignace Léopold",
    "es": "Anselmo Begoña Casilda Demetrio Eulalia Froilán Gervasio Hortensia Íñigo Jacinta",
    "pl": "Bogumił Czesław Dobrosława Eustachy Ginewra Jarosława Kazimiera Lechosław Mścisław Zdzisława",
    "nordic": "Åsmund Bjørg Dagfinn Eskild Frøydis Gudbrand Hallvard Ingebjørg Øystein Torbjørg",
    "cyrillic": "Агафья Богдан Всеволод Глафира Демьян Ефросинья Игнат Лукерья Мирон Тихон",
    "greek": "Αριστείδης Βασιλική Γεράσιμος Ευδοκία Θεόφιλος Κλεοπάτρα Λεωνίδας Ουρανία",
    "han": "子墨 雨桐 浩然 诗涵 明轩 若兮 清扬 思远",
    "kana": "あおい さくら はやと みなみ ゆうき ことね そうた ひなた",
    "hangul": "가온 나래 다온 라온 마루 보람 새별 하늘",
    "arabic": "بدران تماضر جلنار حذيفة رباب سلسبيل غسان نوفل",
}
"""Given names, with blanks between them."""

FAMILY: Final[Mapping[str, str]] = {
    "en": ("Ashdown Birtwistle Culpepper Dunmore Everleigh Fairweather Greystoke Hollinshead Larkspur Wetherby"),
    "de": (
        "Ackerknecht Bleibtreu Dünnwald Eichelbaum Finkenzeller Grünspan Hohenwarter Kesselring Lindwurm Rosenstiel"
    ),
    "fr": ("Aubépine Beauregard Chantemerle Desrosiers Fontenelle Grandmaison Hautecœur Lavigerie Montclair Vauquelin"),
    "es": ("Albarracín Benavente Cifuentes Echegaray Figueruela Goicoechea Larrañaga Montesinos Peñalver Zubizarreta"),
    "pl": ("Brzeziński Chrzanowski Dąbrówka Gołębiewska Jastrzębski Krzemińska Łękowski Mleczko Szczygieł Żurawska"),
    "nordic": "Bjørnstad Dalsgård Eikeland Fjellheim Grønvold Hagelund Kråkmo Lindqvist Sørbråten Østlund",
    "cyrillic": "Белозёров Вершинина Дубровский Журавлёва Звягинцев Каменская Лопухов Снегирёв",
    "greek": "Αλεξανδρής Βενιζελάκης Δραγούμης Καλλιγάς Μαυροκορδάτου Παπαδιαμάντης Ροΐδης Χατζηδάκη",
    "han": "欧阳 司马 上官 诸葛 东方 皇甫 尉迟 慕容",
    "kana": "たかなし いちのせ くじょう しののめ ほうじょう みかづき やくも わたらせ",
    "hangul": "남궁 독고 동방 사공 서문 선우 제갈 황보",
    "arabic": "البغدادي التلمساني الجزائري الحضرمي الدمشقي السمرقندي القيرواني الموصلي",
}
"""Family names, with blanks between them."""
