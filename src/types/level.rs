//! How much of a run an expression speaks of.
//!
//! The level of an expression is the widest of its parts and of the
//! definitions it calls. Since a definition refers only to earlier ones, one
//! pass over a model's definitions settles them all; [`Levels`] keeps the
//! result for whoever asks often.

use super::core::{Expr, ExprKind, Level, Model, Property};
use super::visit::{children, deep};

/// The levels of a model's definitions.
#[derive(Clone, Debug, Default)]
pub struct Levels {
    defines: Vec<Level>,
}

impl Levels {
    /// Works out the level of every definition.
    pub fn new(model: &Model) -> Levels {
        let mut levels = Levels::default();
        for define in &model.defines {
            levels.push(&define.body);
        }
        levels
    }

    /// Records the next definition.
    pub(crate) fn push(&mut self, body: &Expr) {
        let level = self.of(body);
        self.defines.push(level);
    }

    /// The level of an expression of that model.
    pub fn of(&self, e: &Expr) -> Level {
        deep(|| {
            let below = children(e).into_iter().map(|part| self.of(part)).max();
            self.own(e).max(below.unwrap_or(Level::Rigid))
        })
    }

    fn own(&self, e: &Expr) -> Level {
        match &*e.kind {
            ExprKind::Cell { primed: false, .. } => Level::State,
            ExprKind::Cell { .. }
            | ExprKind::Input { .. }
            | ExprKind::Tick(_)
            | ExprKind::Fired(..) => Level::Step,
            ExprKind::Call(define, _) => {
                self.defines.get(define.index()).copied().unwrap_or(Level::Rigid)
            }
            ExprKind::Property(
                Property::Valid(_) | Property::Consistent(_) | Property::Inconsistent(_),
            ) => Level::Rigid,
            ExprKind::Property(_) => Level::Temporal,
            _ => Level::Rigid,
        }
    }
}

/// The widest thing an expression reads; for many expressions of one model, keep a [`Levels`].
pub fn level(model: &Model, e: &Expr) -> Level {
    Levels::new(model).of(e)
}
