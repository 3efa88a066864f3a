"""Hindi, as a teacher says it: Latin letters by their names, comparisons in the English words of the classroom.

"x > y" is read "x ग्रेटर दैन y". A Hindi sentence would need the two sides in the other order, and read word by word it
would say the opposite.
"""

from __future__ import annotations

from video_assets.studio.spoken.characters import DEVANAGARI, LATIN

from .language import (
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

_MONTHS = listed("जनवरी फ़रवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर")
_LETTERS = table(
    "a ए ; b बी ; c सी ; d डी ; e ई ; f एफ़ ; g जी ; h एच ; i आई ; j जे ; k के ; l एल ; m एम ; n एन ; o ओ ; p पी ; "
    "q क्यू ; r आर ; s एस ; t टी ; u यू ; v वी ; w डब्ल्यू ; x एक्स ; y वाई ; z ज़ेड"
)


def _fraction(numerator: int, denominator: int) -> str:
    known = {(1, 2): "आधा", (1, 3): "एक तिहाई", (2, 3): "दो तिहाई", (1, 4): "एक चौथाई", (3, 4): "तीन चौथाई"}
    return known.get((numerator, denominator)) or f"{numerator} बटा {denominator}"


def _year(value: int) -> str:
    """`1969` -> `19 सौ 69`; from 2000 on like any number."""
    century, rest = divmod(value, 100)
    return str(value) if century >= 20 else f"{century} सौ {rest or ''}".strip()


def _clock(hour: int, minute: int) -> str:
    return f"{hour} बजकर {minute} मिनट" if minute else f"{hour} बजे"


_PREFIXES = table("p पिको ; n नैनो ; µ माइक्रो ; μ माइक्रो ; m मिली ; k किलो ; M मेगा ; G गीगा ; T टेरा")
_PREFIXED = unit_table(
    "Ω ओम ; Ω ओम ; V वोल्ट ; A एम्पियर ; W वाट ; F फैराड ; J जूल ; N न्यूटन ; Pa पास्कल ; C कूलॉम ; cal कैलोरी ; "
    "mol मोल ; T टेस्ला ; Hz हर्ट्ज़ ; H हेनरी ; S सीमेंस ; g ग्राम ; m मीटर ; l लीटर ; L लीटर ; s सेकंड ; Wh "
    "वाट-घंटा ; eV इलेक्ट्रॉन-वोल्ट ; B बाइट ; bit बिट"
)
_UNITS = unit_table(
    "cm सेंटीमीटर ; dm डेसीमीटर ; min मिनट ; h घंटा ; t टन ; ha हेक्टेयर ; KB किलोबाइट ; ° डिग्री ; °C डिग्री "
    "सेल्सियस ; °F डिग्री फ़ारेनहाइट ; K केल्विन ; bar बार ; dB डेसिबल ; Å एंगस्ट्रॉम ; px पिक्सेल ; मी मीटर ; "
    "किमी किलोमीटर ; सेमी सेंटीमीटर ; किग्रा किलोग्राम"
)

_SYMBOLS = greek_letters(
    "अल्फ़ा बीटा गामा डेल्टा एप्सिलॉन ज़ीटा ईटा थीटा आयोटा कप्पा लैम्डा म्यू न्यू ज़ाई ओमिक्रॉन पाई रो सिग्मा टाउ "
    "अप्सिलॉन फ़ाई काई साई ओमेगा"
) | table(
    "= बराबर ; == बराबर ; === पूरी तरह बराबर ; := परिभाषित है ; ≔ परिभाषित है ; ≠ बराबर नहीं ; != बराबर नहीं ; < "
    "लेस दैन ; > ग्रेटर दैन ; ≤ लेस दैन या बराबर ; <= लेस दैन या बराबर ; ≥ ग्रेटर दैन या बराबर ; >= ग्रेटर दैन या "
    "बराबर ; ⩽ लेस दैन या बराबर ; ⩾ ग्रेटर दैन या बराबर ; ≪ बहुत लेस दैन ; ≫ बहुत ग्रेटर दैन ; ≈ लगभग बराबर ; ≃ "
    "लगभग बराबर ; ≅ सर्वांगसम ; ∼ समरूप ; ~ लगभग ; ≡ सर्वसम ; ∝ समानुपाती ; ± प्लस माइनस ; ∓ माइनस प्लस ; + प्लस ; "
    "++ प्लस प्लस ; += प्लस बराबर ; -= माइनस बराबर ; × गुणा ; * गुणा ; ⋅ गुणा ; ∙ गुणा ; ⊗ टेंसर ; ⊕ सीधा योग ; ÷ "
    "भाग ; − माइनस ; ∕ बटा ; ⁄ बटा ; / स्लैश ; → से ; ⟶ से ; -> से ; ← पीछे ; <- में रखें ; ↔ आगे पीछे ; ⇌ साम्य "
    "में ; ⇄ साम्य में ; ⇒ इसलिए ; ⟹ इसलिए ; => इसलिए ; ⇔ यदि और केवल यदि ; ⟺ यदि और केवल यदि ; ↦ का प्रतिबिंब ; ↑ "
    "ऊपर ; ↓ नीचे ; ∞ अनंत ; √ वर्गमूल ; ∛ घनमूल ; ∜ चतुर्थ मूल ; ∑ योग ; ∏ गुणनफल ; ∫ समाकल ; ∬ द्विसमाकल ; ∮ बंद "
    "समाकल ; ∂ आंशिक डी ; ∇ डेल ; ∈ सदस्य है ; ∉ सदस्य नहीं है ; ∋ में सदस्य है ; ⊂ उपसमुच्चय है ; ⊆ उपसमुच्चय है "
    "; ⊃ अधिसमुच्चय है ; ⊇ अधिसमुच्चय है ; ∪ संघ ; ∩ सर्वनिष्ठ ; ∅ रिक्त समुच्चय ; ∀ सभी के लिए ; ∃ अस्तित्व में "
    "है ; ∄ अस्तित्व में नहीं है ; ∴ इसलिए ; ∵ क्योंकि ; ¬ नहीं ; ∧ और ; ∨ या ; && और ; || या ; ⊥ लंबवत ; ∥ समांतर "
    "; ∠ कोण ; ℝ वास्तविक संख्याएँ ; ℕ प्राकृत संख्याएँ ; ℤ पूर्णांक ; ℚ परिमेय संख्याएँ ; ℂ सम्मिश्र संख्याएँ ; ħ "
    "एच बार ; ℏ एच बार ; ℓ एल ; ° डिग्री ; ′ प्राइम ; ″ डबल प्राइम ; % प्रतिशत ; ‰ प्रति हज़ार ; & और ; @ ऐट ; # "
    "हैश ; № नंबर ; § धारा ; © कॉपीराइट ; ® पंजीकृत ; ™ ट्रेडमार्क ; † क्रॉस ; ‡ दोहरा क्रॉस ; _ अंडरस्कोर ; ^ की "
    "घात ; ⁎ तारा ; ✓ सही ; ✔ सही ; ✗ गलत ; ✘ गलत ; ★ तारा ; ☆ तारा ; ♯ शार्प ; ♭ फ़्लैट ; $ डॉलर ; € यूरो ; £ "
    "पाउंड ; ¥ येन ; ₹ रुपये ; ¢ सेंट ; ℃ डिग्री सेल्सियस ; ℉ डिग्री फ़ारेनहाइट ; ⊙ सूर्य ; ♀ मादा ; ♂ नर ; ∘ "
    "संयोजन ; ∣ जहाँ"
)

HINDI = Language(
    tag="hi",
    script=DEVANAGARI + LATIN,
    accents=False,
    point="दशमलव",
    decimal=".",
    group=",\u00a0\u202f\u2009",
    cardinal=as_counted,
    digits=one_by_one,
    fraction_digits=one_by_one,
    fraction=_fraction,
    mixed="{} सही {}",
    year=_year,
    year_refused=r"\s(?:रुप|लोग|मीटर|किलो|छात्र)",
    date=lambda year, month, day: f"{day} {_MONTHS[month - 1]} {_year(year)}",
    clock=_clock,
    percent="{} प्रतिशत",
    to="से",
    per="प्रति",
    square="वर्ग {}",
    cubic="घन {}",
    square_one="वर्ग {}",
    cubic_one="घन {}",
    time_squared="{} वर्ग",
    units=combine_patterns(with_prefixes(_PREFIXES, _PREFIXED), _PREFIXED, _UNITS),
    money={
        "$": Money("डॉलर", "डॉलर", "सेंट", "सेंट"),
        "€": Money("यूरो", "यूरो", "सेंट", "सेंट"),
        "£": Money("पाउंड", "पाउंड", "पेंस", "पेंस"),
        "¥": Money("येन", "येन"),
        "₹": Money("रुपया", "रुपये", "पैसा", "पैसे"),
        "¢": Money("सेंट", "सेंट"),
    },
    money_order="{} {} {}",
    magnitudes="हज़ार|हजार|लाख|करोड़|अरब",
    maths=Maths(
        minus="माइनस",
        negative="माइनस",
        times="गुणा",
        over="बटा",
        of="ऑफ़",
        quantity="कोष्ठक में",
        squared="का वर्ग",
        cubed="का घन",
        power="की घात {}",
        prime="प्राइम",
        inverse="इनवर्स",
        transposed="ट्रांसपोज़",
        factorial="फ़ैक्टोरियल",
        absolute="मापांक",
        limits=table("∫ {} से {} तक समाकल ; ∑ {} से {} तक योग ; ∏ {} से {} तक गुणनफल"),
        scientific="गुणा 10 की घात {}",
        functions=table(
            "sin साइन ; cos कॉस ; tan टैन ; cot कॉट ; sec सेक ; cosec कोसेक ; log लॉग ; ln प्राकृतिक लॉग ; exp "
            "एक्सपोनेंशियल ; lim सीमा ; max अधिकतम ; min न्यूनतम ; det सारणिक ; mod मॉड"
        ),
    ),
    symbols=_SYMBOLS,
    letters=_LETTERS,
    acronyms=table("NASA नासा ; MOSFET मॉस्फ़ेट ; LASER लेज़र ; RAM रैम ; ROM रोम ; UNESCO यूनेस्को ; COVID कोविड"),
    abbreviations={
        r"डॉ\.": "डॉक्टर",
        r"प्रो\.": "प्रोफ़ेसर",
        r"श्री\.": "श्री",
        r"उदा\.": "उदाहरण के लिए",
        r"चित्र सं\.": "चित्र संख्या",
        r"C\+\+": "सी प्लस प्लस",
        r"C#": "सी शार्प",
        r"#(?=\d)": "नंबर",
    },
    web=table(
        ". डॉट ; / स्लैश ; - डैश ; _ अंडरस्कोर ; @ ऐट ; : कोलन ; # हैश ; ? प्रश्नचिह्न ; = बराबर ; & और ; % "
        "प्रतिशत ; + प्लस ; ~ टिल्ड"
    ),
    endings=table(
        "com कॉम ; org ऑर्ग ; net नेट ; in इन ; py पी वाई ; json जेसन ; html एच टी एम एल ; txt टेक्स्ट ; pdf पी डी एफ़"
    ),
)
