//! What `check-certificate` finds in folders, held against the index that `certify` wrote there.
//!
//! A certificate that is listed has to be there, with the manifest that was listed, and none may be there that is
//! not listed. A claim's or an institution's folder alone has no index and is taken as it is; a folder of
//! institutions without index has lost it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::Failure;
use super::failure::reason;
use crate::evidence::index::{self, Index, Indexed, Unchecked};
use crate::evidence::manifest;
use crate::report::diagnostics::Trouble;

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Folders of certificates, and what is wrong with them before any script was read.
    pub certificates: BTreeMap<PathBuf, Option<String>>,
    /// What was proved and left nothing to check.
    pub unchecked: Vec<Unchecked>,
    /// Some lie where no index tells which there should be.
    pub unlisted: bool,
}

/// Looks through folders.
///
/// # Errors
/// One of them cannot be read.
pub(super) fn look(folders: &[PathBuf]) -> Result<Found, Failure> {
    let mut walk = Walk::default();
    for folder in folders {
        walk.visit(folder, 0)?;
    }
    let mut found = Found::default();
    let mut listed = BTreeSet::new();
    for root in &walk.indexes {
        match read(root) {
            Ok(index) => found.hold(root, index, &mut listed),
            Err(why) => drop(found.certificates.insert(root.clone(), Some(why))),
        }
    }
    for (folder, depth) in &walk.certificates {
        let is_indexed = walk.indexes.iter().any(|root| folder.starts_with(root));
        found.judge(folder, *depth, is_indexed, &listed);
    }
    Ok(found)
}

/// The folders of interest at and below others.
#[derive(Default)]
struct Walk {
    indexes: BTreeSet<PathBuf>,
    /// With how far they are below the folder that was named.
    certificates: BTreeMap<PathBuf, usize>,
}

impl Walk {
    fn visit(&mut self, folder: &Path, depth: usize) -> Result<(), Failure> {
        let unreadable = |error: std::io::Error| {
            let message = format!("cannot read `{}`: {}", folder.display(), reason(&error));
            Failure::usage(Trouble::new("unreadable", message))
        };
        let mut below = Vec::new();
        for entry in fs::read_dir(folder).map_err(unreadable)? {
            below.push(entry.map_err(unreadable)?.path());
        }
        if folder.join(index::FILE).is_file() {
            self.indexes.insert(folder.to_owned());
        }
        if below.iter().any(|path| path.is_file() && is_of_certificate(path)) {
            let depth = self.certificates.get(folder).map_or(depth, |known| depth.min(*known));
            self.certificates.insert(folder.to_owned(), depth);
        }
        below.iter().filter(|path| path.is_dir()).try_for_each(|path| self.visit(path, depth + 1))
    }
}

/// Whether a file is of the kind that lies in a certificate's folder.
fn is_of_certificate(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    let is_script = path.extension().is_some_and(|extension| extension == "smt2");
    is_script || name == manifest::FILE || name == "run.itf.json"
}

impl Found {
    /// Holds an index against what is there.
    fn hold(&mut self, root: &Path, index: Index, listed: &mut BTreeSet<PathBuf>) {
        for one in &index.certificates {
            match index::below(root, &one.folder) {
                Some(folder) => {
                    self.certificates.insert(folder.clone(), missed(&folder, one));
                    listed.insert(folder);
                }
                None => {
                    let why =
                        format!("`{}` lists `{}`, which is elsewhere", index::FILE, one.folder);
                    self.certificates.insert(root.to_owned(), Some(why));
                }
            }
        }
        self.unchecked.extend(index.unchecked);
    }

    /// Says what is wrong with a folder that no index has told of so far.
    fn judge(&mut self, folder: &Path, depth: usize, is_indexed: bool, listed: &BTreeSet<PathBuf>) {
        if listed.contains(folder) {
            return;
        }
        let (manifest, index) = (manifest::FILE, index::FILE);
        let wrong = if !folder.join(manifest).is_file() {
            Some(format!("its `{manifest}` is missing"))
        } else if is_indexed {
            Some(format!("not listed in `{index}`: of an earlier run? then remove it"))
        } else if depth > 1 {
            Some(format!("no `{index}` lists it: certify again, or name the institution's folder"))
        } else {
            None
        };
        self.unlisted |= !is_indexed;
        self.certificates.insert(folder.to_owned(), wrong);
    }
}

/// What of a listed certificate is not there.
fn missed(folder: &Path, listed: &Indexed) -> Option<String> {
    let name = manifest::FILE;
    if !folder.is_dir() {
        return Some(format!("it is listed in `{}`, and is missing", index::FILE));
    }
    match fs::read(folder.join(name)) {
        Err(_) => Some(format!("its `{name}` is missing")),
        Ok(bytes) if manifest::digest(&bytes) != listed.sha256 => {
            Some(format!("its `{name}` is not the one that was certified"))
        }
        Ok(_) => None,
    }
}

fn read(root: &Path) -> Result<Index, String> {
    let text = fs::read_to_string(root.join(index::FILE));
    Index::read(&text.map_err(|error| format!("`{}`: {}", index::FILE, reason(&error)))?)
}
