//! `yamen verify --lock` and `--locked`: verdicts written down, and held against what was written.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::Failure;
use super::console;
use super::exit::Exit;
use super::failure::reason;
use crate::report::diagnostics::{self, Trouble};
use crate::report::lock::{Asked, Change, Lock, Locked, WAY_OUT};
use crate::report::outcome::Report;
use crate::verify::Options;

/// What is to be done with the lock.
#[derive(Clone, Debug, clap::Args)]
pub struct Locking {
    /// Write the verdicts to the lock file, to be reviewed together with the specs.
    #[arg(long, conflicts_with_all = ["locked", "claim"])]
    lock: bool,
    /// Exit with 1 where a verdict, or a claim's words, are not those in the lock file.
    #[arg(long)]
    locked: bool,
    /// The lock file.
    #[arg(long, value_name = "FILE", default_value = "yamen.lock")]
    lock_file: PathBuf,
}

impl Locking {
    /// The lock to hold against, if that is wanted; read before any work is done.
    ///
    /// # Errors
    /// It cannot be read, or is for another question.
    pub fn before(&self, options: &Options) -> Result<Option<Lock>, Failure> {
        if !self.locked {
            return Ok(None);
        }
        let path = self.lock_file.display();
        let wrong = |message: String| {
            let help = format!("write it with `yamen verify --lock --lock-file {path}`");
            Failure::usage(Trouble::new("wrong-lock", message).help(help))
        };
        let text = std::fs::read_to_string(&self.lock_file)
            .map_err(|error| wrong(format!("cannot read the lock `{path}`: {}", reason(&error))))?;
        let lock =
            Lock::read(&text).map_err(|fault| wrong(format!("`{path}` is no lock: {fault}")))?;
        if lock.asked == asked(options) {
            return Ok(Some(lock));
        }
        let trouble = Trouble::new(
            "other-lock",
            format!(
                "the lock `{path}` is for {}, not for {}",
                told(&lock.asked),
                told(&asked(options))
            ),
        );
        Err(Failure::usage(trouble.help("give the same --set, --for-all-params and --depth")))
    }

    /// What a report changes in the lock; nothing if it was interrupted, as then it is not whole.
    pub fn changes(
        &self,
        before: &Lock,
        report: &Report,
        paths: &[PathBuf],
        options: &Options,
    ) -> Vec<Change> {
        if report.interrupted {
            return Vec::new();
        }
        let now = Lock::new(report, written(paths), asked(options));
        let whole = now.paths == before.paths && options.claims.is_empty();
        before.changes(&now, |locked| whole || seen(report, options, locked))
    }

    /// Writes the lock if that is wanted. An interrupted run, or one whose evidence failed, is not
    /// whole and locks nothing.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(
        &self,
        report: &Report,
        paths: &[PathBuf],
        options: &Options,
    ) -> Result<(), Failure> {
        let path = self.lock_file.display();
        if !self.lock {
            return Ok(());
        }
        if matches!(Exit::of(report), Exit::Internal | Exit::Interrupted) {
            console::warn(&format!("`{path}` was not written: this run is not whole\n"));
            return Ok(());
        }
        let lock = Lock::new(report, written(paths), asked(options));
        std::fs::write(&self.lock_file, lock.written())
            .map_err(|error| Failure::output(&format!("`{path}`"), &error))?;
        let count = lock.verdicts.len();
        let plural = if count == 1 { "" } else { "s" };
        console::warn(&format!("locked {count} verdict{plural} in `{path}`\n"));
        Ok(())
    }
}

/// Tells what changed on standard error.
pub fn tell(changes: &[Change]) {
    for (at, change) in changes.iter().enumerate() {
        let trouble = Trouble::new(change.code, change.message.clone());
        let last = at + 1 == changes.len();
        let trouble = if last { trouble.help(WAY_OUT) } else { trouble };
        console::warn(&diagnostics::trouble(&trouble));
    }
}

/// How the program ends where verdicts were held against a lock.
pub fn exit(exit: Exit, changes: &[Change]) -> Exit {
    match exit {
        Exit::Internal | Exit::Interrupted => exit,
        _ if !changes.is_empty() => Exit::NotAsExpected,
        other => other,
    }
}

/// Whether what was locked was to be decided again in this run.
fn seen(report: &Report, options: &Options, locked: &Locked) -> bool {
    let institution = report.institutions.iter().any(|one| one.name == locked.institution);
    institution && (options.claims.is_empty() || options.claims.contains(&locked.claim))
}

fn asked(options: &Options) -> Asked {
    let set: BTreeMap<String, String> = options.set.clone();
    Asked { set, for_all_params: options.for_all_params, depth: options.depth }
}

fn written(paths: &[PathBuf]) -> Vec<String> {
    paths.iter().map(|path| path.display().to_string().replace('\\', "/")).collect()
}

/// `--set notice=3 --depth 12`
fn told(asked: &Asked) -> String {
    let set = asked.set.iter().map(|(name, value)| format!("--set {name}={value}"));
    let all = asked.for_all_params.then(|| "--for-all-params".to_owned());
    let depth = asked.depth.map(|depth| format!("--depth {depth}"));
    let parts: Vec<String> = set.chain(all).chain(depth).collect();
    if parts.is_empty() {
        "plain `yamen verify`".to_owned()
    } else {
        format!("`{}`", parts.join(" "))
    }
}
