"""French, as a teacher says it. The voice reads numbers well itself, including years.

A few words are spelled for the ear ("nioutonne", "têta"), because espeak-ng would change to its English voice for them.
"""

from __future__ import annotations

from video_assets.studio.spoken.characters import LATIN

from .language import (
    WEB_ENDINGS,
    Language,
    Maths,
    Money,
    Unit,
    as_counted,
    combine_patterns,
    greek_letters,
    listed,
    one_by_one,
    table,
    unit_table,
    with_prefixes,
)

_MONTHS = listed("janvier février mars avril mai juin juillet août septembre octobre novembre décembre")
_ORDINALS = listed(
    "zéroième premier deuxième troisième quatrième cinquième sixième septième huitième neuvième dixième onzième "
    "douzième treizième quatorzième quinzième seizième dix-septième dix-huitième dix-neuvième vingtième "
    "vingt-et-unième"
)


def _ordinal(value: int) -> str:
    return _ORDINALS[value] if value < len(_ORDINALS) else f"{value} ième"


def _fraction(numerator: int, denominator: int) -> str:
    special = {2: "demi", 3: "tiers", 4: "quart"}
    if not 2 <= denominator <= 20:
        return f"{numerator} sur {denominator}"
    part = special.get(denominator) or _ordinal(denominator)
    return f"{'un' if numerator == 1 else numerator} {part}{'s' if numerator > 1 and part[-1] != 's' else ''}"


def _fraction_digits(text: str) -> str:
    """Up to three decimals are read as one number, as usual in French."""
    return text if len(text) <= 3 and text[0] != "0" else one_by_one(text)


def _date(year: int, month: int, day: int) -> str:
    return f"{'premier' if day == 1 else day} {_MONTHS[month - 1]} {year}"


def _clock(hour: int, minute: int) -> str:
    hours = "une heure" if hour == 1 else f"{hour} heures"
    return f"{hours} {minute}" if minute else hours


_PREFIXES = table("p pico ; n nano ; µ micro ; μ micro ; m milli ; k kilo ; M méga ; G giga ; T téra")
_PREFIXED = unit_table(
    "Ω -ohm ; Ω -ohm ; V volt ; A ampère ; W watt ; F farad ; J joule ; N nioutonne ; Pa pascal ; C coulomb ; T "
    "tesla ; cal calorie* ; mol mole* ; s seconde* ; eV électronvolt ; g gramme ; l litre ; L litre ; m mètre ; o "
    "octet ; bit bit",
    plural="s",
) | {
    "Hz": Unit("hertz", "hertz"),
    "H": Unit("henri", "henris"),
    "S": Unit("siemens", "siemens"),
    "Wh": Unit("wattheure", "wattheures", feminine=True),
}
_UNITS = unit_table(
    "Ω ohm ; Ω ohm ; cm centimètre ; dm décimètre ; cl centilitre ; dl décilitre ; min minute* ; h heure* ; t "
    "tonne* ; ha hectare ; kB kilooctet ; KB kilooctet ; MB mégaoctet ; GB gigaoctet ; Mo mégaoctet ; Go gigaoctet "
    "; ko kilooctet ; To téraoctet ; ° degré ; K kelvin ; bar bar ; hPa hectopascal ; dB décibel ; Å angström ; px "
    "pixel ; Bq becquerel ; Sv sievert ; cd candela ; lm lumen",
    plural="s",
) | {
    "°C": Unit("degré Celsius", "degrés Celsius"),
    "°F": Unit("degré Fahrenheit", "degrés Fahrenheit"),
    "lx": Unit("lux", "lux"),
}

_SYMBOLS = greek_letters(
    "alpha bêta gamma delta epsilon zêta êta têta iota kappa lambda mu nu ksi omicron pi rhô sigma tau upsilon phi "
    "khi psi oméga"
) | table(
    "= égale ; == est égal à ; === est strictement égal à ; := est défini par ; ≔ est défini par ; ≠ est différent "
    "de ; != est différent de ; < est inférieur à ; > est supérieur à ; ≤ est inférieur ou égal à ; <= est "
    "inférieur ou égal à ; ≥ est supérieur ou égal à ; >= est supérieur ou égal à ; ⩽ est inférieur ou égal à ; ⩾ "
    "est supérieur ou égal à ; ≪ est très inférieur à ; ≫ est très supérieur à ; ≈ est environ égal à ; ≃ est "
    "environ égal à ; ≅ est congru à ; ∼ est semblable à ; ~ environ ; ≡ est identique à ; ∝ est proportionnel à ; "
    "± plus ou moins ; ∓ moins ou plus ; + plus ; ++ plus plus ; += plus égale ; -= moins égale ; × fois ; * fois "
    "; ⋅ fois ; ∙ fois ; ⊗ tenseur ; ⊕ somme directe ; ÷ divisé par ; − moins ; ∕ sur ; ⁄ sur ; / barre oblique ; "
    "→ vers ; ⟶ vers ; -> vers ; ← depuis ; <- reçoit ; ↔ aller et retour ; ⇌ en équilibre avec ; ⇄ en équilibre "
    "avec ; ⇒ implique ; ⟹ implique ; => donne ; ⇔ équivaut à ; ⟺ équivaut à ; ↦ a pour image ; ↑ vers le haut ; ↓ "
    "vers le bas ; ∞ l'infini ; √ racine carrée de ; ∛ racine cubique de ; ∜ racine quatrième de ; ∑ somme de ; ∏ "
    "produit de ; ∫ intégrale de ; ∬ intégrale double de ; ∮ intégrale curviligne de ; ∂ d rond ; ∇ nabla ; ∈ "
    "appartient à ; ∉ n'appartient pas à ; ∋ contient ; ⊂ est inclus dans ; ⊆ est inclus dans ; ⊃ contient ; ⊇ "
    "contient ; ∪ union ; ∩ inter ; ∅ l'ensemble vide ; ∀ pour tout ; ∃ il existe ; ∄ il n'existe pas ; ∴ donc ; ∵ "
    "car ; ¬ non ; ∧ et ; ∨ ou ; && et ; || ou ; ⊥ perpendiculaire à ; ∥ parallèle à ; ∠ angle ; ℝ les réels ; ℕ "
    "les entiers naturels ; ℤ les entiers relatifs ; ℚ les rationnels ; ℂ les complexes ; ħ h barre ; ℏ h barre ; "
    "ℓ l ; ° degrés ; ′ prime ; ″ seconde ; % pour cent ; ‰ pour mille ; & et ; @ arobase ; # dièse ; № numéro ; § "
    "paragraphe ; © copyright ; ® marque déposée ; ™ marque ; † croix ; ‡ double croix ; _ tiret bas ; ^ puissance "
    "; ⁎ étoile ; ✓ coche ; ✔ coche ; ✗ croix ; ✘ croix ; ★ étoile ; ☆ étoile ; ♯ dièse ; ♭ bémol ; $ dollars ; € "
    "euros ; £ livres ; ¥ yens ; ₹ roupies ; ¢ cents ; ℃ degrés Celsius ; ℉ degrés Fahrenheit ; ⊙ soleil ; ♀ "
    "femelle ; ♂ mâle ; ∘ rond ; ∣ tel que"
)

FRENCH = Language(
    tag="fr",
    script=LATIN,
    point="virgule",
    decimal=",.",
    group=" \u00a0\u202f\u2009.",
    cardinal=as_counted,
    digits=one_by_one,
    fraction_digits=_fraction_digits,
    fraction=_fraction,
    mixed="{} et {}",
    ordinal=_ordinal,
    ordinal_marks="er|ère|re|ème|eme|nde|nd|e",
    roman_ordinals=True,
    date=_date,
    clock=_clock,
    percent="{} pour cent",
    to="à",
    per="par",
    square="{} carrés",
    cubic="{} cubes",
    square_one="{} carré",
    cubic_one="{} cube",
    time_squared="{} carrée",
    one="un",
    one_feminine="une",
    units=combine_patterns(with_prefixes(_PREFIXES, _PREFIXED), _PREFIXED, _UNITS),
    money={
        "$": Money("dollar", "dollars", "cent", "cents"),
        "€": Money("euro", "euros", "centime", "centimes"),
        "£": Money("livre", "livres", "penny", "pence", feminine=True),
        "¥": Money("yen", "yens"),
        "₹": Money("roupie", "roupies", feminine=True),
        "¢": Money("cent", "cents"),
    },
    magnitudes="mille|millions|million|milliards|milliard",
    maths=Maths(
        minus="moins",
        negative="moins",
        times="fois",
        over="sur",
        of="de",
        quantity="entre parenthèses",
        squared="au carré",
        cubed="au cube",
        power="puissance {}",
        prime="prime",
        inverse="inverse",
        transposed="transposée",
        factorial="factorielle",
        absolute="valeur absolue de",
        limits=table("∫ intégrale de {} à {} de ; ∑ somme de {} à {} de ; ∏ produit de {} à {} de"),
        scientific="fois 10 puissance {}",
        functions=table(
            "sin sinus ; cos cosinus ; tan tangente ; cot cotangente ; sinh sinus hyperbolique ; cosh cosinus "
            "hyperbolique ; tanh tangente hyperbolique ; arcsin arc sinus ; arccos arc cosinus ; arctan arc "
            "tangente ; log log ; ln logaritme népérien ; exp exponentielle ; lim limite ; max max ; min min ; det "
            "déterminant ; mod modulo"
        ),
    ),
    symbols=_SYMBOLS,
    letters={"y": "i grec"},
    single_letter_words=frozenset("y"),
    acronyms=table(
        "OTAN Otan ; ONU O N U ; NASA Nasa ; UNESCO Unesco ; MOSFET mosfet ; LASER laser ; SIDA sida ; RAM ram ; "
        "ROM rom ; COVID covid ; INSEE Insé"
    ),
    common_capitals=frozenset(
        listed(
            "le la les un une des du de et ou où ne pas non oui est sont il elle on nous vous ils je tu se sa son "
            "ses ce si en au aux à par pour sur dans que qui tout tous plus a y"
        )
    ),
    abbreviations={
        r"p\.\s?ex\.": "par exemple",
        r"c\.-à-d\.|c-à-d": "c'est-à-dire",
        r"etc\.": "et cetera",
        r"env\.": "environ",
        r"cf\.": "voir",
        r"[Ff]ig\.(?=\s*\d)": "figure",
        r"[Éé]q\.(?=\s*[(\d])": "équation",
        r"[Cc]hap\.(?=\s*\d)": "chapitre",
        r"p\.(?=\s*\d)": "page",
        r"[Nn]°|[Nn]º": "numéro",
        r"M\.(?=\s[A-Z])": "Monsieur",
        r"Mme": "Madame",
        r"Mlle": "Mademoiselle",
        r"Dr\.?(?=\s[A-Z])": "Docteur",
        r"Pr\.?(?=\s[A-Z])": "Professeur",
        r"St(?=[ -][A-Z])": "Saint",
        r"av\.\s?J\.-C\.": "avant Jésus-Christ",
        r"apr?\.\s?J\.-C\.": "après Jésus-Christ",
        r"et/ou": "et ou",
        r"C\+\+": "C plus plus",
        r"C#": "C sharp",
        r"#(?=\d)": "numéro",
        r"(?<=\d)\s?h\s?(?=\d\d\b)": "heures",
    },
    roman_before="Chapitre|chapitre|Partie|partie|Tome|tome|Type|type|Classe|classe|Acte|acte|Phase|phase|Guerre",
    reigning=(
        "Louis|Charles|Henri|François|Philippe|Napoléon|Jean|Paul|Pie|Benoît|Léon|Grégoire|Élisabeth|Catherine|"
        "Frédéric|Guillaume|Georges|Alexandre|Nicolas|Pierre|Ramsès|pape|roi"
    ),
    regnal_ordinal=lambda value: "premier" if value == 1 else str(value),
    web=table(
        ". point ; / barre oblique ; - tiret ; _ tiret bas ; @ arobase ; : deux-points ; # dièse ; ? point "
        "d'interrogation ; = égale ; & et ; % pour cent ; + plus ; ~ tilde"
    ),
    endings=WEB_ENDINGS,
)
