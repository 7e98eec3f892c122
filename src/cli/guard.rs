//! The two ways in which a run may end before its time: Ctrl-C, and a fault of Yamen's own.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::console;
use super::exit::Exit;

/// Where faults are reported.
const REPORT: &str = env!("CARGO_PKG_NAME");

/// Makes Ctrl-C (and a polite request to terminate) raise a flag, and a second one end the
/// program at once.
pub fn interruptible() -> Arc<AtomicBool> {
    let cancel = Arc::new(AtomicBool::new(false));
    let raised = Arc::clone(&cancel);
    // Fails only if a handler is there already; then that one counts.
    let _ = ctrlc::set_handler(move || {
        if raised.swap(true, Ordering::SeqCst) {
            std::process::exit(i32::from(Exit::Interrupted.code()));
        }
    });
    cancel
}

/// Makes a fault in any thread end the program with a message that can be reported, and no
/// verdict.
pub fn report_faults() {
    std::panic::set_hook(Box::new(|fault| {
        let payload = fault.payload();
        let words = payload
            .downcast_ref::<&str>()
            .copied()
            .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
            .unwrap_or("no message");
        let place = fault.location().map(|place| format!(" at {place}")).unwrap_or_default();
        let arguments: Vec<String> =
            std::env::args_os().skip(1).map(|argument| argument.display().to_string()).collect();
        console::warn(&format!(
            "internal error: {words}{place}\n\
             No verdict of this run counts. Please report this with the spec and these lines:\n  \
             {REPORT} {} {}\n",
            crate::VERSION,
            arguments.join(" ")
        ));
        std::process::exit(i32::from(Exit::Internal.code()));
    }));
}
