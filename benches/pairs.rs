//! Claims of knowledge against two runs composed by hand: Yamen on the claim, and Spacer and rIC3 on the pair
//! that a reader would write without a word for knowledge (`benches/pairs`), and on the pair that Yamen exports.
//!
//! `cargo bench --bench pairs` prints the table, whole processes measured. `YAMEN_SPACER` and `YAMEN_RIC3` are
//! the commands of the two, with their arguments; without one its columns stay empty. Ours tells which rules
//! the proof needs and has a fresh solver check it, which the two do not.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a measurement"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use comfy_table::Table;

const YAMEN: &str = env!("CARGO_BIN_EXE_yamen");
/// When to give up.
const LIMIT: Duration = Duration::from_secs(60);
/// Runs of each, of which the fastest counts.
const ROUNDS: u32 = 3;

/// A question, posed twice.
struct Pair {
    what: &'static str,
    /// The file and its claim of knowledge.
    knowledge: [&'static str; 3],
    /// The file with two runs in one model.
    by_hand: [&'static str; 3],
}

const PAIRS: [Pair; 2] = [
    Pair {
        what: "DET-1, one visit",
        knowledge: ["specs/detection/inspection.yamen", "inspection", "det_1"],
        by_hand: ["benches/pairs/inspection.yamen", "inspection_by_hand", "pair"],
    },
    Pair {
        what: "12 sites, 3 inspectors, 4 campaigns",
        knowledge: ["benches/twelve.yamen", "twelve", "twelve"],
        by_hand: ["benches/pairs/twelve.yamen", "twelve_by_hand", "pair"],
    },
];

fn main() {
    let mut table = Table::new();
    let head = ["what", "yamen", "Spacer, by hand", "rIC3, by hand", "Spacer, ours", "rIC3, ours"];
    table.set_header(head);
    for pair in PAIRS {
        let peers = [pair.by_hand, pair.knowledge].into_iter().flat_map(|question| {
            [("YAMEN_SPACER", "chc", "smt2", "sat"), ("YAMEN_RIC3", "aiger", "aig", "safe")]
                .map(|peer| theirs(question, peer))
        });
        let [file, _, claim] = pair.knowledge;
        let ours = ["verify", "--no-cache", "--claim", claim, file];
        let ours = best(|| measured(Command::new(YAMEN).args(ours), "proved"));
        let times = [ours].into_iter().chain(peers).map(shown);
        table.add_row([pair.what.to_owned()].into_iter().chain(times));
    }
    println!("{table}");
    println!("{} cores, yamen {}", std::thread::available_parallelism().unwrap(), yamen::VERSION);
}

/// How long a peer takes to prove the exported question.
fn theirs(
    question: [&str; 3],
    (name, format, ending, proved): (&str, &str, &str, &str),
) -> Option<Duration> {
    let words = std::env::var(name).ok()?;
    let mut words = words.split_whitespace();
    let program = words.next()?;
    let arguments: Vec<&str> = words.collect();
    let file = exported(question, format, ending);
    best(|| measured(Command::new(program).args(&arguments).arg(&file), proved))
}

fn exported([file, institution, claim]: [&str; 3], format: &str, ending: &str) -> PathBuf {
    let to = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{institution}.{ending}"));
    let status = Command::new(YAMEN)
        .args(["export", "--to", format, "--institution", institution, "--claim", claim, "-o"])
        .args([&to, Path::new(file)])
        .status()
        .expect("yamen runs");
    assert!(status.success(), "{claim} is written as {format}");
    to
}

fn best(run: impl Fn() -> Option<Duration>) -> Option<Duration> {
    (0..ROUNDS).map_while(|_| run()).min()
}

/// The time of a whole process that says the word, none where it takes too long.
fn measured(command: &mut Command, word: &str) -> Option<Duration> {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("said");
    let start = Instant::now();
    let said = std::fs::File::create(&file).unwrap();
    let mut child = command.stdout(said).stderr(Stdio::null()).spawn().expect("the command runs");
    while child.try_wait().unwrap().is_none() {
        if start.elapsed() > LIMIT {
            child.kill().unwrap();
            child.wait().unwrap();
            return None;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    let time = start.elapsed();
    let said = std::fs::read_to_string(&file).unwrap();
    assert!(said.split(|c: char| !c.is_alphanumeric()).any(|w| w == word), "it says: {said}");
    Some(time)
}

fn shown(time: Option<Duration>) -> String {
    time.map_or_else(|| "-".to_owned(), |time| format!("{:.3} s", time.as_secs_f64()))
}
