"""Report 1 of servers beside plain SQL over villages' databases, and beside what lalanh-gen says."""
import collections
import pathlib
import sqlite3
import threading

CLASSES = ("unknown", "poor", "near_poor", "average_farm", "not_poor")  # PovertyClass, in its order
# lalanh-gen's name of a measure -> name here; its households are those of that year's review.
INVENTED = {"households": "assessed", "persons": "persons"} | {
    name: name for kind in CLASSES[1:4] for name in (kind, f"{kind}_persons")}

Figures = collections.Counter  # (period, measure) -> how many


def of_village(database: pathlib.Path, periods: list[str]) -> Figures:
    """Counted in the village's own database; nothing of the program's counters is read."""
    figures = Figures()
    base = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        households, persons = base.execute(
            "SELECT count(*), ifnull(sum(members), 0) FROM household WHERE counted = 1").fetchone()
        for period in periods:
            figures[period, "households"] = households
            figures[period, "persons"] = persons
        for period, kind, homes, people in base.execute(
                "SELECT a.period, a.class, count(*), sum(h.members) FROM assessment a"
                " JOIN household h ON h.id = a.household WHERE a.counted = 1 AND h.counted = 1"
                " GROUP BY 1, 2"):
            figures[period, "assessed"] += homes
            figures[period, CLASSES[kind]] += homes
            figures[period, f"{CLASSES[kind]}_persons"] += people
    finally:
        base.close()
    return figures


def of_row(row: dict, period: str) -> Figures:
    """One row of a report's JSON."""
    figures = Figures({(period, name): row[name] for name in ("households", "persons", "assessed")})
    for kind in CLASSES:
        figures[period, kind] = row[kind]["households"]
        figures[period, f"{kind}_persons"] = row[kind]["persons"]
    return figures


class Comparison:
    """Counts what was compared and keeps what differs; from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.compared = 0
        self.differences: list[str] = []

    def equal(self, what: str, found: Figures, expected: Figures, period: str) -> None:
        names = {name for at, name in (*found, *expected) if at == period}
        for name in sorted(names):
            self.number(f"{what}, {period}, {name}", found[period, name], expected[period, name])

    def number(self, what: str, found: int, expected: int) -> None:
        with self._lock:
            self.compared += 1
            if found != expected:
                self.differences.append(f"{what}: {found}, expected {expected}")

    def wrong(self, what: str) -> None:
        with self._lock:
            self.differences.append(what)


def with_invented(comparison: Comparison, summary: dict, units: dict[str, dict]) -> None:
    """Every unit and year of summary.json beside the province's report. Persons of the last year alone: a report counts today's
    members, the generator those who were born by that year."""
    last = str(max(summary["years"]))
    for period, whole in summary["periods"].items():
        rows = {"37": whole}
        for code, district in whole["districts"].items():
            rows |= {code: district} | district["communes"]
        for code, row in rows.items():
            for name, ours in INVENTED.items():
                if period == last or "persons" not in name:
                    comparison.number(
                        f"unit {code}, {period}, {name}, as invented", units[code][period, ours], row[name])


def published(summary: dict, units: dict[str, dict]) -> list[dict]:
    """Published figures beside the province's report; lalanh-gen names none for a part."""
    return [each | {"report": units[each["unit"]][str(each["year"]), INVENTED[each["measure"]]]}
            for each in summary["published"]]
