//! What lies in a certificate's folder: which claim it is of, and what must be checked.
//!
//! The files are listed with their digests (SHA-256), so that a file which was
//! changed is named as such; what the files say is for a solver to check, or
//! for the interpreter where the evidence is a run.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::scripts::Expect;

/// The version of this format.
pub const SCHEMA: &str = "yamen.certificate/1";

/// The name of the file that describes a folder.
pub const FILE: &str = "manifest.json";

/// A certificate's description.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`SCHEMA`].
    pub schema: String,
    /// The version of Yamen that wrote it.
    pub yamen: String,
    /// The spec's file.
    pub spec: String,
    /// The institution's name.
    pub institution: String,
    /// The claim's name, or the kind of defect that cannot occur.
    pub claim: String,
    /// What it says, in words.
    pub title: Option<String>,
    /// `inductive-invariant`, `k-induction`, `run`, …
    pub kind: String,
    /// Which engine found the proof.
    pub engine: Option<String>,
    /// More about the proof.
    pub detail: Option<String>,
    /// What else must be shown for it to count; each has a certificate of its own.
    pub rests_on: Vec<String>,
    /// The files to check, in order.
    pub files: Vec<Listed>,
}

/// A file of a certificate.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listed {
    /// Its name, within the folder.
    pub file: String,
    /// What must come of it.
    pub must: Must,
    /// The digest of its bytes.
    pub sha256: String,
}

/// What must come of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Must {
    /// Every check of the script is satisfiable.
    Sat,
    /// Every check of the script is unsatisfiable.
    Unsat,
    /// The run replays.
    Replay,
}

impl From<Expect> for Must {
    fn from(expect: Expect) -> Must {
        match expect {
            Expect::Sat => Must::Sat,
            Expect::Unsat => Must::Unsat,
        }
    }
}

impl Listed {
    /// Lists a file.
    pub fn new(file: String, must: Must, text: &str) -> Listed {
        Listed { file, must, sha256: digest(text.as_bytes()) }
    }
}

/// The digest of some bytes, in hexadecimal.
pub fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
