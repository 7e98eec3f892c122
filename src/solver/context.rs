//! Z3 contexts: one for each thread, never used again once it was interrupted.
//!
//! An interrupt that comes while Z3 is idle stays in force until the next check,
//! and what is asserted before that check is dropped in silence; one that comes
//! while Spacer writes its derivation makes Z3 5.4 read through a null pointer
//! (it takes a model, which is not there, of a check that was interrupted). So
//! interrupts wait while a model or an answer is fetched, and none is fetched
//! after one. See docs/decisions/0006-kept-contexts.md.

use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, TryLockError};
use std::time::Instant;

use z3::{Config, Context, with_z3_config};

use super::watch::looked_after;

/// Makes this thread's context, which takes milliseconds, before it is needed.
pub fn prepare() {
    let _ = Context::thread_local();
}

thread_local! {
    /// Whether this thread's context was ever interrupted.
    static SPOILT: Cell<bool> = const { Cell::new(false) };
    /// Whether the context in use was interrupted; held by whoever must not be.
    static INTERRUPTED: RefCell<Arc<Mutex<bool>>> = RefCell::default();
}

/// Does something that must not be interrupted; nothing if the context in use already was.
pub fn undisturbed<T>(work: impl FnOnce() -> T) -> Option<T> {
    let interrupted = INTERRUPTED.with_borrow(Arc::clone);
    let interrupted = interrupted.lock().unwrap_or_else(PoisonError::into_inner);
    (!*interrupted).then(work)
}

/// Whether this thread's context was ever interrupted. An interrupt that comes while Z3 is idle
/// stays in force until the next check, and what is asserted before that check is dropped in
/// silence; such a context is not to be used for another question.
pub fn is_spoilt() -> bool {
    SPOILT.get()
}

/// Runs `work` in this thread, interrupting Z3 when `cancel` is set or the deadline passes; in a
/// new context if that of the thread was interrupted before.
pub fn interruptible<T>(
    cancel: &(dyn Fn() -> bool + Sync),
    deadline: Option<Instant>,
    work: impl FnOnce() -> T,
) -> T {
    if is_spoilt() {
        in_new_context(|| watched(cancel, deadline, work))
    } else {
        watched(cancel, deadline, work)
    }
}

fn in_new_context<T>(work: impl FnOnce() -> T) -> T {
    /// Something that does not leave its thread.
    struct Here<T>(T);
    #[expect(unsafe_code, reason = "`with_z3_config` calls back in the same thread")]
    // SAFETY: neither the callback nor its result is handed to another thread, and neither holds an
    // object of the thread's own context: engines make their solvers inside.
    unsafe impl<T> Send for Here<T> {}
    #[expect(unsafe_code, reason = "`with_z3_config` calls back in the same thread")]
    // SAFETY: as above.
    unsafe impl<T> Sync for Here<T> {}
    let work = Here(work);
    let outer = INTERRUPTED.replace(Arc::default());
    let result = with_z3_config(&Config::new(), move || {
        let Here(work) = { work };
        Here(work())
    });
    INTERRUPTED.set(outer);
    result.0
}

fn watched<T>(
    cancel: &(dyn Fn() -> bool + Sync),
    deadline: Option<Instant>,
    work: impl FnOnce() -> T,
) -> T {
    let context = Context::thread_local();
    let handle = context.handle();
    let fired = AtomicBool::new(false);
    let interrupted = INTERRUPTED.with_borrow(Arc::clone);
    let look = || {
        if !(cancel() || deadline.is_some_and(|d| Instant::now() >= d)) {
            return;
        }
        // Whoever must not be disturbed is left alone until the next look: others are looked after as well.
        let mut interrupted = match interrupted.try_lock() {
            Ok(free) => free,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return,
        };
        fired.store(true, Ordering::Release);
        *interrupted = true;
        handle.interrupt();
    };
    let result = looked_after(&look, work);
    if fired.load(Ordering::Acquire) {
        SPOILT.set(true);
    }
    result
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use z3::ast::Int;
    use z3::{SatResult, Solver};

    /// `x = 0` and `x = 1` in a solver made here and now.
    fn contradiction() -> SatResult {
        let (solver, x) = (Solver::new(), Int::new_const("x"));
        solver.assert(x.eq(Int::from_i64(0)));
        solver.assert(x.eq(Int::from_i64(1)));
        solver.check()
    }

    #[test]
    fn questions_after_an_interrupt_have_a_context_of_their_own() {
        for _ in 0..5 {
            let interrupted = || true;
            interruptible(&interrupted, None, || std::thread::sleep(Duration::from_millis(20)));
            assert!(is_spoilt());
            assert_eq!(undisturbed(|| ()), None);
            let answer = interruptible(&|| false, None, || (contradiction(), undisturbed(|| ())));
            assert_eq!(answer, (SatResult::Unsat, Some(())));
        }
    }

    #[test]
    fn work_that_is_not_interrupted_leaves_its_context_as_it_is() {
        let ended = std::thread::spawn(|| {
            assert_eq!(interruptible(&|| false, None, contradiction), SatResult::Unsat);
            assert!(!is_spoilt());
        });
        assert!(ended.join().is_ok());
    }
}
