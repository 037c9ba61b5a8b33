"""How the categories of a report came about, in one box, and what they cannot say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from hotspot.labels import COLUMNS, label
from hotspot.language import _, ngettext, number, percent
from hotspot.reports.report_blocks import Block, Box, Bullets, Heading
from hotspot.reports.report_facts import Facts


def say_method(facts: Facts) -> tuple[Block, ...]:
    """Say by what rules the categories are decided."""
    criteria = facts.criteria
    said = []
    if "window_months" in criteria:
        said.append(
            ngettext(
                "Each month every mahalla gets a category from the counted offenses of the window "
                "of {n} month, its population and its neighbours, by the criteria {name}, version "
                "{version}.",
                "Each month every mahalla gets a category from the counted offenses of the window "
                "of {n} months, its population and its neighbours, by the criteria {name}, "
                "version {version}.",
                criteria["window_months"],
                name=criteria["name"],
                version=criteria["version"],
            )
        )
    if facts.kinds:
        said.append(_("Counted kinds: {kinds}.", kinds=", ".join(facts.kinds)))
    elif facts.kinds is not None:
        said.append(_("All kinds of offenses are counted."))
    if "green" in criteria and not facts.two_classes:
        said.append(_("Green where: {rule}.", rule=_rule(criteria["green"])))
    if red := criteria.get("red"):
        said.append(_("Red where: {rule}.", rule=_rule(red)))
        if stay := red.get("stay"):
            said.append(_("Red the month before, and red still where: {rule}.", rule=_rule(stay)))
        if override := red.get("override"):
            said.append(
                _(
                    "Red in any case where at least {count} offenses are of these kinds: {kinds}.",
                    count=number(override.get("count", 1)),
                    kinds=", ".join(override["kinds"]),
                )
            )
        said.append(
            _("Not red is any other mahalla.")
            if facts.two_classes
            else _("Yellow is any other mahalla with a counted offense.")
        )
    if "min_hit_rate" in criteria and not facts.two_classes:
        said.append(
            _(
                "Not assessed is a mahalla without a counted offense where one might not have been "
                "seen: months without records, no way to place a record, or fewer than {least} of "
                "the district's records placed.",
                least=percent(criteria["min_hit_rate"], 0),
            )
        )
    if named := _named(criteria):
        said.append(_("The words of the rules: {words}.", words=named))
    return (Heading(_("Method")), Box(tuple(said))) if said else ()


def say_limits(facts: Facts) -> tuple[Block, ...]:
    """Say what the categories are not."""
    items = [
        _("Not red means neither safety nor that nothing is recorded.")
        if facts.two_classes
        else _(
            "Green means that no counted offense is recorded in the window. It does not mean "
            "safety."
        ),
        _(
            "Red is relative: a red mahalla stands out from the others. If all crime doubles, "
            "nobody turns red by that."
        ),
        _(
            "A category is a reason to look, not a proof and not a judgement of the people who "
            "live or work there."
        ),
        _(
            "Offenses that nobody reported are not there. Where more is reported or looked for, "
            "more is counted."
        ),
    ]
    if facts.change is not None:
        items.append(
            _(
                "A p-value holds where offenses come independently of each other, which they do "
                "not quite; it says how often chance alone does as much, not how grave it is."
            )
        )
    if rejected := facts.records.get("rejected"):
        items.append(
            ngettext(
                "{n} record is not counted: not placed, without a date of the period, or of a "
                "kind that does not count.",
                "{n} records are not counted: not placed, without a date of the period, or of a "
                "kind that does not count.",
                rejected,
            )
        )
    if facts.ledger:
        items.append(
            _(
                "Months that were published are taken from the ledger {hash}.",
                hash=facts.ledger[:12],
            )
        )
    return Heading(_("Limits")), Bullets(tuple(items))


def _rule(rule: Mapping[str, Any]) -> str:
    """Write a rule in the criteria's own words."""
    parts = []
    if conditions := rule.get("all"):
        words = "; ".join(conditions)
        parts.append(words if len(conditions) == 1 else _("all of ({rules})", rules=words))
    if conditions := rule.get("any"):
        words = "; ".join(conditions)
        parts.append(words if len(conditions) == 1 else _("at least one of ({rules})", rules=words))
    if conditions := rule.get("not"):
        parts.append(_("none of ({rules})", rules="; ".join(conditions)))
    return ", ".join(parts)


def _named(criteria: Mapping[str, Any]) -> str:
    """Say what the columns mean that the rules name."""
    red = criteria.get("red", {})
    rules = (criteria.get("green", {}), red, red.get("stay") or {})
    texts = [text for rule in rules for key in ("all", "any", "not") for text in rule.get(key, ())]
    names = {name for text in texts for name in re.findall(r"[a-z_]+", text)} & set(COLUMNS)
    return ", ".join(f"{name} = {label(name)}" for name in sorted(names))
