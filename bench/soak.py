"""soak.py PROFILE SLO_MS STATUS: what an hour of load showed, from the profile of reckon measure --every; exit status 1: it does not hold.

Memory is flat when the line of least squares through the parts behind the first tenth rises by less than 2 % an hour of what the
server has, or by less than 4 MB in all: pages that are touched for the first time are no leak.
"""
import json
import sys

profile, slo_ms, status = json.load(open(sys.argv[1], encoding="utf-8")), float(sys.argv[2]), int(sys.argv[3])
whole, parts = profile["points"][0], profile["parts"]


def slope(values):
    """Of the line of least squares through values one step apart."""
    n = len(values)
    middle, mean = (n - 1) / 2, sum(values) / n
    below = sum((i - middle) ** 2 for i in range(n))
    return sum((i - middle) * (v - mean) for i, v in enumerate(values)) / below if below else 0.0


memory = [part["memory_bytes"] for part in parts if part.get("memory_bytes")]
settled = memory[len(memory) // 10:]
hours = sum(part["seconds"] for part in parts[-len(settled):]) / 3600 if settled else 0
rise = slope(settled) * len(settled) if settled else 0
p99s = sorted(part["latency_ms"]["p99"] for part in parts)
late = [p for p in p99s if p > slo_ms]
ms = whole["latency_ms"]

print(f"{whole['requests']} requests in {sum(p['seconds'] for p in parts):.0f} s, {whole['achieved_rps']:.0f} answered a second: "
      f"p50 {ms['p50']:.2f} ms, p99 {ms['p99']:.2f}, p99.9 {ms['p99.9']:.2f}, most {ms['max']:.1f}; "
      f"{whole['cpu_ms_per_request'] or 0:.3f} ms of processor a request")
print(f"parts: {len(parts)}, their p99 from {p99s[0]:.2f} to {p99s[-1]:.2f} ms; memory from {min(memory, default=0) / 1e6:.1f} "
      f"to {max(memory, default=0) / 1e6:.1f} MB, by the line {rise / 1e6:+.2f} MB in {hours:.2f} h")
holds = True
for words, is_so in (
        (f"p99 within {slo_ms:g} ms", ms["p99"] <= slo_ms),
        (f"and in 99 of 100 parts ({len(parts) - len(late)} of {len(parts)})", len(late) <= len(parts) // 100),
        ("every request answered, none with an error", whole["errors"] == 0 and whole["unanswered"] == 0),
        ("memory flat", bool(settled) and rise < max(0.02 * hours * settled[0], 4e6)),
        ("the server ended well", status == 0)):
    print(f"{'holds' if is_so else 'FAILS'}: {words}")
    holds = holds and is_so
sys.exit(0 if holds else 1)
