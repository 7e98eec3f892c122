//! Files as the loader needs them, so that everything above it can be tested without a disk.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

/// The longest spec that is read, in bytes.
pub const MAX_BYTES: usize = 8 * 1024 * 1024;

/// Where specs come from.
pub trait Files {
    /// The bytes of a file; it need not read much further than [`MAX_BYTES`].
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// What lies directly in a folder.
    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>>;

    /// Is this a folder?
    fn is_folder(&self, path: &Path) -> bool;

    /// The same for any two paths that lead to the same file.
    fn identity(&self, path: &Path) -> PathBuf {
        normal(path)
    }
}

/// The real disk.
#[derive(Clone, Copy, Debug, Default)]
pub struct Disk;

impl Files for Disk {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let most = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX).saturating_add(1);
        std::fs::File::open(path)?.take(most).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect()
    }

    fn is_folder(&self, path: &Path) -> bool {
        path.is_dir()
    }

    fn identity(&self, path: &Path) -> PathBuf {
        path.canonicalize().unwrap_or_else(|_| normal(path))
    }
}

/// Files in memory: for tests, editors and whoever calls the library.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    files: BTreeMap<PathBuf, Vec<u8>>,
}

impl Memory {
    /// Files with their contents.
    pub fn new<P: Into<PathBuf>, B: Into<Vec<u8>>>(
        files: impl IntoIterator<Item = (P, B)>,
    ) -> Self {
        let files = files.into_iter().map(|(p, b)| (normal(&p.into()), b.into())).collect();
        Memory { files }
    }
}

impl Files for Memory {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.files.get(&normal(path)).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let folder = normal(folder);
        let below = self.files.keys().filter_map(|path| path.strip_prefix(&folder).ok());
        let mut entries: Vec<PathBuf> = below
            .filter_map(|rest| rest.components().next())
            .map(|first| folder.join(first))
            .collect();
        entries.dedup();
        Ok(entries)
    }

    fn is_folder(&self, path: &Path) -> bool {
        let path = normal(path);
        self.files.keys().any(|file| *file != path && file.starts_with(&path))
    }
}

/// The path without `.` and, where something precedes it, without `..`.
pub fn normal(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for component in path.components() {
        let named = matches!(clean.components().next_back(), Some(Component::Normal(_)));
        match component {
            Component::CurDir => {}
            Component::ParentDir if named => {
                clean.pop();
            }
            other => clean.push(other),
        }
    }
    clean
}
