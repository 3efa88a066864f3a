"""Contents of the diagrams of relations: small, usual and large ones, the usual ones in four languages."""

from __future__ import annotations

from typing import Any

Content = dict[str, Any]

NAMES = {
    "en": ("Set point", "Controller", "Oven", "Sensor", "Water", "Clouds", "Rain", "Rivers", "Soil", "Roots"),
    "ar": ("الماء", "وحدة التحكم", "الفرن", "جهاز الاستشعار", "السحب", "المطر", "الأنهار", "التربة", "الجذور", "الشمس"),
    "de": (
        "Sollwert",
        "Geschwindigkeitsbegrenzung",
        "Heizung",
        "Temperaturfühler",
        "Wasser",
        "Wolken",
        "Niederschlag",
        "Flüsse",
        "Boden",
        "Wurzelwerk",
    ),
    "zh": ("设定值", "控制器", "烤箱", "温度传感器", "水蒸气", "云", "降雨", "河流", "土壤", "植物的根"),
}
NOTES = {
    "en": ("lets light in", "in order, complete", "needs parallel work", "feedback"),
    "ar": ("يسمح بدخول الضوء", "بالترتيب", "يحتاج إلى عمل متواز", "تغذية راجعة"),
    "de": ("lässt Licht herein", "in der Reihenfolge", "braucht Parallelverarbeitung", "Rückkopplung"),
    "zh": ("让光线进入", "按顺序传送", "需要并行处理", "反馈"),
}
LANGUAGES = tuple(NAMES)


def usual(language: str) -> dict[str, Content]:
    """What a lesson usually shows. It has room in every format, beside every presenter."""
    a, b, c, d, e, f, g, h, i, j = NAMES[language]
    one, two, three, back = NOTES[language]
    loop = [{"from": a, "to": b}, {"from": b, "to": c, "label": f}, {"from": c, "to": d}]
    notes = [{"name": name, "note": note} for name, note in zip((a, c, d), (one, two, three), strict=True)]
    leaves = [{"name": name} for name in (f, g, h)]
    return {
        "chain": {"kind": "flow", "nodes": [a, b, c, d, e]},
        "loop": {
            "kind": "flow",
            "nodes": [a, b, c, d],
            "links": [*loop, {"from": d, "to": b, "label": back}],
        },
        "branches": {
            "kind": "flow",
            "nodes": [a, c, d, e],
            "links": [
                {"from": a, "to": c, "label": f},
                {"from": a, "to": d, "label": g},
                {"from": c, "to": e},
                {"from": d, "to": e},
            ],
        },
        "cycle": {"kind": "cycle", "steps": [a, f, g, h], "centre": e},
        "cycle of five": {"kind": "cycle", "steps": [a, b, f, g, h]},
        "comparison": {
            "kind": "comparison",
            "sides": [{"title": a, "points": [one, two]}, {"title": b, "points": [two, three, back]}],
        },
        "before and after": {
            "kind": "comparison",
            "sides": [{"title": a}, {"title": b}],
            "relation": "before-after",
        },
        "layers": {"kind": "layers", "layers": [*notes, {"name": b}]},
        "section": {"kind": "layers", "look": "section", "layers": [{"name": name} for name in (i, j, e, f)]},
        "hierarchy": {
            "kind": "hierarchy",
            "root": {"name": e, "children": [{"name": a}, {"name": c}, {"name": d, "children": leaves}]},
        },
        "parts": {"kind": "parts", "figure": e, "parts": [*notes, {"name": b}]},
        "two sets": {
            "kind": "sets",
            "sets": [{"name": a, "items": [f, g]}, {"name": e, "items": [h]}],
            "shared": [i, c],
        },
        "three sets": {
            "kind": "sets",
            "sets": [{"name": e, "items": [f]}, {"name": i, "items": [h]}, {"name": c, "items": [g]}],
            "shared": [j],
        },
        "nested sets": {"kind": "sets", "arrangement": "nested", "sets": [{"name": e, "items": [f]}, {"name": c}]},
        "sets apart": {"kind": "sets", "arrangement": "apart", "sets": [{"name": e, "items": [f]}, {"name": c}]},
        "matrix": {"kind": "matrix", "columns": [e, c], "rows": [a, d], "cells": [[one, two], [three, back]]},
        "titled matrix": {
            "kind": "matrix",
            "columns": [e, f, g],
            "rows": [h, i],
            "cells": [[c, "", e], [f, h, g]],
            "column_title": a,
            "row_title": d,
        },
    }


SMALL: dict[str, Content] = {
    "chain": {"kind": "flow", "nodes": ["A"]},
    "loop": {"kind": "flow", "nodes": ["A"], "links": [{"from": "A", "to": "A", "label": "again"}]},
    "branches": {"kind": "flow", "nodes": ["A", "B"], "links": [{"from": "A", "to": "B"}, {"from": "B", "to": "A"}]},
    "cycle": {"kind": "cycle", "steps": ["A", "B"], "centre": "C"},
    "comparison": {"kind": "comparison", "sides": [{"title": "A", "points": ["a"]}, {"title": "B"}]},
    "layers": {"kind": "layers", "layers": [{"name": "A", "note": "a"}, {"name": "B"}]},
    "hierarchy": {"kind": "hierarchy", "root": {"name": "A"}},
    "parts": {"kind": "parts", "figure": "A", "parts": [{"name": "B"}, {"name": "C", "note": "c"}]},
    "two sets": {"kind": "sets", "sets": [{"name": "A"}, {"name": "B"}], "shared": ["c"]},
    "three sets": {"kind": "sets", "sets": [{"name": "A"}, {"name": "B"}, {"name": "C"}]},
    "nested sets": {"kind": "sets", "arrangement": "nested", "sets": [{"name": "A"}, {"name": "B"}, {"name": "C"}]},
    "sets apart": {"kind": "sets", "arrangement": "apart", "sets": [{"name": "A"}, {"name": "B"}, {"name": "C"}]},
    "matrix": {"kind": "matrix", "columns": ["A", "B"], "rows": ["C", "D"], "cells": [["a", ""], ["", "d"]]},
}

WORDY = "Something that takes a while to tell"
_FIVE = ["wall", "chloroplasts", "vacuole", "starch", "plastids"]
_STEPS = [f"Step {n} of the process" for n in range(1, 13)]
LARGE: dict[str, Content] = {
    "chain": {"kind": "flow", "nodes": _STEPS},
    "loop": {
        "kind": "flow",
        "nodes": _STEPS[:6],
        "links": [{"from": _STEPS[n], "to": _STEPS[n + 1], "label": f"label {n}"} for n in range(5)]
        + [{"from": _STEPS[n], "to": _STEPS[n - 2], "label": "and back again"} for n in (2, 4, 5)]
        + [{"from": _STEPS[1], "to": _STEPS[1], "label": "once more"}],
    },
    "branches": {
        "kind": "flow",
        "nodes": _STEPS[:7],
        "links": [{"from": _STEPS[a], "to": _STEPS[b]} for a in range(3) for b in range(3, 6)]
        + [{"from": _STEPS[0], "to": _STEPS[6], "label": "straight"}, {"from": _STEPS[4], "to": _STEPS[6]}],
    },
    "parallel": {
        "kind": "flow",
        "nodes": ["Client", "Server"],
        "links": [{"from": "Client", "to": "Server", "label": text} for text in ("hello", "key", "question")]
        + [{"from": "Server", "to": "Client", "label": text} for text in ("certificate", "answer")],
    },
    "cycle": {"kind": "cycle", "steps": _STEPS[:8], "centre": "A long way around"},
    "comparison": {
        "kind": "comparison",
        "sides": [{"title": f"Side {n}", "points": [WORDY] * 6} for n in range(3)],
    },
    "layers": {"kind": "layers", "layers": [{"name": _STEPS[n], "note": WORDY} for n in range(9)]},
    "hierarchy": {
        "kind": "hierarchy",
        "root": {"name": "Life", "children": [{"name": n, "children": [{"name": n}] * 4} for n in _FIVE[:4]]},
    },
    "parts": {"kind": "parts", "figure": "Eye", "parts": [{"name": n, "note": WORDY} for n in _STEPS[:8]]},
    "two sets": {
        "kind": "sets",
        "sets": [{"name": "Plant cell", "items": _FIVE}, {"name": "Animal cell", "items": _FIVE}],
        "shared": ["nucleus", "mitochondria", "ribosomes", "membrane"],
    },
    "three sets": {
        "kind": "sets",
        "sets": [{"name": f"{name} cell", "items": _FIVE} for name in ("Plant", "Animal", "Bacterial")],
        "shared": ["nucleus", "mitochondria", "ribosomes", "membrane"],
    },
    "nested sets": {
        "kind": "sets",
        "arrangement": "nested",
        "sets": [{"name": name, "items": _FIVE} for name in ("Plants", "Trees", "Oaks")],
    },
    "sets apart": {
        "kind": "sets",
        "arrangement": "apart",
        "sets": [{"name": name, "items": _FIVE} for name in ("Plants", "Trees", "Oaks")],
    },
    "matrix": {
        "kind": "matrix",
        "columns": _STEPS[:4],
        "rows": _STEPS[:4],
        "cells": [[WORDY] * 4] * 4,
        "column_title": WORDY,
        "row_title": WORDY,
    },
}
GROUPS = {"small": SMALL, "large": LARGE} | {f"usual-{language}": usual(language) for language in LANGUAGES}
