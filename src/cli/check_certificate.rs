//! `yamen check-certificate`: certificates checked by a solver that had no part in the proof.
//!
//! Every certificate that was written must be there, every file must be the one that was certified (by its
//! digest), every check of every script must answer as its proof needs, and every run must replay. The solver is
//! any program that reads an SMT-LIB file and answers `sat` or `unsat` line by line; cvc5 if none is named.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rayon::prelude::*;

use super::Failure;
use super::console::print;
use super::exit::Exit;
use super::failure::reason;
use super::found::{self, Found};
use super::options::seconds;
use super::replay;
use crate::evidence::manifest::{self, Listed, Manifest, Must};
use crate::report::diagnostics::Trouble;

/// Arguments of `check-certificate`.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    /// Folders that `certify` wrote.
    #[arg(value_name = "DIR", required = true)]
    folders: Vec<PathBuf>,
    /// The solver's command; the file comes behind it.
    #[arg(long, value_name = "COMMAND", default_value = "cvc5")]
    solver: String,
    /// Time for each script.
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = seconds())]
    timeout: f64,
}

/// What came of a certificate, or of a file of it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Checked {
    Holds,
    Fails(String),
    Open(String),
}

/// Checks certificates.
///
/// # Errors
/// There are none, or there is no such solver.
pub fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let found = found::look(&arguments.folders)?;
    if found.certificates.is_empty() {
        let trouble = Trouble::new("no-certificates", "there are no certificates here");
        return Err(Failure::usage(trouble.help("`yamen certify` writes them")));
    }
    let solver = Solver::new(&arguments.solver, Duration::from_secs_f64(arguments.timeout))?;
    let folders: Vec<(&PathBuf, &Option<String>)> = found.certificates.iter().collect();
    let judged = |(folder, wrong): (&PathBuf, &Option<String>)| match wrong {
        Some(why) => (folder.clone(), Checked::Fails(why.clone())),
        None => (folder.clone(), check(folder, &solver)),
    };
    let checked: Vec<(PathBuf, Checked)> = folders.into_par_iter().map(judged).collect();
    print(&(told(&checked, &arguments.solver) + &not_checked(&found)))?;
    let any = |wanted: fn(&Checked) -> bool| checked.iter().any(|(_, checked)| wanted(checked));
    Ok(match () {
        () if any(|c| matches!(c, Checked::Fails(_))) => Exit::NotAsExpected,
        () if any(|c| matches!(c, Checked::Open(_))) => Exit::Unknown,
        () => Exit::AsExpected,
    })
}

fn told(checked: &[(PathBuf, Checked)], solver: &str) -> String {
    let mut text = String::new();
    for (folder, checked) in checked {
        let place = folder.display();
        text.push_str(&match checked {
            Checked::Holds => continue,
            Checked::Fails(why) => format!("fails     {place}: {why}\n"),
            Checked::Open(why) => format!("undecided {place}: {why}\n"),
        });
    }
    let hold = checked.iter().filter(|(_, checked)| *checked == Checked::Holds).count();
    text.push_str(&format!("{hold} of {} certificates hold, says `{solver}`\n", checked.len()));
    text
}

/// What the count says nothing of.
fn not_checked(found: &Found) -> String {
    let mut text = String::new();
    let engines: BTreeSet<&str> = found.unchecked.iter().map(|one| one.engine.as_str()).collect();
    let engines = engines.into_iter().collect::<Vec<_>>().join(" or ");
    match found.unchecked.as_slice() {
        [] => {}
        [one] => {
            text = format!(
                "1 claim was proved by {engines} alone: nothing to check ({})\n",
                one.folder
            )
        }
        all => {
            let names: Vec<&str> = all.iter().map(|one| one.folder.as_str()).collect();
            let (count, names) = (all.len(), names.join(", "));
            text = format!(
                "{count} claims were proved by {engines} alone: nothing to check ({names})\n"
            );
        }
    }
    if found.unlisted {
        text.push_str(
            "no index says whether any is missing: check the folder that `certify` wrote to\n",
        );
    }
    text
}

fn check(folder: &Path, solver: &Solver) -> Checked {
    let manifest = match read_manifest(&folder.join(manifest::FILE)) {
        Ok(manifest) => manifest,
        Err(why) => return Checked::Fails(why),
    };
    if manifest.files.is_empty() {
        return Checked::Fails("its manifest lists no file, so nothing is shown".to_owned());
    }
    for needed in &manifest.rests_on {
        let beside = folder.join("..").join(needed).join(manifest::FILE);
        if !beside.is_file() {
            return Checked::Fails(format!("it rests on `{needed}`, which has no certificate"));
        }
    }
    let each = manifest.files.iter().map(|listed| check_file(folder, &manifest, listed, solver));
    each.fold(Checked::Holds, |worst, checked| match (&worst, &checked) {
        (Checked::Fails(_), _) | (_, Checked::Holds) => worst,
        (Checked::Open(_), Checked::Open(_)) => worst,
        _ => checked,
    })
}

fn read_manifest(path: &Path) -> Result<Manifest, String> {
    let text = fs::read_to_string(path).map_err(|error| reason(&error))?;
    let manifest: Manifest = serde_json::from_str(&text)
        .map_err(|error| format!("`{}` is no manifest: {error}", manifest::FILE))?;
    match manifest.schema == manifest::SCHEMA {
        true => Ok(manifest),
        false => Err(format!("its format is `{}`, not `{}`", manifest.schema, manifest::SCHEMA)),
    }
}

fn check_file(folder: &Path, manifest: &Manifest, listed: &Listed, solver: &Solver) -> Checked {
    let file = &listed.file;
    let path = folder.join(file);
    if Path::new(file).components().count() != 1 {
        return Checked::Fails(format!("`{file}` is not in its folder"));
    }
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) => return Checked::Fails(format!("`{file}`: {}", reason(&error))),
    };
    if manifest::digest(&bytes) != listed.sha256 {
        return Checked::Fails(format!("`{file}` is not the file that was certified"));
    }
    match listed.must {
        Must::Replay => check_run(manifest, path),
        Must::Sat => solver.check(&path, file, &bytes, "sat"),
        Must::Unsat => solver.check(&path, file, &bytes, "unsat"),
    }
}

fn check_run(manifest: &Manifest, trace: PathBuf) -> Checked {
    let spec = PathBuf::from(&manifest.spec);
    match replay::of_certificate(spec, trace, &manifest.institution, &manifest.claim) {
        Ok(Ok(_)) => Checked::Holds,
        Ok(Err(departure)) => Checked::Fails(departure.trim_end().replace('\n', ";")),
        Err(_) => Checked::Open(format!("`{}` does not hold this claim", manifest.spec)),
    }
}

/// Another solver.
struct Solver {
    command: Vec<String>,
    timeout: Duration,
}

impl Solver {
    /// Finds it.
    fn new(command: &str, timeout: Duration) -> Result<Solver, Failure> {
        let words: Vec<String> = command.split_whitespace().map(str::to_owned).collect();
        let solver = Solver { command: words, timeout };
        match solver.start(Path::new("--version")) {
            Ok(mut child) => {
                let _ = child.wait();
                Ok(solver)
            }
            Err(error) => {
                let message = format!("cannot run `{command}`: {}", reason(&error));
                let help = "install cvc5, or name another SMT-LIB solver with --solver";
                Err(Failure::usage(Trouble::new("no-solver", message).help(help)))
            }
        }
    }

    fn start(&self, file: &Path) -> std::io::Result<Child> {
        let Some((program, arguments)) = self.command.split_first() else {
            return Err(std::io::Error::other("the command is empty"));
        };
        let mut command = Command::new(program);
        command.args(arguments).arg(file);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()
    }

    /// Has it check a script; as many answers as there are checks, and all of them this one.
    fn check(&self, path: &Path, file: &str, text: &[u8], answer: &str) -> Checked {
        let wanted = String::from_utf8_lossy(text).matches("(check-sat)").count();
        let said = match self.answers(path) {
            Ok(said) => said,
            Err(why) => return Checked::Open(format!("`{file}`: {why}")),
        };
        let answers: Vec<&str> = said.split_whitespace().collect();
        let other = answers.iter().position(|given| *given != answer);
        match other.and_then(|n| Some((n + 1, *answers.get(n)?))) {
            Some((n, given @ ("sat" | "unsat"))) => {
                Checked::Fails(format!("check {n} of `{file}` is {given}, not {answer}"))
            }
            Some((n, given)) => Checked::Open(format!("check {n} of `{file}`: {given}")),
            None if answers.len() == wanted && wanted > 0 => Checked::Holds,
            None if wanted == 0 => Checked::Fails(format!("`{file}` checks nothing")),
            None => Checked::Open(format!("{} of {wanted} checks of `{file}`", answers.len())),
        }
    }

    fn answers(&self, path: &Path) -> Result<String, String> {
        let mut child = self.start(path).map_err(|error| reason(&error))?;
        let mut output = child.stdout.take();
        let reader = std::thread::spawn(move || {
            let mut text = String::new();
            let read = output.as_mut().map(|output| output.read_to_string(&mut text));
            read.transpose().map(|_| text)
        });
        let deadline = Instant::now() + self.timeout;
        while child.try_wait().map_err(|error| reason(&error))?.is_none() {
            if Instant::now() >= deadline {
                let _ = child.kill();
                let _ = child.wait();
                return Err("timeout".to_owned());
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        match reader.join() {
            Ok(Ok(text)) => Ok(text),
            Ok(Err(error)) => Err(reason(&error)),
            Err(_) => Err("its output could not be read".to_owned()),
        }
    }
}
