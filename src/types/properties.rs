//! Typing the operators of claims: time, knowledge, strategy, incentives.
//!
//! All of section 4 of the language reference is typed here. Whether a
//! property as a whole lies in a fragment that can be decided is another
//! question; see [`super::fragments`].

use num_traits::ToPrimitive;

use crate::syntax::ast::{self, BinaryOp, ExprKind as Tree, UnaryOp};
use crate::syntax::diagnostic::Diagnostic;
use crate::syntax::source::Span;

use super::Checker;
use super::core::{
    Coalition, Deadline, Expr, ExprKind, Property, SortId, SortKind, TickId, Type, Value,
};
use super::messages::{Why, alternatives, describe, suggest};
use super::names::Symbol;
use super::params::literal;
use super::places::Place;

impl Checker<'_> {
    /// A temporal or later operator.
    pub(crate) fn property(&mut self, e: &ast::Expr) -> Option<Expr> {
        let span = e.span;
        let property = match &*e.kind {
            Tree::Unary(op, p) => self.unary_property(*op, p, span),
            Tree::Within(deadline, p) => {
                let deadline = self.deadline(deadline);
                let p = self.truth(p, span);
                Some(Property::Within(deadline?, p?))
            }
            Tree::LeadsTo(p, q, deadline) => {
                let deadline = self.optional_deadline(deadline.as_ref());
                let (p, q) = (self.truth(p, span), self.truth(q, span));
                Some(Property::LeadsTo(p?, q?, deadline?))
            }
            Tree::Knows(judge, p) => {
                let (judge, p) = (self.judge(judge), self.truth(p, span));
                Some(Property::Knows(judge?, p?))
            }
            Tree::Detects(judge, p, deadline) => {
                let deadline = self.optional_deadline(deadline.as_ref());
                let (judge, p) = (self.judge(judge), self.truth(p, span));
                Some(Property::Detects(judge?, p?, deadline?))
            }
            Tree::Deniable(p, judge) => {
                let (p, judge) = (self.truth(p, span), self.judge(judge));
                Some(Property::Deniable(p?, judge?))
            }
            Tree::Smallest(name, p) => self.smallest(name, p, span),
            Tree::Attributes { judge, fault, culprit, within } => {
                self.attributes(judge, fault, culprit, within.as_ref())
            }
            Tree::AccountableSound(name) => {
                self.accountability(name.as_ref(), span).map(Property::AccountableSound)
            }
            Tree::AccountableComplete(name) => {
                self.accountability(name.as_ref(), span).map(Property::AccountableComplete)
            }
            Tree::Force { coalition, can, goal, within, unseen } => {
                let coalition = self.coalition(coalition);
                let goal = self.truth(goal, span);
                let within = self.optional_deadline(within.as_ref());
                Some(Property::Force {
                    coalition: coalition?,
                    can: *can,
                    goal: goal?,
                    within: within?,
                    unseen: *unseen,
                })
            }
            Tree::NoDeviation { coalition, within, margin } => {
                self.no_deviation(coalition, within, margin.as_ref())
            }
            Tree::Consistent(parts) => self.rigid_parts(parts, span).map(Property::Consistent),
            Tree::Inconsistent(parts) => self.rigid_parts(parts, span).map(Property::Inconsistent),
            _ => self.problems.silent(),
        };
        property.map(|property| Self::node(ExprKind::Property(property), Type::Bool, span))
    }

    fn truth(&mut self, e: &ast::Expr, span: Span) -> Option<Expr> {
        self.expect_truth(e, Why::new(span, "this operator takes truth values"))
    }

    fn unary_property(&mut self, op: UnaryOp, p: &ast::Expr, span: Span) -> Option<Property> {
        let p = self.truth(p, span)?;
        Some(match op {
            UnaryOp::Always => Property::Always(p),
            UnaryOp::Never => Property::Never(p),
            UnaryOp::Eventually => Property::Eventually(p),
            UnaryOp::Next => Property::Next(p),
            UnaryOp::Once => Property::Once(p),
            UnaryOp::Historically => Property::Historically(p),
            UnaryOp::Previously => Property::Previously(p),
            UnaryOp::Recurs => Property::Recurs(p),
            UnaryOp::Settles => Property::Settles(p),
            UnaryOp::Possible => Property::Possible(p),
            UnaryOp::AlwaysPossible => Property::AlwaysPossible(p),
            UnaryOp::Valid => Property::Valid(self.rigid_truth(p)?),
            UnaryOp::Not | UnaryOp::Neg => return self.problems.silent(),
        })
    }

    fn rigid_truth(&mut self, p: Expr) -> Option<Expr> {
        self.placed(Some(p), Place::rigid("a claim about parameters alone"))
    }

    pub(crate) fn until_since(
        &mut self,
        op: BinaryOp,
        p: &ast::Expr,
        q: &ast::Expr,
        span: Span,
    ) -> Option<Expr> {
        let (p, q) = (self.truth(p, span), self.truth(q, span));
        let (p, q) = (p?, q?);
        let property =
            if op == BinaryOp::Until { Property::Until(p, q) } else { Property::Since(p, q) };
        Some(Self::node(ExprKind::Property(property), Type::Bool, span))
    }

    fn rigid_parts(&mut self, parts: &[ast::Expr], span: Span) -> Option<Vec<Expr>> {
        let typed: Vec<Option<Expr>> = parts
            .iter()
            .map(|part| {
                let part = self.truth(part, span)?;
                self.rigid_truth(part)
            })
            .collect();
        typed.into_iter().collect()
    }

    /// The outer `None` is a failure.
    fn optional_deadline(&mut self, deadline: Option<&ast::Deadline>) -> Option<Option<Deadline>> {
        match deadline {
            None => Some(None),
            Some(deadline) => self.deadline(deadline).map(Some),
        }
    }

    fn deadline(&mut self, deadline: &ast::Deadline) -> Option<Deadline> {
        let bound = self.bound(&deadline.bound);
        let tick = match &deadline.tick {
            None => None,
            Some(name) => Some(self.tick_named(name)?),
        };
        Some(Deadline { bound: bound?, tick })
    }

    fn bound(&mut self, bound: &ast::Expr) -> Option<u32> {
        if let Tree::Name(name) = &*bound.kind
            && let Some(local) = self.scope.locals.iter().rev().find(|l| l.name == name.text)
            && self.scope.sought == Some(local.id)
        {
            self.scope.found += 1;
            return Some(Deadline::SOUGHT);
        }
        let value = self.constant(bound, "a deadline")?;
        match value.to_u32().filter(|bound| *bound != Deadline::SOUGHT) {
            Some(bound) => Some(bound),
            None => self.problems.fail(
                Diagnostic::error("bad-deadline", bound.span, format!("the deadline is {value}"))
                    .label(format!("this is {value}"))
                    .help("a deadline counts periods or ticks: 0 or more"),
            ),
        }
    }

    fn tick_named(&mut self, name: &ast::Name) -> Option<TickId> {
        let text = name.text.as_str();
        if let Some((tick, _)) = self.names.ticks.get(text) {
            return Some(*tick);
        }
        let help = if self.names.rules.contains_key(text) || self.names.values.contains_key(text) {
            format!("deadlines count ticks: declare `tick {text} when {text}`")
        } else {
            "declare it: `tick … when …`".to_owned()
        };
        let diagnostic = suggest(
            Diagnostic::error("unknown-tick", name.span, format!("there is no tick `{text}`")),
            text,
            self.names.ticks.keys().copied(),
            &help,
        );
        self.problems.fail(diagnostic)
    }

    /// The post whose knowledge is spoken of.
    fn judge(&mut self, judge: &ast::Expr) -> Option<Expr> {
        let typed = self.infer(judge, None)?;
        let post = match typed.ty {
            Type::Finite(sort) => {
                matches!(self.sort_kind(sort), Some(SortKind::Index { person: false, .. }))
            }
            _ => false,
        };
        if post {
            return self.placed(Some(typed), Place::rigid("who judges"));
        }
        let found = describe(&self.model, typed.ty);
        self.problems.fail(
            Diagnostic::error(
                "fragment",
                judge.span,
                format!("only a post can know something, not {found}"),
            )
            .note(
                "claims of knowledge, detection and attribution are about posts and what they see",
            )
            .help("name a post, as in `Centre knows …`"),
        )
    }

    fn smallest(&mut self, name: &ast::Name, p: &ast::Expr, span: Span) -> Option<Property> {
        let saved = (self.scope.sought, std::mem::take(&mut self.scope.found));
        let typed = self.scoped(|c| {
            let local = c.bind(&name.text, Type::Int);
            c.scope.sought = Some(local);
            c.truth(p, span).map(|p| (local, p))
        });
        let found = self.scope.found;
        (self.scope.sought, self.scope.found) = saved;
        let (local, p) = typed?;
        if found > 0 {
            return Some(Property::Smallest(local, p));
        }
        let text = &name.text;
        self.problems.fail(
            Diagnostic::error(
                "unused-bound",
                name.span,
                format!("`{text}` is not the bound of any deadline"),
            )
            .help(format!("write `within {text}` where the least bound is sought")),
        )
    }

    fn attributes(
        &mut self,
        judge: &ast::Expr,
        fault: &ast::Expr,
        culprit: &ast::Name,
        within: Option<&ast::Expr>,
    ) -> Option<Property> {
        let judge = self.judge(judge);
        let within = match within {
            None => None,
            Some(size) => Some(self.bound(size)?),
        };
        let Some(sort) = self.sort_of_index(fault, &culprit.text)? else {
            return self.problems.fail(
                Diagnostic::error(
                    "fragment",
                    culprit.span,
                    format!("`{}` is no index of the fault", culprit.text),
                )
                .help(format!("write it as in `Centre attributes f[{0}] to {0}`", culprit.text)),
            );
        };
        self.size(sort)?;
        let (culprit, fault) = self.scoped(|c| {
            let local = c.bind(&culprit.text, Type::Finite(sort));
            (local, c.truth(fault, fault.span))
        });
        Some(Property::Attributes { judge: judge?, culprit, sort, fault: fault?, within })
    }

    /// The sort that a variable indexes in an expression; the inner `None` if it indexes nothing.
    fn sort_of_index(&mut self, e: &ast::Expr, var: &str) -> Option<Option<SortId>> {
        let mut uses = Vec::new();
        index_uses(e, var, &mut uses);
        for (name, place) in uses {
            let sorts = match self.names.values.get(name.as_str()).map(|(symbol, _)| *symbol) {
                Some(symbol @ (Symbol::Cell(_) | Symbol::Input(_))) => {
                    self.signature(symbol)?.index
                }
                Some(Symbol::Define(define)) => {
                    let (_, source) = *self.names.defines.get(define as usize)?;
                    let sorts: Option<Vec<SortId>> =
                        source.index.iter().map(|binder| self.sort(&binder.sort)).collect();
                    sorts?
                }
                _ => continue,
            };
            if let Some(sort) = sorts.get(place) {
                return Some(Some(*sort));
            }
        }
        Some(None)
    }

    /// The accountability that is meant, by its `A.violated`.
    fn accountability(&mut self, name: Option<&ast::Name>, span: Span) -> Option<String> {
        let all: Vec<String> = self
            .names
            .values
            .keys()
            .filter_map(|value| value.strip_suffix(".sanctioned"))
            .filter(|base| self.names.values.contains_key(format!("{base}.violated").as_str()))
            .map(str::to_owned)
            .collect();
        let (at, message) = match (name, all.as_slice()) {
            (Some(name), all) if all.contains(&name.text) => return Some(name.text.clone()),
            (None, [only]) => return Some(only.clone()),
            (Some(name), _) => (name.span, format!("there is no accountability `{}`", name.text)),
            (None, []) => (span, "there is no accountability to speak of".to_owned()),
            (None, _) => (span, "there are several accountabilities".to_owned()),
        };
        let help = if all.is_empty() {
            "declare it: `accountability …`".to_owned()
        } else {
            format!("name {}", alternatives(&all))
        };
        self.problems.fail(Diagnostic::error("unknown-accountability", at, message).help(help))
    }

    fn coalition(&mut self, coalition: &ast::Coalition) -> Option<Coalition> {
        match coalition {
            ast::Coalition::Named(posts) => self.posts(posts).map(Coalition::Named),
            ast::Coalition::SomeOf(name, size) => {
                let (sort, size) = (self.post_sort(name), self.bound(size));
                Some(Coalition::SomeOf(sort?, size?))
            }
            ast::Coalition::NoneOf(name, size) => {
                let (sort, size) = (self.post_sort(name), self.bound(size));
                Some(Coalition::NoneOf(sort?, size?))
            }
        }
    }

    /// Posts by name; the name of a family is all its members.
    fn posts(&mut self, posts: &[ast::Expr]) -> Option<Vec<Expr>> {
        let mut all = Vec::new();
        for post in posts {
            all.push(self.posts_of(post));
        }
        let all: Vec<Vec<Expr>> = all.into_iter().collect::<Option<_>>()?;
        Some(all.into_iter().flatten().collect())
    }

    fn posts_of(&mut self, e: &ast::Expr) -> Option<Vec<Expr>> {
        if let Tree::Name(name) = &*e.kind
            && let Some((Symbol::Post(sort), _)) = self.names.values.get(name.text.as_str())
        {
            let sort = *sort;
            let size = self.size(sort)?;
            let member = |i| {
                let kind = ExprKind::Const(Value::Member(sort, i));
                Self::node(kind, Type::Finite(sort), e.span)
            };
            return Some((0..size).map(member).collect());
        }
        let (post, _) = self.post(e)?;
        let post = self.placed(Some(post), Place::rigid("a member of a coalition"))?;
        Some(vec![post])
    }

    fn no_deviation(
        &mut self,
        coalition: &[ast::Expr],
        within: &ast::Deadline,
        margin: Option<&ast::Expr>,
    ) -> Option<Property> {
        let coalition = self.posts(coalition);
        let within = self.deadline(within);
        let margin = match margin {
            None => None,
            Some(margin) => {
                let typed = self.infer(margin, None)?;
                let typed = self.number(typed, Why::new(margin.span, "a margin is a number"));
                Some(self.placed(typed, Place::rigid("a margin"))?)
            }
        };
        let coalition = coalition?;
        for post in &coalition {
            self.has_payoff(post);
        }
        Some(Property::NoDeviation { coalition, within: within?, margin })
    }

    fn has_payoff(&mut self, post: &Expr) {
        let Type::Finite(sort) = post.ty else { return };
        let name = self.sort_name(sort).to_owned();
        let paid = self.tree.items.iter().any(
            |item| matches!(&item.decl, ast::Decl::Payoff { owner, .. } if owner.sort.text == name),
        );
        if !paid && matches!(literal(post), None | Some(Value::Member(_, 0))) {
            let message = format!("`{name}` has no payoff");
            self.problems.push(
                Diagnostic::error("no-payoff", post.span, message)
                    .help(format!("declare what it gains: `payoff {name} = …`")),
            );
        }
    }
}

/// Where a variable stands as an index: the indexed name and which place.
fn index_uses(e: &ast::Expr, var: &str, uses: &mut Vec<(String, usize)>) {
    super::visit::deep(|| match &*e.kind {
        Tree::Index(name, index) => {
            for (place, at) in index.iter().enumerate() {
                match &*at.kind {
                    Tree::Name(n) if n.text == var => uses.push((name.text.clone(), place)),
                    _ => index_uses(at, var, uses),
                }
            }
        }
        Tree::Unary(_, a) | Tree::Prime(a) | Tree::Within(_, a) | Tree::In(a, _) => {
            index_uses(a, var, uses);
        }
        Tree::Binary(_, a, b) => {
            index_uses(a, var, uses);
            index_uses(b, var, uses);
        }
        Tree::If(c, a, b) => {
            for part in [c, a, b] {
                index_uses(part, var, uses);
            }
        }
        Tree::Quantified(_, _, _, body) => index_uses(body, var, uses),
        Tree::Call(_, args) => args.iter().for_each(|arg| index_uses(arg, var, uses)),
        _ => {}
    });
}
