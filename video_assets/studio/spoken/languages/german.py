"""German, as a teacher says it. The voice reads whole numbers well itself, but not years."""

from __future__ import annotations

from video_assets.studio.spoken.characters import LATIN

from .language import (
    WEB_ENDINGS,
    Language,
    Maths,
    Money,
    as_counted,
    combine_patterns,
    greek_letters,
    listed,
    one_by_one,
    table,
    unit_table,
    with_prefixes,
)

_MONTHS = listed("Januar Februar März April Mai Juni Juli August September Oktober November Dezember")
_ONES = listed(
    "null ein zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn "
    "siebzehn achtzehn neunzehn"
)
_TENS = listed("_ _ zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig")
_IRREGULAR = {1: "erste", 3: "dritte", 7: "siebte", 8: "achte"}
_PARTS = {
    3: "Drittel", 4: "Viertel", 5: "Fünftel", 6: "Sechstel", 7: "Siebtel", 8: "Achtel", 9: "Neuntel", 10: "Zehntel",
    12: "Zwölftel", 100: "Hundertstel", 1000: "Tausendstel",
}  # fmt: skip


def _ordinal(value: int) -> str:
    """`21` -> `einundzwanzigste`; above 99 the digits, which the voice reads as a number."""
    if value in _IRREGULAR:
        return _IRREGULAR[value]
    if value < 20:
        return _ONES[value] + "te"
    tens, ones = divmod(value, 10)
    return f"{_ONES[ones]}und{_TENS[tens]}ste" if ones else f"{_TENS[tens]}ste"


def _dated(value: int) -> str:
    """The ordinal before a month or a century, which German nearly always declines ("am dritten Mai")."""
    return _ordinal(value) + "n" if value < 100 else str(value)


def _fraction(numerator: int, denominator: int) -> str:
    if denominator == 2:
        return "ein halb" if numerator == 1 else f"{numerator} Halbe"
    count = "ein" if numerator == 1 else str(numerator)
    return f"{count} {_PARTS[denominator]}" if denominator in _PARTS else f"{numerator} durch {denominator}"


def _year(value: int) -> str:
    """`1969` -> `19 hundert 69`; from 2000 on like any number."""
    century, rest = divmod(value, 100)
    return str(value) if century >= 20 else f"{century} hundert {rest or ''}".strip()


def _clock(hour: int, minute: int) -> str:
    hours = "ein" if hour == 1 else str(hour)
    return f"{hours} Uhr {minute}" if minute else f"{hours} Uhr"


_PREFIXES = table("p Piko ; n Nano ; µ Mikro ; μ Mikro ; m Milli ; k Kilo ; M Mega ; G Giga ; T Tera")
_PREFIXED = unit_table(
    "Ω ohm ; Ω ohm ; V volt ; A ampere ; W watt ; F farad ; J joule ; N newton ; Pa pascal ; eV elektronenvolt ; "
    "Wh wattstunden ; C coulomb ; cal kalorien ; mol mol ; T tesla ; Hz hertz ; H henry ; S siemens ; bit bit"
)
_UNITS = unit_table(
    "Ω Ohm ; Ω Ohm ; V Volt ; A Ampere ; W Watt ; F Farad ; J Joule ; N Newton ; Pa Pascal ; eV Elektronenvolt ; "
    "Wh Wattstunden ; C Coulomb ; mol Mol ; T Tesla ; Hz Hertz ; H Henry ; S Siemens ; m Meter ; km Kilometer ; cm "
    "Zentimeter ; mm Millimeter ; dm Dezimeter ; µm Mikrometer ; μm Mikrometer ; nm Nanometer ; g Gramm ; kg "
    "Kilogramm ; mg Milligramm ; µg Mikrogramm ; μg Mikrogramm ; l Liter ; L Liter ; ml Milliliter ; mL Milliliter "
    "; cl Zentiliter ; hl Hektoliter ; B Byte ; kB Kilobyte ; KB Kilobyte ; MB Megabyte ; GB Gigabyte ; TB "
    "Terabyte ; bit Bit ; Bit Bit ; ha Hektar ; K Kelvin ; bar Bar ; hPa Hektopascal ; dB Dezibel ; ° Grad ; °C "
    "Grad Celsius ; °F Grad Fahrenheit ; Å Ångström ; px Pixel ; Bq Becquerel ; Sv Sievert ; cd Candela ; lm Lumen "
    "; lx Lux"
) | {
    "s": unit_table("s Sekunde*", "n")["s"],
    "ms": unit_table("ms Millisekunde*", "n")["ms"],
    "µs": unit_table("µs Mikrosekunde*", "n")["µs"],
    "μs": unit_table("μs Mikrosekunde*", "n")["μs"],
    "ns": unit_table("ns Nanosekunde*", "n")["ns"],
    "min": unit_table("min Minute*", "n")["min"],
    "h": unit_table("h Stunde*", "n")["h"],
    "t": unit_table("t Tonne*", "n")["t"],
}

_SYMBOLS = greek_letters(
    "alpha beta gamma delta epsilon zeta eta theta jota kappa lambda mü nü ksi omikron pi rho sigma tau ypsilon "
    "phi chi psi omega"
) | table(
    "= gleich ; == ist gleich ; === ist genau gleich ; := ist definiert als ; ≔ ist definiert als ; ≠ ungleich ; "
    "!= ungleich ; < kleiner als ; > größer als ; ≤ kleiner oder gleich ; <= kleiner oder gleich ; ≥ größer oder "
    "gleich ; >= größer oder gleich ; ⩽ kleiner oder gleich ; ⩾ größer oder gleich ; ≪ sehr viel kleiner als ; ≫ "
    "sehr viel größer als ; ≈ ungefähr gleich ; ≃ ungefähr gleich ; ≅ kongruent zu ; ∼ ähnlich zu ; ~ etwa ; ≡ "
    "identisch mit ; ∝ proportional zu ; ± plus minus ; ∓ minus plus ; + plus ; ++ plus plus ; += plus gleich ; -= "
    "minus gleich ; × mal ; * mal ; ⋅ mal ; ∙ mal ; ⊗ tensor ; ⊕ direkte Summe ; ÷ geteilt durch ; − minus ; ∕ "
    "durch ; ⁄ durch ; / Schrägstrich ; → nach ; ⟶ nach ; -> nach ; ← von ; <- wird ; ↔ hin und zurück ; ⇌ im "
    "Gleichgewicht mit ; ⇄ im Gleichgewicht mit ; ⇒ daraus folgt ; ⟹ daraus folgt ; => ergibt ; ⇔ genau dann wenn "
    "; ⟺ genau dann wenn ; ↦ wird abgebildet auf ; ↑ nach oben ; ↓ nach unten ; ∞ unendlich ; √ Wurzel aus ; ∛ "
    "dritte Wurzel aus ; ∜ vierte Wurzel aus ; ∑ Summe über ; ∏ Produkt über ; ∫ Integral über ; ∬ Doppelintegral "
    "über ; ∮ Ringintegral über ; ∂ d ; ∇ nabla ; ∈ Element von ; ∉ nicht Element von ; ∋ enthält ; ⊂ Teilmenge "
    "von ; ⊆ Teilmenge von ; ⊃ Obermenge von ; ⊇ Obermenge von ; ∪ vereinigt mit ; ∩ geschnitten mit ; ∅ leere "
    "Menge ; ∀ für alle ; ∃ es gibt ; ∄ es gibt kein ; ∴ daher ; ∵ weil ; ¬ nicht ; ∧ und ; ∨ oder ; && und ; || "
    "oder ; ⊥ senkrecht zu ; ∥ parallel zu ; ∠ Winkel ; ℝ die reellen Zahlen ; ℕ die natürlichen Zahlen ; ℤ die "
    "ganzen Zahlen ; ℚ die rationalen Zahlen ; ℂ die komplexen Zahlen ; ħ h quer ; ℏ h quer ; ℓ l ; ° Grad ; ′ "
    "Strich ; ″ zwei Strich ; % Prozent ; ‰ Promille ; & und ; @ ät ; # Raute ; № Nummer ; § Paragraf ; © "
    "Copyright ; ® eingetragene Marke ; ™ Marke ; † Kreuz ; ‡ Doppelkreuz ; _ Unterstrich ; ^ hoch ; ⁎ Stern ; ✓ "
    "Haken ; ✔ Haken ; ✗ Kreuz ; ✘ Kreuz ; ★ Stern ; ☆ Stern ; ♯ Kreuz ; ♭ be ; $ Dollar ; € Euro ; £ Pfund ; ¥ "
    "Yen ; ₹ Rupien ; ¢ Cent ; ℃ Grad Celsius ; ℉ Grad Fahrenheit ; ⊙ Sonne ; ♀ weiblich ; ♂ männlich ; ∘ "
    "verkettet mit ; ∣ sodass"
)

GERMAN = Language(
    tag="de",
    script=LATIN,
    point="Komma",
    decimal=",.",
    group=". \u00a0\u202f\u2009",
    cardinal=as_counted,
    digits=one_by_one,
    fraction_digits=one_by_one,
    fraction=_fraction,
    year=_year,
    year_refused=r"\s?(?:Uhr)\b",
    ordinal=_dated,
    ordinal_marks=rf"\.(?=\s?(?:{'|'.join(_MONTHS)}|Jahrhundert))",
    date=lambda year, month, day: f"{_dated(day)} {_MONTHS[month - 1]} {_year(year)}",
    clock=_clock,
    percent="{} Prozent",
    to="bis",
    per="pro",
    square="Quadrat-{}",
    cubic="Kubik-{}",
    square_one="Quadrat-{}",
    cubic_one="Kubik-{}",
    time_squared="Quadrat-{}",
    one="ein",
    one_feminine="eine",
    units=combine_patterns(with_prefixes(_PREFIXES, _PREFIXED), _UNITS),
    money={
        "$": Money("Dollar", "Dollar", "Cent", "Cent"),
        "€": Money("Euro", "Euro", "Cent", "Cent"),
        "£": Money("Pfund", "Pfund", "Penny", "Pence"),
        "¥": Money("Yen", "Yen"),
        "₹": Money("Rupie", "Rupien", feminine=True),
        "¢": Money("Cent", "Cent"),
    },
    magnitudes="Tausend|Millionen|Million|Milliarden|Milliarde|Billionen",
    maths=Maths(
        minus="minus",
        negative="minus",
        times="mal",
        over="durch",
        of="von",
        quantity="Klammer",
        squared="Quadrat",
        cubed="hoch drei",
        power="hoch {}",
        prime="Strich",
        inverse="invers",
        transposed="transponiert",
        factorial="Fakultät",
        absolute="Betrag von",
        limits=table("∫ Integral von {} bis {} über ; ∑ Summe von {} bis {} über ; ∏ Produkt von {} bis {} über"),
        scientific="mal 10 hoch {}",
        functions=table(
            "sin Sinus ; cos Kosinus ; tan Tangens ; cot Kotangens ; sinh Sinus hyperbolicus ; cosh Kosinus "
            "hyperbolicus ; tanh Tangens hyperbolicus ; arcsin Arkussinus ; arccos Arkuskosinus ; arctan "
            "Arkustangens ; log Logarithmus ; ln natürlicher Logarithmus ; exp Exponentialfunktion ; lim Limes ; "
            "max Maximum ; min Minimum ; det Determinante ; mod modulo"
        ),
    ),
    symbols=_SYMBOLS,
    acronyms=table(
        "NATO Nato ; NASA Nasa ; UNO Uno ; UNESCO Unesco ; MOSFET Mosfet ; FET Fett ; CMOS Ze-moss ; LASER Laser ; "
        "RAM Ramm ; ROM Romm ; DIN Din ; TÜV Tüff ; BAföG Bafög ; PISA Pisa ; COVID Kowid"
    ),
    common_capitals=frozenset(
        listed(
            "der die das ein eine und oder nicht kein ist sind war im am zu um an auf aus bei bis es er sie wir "
            "ihr ich du so nur nie mit von vor wie was wer wo ja nein da dem den des für in ab als alle"
        )
    ),
    plural="s",
    abbreviations={
        r"z\.\s?B\.": "zum Beispiel",
        r"d\.\s?h\.": "das heißt",
        r"u\.\s?a\.": "unter anderem",
        r"u\.\s?s\.\s?w\.|usw\.": "und so weiter",
        r"bzw\.": "beziehungsweise",
        r"ca\.": "circa",
        r"vgl\.": "vergleiche",
        r"ggf\.": "gegebenenfalls",
        r"evtl\.": "eventuell",
        r"etc\.": "et cetera",
        r"sog\.": "sogenannte",
        r"o\.\s?Ä\.": "oder Ähnliches",
        r"i\.\s?A\.": "im Allgemeinen",
        r"Abb\.(?=\s*\d)": "Abbildung",
        r"Gl\.(?=\s*[(\d])": "Gleichung",
        r"Kap\.(?=\s*\d)": "Kapitel",
        r"Tab\.(?=\s*\d)": "Tabelle",
        r"Nr\.": "Nummer",
        r"Bd\.(?=\s*\d)": "Band",
        r"S\.(?=\s*\d)": "Seite",
        r"Dr\.": "Doktor",
        r"Prof\.": "Professor",
        r"Hr\.": "Herr",
        r"Fr\.(?=\s[A-Z])": "Frau",
        r"St\.(?=\s[A-Z])": "Sankt",
        r"v\.\s?Chr\.": "vor Christus",
        r"n\.\s?Chr\.": "nach Christus",
        r"1\.(?=\s?Weltkrieg)": "erste",
        r"2\.(?=\s?Weltkrieg)": "zweite",
        r"und/oder": "und oder",
        r"C\+\+": "C plus plus",
        r"C#": "C sharp",
        r"#(?=\d)": "Nummer",
    },
    roman_before="Kapitel|Teil|Band|Typ|Klasse|Phase|Stufe|Gruppe|Akt|Artikel",
    reigning=(
        "Ludwig|Karl|Heinrich|Friedrich|Wilhelm|Otto|Georg|Elisabeth|Katharina|Maria|Paul|Johannes|Pius|Benedikt|Leo|"
        "Gregor|Alexander|Nikolaus|Peter|Napoleon|Philipp|Franz|Joseph|Leopold|Rudolf|Ramses|Papst|König|Kaiser"
    ),
    regnal_ordinal=lambda value: "der " + _ordinal(value) if value < 100 else str(value),
    web=table(
        ". Punkt ; / Schrägstrich ; - Strich ; _ Unterstrich ; @ ät ; : Doppelpunkt ; # Raute ; ? Fragezeichen ; = "
        "gleich ; & und ; % Prozent ; + plus ; ~ Tilde"
    ),
    endings=WEB_ENDINGS,
)
