//! Progress on standard error, for whoever watches.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::report::events::Events;
use crate::report::outcome::Entry;

/// A bar with the number of things decided and what is being worked on.
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A bar on standard error.
    pub fn new() -> Progress {
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
        let template = "{spinner} {pos}/{len} decided, {elapsed}: {msg}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(100));
        Progress { bar }
    }
}

impl Events for Progress {
    fn started(&self, total: usize) {
        self.bar.set_length(total as u64);
    }

    fn claim_started(&self, institution: &str, id: &str) {
        self.bar.set_message(format!("{institution} {id}"));
    }

    fn progress(&self, text: &str) {
        self.bar.set_message(text.to_owned());
    }

    fn claim_decided(&self, _entry: &Entry) {
        self.bar.inc(1);
    }

    fn obligation_holds(&self, _entry: &Entry) {
        self.bar.inc(1);
    }

    fn finished(&self) {
        self.bar.finish_and_clear();
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
