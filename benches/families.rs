//! Claims about infinite runs that grow with n: Yamen, Yamen where no certificate is asked for, its explicit
//! search alone, and NuSMV (which gives none) on the exported model, whole processes measured.
//!
//! `cargo bench --bench families [-- --plot FILE.svg]` decides the four institutions of `benches/families` at
//! growing sizes, prints a table, and draws it. NuSMV is the command that `YAMEN_NUSMV` names, with its
//! arguments; without it its column stays empty. Whoever takes longer than the limit is not asked again.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a measurement"
)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const YAMEN: &str = env!("CARGO_BIN_EXE_yamen");
const FAMILIES: [&str; 4] = ["campaign", "cycle", "report", "guard"];
const SIZES: [u32; 6] = [2, 4, 8, 16, 32, 64];
const WHO: [&str; 4] = ["yamen", "uncertified", "explicit alone", "NuSMV"];
const COLOURS: [&str; 4] = ["#1b6ca8", "#2e8b57", "#8a8a8a", "#c0392b"];
/// When to give up.
const LIMIT: Duration = Duration::from_secs(30);
/// Runs of each, of which the fastest counts.
const ROUNDS: u32 = 3;

/// Seconds by size, for each of [`WHO`]; none where there was no answer in time.
type Curves = [Vec<(u32, Option<f64>)>; 4];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let mut panels = Vec::new();
    for family in FAMILIES {
        let heads: String = WHO.iter().map(|who| format!(" {who:>14}")).collect();
        println!("{family:>10} {:>5}{heads}", "n");
        panels.push((family, curves(family)));
    }
    if let [flag, file] = arguments.as_slice()
        && flag == "--plot"
    {
        std::fs::write(file, drawing(&panels)).expect("the drawing can be written");
    }
}

fn curves(family: &str) -> Curves {
    let spec =
        Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("benches/families/{family}.yamen"));
    let mut curves = Curves::default();
    for n in SIZES {
        let smv = exported(&spec, family, n);
        for (who, curve) in curves.iter_mut().enumerate() {
            let gave_up = curve.last().is_some_and(|(_, seconds)| seconds.is_none());
            let command = || command(who, &spec, n, &smv);
            curve.push((n, if gave_up { None } else { measured(command) }));
        }
        let shown = curves.iter().map(|curve| {
            let seconds = curve.last().and_then(|(_, seconds)| *seconds);
            let shown = seconds.map_or_else(|| "-".to_owned(), |seconds| format!("{seconds:.3} s"));
            format!(" {shown:>14}")
        });
        println!("{:>10} {n:>5}{}", "", shown.collect::<String>());
    }
    curves
}

/// The model for NuSMV.
fn exported(spec: &Path, family: &str, n: u32) -> PathBuf {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{family}_{n}.smv"));
    let status = Command::new(YAMEN)
        .args(["export", "--to", "smv", "--set", &format!("n={n}"), "-o"])
        .args([&file, spec])
        .status()
        .expect("yamen runs");
    assert!(status.success(), "{family} is written at n = {n}");
    file
}

fn command(who: usize, spec: &Path, n: u32, smv: &Path) -> Option<Command> {
    if who == 3 {
        let words = std::env::var("YAMEN_NUSMV").ok()?;
        let mut words = words.split_whitespace();
        let mut command = Command::new(words.next()?);
        command.args(words).arg(smv);
        return Some(command);
    }
    let mut command = Command::new(YAMEN);
    command.args(["verify", "--no-needs", "--set", &format!("n={n}")]).arg(spec);
    command.args(["--timeout", &LIMIT.as_secs().to_string()]);
    match who {
        1 => command.arg("--search-suffices"),
        2 => command.args(["--engine", "explicit"]),
        _ => &mut command,
    };
    Some(command)
}

/// Seconds of the fastest run; `None` if it does not answer in time that the claim holds.
fn measured(command: impl Fn() -> Option<Command>) -> Option<f64> {
    let mut best: Option<f64> = None;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let mut child = command()?.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
        while child.try_wait().expect("a child can be waited for").is_none() {
            if start.elapsed() > LIMIT {
                child.kill().expect("a child can be ended");
                child.wait().expect("a child can be waited for");
                return best;
            }
            std::thread::sleep(Duration::from_micros(500));
        }
        let seconds = start.elapsed().as_secs_f64();
        let output = child.wait_with_output().expect("the output can be read");
        let said = String::from_utf8_lossy(&output.stdout);
        if !said.contains("is true") && !said.contains("✓ proved") {
            return best;
        }
        best = Some(best.map_or(seconds, |best| best.min(seconds)));
        if seconds > 3.0 {
            break;
        }
    }
    best
}

/// The table as four small diagrams, both axes logarithmic.
fn drawing(panels: &[(&str, Curves)]) -> String {
    let mut svg = String::from(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 760 560\" font-family=\"sans-serif\" \
         font-size=\"12\">\n<title>Seconds to a proof, by size</title>\n",
    );
    for (at, (family, curves)) in panels.iter().enumerate() {
        let (left, top) =
            (60.0 + 370.0 * f64::from(at as u32 % 2), 30.0 + 270.0 * f64::from(at as u32 / 2));
        panel(&mut svg, family, curves, left, top);
    }
    svg + "</svg>\n"
}

fn panel(svg: &mut String, family: &str, curves: &Curves, left: f64, top: f64) {
    let (width, height) = (290.0, 190.0);
    let x = |n: u32| left + width * (f64::from(n).log2() - 1.0) / 5.0;
    // From 0.01 s to 100 s.
    let y = |seconds: f64| top + height * (1.0 - (seconds.log10() + 2.0) / 4.0);
    let _ = writeln!(
        svg,
        "<text x=\"{left}\" y=\"{}\" font-weight=\"bold\">{family}</text>",
        top - 8.0
    );
    for (power, label) in [(-2, "0.01 s"), (-1, "0.1 s"), (0, "1 s"), (1, "10 s"), (2, "100 s")] {
        let at = y(10f64.powi(power));
        let _ = writeln!(
            svg,
            "<path d=\"M{left} {at:.1}h{width}\" stroke=\"#ddd\"/>\
             <text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\" fill=\"#666\">{label}</text>",
            left - 6.0,
            at + 4.0
        );
    }
    for n in SIZES {
        let (at, below) = (x(n), top + height + 16.0);
        let _ = writeln!(
            svg,
            "<text x=\"{at:.1}\" y=\"{below}\" text-anchor=\"middle\" fill=\"#666\">{n}</text>"
        );
    }
    for (who, curve) in curves.iter().enumerate() {
        let known =
            curve.iter().filter_map(|(n, seconds)| seconds.map(|s| (*n, s.clamp(0.01, 100.0))));
        let points: Vec<(f64, f64)> = known.map(|(n, seconds)| (x(n), y(seconds))).collect();
        let line: Vec<String> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        let colour = COLOURS[who];
        let _ = writeln!(
            svg,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>",
            line.join(" ")
        );
        if let Some((x, y)) = points.last() {
            let _ = writeln!(
                svg,
                "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\" fill=\"{colour}\"/>\
                 <text x=\"{:.1}\" y=\"{:.1}\" fill=\"{colour}\">{}</text>",
                x - 4.0,
                y - 7.0,
                WHO[who]
            );
        }
    }
}
