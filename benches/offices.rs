//! Bit-level IC3 beside its peers on the chain of offices, whole processes measured.
//!
//! `cargo bench --bench offices -- FOLDER [K]` reads `FOLDER/offices_N_K.btor2`, writes each as
//! AIGER beside it in the temporary folder, and prints a table. Peers are used where they are
//! found: rIC3 in `PEERS/ric3/bin` or `PATH`, ABC as `berkeley-abc` in `PATH`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a measurement")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use yamen::circuit::reduce::reduce;
use yamen::engine::Budget;
use yamen::engine::ic3::{Verdict, decide};
use yamen::exchange::{aiger, btor2};

/// The sizes measured.
const SIZES: [u32; 5] = [6, 12, 24, 48, 96];
/// Runs of each, of which the fastest counts.
const ROUNDS: u32 = 3;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["decide", file] => decide_file(Path::new(file)),
        [folder] => table(Path::new(folder), "3"),
        [folder, k] => table(Path::new(folder), k),
        _ => println!("usage: cargo bench --bench offices -- FOLDER [K]"),
    }
}

/// What the measured process does: read, reduce, decide, report.
fn decide_file(file: &Path) {
    let bytes = std::fs::read(file).expect("the file can be read");
    let circuits = if file.extension().is_some_and(|e| e == "btor2") {
        btor2::circuits(&String::from_utf8(bytes).expect("BTOR2 is text"))
    } else {
        aiger::circuits(&bytes)
    };
    let (_, circuit) = circuits.expect("the file is well formed").bad.remove(0);
    let reduced = reduce(&circuit);
    let seed = 0;
    let budget = Budget { cancel: &|| false, deadline: None, depth: None, seed };
    let (verdict, effort) = decide(&reduced.circuit, budget, &mut |_| {});
    let word = match &verdict {
        Verdict::Safe(clauses) => format!("safe, {} clauses", clauses.len()),
        Verdict::Unsafe(run) => {
            let run = reduced.run(&circuit, run);
            assert!(circuit.accepts(&run), "the run is none");
            format!("unsafe, {} periods", run.periods.len())
        }
        Verdict::Open(reason) => format!("open: {reason}"),
    };
    println!("{word}; {effort:?}; {} kB", peak_memory());
}

/// The most memory that this process had resident, in kB.
fn peak_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.map_or("?", |rest| rest.trim().trim_end_matches(" kB")).to_owned()
}

fn table(folder: &Path, k: &str) {
    println!("{:>4} {:>10} {:>10} {:>10}  what ours says", "N", "ours", "rIC3", "ABC pdr");
    for n in SIZES {
        let file = folder.join(format!("offices_{n}_{k}.btor2"));
        let Ok(text) = std::fs::read_to_string(&file) else { continue };
        let circuit = btor2::circuits(&text).expect("the file is well formed").bad.remove(0).1;
        let aig = std::env::temp_dir().join(format!("offices_{n}_{k}.aig"));
        std::fs::write(&aig, aiger::write(&circuit, true)).expect("the file can be written");
        let own = std::env::current_exe().expect("this program has a path");
        let (time, said) = measure(Command::new(own).arg("decide").arg(&file));
        let ric3 = measure(Command::new(ric3()).args(["-e", "ic3"]).arg(&aig)).0;
        let script = format!("read {}; fold; pdr", aig.display());
        let abc = measure(Command::new("berkeley-abc").arg("-c").arg(script)).0;
        println!("{n:>4} {:>10} {:>10} {:>10}  {said}", show(time), show(ric3), show(abc));
    }
}

fn ric3() -> PathBuf {
    let installed = std::env::var("PEERS").map(|peers| PathBuf::from(peers).join("ric3/bin/rIC3"));
    installed.ok().filter(|path| path.exists()).unwrap_or_else(|| PathBuf::from("rIC3"))
}

/// The fastest of some runs, and what the last one printed; nothing if there is no such program.
fn measure(command: &mut Command) -> (Option<Duration>, String) {
    let mut best = None;
    let mut said = String::new();
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let Ok(output) = command.stdin(Stdio::null()).output() else { return (None, said) };
        let time = start.elapsed();
        best = Some(best.map_or(time, |b: Duration| b.min(time)));
        said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    }
    (best, said)
}

fn show(time: Option<Duration>) -> String {
    time.map_or_else(|| "-".to_owned(), |t| format!("{:.3} s", t.as_secs_f64()))
}
