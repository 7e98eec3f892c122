//! One thread that looks every millisecond whether work under way is to be stopped.
//!
//! A solver at work does not ask whether it is still wanted: somebody else has to. A thread for each question
//! would cost more than most questions take, above all when it ends, which the question has to wait for. So one
//! thread looks after all of them, and a question waits at its end for at most one look.
//!
//! Trusts that looking never waits for the work that is looked after.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long work may go on before it is looked after again.
const PERIOD: Duration = Duration::from_millis(1);
/// After so many periods without work the thread waits to be woken.
const QUIET: u32 = 50;

/// Looks whether the work is to be stopped, and stops it.
type Look<'a> = dyn Fn() + Sync + 'a;
/// Empty once the work has ended. Locked while somebody looks.
type Entry = Mutex<Option<&'static Look<'static>>>;

struct Watched {
    entries: Vec<Arc<Entry>>,
    watch: Watch,
}

/// What the thread is doing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Watch {
    NotStarted,
    Looking,
    Waiting,
}

static WATCHED: Mutex<Watched> =
    Mutex::new(Watched { entries: Vec::new(), watch: Watch::NotStarted });
static WOKEN: Condvar = Condvar::new();

/// Does the work while somebody looks after it every millisecond, and no longer.
pub fn looked_after<T>(look: &Look<'_>, work: impl FnOnce() -> T) -> T {
    #[expect(unsafe_code, reason = "the thread that looks outlives what it looks after")]
    // SAFETY: a `Look` is called only while its entry is locked and not empty, and `_end` empties the entry, for
    // which it locks it, before this function returns or unwinds, when `look` is still borrowed.
    let look = unsafe { std::mem::transmute::<&Look<'_>, &'static Look<'static>>(look) };
    let _end = End::of(look);
    work()
}

/// Ends the looking when it goes out of scope.
struct End(Arc<Entry>);

impl End {
    fn of(look: &'static Look<'static>) -> End {
        let entry = Arc::new(Mutex::new(Some(look)));
        let mut watched = locked(&WATCHED);
        watched.entries.push(Arc::clone(&entry));
        match watched.watch {
            Watch::Looking => {}
            Watch::Waiting => WOKEN.notify_one(),
            Watch::NotStarted => {
                // Without a thread nothing is stopped; the next work tries again to start one.
                let started = std::thread::Builder::new().name("watch".to_owned()).spawn(watch);
                if started.is_ok() {
                    watched.watch = Watch::Looking;
                }
            }
        }
        End(entry)
    }
}

impl Drop for End {
    fn drop(&mut self) {
        *locked(&self.0) = None;
        locked(&WATCHED).entries.retain(|entry| !Arc::ptr_eq(entry, &self.0));
    }
}

fn watch() {
    let mut quiet = 0;
    loop {
        let entries = locked(&WATCHED).entries.clone();
        for entry in &entries {
            if let Some(look) = *locked(entry) {
                // A look that panics stops nothing; those after it are still to be called.
                let _ = catch_unwind(AssertUnwindSafe(look));
            }
        }
        quiet = if entries.is_empty() { quiet + 1 } else { 0 };
        if quiet < QUIET {
            std::thread::sleep(PERIOD);
        } else {
            wait_for_work();
            quiet = 0;
        }
    }
}

fn wait_for_work() {
    let mut watched = locked(&WATCHED);
    watched.watch = Watch::Waiting;
    while watched.entries.is_empty() {
        watched = WOKEN.wait(watched).unwrap_or_else(PoisonError::into_inner);
    }
    watched.watch = Watch::Looking;
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[test]
    fn work_is_looked_after_until_it_ends_also_after_a_rest() {
        for rest in [0, 5, 120] {
            std::thread::sleep(Duration::from_millis(rest));
            let looks = AtomicU32::new(0);
            let look = || {
                looks.fetch_add(1, Ordering::Relaxed);
            };
            looked_after(&look, || {
                while looks.load(Ordering::Relaxed) < 3 {
                    std::thread::yield_now();
                }
            });
            let at_the_end = looks.load(Ordering::Relaxed);
            std::thread::sleep(Duration::from_millis(10));
            assert_eq!(looks.load(Ordering::Relaxed), at_the_end);
        }
    }

    #[test]
    fn work_that_panics_is_no_longer_looked_after() {
        let looks = AtomicU32::new(0);
        let look = || {
            looks.fetch_add(1, Ordering::Relaxed);
        };
        let work = || looked_after(&look, || panic!("on purpose"));
        assert!(catch_unwind(AssertUnwindSafe(work)).is_err());
        let at_the_end = looks.load(Ordering::Relaxed);
        std::thread::sleep(Duration::from_millis(10));
        assert_eq!(looks.load(Ordering::Relaxed), at_the_end);
    }

    #[test]
    fn a_look_that_panics_leaves_the_others_looked_after() {
        let (bad, good) = (AtomicU32::new(0), AtomicU32::new(0));
        let panics = || {
            bad.fetch_add(1, Ordering::Relaxed);
            panic!("on purpose");
        };
        let counts = || {
            good.fetch_add(1, Ordering::Relaxed);
        };
        let both = || bad.load(Ordering::Relaxed) >= 2 && good.load(Ordering::Relaxed) >= 2;
        looked_after(&panics, || {
            looked_after(&counts, || {
                while !both() {
                    std::thread::yield_now();
                }
            });
        });
    }
}
