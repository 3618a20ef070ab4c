"""What a run measured: one dictionary for programs, tables for people."""
import collections

import compare

TIERS = ("village", "hall", "district", "province")
WHOLE = 318_200  # households of the whole province at the end of 2024


def of_run(run) -> dict:
    world = run.world
    phases = dict(run.phases)
    evening = next(seconds for name, seconds in phases.items() if name.startswith("Evening"))
    return {
        "villages": run.summary["villages"], "households": run.households, "periods": run.periods,
        "jobs": run.args.jobs, "phases": phases, "seconds": sum(phases.values()),
        "households_a_second_in_the_evening": run.households / evening,
        "tiers": [_tier(run, tier) for tier in TIERS],
        "commands": _commands(world.samples),
        "compared": run.comparison.compared, "differences": run.comparison.differences,
        "published": compare.published(run.summary, run.reported),
    }


def _tier(run, tier: str) -> dict:
    world = run.world
    nodes = [node for node in world.nodes if node.tier == tier]
    work: dict[str, float] = collections.Counter()
    for sample in world.samples:
        if sample.tier == tier and sample.step not in ("report", "verify"):
            work[sample.node] += sample.wall
    servers = [used for used in world.servers_used if used.tier == tier]
    peaks: dict[str, int] = {used.node: used.peak_kib for used in servers}
    for sample in world.samples:
        if not servers and sample.tier == tier:
            peaks[sample.node] = max(peaks.get(sample.node, 0), sample.peak_kib)
    sizes = [node.database_bytes for node in nodes]
    links = run.links.get(tier, [])
    return {
        "tier": tier, "nodes": len(nodes),
        "work_seconds": _spread(list(work.values())),
        "server_cpu_seconds": _spread([used.cpu for used in servers]),
        "peak_kib": _spread(list(peaks.values())), "database_bytes": _spread(sizes),
        "events_sent": sum(link["events_sent"] for link in links),
        "bytes_sent": _spread([link["bytes_sent"] for link in links]),
        "bytes_received": _spread([link["bytes_received"] for link in links]),
    }


def _spread(values: list) -> dict:
    total = sum(values)
    return {"total": total, "mean": total / len(values) if values else 0, "max": max(values, default=0)}


def _commands(samples: list) -> list[dict]:
    groups = collections.defaultdict(list)
    for sample in samples:
        groups[sample.tier, sample.step].append(sample)
    return [{"tier": tier, "command": step, "times": len(group),
             "seconds": _spread([s.wall for s in group]), "cpu_seconds": sum(s.cpu for s in group),
             "peak_kib": max(s.peak_kib for s in group)} for (tier, step), group in groups.items()]


def all_equal(result: dict) -> bool:
    return not result["differences"] and all(
        each["report"] == each["published"] for each in result["published"])


def text(result: dict) -> str:
    parts = [f"\n{result['villages']} villages, {result['households']} households, reviews of "
             f"{', '.join(result['periods'])}; halls that serve at once: "
             f"{result['jobs']} at most; districts and province serve all the time"]
    parts.append(_table(["phase", "s"], [[name, f"{s:.1f}"] for name, s in result["phases"].items()]
                        + [["together", f"{result['seconds']:.1f}"]]))
    rate = result["households_a_second_in_the_evening"]
    parts.append(f"evening: {rate:.0f} households a second; the whole province ({WHOLE} households) "
                 f"at this rate: {WHOLE / rate / 60:.1f} min")
    parts.append(_table(
        ["tier", "nodes", "work s", "mean", "max", "server cpu s", "peak MB mean", "max",
         "database MB", "mean", "max", "events up", "sent KB mean", "max"],
        [[t["tier"], t["nodes"], *_cells(t["work_seconds"], 1, 2), f"{t['server_cpu_seconds']['total']:.1f}",
          *_cells(t["peak_kib"], 1024, 1)[1:], *_cells(t["database_bytes"], 1e6, 2), t["events_sent"],
          *_cells(t["bytes_sent"], 1e3, 1)[1:]] for t in result["tiers"]]))
    parts.append(
        "work: commands of the tier's own nodes, from init to sync, by the clock. peak: VmHWM of the "
        "server;\nof a village, of its largest command (8 MB at least, the starter's). MB: 10^6 bytes in "
        "files, 2^20 in memory.")
    parts.append(_table(
        ["tier", "command", "times", "s", "mean ms", "max ms", "cpu s", "peak MB"],
        [[c["tier"], c["command"], c["times"], f"{c['seconds']['total']:.1f}",
          f"{1e3 * c['seconds']['mean']:.0f}", f"{1e3 * c['seconds']['max']:.0f}",
          f"{c['cpu_seconds']:.1f}", f"{c['peak_kib'] / 1024:.1f}"] for c in result["commands"]]))
    if result["published"]:
        parts.append(_table(["published", "unit", "measure", "figure", "report 1", ""], [
            [p["year"], p["unit"], p["measure"], p["published"], p["report"],
             "equal" if p["report"] == p["published"] else "DIFFERS"] for p in result["published"]]))
    else:
        parts.append("A part has no published figures.")
    wrong = result["differences"]
    parts.append("\n".join(
        [f"compared: {result['compared']} numbers of reports, villages and lalanh-gen; "
         f"{len(wrong)} differ", *wrong[:20]]))
    return "\n\n".join(parts)


def _cells(spread: dict, unit: float, digits: int) -> list[str]:
    return [f"{spread[part] / unit:.{digits}f}" for part in ("total", "mean", "max")]


def _table(head: list, rows: list[list]) -> str:
    lines = [[str(cell) for cell in row] for row in (head, *rows)]
    wide = [max(len(line[i]) for line in lines) for i in range(len(head))]
    numbers = [all(line[i][:1].isdigit() for line in lines[1:] if line[i]) for i in range(len(head))]
    return "\n".join("  ".join(
        cell.rjust(w) if right else cell.ljust(w) for cell, w, right in zip(line, wide, numbers)).rstrip()
        for line in lines)
