"""Tables of the function words of six languages, for finding phrases and topics, and the headings of the end card.

Does not belong here: code that applies the tables, or anything about pronunciation.
"""

from __future__ import annotations

from typing import NamedTuple

from video_assets.studio.core.languages import primary_subtag


class FunctionWords(NamedTuple):
    """The words of a language by their role. All are in lower case; in an unknown language every table is empty."""

    stop: frozenset[str] = frozenset()
    """Function words. They carry no topic, and a clause never ends with one in the middle of a sentence."""
    articles: frozenset[str] = frozenset()
    """Articles and similar words, which may be left off the start of a noun phrase."""
    openers: frozenset[str] = frozenset()
    """Words that connect a clause to the one before it. They are left off the start of a key phrase."""
    weak_starts: frozenset[str] = frozenset()
    """Words that refer to another clause or depend on it. No key phrase starts with one."""
    personal: frozenset[str] = frozenset()
    """Words by which a teacher and a class address each other. A clause with one is not shown."""
    weak_ends: tuple[str, ...] = ()
    """Endings of a clause that only gives the time or the condition of another clause."""
    imperatives: frozenset[str] = frozenset()
    """Verbs by which a teacher tells the class to do something."""
    anaphors: frozenset[str] = frozenset()
    """Words that refer to something said earlier."""
    indefinite: frozenset[str] = frozenset()
    """Articles that introduce something: `A sonnet has fourteen lines`."""
    settings: frozenset[str] = frozenset()
    """Prepositions. A phrase that starts with one only gives the place or time of the clause after it."""
    conditions: frozenset[str] = frozenset()
    """Prepositions that state a condition, without which the clause is not true: at 7 percent, without air."""
    doubts: frozenset[str] = frozenset()
    """Words after which the rest of the sentence may be denied, supposed or only wished for."""
    contrasts: frozenset[str] = frozenset()
    """Words that limit the statement before them: `corals look like plants, but …`."""
    joints: frozenset[str] = frozenset()
    """Subordinating words. A clause may end before one without a change of its meaning."""
    copulas: frozenset[str] = frozenset()
    """Verbs between a term and its definition: is, are."""
    naming: frozenset[str] = frozenset()
    """Words next to a term that is introduced: called, known as."""
    staging: frozenset[str] = frozenset()
    """People and things in a picture that are not its subject."""
    preface: str = ""
    """Regular expression for the start of a description that is about the picture itself: `a labelled diagram of`."""
    suffix: str = ""
    """Regular expression for the same at the end of a description, in languages that put it there."""
    cut: str = ""
    """Regular expression for the place where a description turns from its subject to the details."""


class Headings(NamedTuple):
    """The words on an end card."""

    thanks: str
    licence: str


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_EN = FunctionWords(
    stop=_words(
        "a an the least this that these those each every either neither any some no such same other another own both "
        "all most more less many much few several enough and or but nor so yet if then than as while when where "
        "why how because although though unless until since before after once whether of in on at by for with "
        "without from to into onto upon over under above below beneath between among across through along around "
        "against toward towards within during about near beside behind beyond off out up down per via is are was "
        "were be been being am has have had having do does did doing done can could may might must shall should "
        "will would not never it its itself they them their theirs he him his she her hers i me my mine we us our "
        "ours you your yours who whom whose which what there here now just only even also too very quite rather "
        "almost nearly always often sometimes ever still again already simply really perhaps however therefore "
        "thus instead anyway else like roughly one ones two three four five six seven eight nine ten dozen "
        "hundred thousand million billion third half quarter become becomes became stay stays remain remains seem "
        "seems get gets got make makes made give gives gave keep keeps kept let lets mean means meant say says "
        "said look looks put puts need needs cause causes shows show tells tell want wants lie lies lay stand "
        "stands stood happen happens happened call calls called"
    ),
    articles=_words("a an the this that these those its their his her our your my each every any some such both"),
    openers=_words(
        "so and but now then also here today yet still first second third next finally however therefore thus "
        "hence instead meanwhile moreover indeed again remember notice well often usually sometimes simply or "
        "thats"
    ),
    weak_starts=_words(
        "it they he she him her them this that these those who whom whose which what when where while why how "
        "because if unless until although though since as than to not nor there its their his hers such and or "
        "but so whatever whenever even only just like of with without from by for into onto does do is are was "
        "were has have can could may might be instead little far some others both either neither much many down "
        "up between after before at once mostly"
    ),
    imperatives=_words(
        "look listen take draw push build let imagine suppose picture think consider ask bring raise put give "
        "make get keep join send multiply repeat set leave notice turn add remove press start compare try"
    ),
    anaphors=_words(
        "it they them this that these those ones last other same former latter others its he she him his her"
    ),
    indefinite=_words("a an"),
    settings=_words(
        "of as than via per in on at by for with without from to into onto upon over under above below beneath "
        "between among across through along around against toward towards within during about near beside behind "
        "beyond before after inside outside past despite somewhere everywhere"
    ),
    conditions=_words("at with without from by above below for under if even as"),
    personal=_words(
        "i me my we us our ours you your yours let's lets imagine suppose hello please isn't yourself myself"
    ),
    doubts=_words(
        "not no never nothing nobody neither nor if unless whether might could would should may suppose imagine "
        "expect think thought believed believe claim claimed myth wrong seem seems seemed tempting don't doesn't "
        "didn't isn't aren't won't can't cannot hardly only ask asked say"
    ),
    joints=_words("when because while whereas although though until since where so whose which who if unless"),
    contrasts=_words("but yet"),
    copulas=_words("is are means was were"),
    naming=_words("called call named known"),
    staging=_words(
        "teacher student students class classroom pupil pupils presenter person people someone man woman child "
        "children hand hands text slide screen background blackboard whiteboard board title animation scene view "
        "boxes three two four icons arrows symbols left bottom"
    ),
    preface=(
        r"(?:(?:an?|the|two|three)\s+)?(?:(?:simple|simplified|labelled|labeled|schematic|detailed|colou?rful|annotated|"
        r"animated|side|top|large|split-screen|hand-drawn|wide|aerial|stylised|stylized|clear|historical|old|energy-band)\s+)*"
        r"(?:diagram|drawing|sketch|illustration|picture|image|photo|photograph|figure|chart|graph|plot|map|"
        r"cross[- ]section|view|animation|infographic|scheme|schematic|close-up|screenshot|portrait|painting|rendering|"
        r"page|row|visuali[sz]ation)s?(?:\s+view)?\s*(?:of|showing|that shows|depicting|comparing|for|through|:)\s+"
    ),
    cut=(
        r"\s+(?:with|showing|shown|shows|labelled|labeled|seen|drawn|in which|that|where|while|which|who|as|and|"
        r"standing|pulled|marked|taking|beside|next to|text|attaching|rolling|entering|including|forming|gathering|"
        r"made up|surrounded|before and after)\b"
    ),
)

_DE = FunctionWords(
    stop=_words(
        "der die das den dem des ein eine einen einem einer eines kein keine keinen keinem keiner dieser diese "
        "dieses diesen diesem jener jede jeder jedes jeden jedem alle allen aller alles viele vielen wenige "
        "einige mehr weniger meisten manche und oder aber denn sondern sowie als wie wenn weil dass ob obwohl "
        "während bevor nachdem damit sodass bis seit in im an am auf aus bei beim mit nach von vom vor zu zum zur "
        "über unter zwischen durch für gegen ohne um entlang wegen trotz innerhalb ist sind war waren sein seien "
        "bin bist wird werden wurde wurden worden hat haben hatte hatten kann können konnte konnten muss müssen "
        "soll sollen sollte will wollen darf dürfen mag nicht nie niemals nur auch noch schon sehr so dann da "
        "dort hier jetzt nun eben etwa fast immer wieder es er sie ihm ihn ihr ihre ihren ihrem ihrer seine "
        "seinen seinem seiner wir uns unser unsere ich mich mir mein du dich dir dein man sich selbst deren "
        "dessen was wer wo warum wann welche welcher welches womit dabei dafür dagegen daran darauf daraus darin "
        "davon dazu deshalb daher jedoch doch zwar also weder gibt heißt nennt nennen bleibt macht machen nimmt "
        "kommt geht liegt steht ganz gar viel ab"
    ),
    articles=_words("ein eine einen einem einer eines der die das den dem des diese dieser dieses jede jeder jedes"),
    openers=_words("und aber also doch denn dann nun jetzt hier so auch schließlich zuerst danach daher deshalb oder"),
    weak_starts=_words(
        "es er sie ihn ihm ihr das dies dieser diese dieses der die dessen deren denen was wer wo wie wann warum "
        "wenn weil dass ob obwohl während als damit bevor nachdem bis sodass nicht stell stellt denk zu um mit "
        "ohne von aus durch gegen ist sind war hat wird sein seine ihre man dort dabei dadurch dafür davon dazu "
        "darin sondern nur weder noch einige andere beide sagte"
    ),
    anaphors=_words("es sie ihn er ihm dies diese dieser dieses diesen das sagte"),
    indefinite=_words("ein eine"),
    settings=_words(
        "in im an am auf aus bei beim mit nach von vom vor zu zum zur über unter zwischen durch für gegen ohne um "
        "entlang wegen trotz innerhalb während seit bis"
    ),
    conditions=_words("mit ohne bei beim aus durch unter über für"),
    personal=_words("man ich mich mir mein wir uns unser unsere du dich dir dein euch euer ihr stell hallo bitte"),
    doubts=_words(
        "nicht kein keine keinen keinem nie niemand nichts weder wenn falls ob könnte würde sollte vielleicht "
        "angeblich glaubte glauben dachte denken meinen irrtum falsch seien kaum nur fragt"
    ),
    joints=_words("weil wenn während obwohl bis nachdem bevor sodass damit wobei der die das deren dessen"),
    contrasts=_words("aber doch sondern jedoch"),
    copulas=_words("ist sind bedeutet heißt"),
    naming=_words("heißt heißen nennt nennen genannt"),
    staging=_words(
        "lehrer lehrerin schüler klasse tafel person menschen text folie hand hände hintergrund bild drei zwei"
    ),
    preface=(
        r"(?:(?:eine?|die|der|das)\s+)?(?:(?:einfache[rs]?|schematische[rs]?|beschriftete[rs]?|farbige[rs]?|alte[rs]?|"
        r"vereinfachte[rs]?|historische[rs]?)\s+)*(?:darstellung|diagramm|zeichnung|skizze|illustration|bild|foto|"
        r"fotografie|grafik|karte|querschnitt|schnitt|ansicht|schema|abbildung|nahaufnahme|schaubild)\s+"
        r"(?:(?:von|vom|durch|zu|zur|zum|für)\s+(?:(?:eine[rsmn]?|die|der|das|den|dem)\s+)?|(?:eine[rs]|der|des)\s+)"
    ),
    cut=r"\s+(?:mit|zeigt|beschriftet|bei der|bei dem|in der|in dem|wobei|während|und|davor|daneben|darunter)\b",
)

_FR = FunctionWords(
    stop=_words(
        "le la les l' un une des du de d' au aux ce cet cette ces chaque quelque quelques tout toute tous toutes "
        "autre autres même mêmes plusieurs peu plus moins très trop et ou mais ni or car donc si que qu' qui quoi "
        "dont où quand comme lorsque puisque parce afin pour par avec sans sous sur dans en entre vers chez "
        "contre depuis pendant avant après jusque jusqu' à est sont était étaient être été suis a ont avait "
        "avaient avoir eu peut peuvent doit doivent fait font ne n' pas jamais rien il elle ils elles on nous "
        "vous je j' tu me m' te t' se s' lui leur leurs son sa ses mon ma mes notre nos votre vos ton ta tes ceci "
        "cela ça c' y encore aussi alors ainsi puis ici là déjà presque toujours souvent surtout seulement bien "
        "mal environ"
    ),
    articles=_words("un une des ce cet cette ces chaque quelques l' le la les"),
    openers=_words("et mais donc or alors puis ainsi ici enfin ensuite maintenant aussi d'abord car"),
    weak_starts=_words(
        "il elle ils elles on ce cela ça ceci qui que qu' dont où quand comme si parce car lorsque puisque ni pas "
        "ne n' de du d' à au aux pour par avec sans en dans sous sur leur leurs son sa ses y c' c'est imaginez "
        "pensez mais depuis après avant est sont"
    ),
    anaphors=_words("il elle ils elles cela ceci ce cet cette ces"),
    indefinite=_words("un une"),
    settings=_words(
        "à au aux de du des d' dans en sur sous par pour avec sans entre vers chez contre depuis pendant avant après"
    ),
    conditions=_words("à avec sans par pour sous si"),
    personal=_words("je j' me m' mon ma mes nous notre nos vous votre vos tu te ton ta tes imaginez bonjour"),
    doubts=_words("ne n' pas jamais rien personne ni si peut-être croyait croire semble faux erreur seulement"),
    joints=_words("quand parce lorsque puisque bien dont où qui tandis"),
    contrasts=_words("mais"),
    copulas=_words("est sont signifie"),
    naming=_words("appelle appelé appelée nomme nommé"),
    staging=_words("professeur élève élèves classe tableau personne personnes gens texte main mains fond écran"),
    preface=(
        r"(?:(?:une?|le|la|l['’])\s*)?(?:schéma|diagramme|dessin|croquis|illustration|image|photo|photographie|figure|"
        r"graphique|carte|coupe|vue|représentation|portrait)(?:\s+(?:simple|schématique|légendée?|transversale|annotée?))*\s+"
        r"(?:de\s+l['’]|de\s+la\s+|d['’]une\s+|d['’]un\s+|du\s+|des\s+|de\s+|d['’]|montrant\s+)"
    ),
    cut=r"\s+(?:avec|montrant|où|dont|qui|et|légendée?|portant)\b",
)

_ES = FunctionWords(
    stop=_words(
        "el la los las un una unos unas lo de del al a ante bajo con contra desde durante en entre hacia hasta "
        "para por según sin sobre tras y e o u pero sino ni que quien quienes cual cuales cuyo cuya donde cuando "
        "como si porque aunque mientras este esta estos estas ese esa esos esas aquel aquella cada todo toda "
        "todos todas otro otra otros otras mismo misma mucho mucha muchos muchas poco poca más menos muy tan "
        "tanto es son era eran fue fueron ser sido está están estar ha han había haber hay puede pueden debe "
        "deben hace hacen no nunca jamás nada nadie él ella ellos ellas yo tú nosotros usted ustedes me te se nos "
        "le les su sus mi mis tu tus nuestro nuestra ya aún también entonces así aquí allí ahora casi siempre "
        "solo sólo bien"
    ),
    articles=_words("un una unos unas el la los las este esta estos estas cada"),
    openers=_words("y pero entonces así ahora aquí luego también además primero después finalmente o pues ya"),
    weak_starts=_words(
        "lo que quien cual cuyo donde cuando como si porque aunque mientras no ni de del a al para por con sin en "
        "bajo sobre su sus se esto eso este esta es son era está ha han hay sino más imagina piensa según desde "
        "hasta entre"
    ),
    anaphors=_words("esto eso este esta estos estas ese esa él ella ellos ellas lo"),
    indefinite=_words("un una"),
    settings=_words(
        "a al de del en con sin por para sobre bajo entre hacia desde durante hasta según tras contra ante"
    ),
    conditions=_words("con sin por para bajo si al"),
    personal=_words("yo me mi mis nosotros nos nuestro nuestra tú te tu tus usted ustedes imagina hola vemos"),
    doubts=_words("no nunca nada nadie ni si quizá quizás parece creía creer falso error solo sólo apenas"),
    joints=_words("cuando porque mientras aunque donde cuyo que"),
    contrasts=_words("pero sino"),
    copulas=_words("es son significa"),
    naming=_words("llama llamado llamada denomina"),
    staging=_words(
        "profesor profesora alumno alumnos clase pizarra persona personas gente texto mano manos fondo pantalla"
    ),
    preface=(
        r"(?:(?:una?|el|la)\s+)?(?:esquema|diagrama|dibujo|ilustración|imagen|foto|fotografía|figura|gráfico|gráfica|"
        r"mapa|corte|vista|representación|retrato)(?:\s+(?:simple|esquemátic[oa]|transversal|rotulad[oa]))*\s+"
        r"(?:del\s+|de\s+(?:(?:una?|el|la|los|las)\s+)?|que muestra\s+)"
    ),
    cut=r"\s+(?:con|mostrando|donde|que|y|rotulad[oa]|cuyas?|cuyos?)\b",
)

_HI = FunctionWords(
    stop=_words(
        "का के की को से में पर ने तक और या लेकिन परन्तु किन्तु कि जो जिस जिसे जिसमें जिससे जिसके जिसकी जिनमें वह वे "
        "यह ये इस उस इन उन इसे उसे इसका इसके इसकी उसका उसके उसकी इसमें उसमें इनमें उनमें अपना अपने अपनी है हैं था "
        "थे थी हो होता होते होती हुआ हुए हुई रहा रहे रही गया गए गई कर करते करता करती करना करने किया किए जाता जाते "
        "जाती लगता लगती लगते सकता सकते सकती दिया देता देते देती लेता लेते लेती एक भी ही तो न नहीं मत सब सभी कुछ "
        "बहुत कई हर प्रत्येक जब तब जहाँ वहाँ यहाँ यहीं वहीं क्यों कैसे क्या कौन अगर यदि मगर इसलिए क्योंकि फिर अब साथ "
        "लिए बाद पहले लगभग हम हमारा हमारे हमारी मैं मेरा मेरे मेरी आप आपका तुम तुम्हारा वाला वाले वाली द्वारा कहते "
        "कहा बीच ऊपर नीचे"
    ),
    articles=_words("एक यह ये वह वे इस उस"),
    openers=_words("और लेकिन तो फिर अब इसलिए परन्तु किन्तु यानी अतः साथ तब"),
    weak_starts=_words(
        "वह वे यह ये इस उस इन उन इसे उसे इसका इसके इसकी उसका उसके उसकी जो जिस जिसे जिसमें जिससे कि जब जहाँ क्योंकि "
        "अगर यदि का के की को से में पर ने है हैं था यहाँ वहाँ यहीं वहीं नहीं न क्या क्यों कैसे कौन इनमें उनमें "
        "इसमें उसमें मगर यही वही ऐसा ऐसे ऐसी इससे उससे"
    ),
    personal=_words("मैं मेरा मेरे मेरी मुझे हम हमें हमारा हमारे हमारी आप आपका आपके आपको आपने तुम सोचिए कल्पना नमस्ते देखिए देखें"),
    doubts=_words("नहीं न मत कभी अगर यदि शायद गलत क्या"),
    anaphors=_words("यह वह ये वे इस उस इन उन इसे उसे इसका इसके इसकी उसका उसके उसकी"),
    joints=_words("जो जिसमें जिससे जिसे क्योंकि जब ताकि"),
    contrasts=_words("लेकिन परन्तु किन्तु मगर बल्कि"),
    copulas=_words("है हैं"),
    naming=_words("कहते कहलाता कहलाती कहलाते यानी यही"),
    staging=_words("शिक्षक अध्यापक छात्र कक्षा व्यक्ति लोग बोर्ड पृष्ठभूमि हाथ पाठ"),
    suffix=r"\s+(?:का|के|की)\s+(?:नामांकित\s+|सरल\s+)?(?:चित्र|आरेख|रेखाचित्र|मानचित्र|नक्शा|ग्राफ|दृश्य|तस्वीर|अनुप्रस्थ काट).*$",
    cut=r"\s+(?:जिसमें|जिसके|जिस|जहाँ|और साथ|दिखाते|दिखाता)(?=\s|$)",
)

_ZH = FunctionWords(
    stop=frozenset(
        "的了是在和与及或而也就都很把被让向从到对为以于其之这那哪此个们它他她我你您吗呢吧啊着过不没有只又再还更最"
    ),
    articles=_words("一个 一种 一张 一幅 这个 那个 一片"),
    openers=_words(
        "但是 可是 然而 所以 因此 于是 而且 并且 然后 接着 现在 今天 其实 首先 最后 不过 因为 同时 那么 但 而 也 "
        "却 并 就"
    ),
    weak_starts=_words(
        "它 它们 他 他们 她 这 那 这些 那些 其 如果 虽然 因为 即使 只要 只有 还 并 也 就 而 却 不 没有 的 在 从 "
        "对 把 被 当 还是 比如 例如 其中 大部分 大多"
    ),
    weak_ends=("以后", "之后", "时候", "的时", "以来", "以前", "之前", "时"),
    settings=_words("利用 通过 用 从 在 随着 根据 经过 由于 为了 对于"),
    personal=_words("我 我们 你 你们 您 咱们 想象 大家 请"),
    doubts=_words("不 没 没有 并非 如果 假如 也许 可能 以为 误以为 吗 难道"),
    anaphors=frozenset("它这那此其她他"),
    contrasts=frozenset("但却而可"),
    copulas=_words("是 叫做 称为 指"),
    naming=_words("是 叫 叫做 称为 称作 就是 的"),
    staging=_words("老师 学生 教师 黑板 人们 文字 背景 一个人"),
    preface=r"(?:一张|一幅|一个)?(?:示意图|图片|图表|插图|照片|地图)(?:[:：]|显示了?|展示了?)",
    suffix=r"(?:的)?(?:结构)?(?:示意图|图片|图表|插图|照片|结构图|剖面图|地图|图)$",
    cut=r"(?<=.)(?:标注|标有|标明|显示|展示|上面|其中|并|在|被)",
)

_FUNCTION_WORDS = {"en": _EN, "de": _DE, "fr": _FR, "es": _ES, "hi": _HI, "zh": _ZH}

_HEADINGS = {
    "en": Headings("Thank you for watching", "Licence"),
    "de": Headings("Danke fürs Zuschauen", "Lizenz"),
    "fr": Headings("Merci de votre attention", "Licence"),
    "es": Headings("Gracias por su atención", "Licencia"),
    "hi": Headings("देखने के लिए धन्यवाद", "लाइसेंस"),
    "zh": Headings("感谢观看", "许可协议"),
}


def function_words_of(language: str) -> FunctionWords:
    """The function words of `language` (a BCP 47 tag); empty tables when the language is unknown."""
    return _FUNCTION_WORDS.get(primary_subtag(language), FunctionWords())


def headings_of(language: str) -> Headings | None:
    """The end card's headings in `language` (a BCP 47 tag), or None when the language is unknown.

    A card without headings is better than one with headings in another language.
    """
    return _HEADINGS.get(primary_subtag(language))
