"""Spanish, as a teacher says it. The voice reads numbers well itself, including years."""

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

_MONTHS = listed("enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre")
_ORDINALS = listed("cero primero segundo tercero cuarto quinto sexto séptimo octavo noveno décimo")
_PARTS = {
    2: "medio", 3: "tercio", 4: "cuarto", 5: "quinto", 6: "sexto", 7: "séptimo", 8: "octavo", 9: "noveno",
    10: "décimo", 100: "centésimo", 1000: "milésimo",
}  # fmt: skip


def _ordinal(value: int) -> str:
    return _ORDINALS[value] if value < len(_ORDINALS) else str(value)


def _fraction(numerator: int, denominator: int) -> str:
    part = _PARTS.get(denominator)
    if not part:
        return f"{numerator} sobre {denominator}"
    return f"un {part}" if numerator == 1 else f"{numerator} {part}s"


def _fraction_digits(text: str) -> str:
    """Up to two decimals are read as one number, as usual in Spanish."""
    return text if len(text) <= 2 and text[0] != "0" else one_by_one(text)


def _clock(hour: int, minute: int) -> str:
    return f"{'una' if hour == 1 else hour} y {minute}" if minute else f"{'una' if hour == 1 else hour} en punto"


_PREFIXES = table("p pico ; n nano ; µ micro ; μ micro ; m mili ; k kilo ; M mega ; G giga ; T tera")
_PREFIXED = unit_table(
    "Ω ohmio ; Ω ohmio ; V voltio ; A amperio ; W vatio ; F faradio ; J julio ; C culombio ; mol mole ; s segundo "
    "; g gramo ; l litro ; L litro ; m metro ; cal caloría* ; T tesla ; H henrio ; N newton ; eV electronvoltio",
    plural="s",
) | {
    "N": Unit("newton", "newtons"),
    "Pa": Unit("pascal", "pascales"),
    "mol": Unit("mol", "moles"),
    "Hz": Unit("hercio", "hercios"),
    "S": Unit("siemens", "siemens"),
    "Wh": Unit("vatio hora", "vatios hora"),
    "bit": Unit("bit", "bits"),
}
_UNITS = unit_table(
    "km kilómetro ; mm milímetro ; µm micrómetro ; μm micrómetro ; nm nanómetro ; cm centímetro ; dm decímetro ; "
    "cl centilitro ; dl decilitro ; min minuto ; h hora* ; t tonelada* ; ha hectárea* ; kB kilobyte ; KB kilobyte "
    "; MB megabyte ; GB gigabyte ; TB terabyte ; B byte ; ° grado ; K kelvin ; hPa hectopascale ; dB decibelio ; "
    "px píxele ; Å angstrom ; cd candela*",
    plural="s",
) | {
    "hPa": Unit("hectopascal", "hectopascales"),
    "bar": Unit("bar", "bares"),
    "px": Unit("píxel", "píxeles"),
    "°C": Unit("grado Celsius", "grados Celsius"),
    "°F": Unit("grado Fahrenheit", "grados Fahrenheit"),
    "lm": Unit("lumen", "lúmenes"),
    "lx": Unit("lux", "lux"),
}

_SYMBOLS = greek_letters(
    "alfa beta gamma delta épsilon dseta eta teta iota kappa lambda mu nu ksi ómicron pi ro sigma tau ípsilon fi "
    "ji psi omega"
) | table(
    "= es igual a ; == es igual a ; === es exactamente igual a ; := se define como ; ≔ se define como ; ≠ es "
    "distinto de ; != es distinto de ; < es menor que ; > es mayor que ; ≤ es menor o igual que ; <= es menor o "
    "igual que ; ≥ es mayor o igual que ; >= es mayor o igual que ; ⩽ es menor o igual que ; ⩾ es mayor o igual "
    "que ; ≪ es mucho menor que ; ≫ es mucho mayor que ; ≈ es aproximadamente igual a ; ≃ es aproximadamente igual "
    "a ; ≅ es congruente con ; ∼ es semejante a ; ~ aproximadamente ; ≡ es idéntico a ; ∝ es proporcional a ; ± "
    "más menos ; ∓ menos más ; + más ; ++ más más ; += más igual ; -= menos igual ; × por ; * por ; ⋅ por ; ∙ por "
    "; ⊗ tensor ; ⊕ suma directa ; ÷ dividido entre ; − menos ; ∕ sobre ; ⁄ sobre ; / barra ; → a ; ⟶ a ; -> a ; ← "
    "desde ; <- recibe ; ↔ ida y vuelta ; ⇌ en equilibrio con ; ⇄ en equilibrio con ; ⇒ implica ; ⟹ implica ; => "
    "da ; ⇔ si y solo si ; ⟺ si y solo si ; ↦ se transforma en ; ↑ arriba ; ↓ abajo ; ∞ infinito ; √ raíz cuadrada "
    "de ; ∛ raíz cúbica de ; ∜ raíz cuarta de ; ∑ suma de ; ∏ producto de ; ∫ integral de ; ∬ integral doble de ; "
    "∮ integral de contorno de ; ∂ derivada parcial ; ∇ nabla ; ∈ pertenece a ; ∉ no pertenece a ; ∋ contiene ; ⊂ "
    "es subconjunto de ; ⊆ es subconjunto de ; ⊃ contiene ; ⊇ contiene ; ∪ unión ; ∩ intersección ; ∅ conjunto "
    "vacío ; ∀ para todo ; ∃ existe ; ∄ no existe ; ∴ por lo tanto ; ∵ porque ; ¬ no ; ∧ y ; ∨ o ; && y ; || o ; ⊥ "
    "perpendicular a ; ∥ paralelo a ; ∠ ángulo ; ℝ los números reales ; ℕ los números naturales ; ℤ los números "
    "enteros ; ℚ los números racionales ; ℂ los números complejos ; ħ hache barra ; ℏ hache barra ; ℓ ele ; ° "
    "grados ; ′ prima ; ″ segunda ; % por ciento ; ‰ por mil ; & y ; @ arroba ; # almohadilla ; № número ; § "
    "sección ; © copyright ; ® marca registrada ; ™ marca ; † cruz ; ‡ doble cruz ; _ guion bajo ; ^ elevado a ; ⁎ "
    "asterisco ; ✓ correcto ; ✔ correcto ; ✗ cruz ; ✘ cruz ; ★ estrella ; ☆ estrella ; ♯ sostenido ; ♭ bemol ; $ "
    "dólares ; € euros ; £ libras ; ¥ yenes ; ₹ rupias ; ¢ centavos ; ℃ grados Celsius ; ℉ grados Fahrenheit ; ⊙ "
    "sol ; ♀ hembra ; ♂ macho ; ∘ compuesta con ; ∣ tal que"
)

SPANISH = Language(
    tag="es",
    script=LATIN,
    point="coma",
    decimal=",.",
    group=". \u00a0\u202f\u2009",
    cardinal=as_counted,
    digits=one_by_one,
    fraction_digits=_fraction_digits,
    fraction=_fraction,
    mixed="{} y {}",
    ordinal=_ordinal,
    ordinal_marks=r"\.?º|\.º|\.?er(?!\w)",
    date=lambda year, month, day: f"{day} de {_MONTHS[month - 1]} de {year}",
    clock=_clock,
    percent="{} por ciento",
    to="a",
    per="por",
    square="{} cuadrados",
    cubic="{} cúbicos",
    square_one="{} cuadrado",
    cubic_one="{} cúbico",
    time_squared="{} al cuadrado",
    one="un",
    one_feminine="una",
    units=combine_patterns(with_prefixes(_PREFIXES, _PREFIXED), _PREFIXED, _UNITS),
    money={
        "$": Money("dólar", "dólares", "centavo", "centavos"),
        "€": Money("euro", "euros", "céntimo", "céntimos"),
        "£": Money("libra", "libras", "penique", "peniques", feminine=True),
        "¥": Money("yen", "yenes"),
        "₹": Money("rupia", "rupias", feminine=True),
        "¢": Money("centavo", "centavos"),
    },
    money_order="{} {} con {}",
    magnitudes="mil|millones|millón",
    maths=Maths(
        minus="menos",
        negative="menos",
        times="por",
        over="sobre",
        of="de",
        quantity="paréntesis",
        squared="al cuadrado",
        cubed="al cubo",
        power="elevado a {}",
        prime="prima",
        inverse="inversa",
        transposed="transpuesta",
        factorial="factorial",
        absolute="valor absoluto de",
        limits=table("∫ integral de {} a {} de ; ∑ suma desde {} hasta {} de ; ∏ producto desde {} hasta {} de"),
        scientific="por 10 elevado a {}",
        functions=table(
            "sin seno ; sen seno ; cos coseno ; tan tangente ; cot cotangente ; sinh seno hiperbólico ; cosh "
            "coseno hiperbólico ; tanh tangente hiperbólica ; arcsin arcoseno ; arccos arcocoseno ; arctan "
            "arcotangente ; log logaritmo ; ln logaritmo neperiano ; exp exponencial ; lim límite ; max máximo ; "
            "min mínimo ; det determinante ; mod módulo"
        ),
    ),
    symbols=_SYMBOLS,
    letters={"y": "i griega"},
    single_letter_words=frozenset("y"),
    acronyms=table(
        "OTAN Otan ; ONU Onu ; NASA Nasa ; UNESCO Unesco ; MOSFET mosfet ; LASER láser ; SIDA sida ; RAM ram ; ROM "
        "rom ; COVID covid ; OVNI ovni"
    ),
    common_capitals=frozenset(
        listed(
            "el la los las un una y o no sí si es son de del en con por para que se su al lo le yo tú mi ni ya muy "
            "más todo todos nunca solo sin a e u"
        )
    ),
    abbreviations={
        r"p\.\s?ej\.": "por ejemplo",
        r"es decir": "es decir",
        r"etc\.": "etcétera",
        r"aprox\.": "aproximadamente",
        r"[Ff]ig\.(?=\s*\d)": "figura",
        r"[Ee]c\.(?=\s*[(\d])": "ecuación",
        r"[Cc]ap\.(?=\s*\d)": "capítulo",
        r"pág\.(?=\s*\d)": "página",
        r"p\.(?=\s*\d)": "página",
        r"[Nn]\.?[º°]": "número",
        r"núm\.": "número",
        r"Dra\.": "Doctora",
        r"Dr\.": "Doctor",
        r"Sra\.": "Señora",
        r"Sr\.": "Señor",
        r"Prof\.": "Profesor",
        r"EE\.\s?UU\.": "Estados Unidos",
        r"a\.\s?C\.": "antes de Cristo",
        r"d\.\s?C\.": "después de Cristo",
        r"y/o": "y o",
        r"C\+\+": "C más más",
        r"C#": "C sharp",
        r"#(?=\d)": "número",
    },
    roman_before=(
        "siglo|Siglo|siglos|Capítulo|capítulo|Parte|parte|Tomo|tomo|Tipo|tipo|Clase|clase|Fase|fase|Acto|acto|Mundial"
    ),
    reigning=(
        "Felipe|Carlos|Alfonso|Fernando|Isabel|Luis|Enrique|Juan|Pablo|Pío|Benedicto|León|Gregorio|Catalina|Pedro|"
        "Alejandro|Nicolás|Napoleón|Ramsés|papa|rey"
    ),
    regnal_ordinal=_ordinal,
    web=table(
        ". punto ; / barra ; - guion ; _ guion bajo ; @ arroba ; : dos puntos ; # almohadilla ; ? interrogación ; "
        "= igual ; & y ; % por ciento ; + más ; ~ virgulilla"
    ),
    endings=WEB_ENDINGS,
)
