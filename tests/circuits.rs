//! Circuits of other tools that ask about infinite runs: random ones are decided as plain enumeration decides
//! them, as BTOR2 and as AIGER.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod support;

use std::fmt::Write as _;
use std::path::Path;

use support::random::Random;
use yamen::exchange::{Foreign, Format, read};
use yamen::report::events::Silent;
use yamen::report::outcome::{Entry, Verdict};
use yamen::syntax::source::SourceMap;
use yamen::verify::foreign::verify_foreign;
use yamen::verify::{Options, blank};

fn parsed(text: &str, format: Format) -> Foreign {
    let mut sources = SourceMap::default();
    let file = sources.add("test", text);
    read(&sources, file, format).unwrap_or_else(|d| panic!("{}\n{text}", d.message))
}

fn entries(foreign: &Foreign) -> Vec<Entry> {
    let options = Options::default();
    let mut report = blank(&options);
    verify_foreign(Path::new("test"), foreign, &options, &Silent, &|| false, &mut report);
    assert!(report.entries.iter().all(|entry| !entry.evidence_failed), "{:?}", report.entries);
    report.entries
}

const STATES: usize = 3;
const INPUTS: usize = 1;

/// A circuit of three latches and an input: literals of AIGER, variable 0 being false.
struct Random3 {
    /// Each a conjunction of two literals of earlier variables.
    gates: Vec<[usize; 2]>,
    next: [usize; STATES],
    /// First values; `None` is open.
    reset: [Option<bool>; STATES],
    constraints: Vec<usize>,
    justice: Vec<usize>,
    fair: Vec<usize>,
}

impl Random3 {
    fn new(seed: u64) -> Random3 {
        let mut random = Random::new(seed);
        let leaves = 1 + INPUTS + STATES;
        let gates: Vec<[usize; 2]> =
            (leaves..leaves + 8).map(|n| [0, 0].map(|_| 2 + random.below(2 * n - 2))).collect();
        let literals = 2 * (leaves + gates.len()) - 2;
        let mut some = |count: usize| -> Vec<usize> {
            (0..count).map(|_| 2 + random.below(literals)).collect()
        };
        let next = some(STATES).try_into().unwrap();
        let (met, fair, limits) = (some(2), some(1), some(1));
        let reset = [0; STATES].map(|_| [Some(false), Some(true), None][random.below(3)]);
        let justice = met[..random.below(3)].to_vec();
        let fair = fair[..random.below(2)].to_vec();
        let constraints = if random.chance(30) { limits } else { Vec::new() };
        Random3 { gates, next, reset, constraints, justice, fair }
    }

    fn aiger(&self) -> String {
        let (leaves, gates) = (INPUTS + STATES, self.gates.len());
        let (c, f) = (self.constraints.len(), self.fair.len());
        let mut text =
            format!("aag {} {INPUTS} {STATES} 0 {gates} 0 {c} 1 {f}\n2\n", leaves + gates);
        for (n, (next, reset)) in self.next.iter().zip(self.reset).enumerate() {
            let own = 2 * (1 + INPUTS + n);
            let reset = reset.map_or(own, usize::from);
            writeln!(text, "{own} {next} {reset}").unwrap();
        }
        self.constraints.iter().for_each(|c| writeln!(text, "{c}").unwrap());
        writeln!(text, "{}", self.justice.len()).unwrap();
        self.justice.iter().chain(&self.fair).for_each(|j| writeln!(text, "{j}").unwrap());
        for (n, [a, b]) in self.gates.iter().enumerate() {
            writeln!(text, "{} {a} {b}", 2 * (1 + leaves + n)).unwrap();
        }
        text + "j0 again and again\n"
    }

    fn btor2(&self) -> String {
        // Variable n is node n + 1.
        let node = |literal: usize| match literal % 2 {
            0 => format!("{}", literal / 2 + 1),
            _ => format!("-{}", literal / 2 + 1),
        };
        let mut lines = vec!["sort bitvec 1".to_owned(), "input 1".to_owned()];
        lines.extend((0..STATES).map(|_| "state 1".to_owned()));
        lines.extend(self.gates.iter().map(|[a, b]| format!("and 1 {} {}", node(*a), node(*b))));
        for (n, (next, reset)) in self.next.iter().zip(self.reset).enumerate() {
            let own = node(2 * (1 + INPUTS + n));
            if let Some(value) = reset {
                lines.push(format!("const 1 {}", u8::from(value)));
                lines.push(format!("init 1 {own} {}", lines.len()));
            }
            lines.push(format!("next 1 {own} {}", node(*next)));
        }
        lines.extend(self.constraints.iter().map(|c| format!("constraint {}", node(*c))));
        lines.extend(self.fair.iter().map(|f| format!("fair {}", node(*f))));
        let justice: Vec<String> = self.justice.iter().map(|j| node(*j)).collect();
        lines.push(format!("justice {} {}", justice.len(), justice.join(" ")));
        let numbered = lines.iter().enumerate().map(|(n, line)| format!("{} {line}\n", n + 1));
        numbered.collect()
    }

    /// All values where latches and the input have these.
    fn values(&self, node: usize) -> Vec<bool> {
        let mut values = vec![false];
        values.extend((0..INPUTS + STATES).map(|n| node >> n & 1 == 1));
        for [a, b] in &self.gates {
            values.push(literal(&values, *a) && literal(&values, *b));
        }
        values
    }

    /// Whether an infinite run meets all justice again and again, by enumeration.
    fn recurs(&self) -> bool {
        let count = 1 << (INPUTS + STATES);
        let values: Vec<Vec<bool>> = (0..count).map(|n| self.values(n)).collect();
        let valid = |n: usize| self.constraints.iter().all(|c| literal(&values[n], *c));
        let latch = |n: usize, which: usize| values[n][1 + INPUTS + which];
        let first = |n: usize| {
            (0..STATES).all(|which| self.reset[which].is_none_or(|value| latch(n, which) == value))
        };
        let step = |a: usize, b: usize| {
            let follows = |which: usize| latch(b, which) == literal(&values[a], self.next[which]);
            valid(a) && valid(b) && (0..STATES).all(follows)
        };
        let mut reach: Vec<Vec<bool>> =
            (0..count).map(|a| (0..count).map(|b| step(a, b)).collect()).collect();
        for middle in 0..count {
            for from in 0..count {
                for to in 0..count {
                    reach[from][to] |= reach[from][middle] && reach[middle][to];
                }
            }
        }
        let reached =
            |n: usize| (0..count).any(|s| first(s) && valid(s) && (s == n || reach[s][n]));
        let met = |n: usize, condition: usize| {
            (0..count).any(|m| reach[n][m] && reach[m][n] && literal(&values[m], condition))
        };
        let conditions = || self.justice.iter().chain(&self.fair);
        (0..count).any(|n| reached(n) && reach[n][n] && conditions().all(|c| met(n, *c)))
    }
}

fn literal(values: &[bool], literal: usize) -> bool {
    values[literal / 2] != (literal % 2 == 1)
}

#[test]
fn random_circuits_recur_as_enumeration_says() {
    let mut counts = [0; 2];
    for seed in 0..150 {
        let circuit = Random3::new(seed);
        let recurs = circuit.recurs();
        counts[usize::from(recurs)] += 1;
        let expected = if recurs { Verdict::Refuted } else { Verdict::Proved };
        for (text, format) in [(circuit.aiger(), Format::Aiger), (circuit.btor2(), Format::Btor2)] {
            let entries = entries(&parsed(&text, format));
            assert_eq!(entries.len(), 1, "{text}");
            assert_eq!(
                entries[0].verdict, expected,
                "seed {seed}: {:?}\n{text}",
                entries[0].reason
            );
        }
    }
    assert!(counts.iter().all(|count| *count > 30), "{counts:?}");
}

#[test]
fn fairness_counts_for_infinite_runs_and_not_for_bad_states() {
    // A latch that follows an input; it is bad that it is on, and fair that it is off again and again.
    let text = |fair: &str, justice: &str| {
        format!(
            "1 sort bitvec 1\n2 input 1 push\n3 state 1 on\n4 zero 1\n5 init 1 3 4\n6 next 1 3 2\n\
             {fair}8 bad 3 lit\n9 justice {justice}\n"
        )
    };
    let verdicts = |text: String| -> Vec<(String, Verdict)> {
        let entries = entries(&parsed(&text, Format::Btor2));
        entries.into_iter().map(|entry| (entry.id, entry.verdict)).collect()
    };
    let lit = ("lit".to_owned(), Verdict::Refuted);
    let named = |name: &str, verdict| vec![lit.clone(), (name.to_owned(), verdict)];
    let found = verdicts(text("", "1 3 stays"));
    assert_eq!(found, named("stays", Verdict::Refuted));
    let found = verdicts(text("7 fair -3\n", "2 3 2"));
    assert_eq!(found, named("justice0", Verdict::Refuted));
    let found = verdicts(text("7 constraint -2\n", "1 3"));
    let none = vec![("lit".to_owned(), Verdict::Proved), ("justice0".to_owned(), Verdict::Proved)];
    assert_eq!(found, none);
}
