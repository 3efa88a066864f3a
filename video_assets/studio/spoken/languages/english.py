"""English, as a teacher says it: numbers, units, symbols, formulas, abbreviations.

Spellings are for the ear. `eigh` is the letter A, which voices read as the article when it stands alone. `ksi` is the
Greek letter, because espeak-ng reads "xi" as the Roman number eleven.
"""

from __future__ import annotations

from types import MappingProxyType

from video_assets.studio.spoken.characters import LATIN

from .english_numbers import cardinal, decade, digits, fraction, ordinal, spoken_clock, spoken_date, year
from .language import Language, Maths, Money, Unit, combine_patterns, greek_letters, listed, with_prefixes


def _regular(*words: str) -> dict[str, Unit]:
    """`"V volt"` -> `V`: volt, volts."""
    pairs = (word.split(" ", 1) for word in words)
    return {sign: Unit(name, name + "s") for sign, name in pairs}


_PREFIXES = {
    "p": "pico-", "n": "nano-", "µ": "micro-", "μ": "micro-", "m": "milli-", "k": "kilo-", "M": "mega-", "G": "giga-",
    "T": "tera-",
}  # fmt: skip
_PREFIXED = {
    **_regular("Ω ohm", "Ω ohm", "V volt", "A amp", "W watt", "F farad", "J joule", "N newton", "Pa pascal"),
    **_regular("eV electron-volt", "Wh watt-hour", "C coulomb", "cal calorie", "mol mole", "T tesla"),
    "Hz": Unit("hertz", "hertz"),
    "H": Unit("henry", "henries"),
    "S": Unit("siemens", "siemens"),
}
_UNITS = {
    **_regular("m metre", "km kilometre", "cm centimetre", "mm millimetre", "dm decimetre", "µm micrometre"),
    **_regular("μm micrometre", "nm nanometre", "pm picometre", "g gram", "kg kilogram", "mg milligram"),
    **_regular("µg microgram", "μg microgram", "ng nanogram", "t tonne", "s second", "ms millisecond"),
    **_regular("µs microsecond", "μs microsecond", "ns nanosecond", "ps picosecond", "min minute", "h hour"),
    **_regular("hr hour", "hrs hour", "sec second", "L litre", "l litre", "mL millilitre", "ml millilitre"),
    **_regular("cl centilitre", "dl decilitre", "µL microlitre", "μL microlitre", "B byte", "kB kilobyte"),
    **_regular("KB kilobyte", "MB megabyte", "GB gigabyte", "TB terabyte", "KiB kibibyte", "MiB mebibyte"),
    **_regular("GiB gibibyte", "bit bit", "kbit kilobit", "Mbit megabit", "Gbit gigabit", "kbps kilobit per second"),
    **_regular("° degree", "rad radian", "ha hectare", "ly light-year", "px pixel", "dB decibel", "lb pound"),
    **_regular("lbs pound", "oz ounce", "mi mile", "yd yard", "K kelvin", "bar bar", "atm atmosphere", "Å ångström"),
    **_regular("Bq becquerel", "Sv sievert", "mSv millisievert", "cd candela", "Wb weber", "hPa hectopascal"),
    "kbps": Unit("kilobit per second", "kilobits per second"),
    "Mbps": Unit("megabit per second", "megabits per second"),
    "Gbps": Unit("gigabit per second", "gigabits per second"),
    "ft": Unit("foot", "feet"),
    "lm": Unit("lumen", "lumens"),
    "lx": Unit("lux", "lux"),
    "mph": Unit("mile per hour", "miles per hour"),
    "rpm": Unit("revolution per minute", "revolutions per minute"),
    "fps": Unit("frame per second", "frames per second"),
    "°C": Unit("degree Celsius", "degrees Celsius"),
    "°F": Unit("degree Fahrenheit", "degrees Fahrenheit"),
    "K": Unit("kelvin", "kelvins"),
    "Å": Unit("angstrom", "angstroms"),
    "kHz": Unit("kilohertz", "kilohertz"),
    "MHz": Unit("megahertz", "megahertz"),
    "GHz": Unit("gigahertz", "gigahertz"),
}

_GREEK = greek_letters(
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu ksi omicron pi rho sigma tau upsilon "
    "phi chi psi omega"
)

_SYMBOLS = {
    **_GREEK,
    "=": "equals", "==": "is equal to", "===": "is strictly equal to", ":=": "is defined as", "≔": "is defined as",
    "≠": "is not equal to", "!=": "is not equal to", "<": "is less than", ">": "is greater than",
    "≤": "is less than or equal to", "<=": "is less than or equal to", "≥": "is greater than or equal to",
    ">=": "is greater than or equal to", "≪": "is much less than", "≫": "is much greater than",
    "⩽": "is less than or equal to", "⩾": "is greater than or equal to",
    "≈": "is approximately equal to", "≃": "is approximately equal to", "≅": "is congruent to",
    "∼": "is similar to", "~": "about", "≡": "is identical to", "∝": "is proportional to", "±": "plus or minus",
    "∓": "minus or plus", "+": "plus", "++": "plus plus", "+=": "plus equals", "-=": "minus equals", "×": "times",
    "*": "times", "⋅": "times", "∙": "times", "⊗": "tensor", "⊕": "direct sum", "÷": "divided by", "−": "minus",
    "∕": "over", "⁄": "over", "/": "slash", "→": "to", "⟶": "to", "->": "to", "←": "from", "<-": "gets",
    "↔": "to and from", "⇌": "in equilibrium with", "⇄": "in equilibrium with", "⇒": "implies", "=>": "gives",
    "⟹": "implies", "⇔": "if and only if", "⟺": "if and only if", "↦": "maps to", "↑": "up", "↓": "down",
    "∞": "infinity", "√": "the square root of", "∛": "the cube root of", "∜": "the fourth root of",
    "∑": "the sum of", "∏": "the product of", "∫": "the integral of", "∬": "the double integral of",
    "∮": "the contour integral of", "∂": "partial", "∇": "del", "∈": "in", "∉": "not in", "∋": "contains",
    "⊂": "is a subset of", "⊆": "is a subset of", "⊃": "is a superset of", "⊇": "is a superset of",
    "∪": "union", "∩": "intersection", "∅": "the empty set", "∀": "for all", "∃": "there exists",
    "∄": "there is no",

    "∴": "therefore", "∵": "because", "¬": "not", "∧": "and", "∨": "or", "&&": "and", "||": "or",
    "⊥": "perpendicular to",
    "∥": "parallel to", "∠": "angle", "ℝ": "the real numbers", "ℕ": "the natural numbers", "ℤ": "the integers",
    "ℚ": "the rational numbers", "ℂ": "the complex numbers", "ħ": "h bar", "ℏ": "h bar", "ℓ": "ell", "°": "degrees",
    "′": "prime", "″": "double prime", "%": "percent", "‰": "per mille", "&": "and", "@": "at", "#": "hash",
    "№": "number", "§": "section", "©": "copyright", "®": "registered", "™": "trademark", "†": "dagger",
    "‡": "double dagger", "_": "underscore", "^": "to the", "⁎": "asterisk",
    "✓": "check", "✔": "check", "✗": "cross", "✘": "cross",
    "★": "star", "☆": "star", "♯": "sharp", "♭": "flat", "$": "dollars", "€": "euros", "£": "pounds", "¥": "yen",
    "₹": "rupees", "¢": "cents", "℃": "degrees Celsius", "℉": "degrees Fahrenheit",
    "⊙": "sun", "♀": "female", "♂": "male", "∘": "composed with", "∣": "such that",
}  # fmt: skip

_ABBREVIATIONS = {
    r"e\.\s?g\.,?": "for example,",
    r"i\.\s?e\.,?": "that is,",
    r"etc\.(?=\s*$|\s+[A-Z]|[)\]]?\s*$)": "et cetera.",
    r"etc\.": "et cetera",
    r"Dr\.": "Doctor",
    r"Mr\.": "Mister",
    r"Mrs\.": "Missis",
    r"Ms\.": "Miz",
    r"Prof\.": "Professor",
    r"St\.(?=\s+[A-Z])": "Saint",
    r"Jr\.": "Junior",
    r"Sr\.": "Senior",
    r"[Ff]igs\.(?=\s*\d)": "Figures",
    r"[Ff]ig\.(?=\s*\d)": "Figure",
    r"[Ee]qs\.(?=\s*[(\d])": "Equations",
    r"[Ee]q\.(?=\s*[(\d])": "Equation",
    r"[Ss]ec\.(?=\s*\d)": "Section",
    r"[Cc]h\.(?=\s*\d)": "Chapter",
    r"[Vv]ol\.(?=\s*\d)": "Volume",
    r"[Nn]os\.(?=\s*\d)": "numbers",
    r"[Nn]o\.(?=\s*\d)": "number",
    r"pp\.(?=\s*\d)": "pages",
    r"p\.(?=\s*\d)": "page",
    r"vs\.?": "versus",
    r"approx\.": "approximately",
    r"cf\.": "compare",
    r"et al\.": "et al",
    r"ca\.": "circa",
    r"Inc\.": "Incorporated",
    r"Ltd\.": "Limited",
    r"Ph\.\s?D\.?": "P H D",
    r"w/o": "without",
    r"w/": "with",
    r"and/or": "and or",
    r"[Hh]e/she": "he or she",
    r"[Ss]he/he": "she or he",
    r"[Hh]is/her": "his or her",
    r"n/a": "not applicable",
    r"24/7": "twenty-four seven",
    r"[Aa]\.\s?[Mm]\.(?=\s*$|\s+[A-Z])": "eigh M.",
    r"[Aa]\.\s?[Mm]\.": "eigh M",
    r"[Pp]\.\s?[Mm]\.(?=\s*$|\s+[A-Z])": "P M.",
    r"[Pp]\.\s?[Mm]\.": "P M",
    r"(?<=\d)\s?am": "eigh M",
    r"(?<=\d)\s?pm": "P M",
    r"Jan\.(?=\s*\d)": "January",
    r"Feb\.(?=\s*\d)": "February",
    r"Aug\.(?=\s*\d)": "August",
    r"Sept?\.(?=\s*\d)": "September",
    r"Oct\.(?=\s*\d)": "October",
    r"Nov\.(?=\s*\d)": "November",
    r"Dec\.(?=\s*\d)": "December",
    r"B\.?C\.?E\.?(?!\w)": "B C E",
    r"AT&T": "eigh T and T",
    r"I/O": "I O",
    r"US(?=\$)": "U S",
    r"#(?=\d)": "number",
    r"nth": "enth",
    r"C\+\+": "C plus plus",
    r"C#": "C sharp",
    r"F#": "F sharp",
    r"Ph\.?D\.?s": "P H D's",
    r"PhD": "P H D",
    r"MySQL": "my S Q L",
    r"PostgreSQL": "Postgres",
    r"LaTeX": "lay-tek",
    r"GitHub": "git hub",
    r"macOS": "mac O S",
    r"iOS": "i O S",
    r"pH": "P H",
}

# In an acronym that is half spelled and half spoken, letters stay letters ("N moss"). A voice may read their names
# ("en-moss") as words, and an editor may correct them.
_ACRONYMS = {
    "NASA": "Nasa", "NATO": "Nato", "UNESCO": "Unesco", "UNICEF": "Unicef", "OPEC": "Opec", "AIDS": "aids",
    "MOSFET": "mosfet", "JFET": "J fet", "FET": "fet", "CMOS": "C moss", "NMOS": "N moss", "PMOS": "P moss",
    "LASER": "laser", "RADAR": "radar", "SONAR": "sonar", "LIDAR": "lye-dar", "RAM": "ram", "ROM": "rom",
    "SIM": "sim", "PIN": "pin", "GIF": "gif", "JPEG": "J peg", "MPEG": "M peg", "ASCII": "askey",
    "BIOS": "bye-oss", "LAN": "lan", "WAN": "wan", "GUI": "gooey", "JSON": "jason", "YAML": "yammel", "REST": "rest",
    "SQL": "S Q L", "CRUD": "crud", "NAND": "nand", "XOR": "X or", "NOR": "nor", "XNOR": "X nor", "SWOT": "swot",
    "SAT": "S eigh T", "IEEE": "I triple E", "NAACP": "N double eigh C P", "UEFI": "U E F I", "USDA": "U S D eigh",
    "AIDS/HIV": "aids H I V", "CRISPR": "crisper", "COVID": "covid", "SARS": "sars", "FIFA": "fifa", "PISA": "pisa",
    "STEM": "stem", "MATLAB": "mat-lab", "SPICE": "spice", "LATEX": "lay-tek", "OSHA": "osha", "UEFA": "U eefa",
    "BASIC": "basic", "COBOL": "cobol", "FORTRAN": "fortran", "LISP": "lisp", "IUPAC": "I U pack",
    "AUC": "eigh U C", "NaN": "not a number", "OLED": "O led", "LED": "L E D", "ELISA": "elisa", "EEPROM": "E E prom",
    "US": "U S",
    "IT": "I T", "UN": "U N", "EU": "E U", "UK": "U K", "USA": "U S eigh", "OECD": "O E C D", "ISBN": "I S B N",
}  # fmt: skip

_COMMON_CAPITALS = frozenset(
    listed(
        "a all also always am an and any are as ask at be both but by can cannot did do does each else every few "
        "first for from get go good had has have he her here him his how i if in into is it its just last less let "
        "make many may me more most much must my never new next no not note now of off on once one only or our out "
        "over own same she should so some stop such than that the their them then there these they this those to "
        "too true try two under up us use very was way we well what when where which who whole why will with "
        "without yes yet you your false null none select join into where order group insert update delete create "
        "table drop null values set key add end day see"
    )
)

ENGLISH = Language(
    tag="en",
    script=LATIN,
    point="point",
    decimal=".",
    group=",\u00a0\u202f\u2009",
    cardinal=cardinal,
    digits=digits,
    fraction_digits=digits,
    fraction=fraction,
    mixed="{} and {}",
    year=year,
    year_refused=r"\s+(?!(?:was|has|as|this|its|is|does|his|these|sees|brings|marks)\b)[a-z]+s\b",
    decade=decade,
    ordinal=ordinal,
    ordinal_marks="st|nd|rd|th|ˢᵗ|ⁿᵈ|ʳᵈ|ᵗʰ",
    date=spoken_date,
    clock=spoken_clock,
    percent="{} percent",
    to="to",
    per="per",
    square="square {}",
    cubic="cubic {}",
    square_one="square {}",
    cubic_one="cubic {}",
    time_squared="{} squared",
    units=combine_patterns(with_prefixes(_PREFIXES, _PREFIXED), _PREFIXED, _UNITS),
    money=MappingProxyType(
        {
            "$": Money("dollar", "dollars", "cent", "cents"),
            "€": Money("euro", "euros", "cent", "cents"),
            "£": Money("pound", "pounds", "penny", "pence"),
            "¥": Money("yen", "yen"),
            "₹": Money("rupee", "rupees", "paisa", "paise"),
            "¢": Money("cent", "cents"),
        }
    ),
    magnitudes="thousand|million|billion|trillion",
    maths=Maths(
        minus="minus",
        negative="minus",
        times="times",
        over="over",
        of="of",
        quantity="the quantity",
        squared="squared",
        cubed="cubed",
        power="to the {}",
        prime="prime",
        inverse="inverse",
        transposed="transpose",
        factorial="factorial",
        absolute="the absolute value of",
        limits=MappingProxyType(
            {
                "∫": "the integral from {} to {} of",
                "∑": "the sum from {} to {} of",
                "∏": "the product from {} to {} of",
            }
        ),
        scientific="times ten to the {}",
        functions=MappingProxyType(
            {
                "sin": "sine",
                "cos": "cosine",
                "tan": "tangent",
                "cot": "cotangent",
                "sec": "secant",
                "csc": "cosecant",
                "sinh": "hyperbolic sine",
                "cosh": "hyperbolic cosine",
                "tanh": "hyperbolic tangent",
                "arcsin": "arc sine",
                "arccos": "arc cosine",
                "arctan": "arc tangent",
                "log": "log",
                "ln": "L N",
                "exp": "exp",
                "lim": "the limit",
                "max": "max",
                "min": "min",
                "det": "the determinant",
                "gcd": "G C D",
                "lcm": "L C M",
                "sgn": "sign",
                "mod": "mod",
            }
        ),
    ),
    symbols=MappingProxyType(_SYMBOLS),
    letters=MappingProxyType({"a": "eigh"}),
    single_letter_words=frozenset("ai"),
    articles=frozenset("a"),
    letter_markers=(
        "point|points|variable|letter|side|option|vitamin|grade|type|class|case|vertex|node|team|plan|section|part|"
        "exhibit|hepatitis|group|terminal|input|output|event|matrix|vector|constant|angle|edge|set"
    ),
    acronyms=MappingProxyType(_ACRONYMS),
    common_capitals=_COMMON_CAPITALS,
    plural="'s",
    abbreviations=MappingProxyType(_ABBREVIATIONS),
    roman_before=(
        "War|Chapter|Part|Type|Act|Volume|Vol\\.|Phase|Class|Section|Book|Figure|Table|Factor|Article|Title|Group|Stage|"
        "Grade|Level|Apollo|Rocky|Saturn|Mark|Bowl|Games|Photosystem|photosystem|type|phase|complex|Complex|Unit|Lesson"
    ),
    reigning=(
        "Louis|Henry|Charles|Elizabeth|George|James|Edward|William|Richard|Catherine|Frederick|Napoleon|Ramesses|Ramses|"
        "Philip|Alexander|Peter|Nicholas|Ivan|Pius|Paul|Benedict|Leo|Gregory|Innocent|Urban|Mary|Otto|Wilhelm|"
        "Ferdinand|Leopold|Rudolf|Joseph|Francis|Gustav|Christian|Cleopatra|Ptolemy|Darius|Xerxes|Thutmose|Amenhotep|"
        "Mehmed|Murad|Selim|Edmund|Harald|Sigismund|Clement|Julius|Sixtus|Pope|King|Queen|Emperor|Tsar"
    ),
    regnal_ordinal=lambda value: "the " + ordinal(value),
    web=MappingProxyType(
        {
            ".": "dot",
            "/": "slash",
            "-": "dash",
            "_": "underscore",
            "@": "at",
            ":": "colon",
            "#": "hash",
            "?": "question mark",
            "=": "equals",
            "&": "and",
            "%": "percent",
            "+": "plus",
            "~": "tilde",
        }
    ),
    endings=MappingProxyType(
        {
            "py": "pie",
            "json": "jason",
            "jpg": "jay-peg",
            "jpeg": "jay-peg",
            "md": "M D",
            "txt": "T X T",
            "csv": "C S V",
            "html": "H T M L",
            "css": "C S S",
            "js": "J S",
            "ts": "T S",
            "exe": "E X E",
            "pdf": "P D F",
            "png": "P N G",
            "gif": "gif",
            "svg": "S V G",
            "mp4": "M P four",
            "mp3": "M P three",
            "xml": "X M L",
            "yaml": "yammel",
            "yml": "yammel",
            "sh": "S H",
            "cpp": "C P P",
            "c": "C",
            "h": "H",
            "rs": "R S",
            "docx": "doc X",
            "xlsx": "X L S X",
            "zip": "zip",
            "org": "org",
            "com": "com",
            "net": "net",
            "edu": "E D U",
            "gov": "gov",
            "io": "I O",
            "dev": "dev",
            "uk": "U K",
            "de": "D E",
            "fr": "F R",
        }
    ),
)
