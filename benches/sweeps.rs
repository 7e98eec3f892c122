//! The limits of sweeps, measured: whole grids, a process for each cell, and two shards.
//!
//! `make bench` prints the table. Nothing here fails when a limit is not kept, since machines
//! differ; a reader compares. Times are wall-clock times of the command.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a benchmark may stop"
)]

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use comfy_table::Table;

const YAMEN: &str = env!("CARGO_BIN_EXE_yamen");
const CYC_1: [&str; 11] = [
    "specs/cycles/perpetual.yamen",
    "--claim",
    "cyc_1",
    "--over",
    "deviation_limit",
    "--over",
    "backlog_limit",
    "--over",
    "deviation_threshold",
    "--over",
    "backlog_threshold",
];
const DET_3: [&str; 3] = ["specs/detection/resonance.yamen", "--claim", "det_3_in_time"];
/// The axes of DET-3's grid and their ends: terms of inspectors, gaps between campaigns, periods for
/// which an inspector is fresh, and campaigns.
const AXES: [(&str, u32, u32); 4] =
    [("term", 1, 8), ("gap", 1, 8), ("fresh", 0, 4), ("campaigns", 1, 7)];
const CELLS: u32 = 8 * 8 * 5 * 7;
/// Of so many cells one is decided in a process of its own.
const SAMPLED: u32 = 29;

fn main() {
    let mut table = Table::new();
    table.set_header(["what", "time", "limit"]);
    let cyc_1 = best(3, || ended(start(&CYC_1, &[])));
    table.add_row(["CYC-1, 900 cells, of which 225 are proved", &ms(cyc_1), "10,000 ms"]);
    let grid: Vec<String> =
        AXES.iter().map(|(name, lo, hi)| format!("{name}={lo}..{hi}")).collect();
    let over: Vec<&str> = grid.iter().flat_map(|axis| ["--over", axis]).collect();
    let whole = best(3, || ended(start(&DET_3, &over)));
    table.add_row([&format!("DET-3, {CELLS} cells"), &ms(whole), "60,000 ms"]);
    // What is compared with the cells one by one decides these cells and no others.
    let inside = [&over[..], &["--no-outside"]].concat();
    let inside = best(3, || ended(start(&DET_3, &inside)));
    table.add_row(["without the cells outside that test the boundary", &ms(inside), "-"]);
    let apart = apart();
    table.add_row(["the same, a new process for each cell (from a sample)", &ms(apart), "-"]);
    let times = apart.as_secs_f64() / inside.as_secs_f64();
    table.add_row(["one process is faster by", &format!("{times:.1}×"), "10×"]);
    let bare = |more: &[&str]| {
        let usual = ["--jobs", "1", "--no-outside", "--format", "csv"];
        start(&DET_3, &[&over[..], &usual, more].concat())
    };
    // A shard looks for no boundary, and a process that decides all cells does; that is part of what
    // two shards leave to `sweep merge`.
    let one = best(3, || ended(bare(&[])));
    let halves = [["--shard", "1/2"], ["--shard", "2/2"]];
    let turns = best(3, || halves.iter().for_each(|half| ended(bare(half))));
    let two = best(3, || halves.map(|half| bare(&half)).into_iter().for_each(ended));
    // What two processes that share nothing gain over one is all that the machine gives.
    let both = best(3, || [bare(&[]), bare(&[])].into_iter().for_each(ended));
    table.add_row(["DET-3, one process, one job", &ms(one), "-"]);
    table.add_row(["the whole of it twice at once, one job each", &ms(both), "-"]);
    table.add_row(["DET-3, two shards one after the other, one job", &ms(turns), "-"]);
    table.add_row(["DET-3, two shards at once, one job each", &ms(two), "-"]);
    let times = |than: Duration| format!("{:.2}×", than.as_secs_f64() / two.as_secs_f64());
    table.add_row(["two shards are faster than one process by", &times(one), "1.8×"]);
    table.add_row(["than one after the other by", &times(turns), "1.8×"]);
    let ceiling = 2.0 * one.as_secs_f64() / both.as_secs_f64();
    table.add_row(["of at most, on this machine", &format!("{ceiling:.2}×"), "-"]);
    println!("{table}");
    println!("{} cores, yamen {}", std::thread::available_parallelism().unwrap(), yamen::VERSION);
}

/// The time for all cells, each in a process of its own, one after the other: some are decided so.
fn apart() -> Duration {
    let mut sampled = 0;
    let start_of_all = Instant::now();
    for n in (0..CELLS).step_by(SAMPLED as usize) {
        let mut rest = n;
        let mut cell = Vec::new();
        for (name, lo, hi) in AXES {
            let size = hi - lo + 1;
            cell.push(format!("{name}={}", lo + rest % size));
            rest /= size;
        }
        let over = cell.iter().flat_map(|axis| ["--over", axis]);
        let more: Vec<&str> = over.chain(["--no-outside"]).collect();
        ended(start(&DET_3, &more));
        sampled += 1;
    }
    start_of_all.elapsed() * CELLS / sampled
}

fn start(arguments: &[&str], more: &[&str]) -> Child {
    let mut command = Command::new(YAMEN);
    command.arg("sweep").args(arguments).args(more);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn ended(mut child: Child) {
    let code = child.wait().unwrap().code();
    assert_eq!(code, Some(0), "the sweep is not as expected");
}

fn best(runs: usize, work: impl Fn()) -> Duration {
    let timed = |_| {
        let start = Instant::now();
        work();
        start.elapsed()
    };
    (0..runs).map(timed).min().unwrap()
}

fn ms(time: Duration) -> String {
    format!("{:.0} ms", time.as_secs_f64() * 1000.0)
}
