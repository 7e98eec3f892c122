//! A claim of knowledge as a property of linear time, some of whose atoms are about what is known.
//!
//! The operators of detection, deniability and attribution are written out in `knows`; quantifiers
//! and definitions that hold knowledge are put in place, so that every judge is a post. Each
//! `C knows p` becomes an atom with a number. What remains is a property that progression and
//! tableaux decide once somebody tells the truth of those atoms (Fagin, Halpern, Moses and Vardi,
//! *Reasoning about knowledge*, 1995, with synchronous perfect recall).

use crate::interp::evaluate::Scope;
use crate::interp::progress::ground::{Unsupported, fragment, instances};
use crate::interp::step::Interpreter;
use crate::types::core::{
    Binary, Deadline, Domain, Expr, ExprKind, Level, LocalId, Property, Quant, SortId, Type, Unary,
    Value,
};
use crate::types::level::level;
use crate::types::visit::{children_mut, substitute};

/// A post.
pub type Post = (SortId, u32);

/// Something that a post may know.
#[derive(Clone, Debug)]
pub struct Knowing {
    /// Who; `None` where the expression that names the post has no value.
    pub judge: Option<Post>,
    /// What, over present, past and what others know, with those atoms numbered.
    pub body: Expr,
    /// How to say it in words.
    pub about: About,
    /// The members that the quantified variables around it stand for, outermost first.
    pub members: Vec<Value>,
}

/// What a piece of knowledge is about.
#[derive(Clone, Debug)]
pub enum About {
    /// What was written.
    This(Expr),
    /// That this was, now or before.
    Was(Expr),
    /// That somebody is at fault.
    Somebody,
    /// That this member is not at fault.
    Innocent(Value),
}

/// A claim written out.
#[derive(Clone, Debug)]
pub struct Epistemic {
    /// The property, with numbered atoms for what is known.
    pub property: Expr,
    /// What the numbers stand for; one rests only on earlier ones.
    pub known: Vec<Knowing>,
}

/// Most cases to which an attribution is written out.
const CASES: usize = 4000;

/// Writes a property out.
///
/// # Errors
/// The fragment that it needs, if it is not one of time and knowledge.
pub fn written_out(
    interpreter: &Interpreter<'_>,
    params: &[Value],
    property: &Expr,
) -> Result<Epistemic, Unsupported> {
    let mut writer = Writer { interpreter, params, known: Vec::new(), members: Vec::new() };
    let property = writer.expr(property, true)?;
    Ok(Epistemic { property, known: writer.known })
}

struct Writer<'a> {
    interpreter: &'a Interpreter<'a>,
    params: &'a [Value],
    known: Vec<Knowing>,
    members: Vec<Value>,
}

impl Writer<'_> {
    /// `claimed`: nothing but `and` and `all` stands around it, so that it is said of whole runs.
    fn expr(&mut self, e: &Expr, claimed: bool) -> Result<Expr, Unsupported> {
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || self.write(e, claimed))
    }

    fn write(&mut self, e: &Expr, claimed: bool) -> Result<Expr, Unsupported> {
        if level(self.interpreter.model, e) < Level::Temporal {
            return Ok(e.clone());
        }
        match e.kind.as_ref() {
            ExprKind::Quantified(quant @ (Quant::All | Quant::Some), local, domain, body) => {
                self.each(e, *quant == Quant::All, (*local, domain, body), claimed)
            }
            ExprKind::Call(define, args) => {
                let Some(define) = self.interpreter.model.defines.get(define.index()) else {
                    return Err(Unsupported { fragment: "temporal" });
                };
                let args = args.iter().cloned();
                let by: Vec<(LocalId, Expr)> =
                    define.args.iter().map(|(local, _)| *local).zip(args).collect();
                self.expr(&substitute(&define.body, &by), claimed)
            }
            ExprKind::Property(property) => self.property(e, property, claimed),
            ExprKind::Binary(Binary::And, ..) => self.parts(e, claimed),
            _ => self.parts(e, false),
        }
    }

    fn parts(&mut self, e: &Expr, claimed: bool) -> Result<Expr, Unsupported> {
        let mut written = e.clone();
        for part in children_mut(&mut written) {
            *part = self.expr(part, claimed)?;
        }
        Ok(written)
    }

    fn each(
        &mut self,
        e: &Expr,
        all: bool,
        (local, domain, body): (LocalId, &Domain, &Expr),
        claimed: bool,
    ) -> Result<Expr, Unsupported> {
        let mut parts = Vec::new();
        for value in instances(self.interpreter.model, domain) {
            let member = match value.kind.as_ref() {
                ExprKind::Const(member) => Some(member.clone()),
                _ => None,
            };
            let depth = self.members.len();
            self.members.extend(member);
            let part = self.expr(&substitute(body, &[(local, value)]), claimed && all);
            self.members.truncate(depth);
            parts.push(part?);
        }
        let op = if all { Binary::And } else { Binary::Or };
        Ok(joined(e, op, parts))
    }

    fn property(
        &mut self,
        e: &Expr,
        property: &Property,
        claimed: bool,
    ) -> Result<Expr, Unsupported> {
        match property {
            Property::Knows(judge, p) => self.knows(judge, p, About::This(p.clone())),
            Property::Detects(judge, f, deadline) => self.detects(e, judge, f, *deadline),
            Property::Deniable(f, judge) => {
                let was = of(f, Property::Once(f.clone()));
                let known = self.knows(judge, &was, About::Was(f.clone()))?;
                let denied = negated(known);
                Ok(if claimed { of(e, Property::Always(denied)) } else { denied })
            }
            Property::Attributes { judge, culprit, sort, fault, within } => {
                let Some(most) = within else {
                    return Err(Unsupported { fragment: "attribution" });
                };
                let (judge, of_whom) = (judge, (*culprit, *sort));
                let named = self.attributed(e, judge, of_whom, fault, *most)?;
                Ok(of(e, Property::Always(named)))
            }
            Property::Smallest(..)
            | Property::AccountableSound(_)
            | Property::AccountableComplete(_)
            | Property::Force { .. }
            | Property::NoDeviation { .. }
            | Property::Valid(_)
            | Property::Consistent(_)
            | Property::Inconsistent(_) => Err(Unsupported { fragment: fragment(property) }),
            _ => self.parts(e, false),
        }
    }

    fn detects(
        &mut self,
        e: &Expr,
        judge: &Expr,
        f: &Expr,
        deadline: Option<Deadline>,
    ) -> Result<Expr, Unsupported> {
        let was = of(f, Property::Once(f.clone()));
        let known = self.knows(judge, &was, About::Was(f.clone()))?;
        let fault = self.expr(f, false)?;
        Ok(of(e, Property::LeadsTo(fault, known, deadline)))
    }

    /// `C knows p`, from here on a number.
    fn knows(&mut self, judge: &Expr, p: &Expr, about: About) -> Result<Expr, Unsupported> {
        let body = self.expr(p, false)?;
        let reading = self.interpreter.reading(self.params, &[]);
        let post = match reading.value(judge, &mut Scope::default()) {
            Ok(Value::Member(sort, member)) => Some((sort, member)),
            _ => None,
        };
        let number = Value::Int(self.known.len().into());
        let members = self.members.clone();
        self.known.push(Knowing { judge: post, body, about, members });
        let number = Expr { kind: Box::new(ExprKind::Const(number)), ty: Type::Int, span: p.span };
        Ok(of(p, Property::Knows(judge.clone(), number)))
    }

    /// Once the judge knows that somebody is guilty, all but `most` are known to be innocent.
    fn attributed(
        &mut self,
        e: &Expr,
        judge: &Expr,
        (culprit, sort): (LocalId, SortId),
        fault: &Expr,
        most: u32,
    ) -> Result<Expr, Unsupported> {
        let mut guilty = Vec::new();
        for member in instances(self.interpreter.model, &Domain::Sort(sort)) {
            let fault = substitute(fault, &[(culprit, member)]);
            guilty.push(of(e, Property::Once(fault)));
        }
        let somebody = joined(e, Binary::Or, guilty.clone());
        let somebody = self.knows(judge, &somebody, About::Somebody)?;
        let mut clear = Vec::new();
        for (n, guilty) in (0u32..).zip(guilty) {
            let innocent = About::Innocent(Value::Member(sort, n));
            clear.push(self.knows(judge, &negated(guilty), innocent)?);
        }
        let mut budget = CASES;
        let few = at_most(e, &clear, most, &mut budget)
            .ok_or(Unsupported { fragment: "attribution among so many" })?;
        Ok(joined(e, Binary::Or, vec![negated(somebody), few]))
    }
}

/// The property with an attribution by itself made one to a set of at most so many; `None` for other
/// properties.
pub fn attributed_within(e: &Expr, size: u32) -> Option<Expr> {
    let mut narrowed = e.clone();
    match narrowed.kind.as_mut() {
        ExprKind::Property(Property::Attributes { within: within @ None, .. }) => {
            *within = Some(size);
        }
        _ => return None,
    }
    Some(narrowed)
}

/// At most so many of these do not hold.
fn at_most(e: &Expr, clear: &[Expr], most: u32, budget: &mut usize) -> Option<Expr> {
    *budget = budget.checked_sub(1)?;
    let Some((first, rest)) = clear.split_first() else { return Some(truth(e, true)) };
    if clear.len() <= most as usize {
        return Some(truth(e, true));
    }
    let one = at_most(e, rest, most, budget)?;
    let if_clear = joined(e, Binary::And, vec![first.clone(), one]);
    let Some(less) = most.checked_sub(1) else { return Some(if_clear) };
    let other = at_most(e, rest, less, budget)?;
    Some(joined(e, Binary::Or, vec![if_clear, other]))
}

fn truth(e: &Expr, value: bool) -> Expr {
    let kind = Box::new(ExprKind::Const(Value::Bool(value)));
    Expr { kind, ty: Type::Bool, span: e.span }
}

fn of(e: &Expr, property: Property) -> Expr {
    Expr { kind: Box::new(ExprKind::Property(property)), ty: Type::Bool, span: e.span }
}

/// The negation of a truth value.
pub fn negated(e: Expr) -> Expr {
    let span = e.span;
    Expr { kind: Box::new(ExprKind::Unary(Unary::Not, e)), ty: Type::Bool, span }
}

fn joined(e: &Expr, op: Binary, parts: Vec<Expr>) -> Expr {
    let neutral = truth(e, op == Binary::And);
    let mut parts = parts.into_iter();
    let Some(first) = parts.next() else { return neutral };
    parts.fold(first, |all, part| Expr {
        kind: Box::new(ExprKind::Binary(op, all, part)),
        ty: Type::Bool,
        span: e.span,
    })
}
