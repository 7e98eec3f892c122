//! Threads that engines and checks run in, kept from one question to the next.
//!
//! A Z3 context belongs to a thread and takes milliseconds to make, longer than
//! most questions take to decide; so the threads stay, and the first engine of a
//! race always gets the thread that the first engine of the last race had.
//! Engines and checks have lanes of their own: what checks a proof shares no
//! context with what found it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use rayon::{Scope, ThreadPool, ThreadPoolBuilder};

/// Threads of one purpose.
pub struct Lanes {
    name: &'static str,
    /// Those not in use; the one that was first in the last question is on top.
    idle: Mutex<Vec<ThreadPool>>,
    /// Whether one may be busy getting ready.
    warming: AtomicBool,
}

/// For engines.
pub static RACING: Lanes = Lanes::new("engine");
/// For checks of evidence.
pub static CHECKING: Lanes = Lanes::new("check");

impl Lanes {
    const fn new(name: &'static str) -> Lanes {
        Lanes { name, idle: Mutex::new(Vec::new()), warming: AtomicBool::new(false) }
    }

    /// Does `work` with as many lanes as the system gives, `count` at most; what is spawned into
    /// them ends before this does.
    pub fn with<'scope>(&self, count: usize, work: &mut dyn FnMut(&[&Scope<'scope>])) {
        let lanes: Vec<ThreadPool> = (0..count).map_while(|_| self.take()).collect();
        nested(&lanes, &[], work);
        lanes.into_iter().rev().for_each(|lane| self.put_back(lane));
    }

    /// Does `work` in one lane; `None` when the system gives no thread.
    pub fn run<T: Send>(&self, work: impl FnOnce() -> T + Send) -> Option<T> {
        let lane = self.take()?;
        let result = lane.install(work);
        self.put_back(lane);
        Some(result)
    }

    /// Keeps a lane for the next question. None is ever given up: its thread would delete its context
    /// some time later, maybe while the process ends and Z3 with it.
    fn put_back(&self, lane: ThreadPool) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(lane);
    }

    /// Starts a lane if none has been, and lets it get ready while others go on.
    pub fn warm(&self, prepare: fn()) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.is_empty()
            && let Some(lane) = self.start()
        {
            self.warming.store(true, Ordering::Release);
            lane.spawn(prepare);
            idle.push(lane);
        }
    }

    /// Waits until no idle lane is busy getting ready, so that the process may end. Nothing is locked
    /// meanwhile: a caller that is itself a thread of a pool does other work of its pool while it waits,
    /// and that may want a lane. It then starts one more, and so this waits for what was warmed, once:
    /// verifications side by side would else take all lanes from each other and start new ones for ever.
    pub fn settle(&self) {
        if !self.warming.swap(false, Ordering::AcqRel) {
            return;
        }
        let idle = std::mem::take(&mut *self.idle.lock().unwrap_or_else(PoisonError::into_inner));
        idle.iter().for_each(|lane| lane.install(|| ()));
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).extend(idle);
    }

    fn take(&self) -> Option<ThreadPool> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.or_else(|| self.start())
    }

    fn start(&self) -> Option<ThreadPool> {
        let name = self.name;
        ThreadPoolBuilder::new().num_threads(1).thread_name(move |_| name.into()).build().ok()
    }
}

/// Opens a scope in each lane, one within the other.
fn nested<'scope>(
    lanes: &[ThreadPool],
    outer: &[&Scope<'scope>],
    work: &mut dyn FnMut(&[&Scope<'scope>]),
) {
    match lanes.split_first() {
        None => work(outer),
        Some((lane, rest)) => lane.in_place_scope(|scope| {
            let scopes: Vec<&Scope<'scope>> = outer.iter().copied().chain([scope]).collect();
            nested(rest, &scopes, work);
        }),
    }
}
