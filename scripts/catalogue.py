#!/usr/bin/env python3
"""Write specs/README.md: each row of the interview, with the specs, claims and verdicts that answer to it.

What is said of a claim is what `yamen verify` says now. A claim belongs to a row of specs/rows.toml if it quotes
the row's words, or a good part of them. Exits with 1 where a row that names a model has no claim, or a verdict
is not the expected one; with `--check` also where the file is not what would be written. `--check` leaves out
what proofs need, which takes longest, unless `--needs` is given too.

    scripts/catalogue.py [--check] [--needs] [--yamen PROGRAM]
"""

import argparse
import functools
import json
import pathlib
import re
import subprocess
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
SPECS = ROOT / "specs"
README = SPECS / "README.md"
# So many characters in common make a quotation, unless one text contains the other.
COMMON = 30
NOT_WORKED_OUT = "…"

HEAD = """# Specs

<!-- Written by `make catalogue` from the specs and specs/rows.toml; `make catalogue-check` says whether it is current. -->

Each folder is a family of institutions, each file one mechanism of the interview with Xueguang Zhou on
*The Logic of Governance in China*, all of them on three levels (`governance`), or their likeness elsewhere: audit
firms and committees, votes on a ledger, a treasury, payments, a hospital. A file opens with the mechanism in plain
words, what is left out, and which traps it avoids; `lib/` holds [parts](#parts-to-use) to build on.
Verdicts are about these models, not about any country.

- *Verdict*: of the file's first institution, then of its reforms where theirs is another.
- *Boundary*: for which values of the parameters the verdict is what it is, as the spec expects; where nothing is
  said it does not depend on them, or has not been asked. `yamen sweep` finds it anew.
- *Needs*: without these rules (practices, assumptions, fairness) the proof does not go through. A refutation needs
  none: it is a run. `…`: not worked out in time on the machine that wrote this.
"""


def verified(yamen, needs):
    command = [yamen, "verify", "specs", "--format", "json", "--no-progress"] + ([] if needs else ["--no-needs"])
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    report = json.loads(done.stdout)
    if "claims" not in report:
        sys.exit("the specs have errors: see `yamen verify specs/`")
    return report


def plain(text):
    return " ".join(text.split()).lower()


def common(a, b):
    """The length of the longest text in both."""
    best, row = 0, [0] * (len(b) + 1)
    for x in a:
        row = [0] + [row[j] + 1 if x == y else 0 for j, y in enumerate(b)]
        best = max(best, max(row))
    return best


@functools.cache
def quotes_words(quote, words):
    quote, words = plain(quote), plain(words)
    return words in quote or quote in words or common(quote, words) >= COMMON


def cites(claim, row):
    return any(quotes_words(quote["text"], words) for quote in claim["quotes"] for words in row["words"])


@functools.cache
def lines(path):
    return (ROOT / path).read_text().splitlines()


def boundary(claim):
    """The parameters' values for which the expected verdict is the one given, as the spec says."""
    text = []
    for line in lines(claim["file"])[claim["line"] - 1:]:
        if text and (not line.strip() or re.match(r"///|\S", line)):
            break
        text.append(line)
    found = re.search(r"expect\s+(proved|refuted|vacuous)\s+when\s+(.*)", " ".join(text), re.S)
    said = [f"{found[1]} iff `{' '.join(found[2].split())}`"] if found else []
    if claim["smallest"] is not None:
        said.append(f"least k: {claim['smallest']}")
    said += [note[0].upper() + note[1:] for note in claim["notes"] if note.startswith("it holds iff")]
    if claim["core"]:
        said.append("core: " + ", ".join(f"`{clause}`" for clause in claim["core"]))
    return "; ".join(said)


def needs_of(claim):
    if claim["verdict"] != "proved" or claim["kind"] == "scenario" or claim["vacuous"] or claim["core"]:
        return ""
    if claim["needs"] is None:
        late = any("not worked out in time" in note for note in claim["notes"])
        return NOT_WORKED_OUT if late else ""
    kinds = [("", "rules"), ("", "practices"), ("assumption ", "assumptions"), ("fairness ", "fairness")]
    named = [f"{prefix}`{name}`" for prefix, kind in kinds for name in claim["needs"][kind]]
    return ", ".join(named) or "none"


def word(claim):
    if claim["kind"] == "scenario":
        return "a run exists" if claim["verdict"] == "proved" else "no run"
    return claim["verdict"] + (", vacuous" if claim["vacuous"] else "")


def verdict(claim, variants):
    """The verdict, and that of the reforms in which it is another."""
    others = {}
    for variant in variants:
        if word(variant) != word(claim):
            others.setdefault(word(variant), []).append(f"`{variant['institution']}`")
    return "; ".join([word(claim)] + [f"{said} in {', '.join(names)}" for said, names in others.items()])


def entries(report):
    """The claims of institutions, and what reforms add; lemmas are no claims."""
    base = {(i["file"], i["name"]): i["base"] for i in report["institutions"]}
    claims = [claim for claim in report["claims"] if claim["kind"] != "lemma"]
    by_place = {}
    for claim in claims:
        by_place.setdefault((claim["file"], claim["line"]), []).append(claim)
    found = []
    for (file, _), group in by_place.items():
        first, *variants = group
        stem = file.removeprefix("specs/").removesuffix(".yamen")
        name = f"[`{stem}`]({stem}.yamen)"
        main = next(name for (path, name), _ in base.items() if path == file)
        if first["institution"] != main:
            name += f", `{first['institution']}`"
        found.append((name, first, verdict(first, variants)))
    return found


def cells(values):
    return "| " + " | ".join(value.replace("|", "\\|") for value in values) + " |"


def about(name, claim, said):
    title = f"`{claim['id']}` {claim['title'] or ''}".strip()
    return [name, title, said, boundary(claim), needs_of(claim)]


def table_of_rows(rows, found):
    text = [cells(["row", "words", "spec", "claim", "verdict", "boundary", "needs"]), "|---" * 7 + "|"]
    empty = []
    for row in rows:
        words = "“" + " … ".join(row["words"]).replace("“", "‘").replace("”", "’") + "”"
        cited = [entry for entry in found if cites(entry[1], row)]
        if not cited:
            text.append(cells([str(row["number"]), words, "–" if not row["models"] else "", "", "", "", ""]))
            empty += [row["number"]] if row["models"] else []
        for k, entry in enumerate(cited):
            text.append(cells([str(row["number"]), words if k == 0 else ""] + about(*entry)))
    return text, empty


def table_of_others(rows, found):
    text = [cells(["spec", "claim", "verdict", "boundary", "needs"]), "|---" * 5 + "|"]
    others = [entry for entry in found if not any(cites(entry[1], row) for row in rows)]
    return text + [cells(about(*entry)) for entry in others]


def table_of_parts():
    users = {path: path.read_text() for path in sorted(SPECS.glob("*/*.yamen"))}
    text = [cells(["part", "what it is", "used by"]), "|---" * 3 + "|"]
    for part in sorted(SPECS.glob("lib/*.yamen")):
        says = users[part].splitlines()[0].removeprefix("// Part: ").rstrip(".")
        used = [f"`{path.parent.name}/{path.stem}`" for path, body in users.items() if f'use "../lib/{part.name}"' in body]
        text.append(cells([f"[`lib/{part.stem}`](lib/{part.name})", says, ", ".join(used)]))
    return text


def page(report):
    rows = tomllib.loads((SPECS / "rows.toml").read_text())["row"]
    found = entries(report)
    by_row, empty = table_of_rows(rows, found)
    parts = [HEAD, "## The interview, row by row\n", *by_row, "\n## Claims that quote no row\n",
             *table_of_others(rows, found), "\n## Parts to use\n", *table_of_parts()]
    return "\n".join(parts) + "\n", empty


def without_needs(text):
    """The page without its last columns, which hold what proofs need."""
    return [re.sub(r"\|[^|]*\|$", "||", line) for line in text.splitlines()]


def differences(old, new, needs):
    """The lines that differ. What was not worked out in time now is not held against the file."""
    if not needs:
        old, new = "\n".join(without_needs(old)), "\n".join(without_needs(new))
    a, b = old.splitlines(), new.splitlines()
    if len(a) != len(b):
        missing = [line for line in b if line not in set(a)] or [line for line in a if line not in set(b)]
        return missing or ["the order of the lines"]
    cut = f"| {NOT_WORKED_OUT} |"
    same = lambda x, y: x == y or y.endswith(cut) and without_needs(x) == without_needs(y)
    return [y for x, y in zip(a, b) if not same(x, y)]


def current(report, yamen):
    """A report that was written before; none if a spec or the command is newer."""
    if report is None or not pathlib.Path(report).exists():
        return None
    made = pathlib.Path(report).stat().st_mtime
    read = [pathlib.Path(yamen), *(ROOT / "specs").rglob("*.yamen")]
    if any(path.stat().st_mtime > made for path in read):
        return None
    found = json.loads(pathlib.Path(report).read_text(encoding="utf-8"))
    return found if "claims" in found else None


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; say whether the file is current")
    parser.add_argument("--needs", action="store_true", help="with --check: what proofs need as well")
    parser.add_argument("--yamen", default=str(ROOT / "target" / "release" / "yamen"))
    parser.add_argument("--report", metavar="JSON", help="take this report, if nothing is newer than it")
    options = parser.parse_args()
    needs = options.needs or not options.check
    report = current(options.report, options.yamen) or verified(options.yamen, needs)
    text, empty = page(report)
    wrong = [f"{c['file']}: {c['institution']}.{c['id']} is {c['verdict']}" for c in report["claims"] if not c["as_expected"]]
    troubles = [f"row {number} has no claim" for number in empty] + [f"not as expected: {claim}" for claim in wrong]
    if options.check:
        stale = differences(README.read_text(), text, needs)
        troubles += [f"not current, run `make catalogue`: {line}" for line in stale[:10]]
    else:
        README.write_text(text)
    for trouble in troubles:
        print(trouble, file=sys.stderr)
    rows = len(re.findall(r"^\| \d+ \| “", text, re.M))
    print(f"{rows} rows, {len(entries(report))} claims: {'current' if options.check and not troubles else README.relative_to(ROOT)}")
    return 1 if troubles else 0


if __name__ == "__main__":
    sys.exit(main())
