//! The folder of the cache: a file for each question, named by its key.
//!
//! A file is written beside its place and then moved there, which systems do at once or not at all, so that
//! processes that share the folder never see half a file. What cannot be read or written is done
//! without: the first trouble is told, and no more is written.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use super::form::Written;

/// What is decided sooner than this is decided again: reading and checking would not be quicker.
const WORTH: Duration = Duration::from_millis(40);
/// How much may be kept; the oldest go first.
const MOST_BYTES: u64 = 256 << 20;

/// A folder of evidence, and what became of it in this run.
#[derive(Debug)]
pub struct Cache {
    folder: PathBuf,
    worth: Duration,
    used: AtomicUsize,
    useless: AtomicUsize,
    written: AtomicUsize,
    trouble: Mutex<Option<String>>,
}

impl Cache {
    /// The cache in this folder, which is made when something is first written.
    pub fn new(folder: PathBuf) -> Cache {
        let none = || AtomicUsize::new(0);
        let (used, useless, written) = (none(), none(), none());
        Cache { folder, worth: WORTH, used, useless, written, trouble: Mutex::new(None) }
    }

    /// Keeps also what took no time to find.
    pub fn keeping_all(self) -> Cache {
        Cache { worth: Duration::ZERO, ..self }
    }

    /// What is decided sooner than this is not kept.
    pub(super) fn worth(&self) -> Duration {
        self.worth
    }

    /// How many answers were found in it.
    pub fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed).saturating_sub(self.useless.load(Ordering::Relaxed))
    }

    /// What its user should know, now that the run is over.
    pub fn notes(&self) -> Vec<String> {
        let folder = self.folder.display();
        let useless = self.useless.load(Ordering::Relaxed);
        let spoilt = (useless > 0).then(|| {
            format!(
                "{useless} of the answers kept in `{folder}` did not check; they were decided anew"
            )
        });
        let trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let trouble = trouble.map(|why| format!("no more answers are kept in `{folder}`: {why}"));
        spoilt.into_iter().chain(trouble).collect()
    }

    /// Lets the oldest files go if there are too many; only after a run that wrote some.
    pub fn trim(&self) {
        if self.written.load(Ordering::Relaxed) > 0 {
            trim(&self.folder, MOST_BYTES);
        }
    }

    /// Says that what was read last was of no use.
    pub(super) fn useless(&self) {
        self.useless.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn read(&self, key: &str) -> Option<Written> {
        let bytes = match std::fs::read(self.place(key)?) {
            Ok(bytes) => bytes,
            Err(error) => {
                if error.kind() != std::io::ErrorKind::NotFound {
                    self.say(&error);
                }
                return None;
            }
        };
        self.used.fetch_add(1, Ordering::Relaxed);
        let written = serde_json::from_slice(&bytes).ok();
        if written.is_none() {
            self.useless();
        }
        written
    }

    pub(super) fn write(&self, key: &str, written: &Written) {
        let Some(place) = self.place(key) else { return };
        if self.trouble.lock().unwrap_or_else(PoisonError::into_inner).is_some() {
            return;
        }
        match self.put(&place, written) {
            Ok(()) => {
                self.written.fetch_add(1, Ordering::Relaxed);
            }
            Err(error) => self.say(&error),
        }
    }

    fn put(&self, place: &Path, written: &Written) -> std::io::Result<()> {
        let number = self.written.load(Ordering::Relaxed);
        let beside = place.with_extension(format!("{}-{number}.new", std::process::id()));
        std::fs::create_dir_all(place.parent().unwrap_or(&self.folder))?;
        let result = std::fs::write(&beside, serde_json::to_vec(written)?)
            .and_then(|()| std::fs::rename(&beside, place));
        if result.is_err() {
            // Nothing more can be done where this fails as well.
            let _ = std::fs::remove_file(&beside);
        }
        result
    }

    fn place(&self, key: &str) -> Option<PathBuf> {
        Some(self.folder.join(key.get(..2)?).join(format!("{}.json", key.get(2..)?)))
    }

    fn say(&self, error: &std::io::Error) {
        let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        trouble.get_or_insert_with(|| error.to_string());
    }
}

/// The user's folder for such things: `$YAMEN_CACHE` if it is set (none if it is empty), else `yamen` in
/// `$XDG_CACHE_HOME` or `~/.cache`.
pub fn default_folder(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    if let Some(folder) = variable("YAMEN_CACHE") {
        return (!folder.is_empty()).then(|| PathBuf::from(folder));
    }
    let path = |name| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let folder = path("XDG_CACHE_HOME").or_else(|| Some(path("HOME")?.join(".cache")))?;
    Some(folder.join("yamen"))
}

/// Removes the oldest files of a folder of folders until at most so many bytes remain.
fn trim(folder: &Path, most: u64) {
    let mut files: Vec<(SystemTime, u64, PathBuf)> = Vec::new();
    for inner in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        for file in std::fs::read_dir(inner.path()).into_iter().flatten().flatten() {
            let Ok(about) = file.metadata() else { continue };
            let age = about.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            files.push((age, about.len(), file.path()));
        }
    }
    let mut total: u64 = files.iter().map(|(_, size, _)| size).sum();
    files.sort();
    for (_, size, path) in files {
        if total <= most {
            return;
        }
        // Another process may have been quicker.
        let _ = std::fs::remove_file(path);
        total -= size;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn the_folder_is_the_users() {
        let with = |pairs: &[(&str, &str)]| {
            let pairs: Vec<(String, String)> =
                pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
            default_folder(move |name| {
                pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.into())
            })
        };
        assert_eq!(with(&[]), None);
        assert_eq!(with(&[("HOME", "relative")]), None);
        assert_eq!(with(&[("HOME", "/h")]), Some("/h/.cache/yamen".into()));
        assert_eq!(with(&[("HOME", "/h"), ("XDG_CACHE_HOME", "/c")]), Some("/c/yamen".into()));
        assert_eq!(with(&[("HOME", "/h"), ("YAMEN_CACHE", "here")]), Some("here".into()));
        assert_eq!(with(&[("HOME", "/h"), ("YAMEN_CACHE", "")]), None);
    }

    #[test]
    fn the_oldest_go_first() {
        let folder = std::env::temp_dir().join(format!("yamen-trim-{}", std::process::id()));
        let inner = folder.join("aa");
        std::fs::create_dir_all(&inner).unwrap();
        for (n, name) in ["old", "middle", "new"].into_iter().enumerate() {
            let path = inner.join(name);
            std::fs::write(&path, [0; 100]).unwrap();
            let age = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1000 * n as u64);
            std::fs::File::options().write(true).open(&path).unwrap().set_modified(age).unwrap();
        }
        trim(&folder, 200);
        assert!(!inner.join("old").exists() && inner.join("middle").exists());
        trim(&folder, 0);
        assert!(!inner.join("new").exists());
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
