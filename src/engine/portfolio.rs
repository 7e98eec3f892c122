//! Engines side by side: the first sound answer wins, the others are interrupted.
//!
//! Two engines that decide differently are a bug, not a vote: the race then
//! ends in a disagreement and there is no verdict.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

use super::lanes::RACING;
use super::{Outcome, Proof};

/// How much longer the others may run when one has a proof without a certificate of its own.
const GRACE: Duration = Duration::from_millis(25);

/// Runs an engine until it is done or its argument says to stop.
type Work<'a, Run> = Box<dyn FnOnce(&(dyn Fn() -> bool + Sync)) -> Outcome<Run> + Send + 'a>;

/// An engine ready to run; it stops soon after its argument says so.
pub struct Contender<'a, Run> {
    /// The engine's name.
    pub name: &'static str,
    /// Runs it.
    pub run: Work<'a, Run>,
}

/// How a race ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finish<Run> {
    /// This engine's answer.
    Won(&'static str, Outcome<Run>),
    /// No engine decided: the most informative answer and who gave it.
    Open(&'static str, Outcome<Run>),
    /// Two engines decided differently: who found this run, and who says that there is none.
    Disagreement(&'static str, &'static str, Run),
}

/// Runs the contenders, at most `jobs` at a time, in order.
pub fn race<Run: Send>(
    contenders: Vec<Contender<'_, Run>>,
    jobs: usize,
    cancel: &(dyn Fn() -> bool + Sync),
) -> Finish<Run> {
    let decided = AtomicBool::new(false);
    let stop = || decided.load(Ordering::Acquire) || cancel();
    let mut waiting: VecDeque<_> = contenders.into();
    let mut answers: Vec<(&'static str, Outcome<Run>)> = Vec::new();
    let (send, receive) = mpsc::channel();
    RACING.with(jobs.min(waiting.len()), &mut |lanes| {
        let mut free: VecDeque<usize> = (0..lanes.len()).collect();
        let mut running = 0usize;
        loop {
            while !stop()
                && let Some(at) = free.pop_front()
                && let Some(lane) = lanes.get(at)
            {
                let Some(contender) = waiting.pop_front() else { break };
                let (send, stop) = (send.clone(), &stop);
                running += 1;
                lane.spawn(move |_| {
                    let outcome = (contender.run)(stop);
                    // The receiver outlives all senders; if not, nobody waits for the answer.
                    let _ = send.send((at, contender.name, outcome));
                });
            }
            if running == 0 {
                break;
            }
            let Some((at, name, outcome)) = next_answer(&receive, &answers, &decided) else {
                break;
            };
            running -= 1;
            free.push_back(at);
            if certified(&outcome) {
                decided.store(true, Ordering::Release);
            }
            answers.push((name, outcome));
        }
    });
    judge(answers)
}

/// Waits for the next answer; when one without a certificate is at hand, not for long.
fn next_answer<Run>(
    receive: &Receiver<(usize, &'static str, Outcome<Run>)>,
    answers: &[(&'static str, Outcome<Run>)],
    decided: &AtomicBool,
) -> Option<(usize, &'static str, Outcome<Run>)> {
    let grace = answers.iter().any(|(_, outcome)| outcome.is_decided());
    match receive.recv_timeout(if grace { GRACE } else { Duration::MAX / 4 }) {
        Err(RecvTimeoutError::Timeout) => {
            decided.store(true, Ordering::Release);
            receive.recv().ok()
        }
        answer => answer.ok(),
    }
}

/// Decided, with evidence that can be checked elsewhere.
fn certified<Run>(outcome: &Outcome<Run>) -> bool {
    match outcome {
        Outcome::Unreachable(Proof::Enumerated { .. }) => false,
        outcome => outcome.is_decided(),
    }
}

fn judge<Run>(answers: Vec<(&'static str, Outcome<Run>)>) -> Finish<Run> {
    let who = |wanted: fn(&Outcome<Run>) -> bool| {
        answers.iter().find(|(_, outcome)| wanted(outcome)).map(|(name, _)| *name)
    };
    let unreachable = who(|outcome| matches!(outcome, Outcome::Unreachable(_)));
    let best = answers.into_iter().max_by_key(|(_, outcome)| rank(outcome));
    match best {
        Some((name, Outcome::Reached(run))) if unreachable.is_some() => {
            Finish::Disagreement(name, unreachable.unwrap_or_default(), run)
        }
        Some((name, outcome)) if outcome.is_decided() => Finish::Won(name, outcome),
        Some((name, outcome)) => Finish::Open(name, outcome),
        None => Finish::Open("none", Outcome::Unknown("interrupted".to_owned())),
    }
}

/// How much an answer says.
fn rank<Run>(outcome: &Outcome<Run>) -> u32 {
    match outcome {
        Outcome::Reached(_) => 5,
        outcome if certified(outcome) => 4,
        Outcome::Unreachable(_) => 3,
        Outcome::Bounded(_) => 2,
        Outcome::Unknown(reason) => u32::from(reason.contains("timeout")),
    }
}
