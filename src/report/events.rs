//! What happens while a report comes about, told to whoever listens.
//!
//! The library says what it does through [`Events`] and never prints; the command line draws
//! progress from it, and `jsonl` writes each claim as it is decided.

use super::outcome::Entry;

/// A listener. Every method may be called from any thread, in the order in which things happen;
/// all of them do nothing unless overridden.
pub trait Events: Sync {
    /// So many claims, scenarios, lemmas and obligations will be decided.
    fn started(&self, total: usize) {
        let _ = total;
    }

    /// Work on this one has begun.
    fn claim_started(&self, institution: &str, id: &str) {
        let _ = (institution, id);
    }

    /// Something to show while waiting, such as the depth a search has reached.
    fn progress(&self, text: &str) {
        let _ = text;
    }

    /// A claim, scenario, lemma or defect of the report is settled; comes once for each entry.
    fn claim_decided(&self, entry: &Entry) {
        let _ = entry;
    }

    /// An obligation holds; comes once for each.
    fn obligation_holds(&self, entry: &Entry) {
        let _ = entry;
    }

    /// Nothing more will come.
    fn finished(&self) {}
}

/// Listens to nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Events for Silent {}
