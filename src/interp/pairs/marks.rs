//! What a claim says of knowledge, put in terms of a pair of runs.
//!
//! `C knows p` becomes `q or d`: `q` is `p` with each part that speaks of one period marked as to be read
//! off the second run, and `d` is marked as *the views of C differed before here*. Marks are variables
//! that are given their values period by period. Quantifiers over knowledge are written out.

use std::collections::BTreeMap;

use crate::interp::evaluate::{Reading, Scope};
use crate::interp::progress::ground::instances;
use crate::types::core::{
    Binary, Expr, ExprKind, Level, LocalId, Model, Property, Quant, Type, Unary, Value,
};
use crate::types::layout::value_name;
use crate::types::level::level;
use crate::types::visit::{children_mut, speaks_of_knowledge, substitute};

/// Something to be read off the pair, in the place of a variable.
#[derive(Clone, Debug)]
pub(super) enum Mark {
    /// The views of this judge differed before this period.
    Parted(usize),
    /// This holds in the second run.
    Second(Expr),
}

/// The property over marks.
pub(super) struct Marking<'m> {
    pub(super) model: &'m Model,
    pub(super) reading: Reading<'m>,
    pub(super) judges: Vec<String>,
    pub(super) marks: BTreeMap<LocalId, Mark>,
    pub(super) next: u32,
}

impl Marking<'_> {
    /// The property with marks for what is known; quantifiers over knowledge are written out.
    pub(super) fn property(&mut self, e: &Expr, positive: bool) -> Result<Expr, &'static str> {
        if !speaks_of_knowledge(self.model, e) {
            return Ok(e.clone());
        }
        let rebuilt = |kind| Expr { kind: Box::new(kind), ..e.clone() };
        match e.kind.as_ref() {
            ExprKind::Unary(Unary::Not, p) => {
                Ok(rebuilt(ExprKind::Unary(Unary::Not, self.property(p, !positive)?)))
            }
            ExprKind::Binary(op @ (Binary::And | Binary::Or | Binary::Implies), a, b) => {
                let a = self.property(a, positive != (*op == Binary::Implies))?;
                Ok(rebuilt(ExprKind::Binary(*op, a, self.property(b, positive)?)))
            }
            ExprKind::Quantified(quant @ (Quant::All | Quant::Some), local, domain, body) => {
                let mut all = Vec::new();
                for value in instances(self.model, domain) {
                    all.push(self.property(&substitute(body, &[(*local, value)]), positive)?);
                }
                let op = if *quant == Quant::All { Binary::And } else { Binary::Or };
                let joined = all.into_iter().reduce(|a, b| rebuilt(ExprKind::Binary(op, a, b)));
                Ok(joined.unwrap_or_else(|| truth_value(e, op == Binary::And)))
            }
            ExprKind::Call(define, args) => {
                let define = self.model.defines.get(define.index()).ok_or("no such definition")?;
                let locals = define.args.iter().map(|(local, _)| *local);
                let by: Vec<(LocalId, Expr)> = locals.zip(args.iter().cloned()).collect();
                self.property(&substitute(&define.body, &by), positive)
            }
            ExprKind::Property(property) => self.temporal(e, property, positive),
            _ => Err("knowledge stands where it cannot be replayed"),
        }
    }

    fn temporal(
        &mut self,
        e: &Expr,
        property: &Property,
        positive: bool,
    ) -> Result<Expr, &'static str> {
        let rebuilt = |kind| Expr { kind: Box::new(ExprKind::Property(kind)), ..e.clone() };
        Ok(match property {
            Property::Always(p) => rebuilt(Property::Always(self.property(p, positive)?)),
            Property::Never(p) => rebuilt(Property::Never(self.property(p, !positive)?)),
            Property::Eventually(p) => rebuilt(Property::Eventually(self.property(p, positive)?)),
            Property::Recurs(p) => rebuilt(Property::Recurs(self.property(p, positive)?)),
            Property::Settles(p) => rebuilt(Property::Settles(self.property(p, positive)?)),
            Property::Next(p) => rebuilt(Property::Next(self.property(p, positive)?)),
            Property::Within(d, p) => rebuilt(Property::Within(*d, self.property(p, positive)?)),
            Property::LeadsTo(p, q, d) => {
                let p = self.property(p, !positive)?;
                rebuilt(Property::LeadsTo(p, self.property(q, positive)?, *d))
            }
            Property::Until(p, q) => {
                let p = self.property(p, positive)?;
                rebuilt(Property::Until(p, self.property(q, positive)?))
            }
            Property::Detects(judge, fault, deadline) => {
                let once = rebuilt(Property::Once(fault.clone()));
                let knows = rebuilt(Property::Knows(judge.clone(), once));
                let comes = Property::LeadsTo(fault.clone(), knows, *deadline);
                self.property(&rebuilt(comes), positive)?
            }
            Property::Knows(judge, fact) if positive => self.known(judge, fact)?,
            Property::Knows(..) => {
                return Err("a pair of runs shows nothing where knowledge is denied");
            }
            _ => return Err("knowledge stands where it cannot be replayed"),
        })
    }

    /// *p of the second run here, or the views differed before here*
    fn known(&mut self, judge: &Expr, fact: &Expr) -> Result<Expr, &'static str> {
        // Where there is no such judge, nothing is known, and nothing can be claimed.
        let Ok(post) = self.reading.value(judge, &mut Scope::default()) else {
            return Ok(self.mark(judge, Mark::Second(judge.clone())));
        };
        let name = value_name(self.model, &post);
        let at = self.judges.iter().position(|known| *known == name).unwrap_or_else(|| {
            self.judges.push(name);
            self.judges.len() - 1
        });
        let parted = self.mark(judge, Mark::Parted(at));
        let fact = self.of_second(fact)?;
        Ok(Expr { kind: Box::new(ExprKind::Binary(Binary::Or, fact, parted.clone())), ..parted })
    }

    /// A fact about the second run: each part that speaks of one period is marked.
    fn of_second(&mut self, e: &Expr) -> Result<Expr, &'static str> {
        if level(self.model, e) < Level::Temporal {
            return Ok(self.mark(e, Mark::Second(e.clone())));
        }
        match e.kind.as_ref() {
            ExprKind::Call(define, args) => {
                let define = self.model.defines.get(define.index()).ok_or("no such definition")?;
                let locals = define.args.iter().map(|(local, _)| *local);
                let by: Vec<(LocalId, Expr)> = locals.zip(args.iter().cloned()).collect();
                self.of_second(&substitute(&define.body, &by))
            }
            ExprKind::Quantified(quant @ (Quant::All | Quant::Some), local, domain, body) => {
                let mut all = Vec::new();
                for value in instances(self.model, domain) {
                    all.push(self.of_second(&substitute(body, &[(*local, value)]))?);
                }
                let op = if *quant == Quant::All { Binary::And } else { Binary::Or };
                let join = |a, b| Expr { kind: Box::new(ExprKind::Binary(op, a, b)), ..e.clone() };
                Ok(all
                    .into_iter()
                    .reduce(join)
                    .unwrap_or_else(|| truth_value(e, op == Binary::And)))
            }
            ExprKind::Property(Property::Knows(..)) => {
                Err("knowledge of knowledge is not replayed")
            }
            _ => {
                let mut out = e.clone();
                for part in children_mut(&mut out) {
                    *part = self.of_second(part)?;
                }
                Ok(out)
            }
        }
    }

    fn mark(&mut self, at: &Expr, mark: Mark) -> Expr {
        let local = LocalId(self.next);
        self.next += 1;
        self.marks.insert(local, mark);
        Expr { kind: Box::new(ExprKind::Local(local)), ty: Type::Bool, span: at.span }
    }
}

fn truth_value(at: &Expr, value: bool) -> Expr {
    Expr { kind: Box::new(ExprKind::Const(Value::Bool(value))), ..at.clone() }
}
