//! The limits that Yamen keeps, measured: how long a check, a verification and a search take.
//!
//! `make bench` prints the table. Nothing here fails when a limit is not kept, since machines
//! differ; a reader compares. Times of the command are wall-clock times from the start of the
//! process to its end, the median of several runs and the best one.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a benchmark may stop"
)]

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use comfy_table::Table;
use yamen::govern::{self, files::Disk};
use yamen::interp::explicit::{self, Limits, Question};
use yamen::types::{Assignment, check};

const YAMEN: &str = env!("CARGO_BIN_EXE_yamen");
const OFFICES: &str = "benches/offices.yamen";

fn main() {
    let mut table = Table::new();
    table.set_header(["what", "median", "best", "limit", "peak memory"]);
    let long = two_thousand_lines();
    let command = |table: &mut Table, what: &str, limit: &str, runs, arguments: &[&str]| {
        let (times, memory) = measured(runs, arguments);
        let memory = memory.map_or_else(|| "-".to_owned(), |kb| format!("{} MB", kb / 1024));
        table.add_row([what, &ms(median(&times)), &ms(times[0]), limit, &memory]);
    };
    let path = long.to_str().unwrap();
    command(&mut table, "typecheck, 2,000 lines", "30 ms", 21, &["typecheck", path]);
    let first = "examples/first.yamen";
    command(&mut table, "verify, ten lines", "20 ms", 21, &["verify", first]);
    let deep = ["verify", OFFICES, "--set", "n=24", "--depth", "12", "--claim", "outlasts"];
    command(&mut table, "offices, N = 24, depth 12", "1,000 ms, 500 MB", 5, &deep);
    let det_1 = ["verify", "specs/detection/inspection.yamen", "--claim", "det_1"];
    command(&mut table, "detection after one visit", "200 ms", 10, &det_1);
    let twelve = ["verify", "benches/twelve.yamen"];
    command(&mut table, "12 sites, 3 inspectors, 4 campaigns", "10,000 ms", 3, &twelve);
    let speeds = states_per_second();
    let (median, best) = (speeds[speeds.len() / 2], speeds[speeds.len() - 1]);
    let thousands = |speed: f64| format!("{:.0}k/s", speed / 1000.0);
    let row = ["explicit search, one core", &thousands(median), &thousands(best), "300k/s", "-"];
    table.add_row(row);
    println!("{table}");
    println!("{} cores, yamen {}", std::thread::available_parallelism().unwrap(), yamen::VERSION);
}

/// The offices again and again, as institutions of different names, until 2,000 lines are full.
fn two_thousand_lines() -> std::path::PathBuf {
    let offices = std::fs::read_to_string(OFFICES).unwrap();
    let copies = 2000usize.div_ceil(offices.lines().count());
    let text: String = (0..copies)
        .map(|n| offices.replace("institution offices", &format!("institution offices_{n}")))
        .collect();
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("two_thousand_lines.yamen");
    std::fs::write(&path, text).unwrap();
    path
}

/// Sorted times of so many runs of the command, and the most memory that one took, in kB.
fn measured(runs: usize, arguments: &[&str]) -> (Vec<Duration>, Option<u64>) {
    let mut most = None;
    let mut times: Vec<Duration> = (0..runs)
        .map(|_| {
            let start = Instant::now();
            let mut command = Command::new(YAMEN);
            command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
            command.spawn().unwrap().wait().unwrap();
            start.elapsed()
        })
        .collect();
    times.sort();
    // One more run, watched: looking at the memory of a process would slow the others down.
    let mut child = Command::new(YAMEN)
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while child.try_wait().unwrap().is_none() {
        most = most.max(peak(child.id()));
        std::thread::sleep(Duration::from_millis(1));
    }
    (times, most)
}

/// The most memory that a running process has used, in kB, where the system tells.
fn peak(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// Sorted speeds of searches through a million states of a ladder of careers.
fn states_per_second() -> Vec<f64> {
    let loaded = govern::load::load(&["benches/ladder.yamen".into()], &Disk);
    let (core, _) = govern::elaborate(&loaded.institutions[0]);
    let model = check(&core, &Assignment::default()).model.unwrap();
    let limits = Limits {
        max_states: 1_000_000,
        max_memory: 4 << 30,
        deadline: None,
        cancel: &|| false,
        defect_free: true,
    };
    let mut speeds: Vec<f64> = (0..3)
        .map(|_| {
            let start = Instant::now();
            let mut states = 0;
            let mut progress = |p: explicit::Progress| states = p.states;
            let outcome = explicit::search(
                &model,
                &Question::Claim(&model.claims[0]),
                &limits,
                &mut progress,
            );
            if let explicit::Outcome::Holds { states: all, .. } = outcome {
                states = all;
            }
            states as f64 / start.elapsed().as_secs_f64()
        })
        .collect();
    speeds.sort_by(f64::total_cmp);
    speeds
}

fn median(times: &[Duration]) -> Duration {
    times[times.len() / 2]
}

fn ms(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}
