//! What belongs in a folder of certificates.
//!
//! A certificate that was deleted cannot say that it is missing; the index, which lists all of them with the
//! digests of their manifests, can. It also names what was proved without leaving anything to check.

use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::manifest::digest;

/// The version of this format.
pub const SCHEMA: &str = "yamen.certificates/1";

/// The name of the file.
pub const FILE: &str = "index.json";

/// The list of a folder's certificates.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Index {
    /// [`SCHEMA`].
    pub schema: String,
    /// The version of Yamen that wrote it last.
    pub yamen: String,
    /// The certificates.
    pub certificates: Vec<Indexed>,
    /// What was proved and left nothing to check.
    pub unchecked: Vec<Unchecked>,
}

/// A certificate of the list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Indexed {
    /// Its folder, from that of the index, its parts divided by `/`.
    pub folder: String,
    /// The digest of its manifest.
    pub sha256: String,
}

/// Something proved without a certificate.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unchecked {
    /// The folder that its certificate would have.
    pub folder: String,
    /// Which engine proved it.
    pub engine: String,
}

impl Indexed {
    /// Lists a certificate with this manifest.
    pub fn new(folder: String, manifest: &str) -> Indexed {
        Indexed { folder, sha256: digest(manifest.as_bytes()) }
    }
}

impl Index {
    /// Reads the text of an index.
    ///
    /// # Errors
    /// It is none, or of another version.
    pub fn read(text: &str) -> Result<Index, String> {
        let index: Index =
            serde_json::from_str(text).map_err(|error| format!("`{FILE}` is no index: {error}"))?;
        match index.schema == SCHEMA {
            true => Ok(index),
            false => Err(format!("the format of `{FILE}` is `{}`, not `{SCHEMA}`", index.schema)),
        }
    }

    /// Its text, in an order that does not depend on what was written when.
    pub fn json(&mut self) -> String {
        self.certificates.sort();
        self.unchecked.sort();
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// Takes over from an earlier index what is not of these institutions, each named by its folder; gives the
    /// certificates of these that are not there any more.
    pub fn succeed(&mut self, earlier: Index, is_ours: &dyn Fn(&str) -> bool) -> Vec<String> {
        let (old, kept): (Vec<Indexed>, Vec<Indexed>) =
            earlier.certificates.into_iter().partition(|one| is_ours(&one.folder));
        let again = |one: &Indexed| self.certificates.iter().any(|new| new.folder == one.folder);
        let gone = old.into_iter().filter(|one| !again(one)).map(|one| one.folder).collect();
        self.certificates.extend(kept);
        self.unchecked.extend(earlier.unchecked.into_iter().filter(|one| !is_ours(&one.folder)));
        gone
    }
}

/// Where a listed folder is; nowhere if it is not below the index, as a forger may have it.
pub fn below(root: &Path, folder: &str) -> Option<PathBuf> {
    let path = Path::new(folder);
    let plain = path.components().all(|part| matches!(part, Component::Normal(_)));
    (plain && !folder.is_empty()).then(|| root.join(path))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn index(folders: &[&str]) -> Index {
        let listed = folders.iter().map(|folder| Indexed::new((*folder).to_owned(), folder));
        Index { schema: SCHEMA.to_owned(), certificates: listed.collect(), ..Index::default() }
    }

    #[test]
    fn other_institutions_are_kept_and_what_is_gone_is_named() {
        let mut new = index(&["desk/counted"]);
        let earlier = index(&["desk/counted", "desk/sane", "office/fair"]);
        let gone = new.succeed(earlier, &|folder| folder.starts_with("desk/"));
        assert_eq!(gone, ["desk/sane"]);
        assert_eq!(Index::read(&new.json()).unwrap(), index(&["desk/counted", "office/fair"]));
    }

    #[test]
    fn nothing_above_the_index_is_listed() {
        let root = Path::new("out");
        assert_eq!(below(root, "desk/sane"), Some(root.join("desk/sane")));
        for folder in ["", "../desk", "/desk", "desk/../../desk"] {
            assert_eq!(below(root, folder), None, "{folder}");
        }
    }

    #[test]
    fn another_version_is_named() {
        let text = index(&[]).json().replace("certificates/1", "certificates/2");
        assert!(Index::read(&text).unwrap_err().contains("yamen.certificates/2"));
    }
}
