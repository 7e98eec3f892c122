//! Builds syntax trees for the declarations that governance words stand for.
//!
//! A [`Make`] carries the span of the construct it speaks for, so that every
//! message about a generated declaration points at the words that caused it.
//! Nothing here decides a meaning; it only spares the other files of this
//! folder the nesting of boxes.

use crate::syntax::ast::{
    BinaryOp, Binder, Decl, Define, Expr, ExprKind, Indexed, Initial, Input, InputKind, Item, Name,
    Quantifier, Rule, RuleKind, Set, State, Type, TypeKind, UnaryOp, Update, Written,
};
use crate::syntax::source::Span;

/// A maker of syntax at one place.
#[derive(Clone, Copy, Debug)]
pub struct Make {
    /// The construct that everything made stands for.
    pub span: Span,
}

impl Make {
    /// An identifier.
    pub fn id(self, text: impl Into<String>) -> Name {
        Name { text: text.into(), span: self.span }
    }

    /// An expression of some kind.
    pub fn expr(self, kind: ExprKind) -> Expr {
        Expr { kind: Box::new(kind), span: self.span }
    }

    /// A name read.
    pub fn name(self, text: impl Into<String>) -> Expr {
        self.expr(ExprKind::Name(self.id(text)))
    }

    /// `name[index]`, or the plain name when there is no index.
    pub fn at(self, text: impl Into<String>, index: &[Expr]) -> Expr {
        if index.is_empty() {
            return self.name(text);
        }
        self.expr(ExprKind::Index(self.id(text), index.to_vec()))
    }

    /// `name(arguments)`
    pub fn call(self, text: &str, arguments: Vec<Expr>) -> Expr {
        self.expr(ExprKind::Call(self.id(text), arguments))
    }

    /// A whole number that is not negative.
    pub fn int(self, value: u32) -> Expr {
        self.expr(ExprKind::Int(value.to_string()))
    }

    /// `true` or `false`.
    pub fn bool(self, value: bool) -> Expr {
        self.expr(ExprKind::Bool(value))
    }

    /// `left op right`
    pub fn binary(self, op: BinaryOp, left: Expr, right: Expr) -> Expr {
        self.expr(ExprKind::Binary(op, left, right))
    }

    /// `left = right`
    pub fn eq(self, left: Expr, right: Expr) -> Expr {
        self.binary(BinaryOp::Eq, left, right)
    }

    /// `left + right`; a literal sum is worked out.
    pub fn plus(self, left: Expr, right: Expr) -> Expr {
        match (literal(&left), literal(&right)) {
            (Some(a), Some(b)) => self.int(a.saturating_add(b)),
            (Some(0), None) => right,
            _ => self.binary(BinaryOp::Add, left, right),
        }
    }

    /// `left - right`; a literal difference that is not negative is worked out.
    pub fn minus(self, left: Expr, right: Expr) -> Expr {
        match (literal(&left), literal(&right)) {
            (Some(a), Some(b)) if a >= b => self.int(a - b),
            (_, Some(0)) => left,
            _ => self.binary(BinaryOp::Sub, left, right),
        }
    }

    /// `left * right`; a literal product is worked out.
    pub fn times(self, left: Expr, right: Expr) -> Expr {
        match (literal(&left), literal(&right)) {
            (Some(a), Some(b)) => self.int(a.saturating_mul(b)),
            _ => self.binary(BinaryOp::Mul, left, right),
        }
    }

    /// `not p`
    pub fn not(self, p: Expr) -> Expr {
        self.expr(ExprKind::Unary(UnaryOp::Not, p))
    }

    /// `not p`, worked out for a constant.
    pub fn negate(self, p: Expr) -> Expr {
        match &*p.kind {
            ExprKind::Bool(value) => self.bool(!value),
            _ => self.not(p),
        }
    }

    /// `always p`
    pub fn always(self, p: Expr) -> Expr {
        self.expr(ExprKind::Unary(UnaryOp::Always, p))
    }

    /// `if c then a else b`
    pub fn choose(self, c: Expr, a: Expr, b: Expr) -> Expr {
        match &*c.kind {
            ExprKind::Bool(true) => a,
            ExprKind::Bool(false) => b,
            _ => self.expr(ExprKind::If(c, a, b)),
        }
    }

    /// The conjunction, without what is trivially true.
    pub fn and(self, parts: impl IntoIterator<Item = Expr>) -> Expr {
        self.fold(BinaryOp::And, true, parts)
    }

    /// The disjunction, without what is trivially false.
    pub fn or(self, parts: impl IntoIterator<Item = Expr>) -> Expr {
        self.fold(BinaryOp::Or, false, parts)
    }

    fn fold(self, op: BinaryOp, unit: bool, parts: impl IntoIterator<Item = Expr>) -> Expr {
        let is = |p: &Expr, value: bool| matches!(&*p.kind, ExprKind::Bool(b) if *b == value);
        let parts: Vec<Expr> = parts.into_iter().filter(|p| !is(p, unit)).collect();
        if parts.iter().any(|p| is(p, !unit)) {
            return self.bool(!unit);
        }
        let joined = parts.into_iter().reduce(|left, right| self.binary(op, left, right));
        joined.unwrap_or_else(|| self.bool(unit))
    }

    /// `all x in sort : body`, `some x in sort : body`
    pub fn quantified(self, quantifier: Quantifier, var: &str, sort: &str, body: Expr) -> Expr {
        let set = Set::Sort(self.id(sort));
        self.expr(ExprKind::Quantified(quantifier, self.id(var), set, body))
    }

    /// A declaration with its documentation.
    pub fn item(self, decl: Decl, doc: impl Into<String>) -> Item {
        Item { doc: Some(doc.into()), span: self.span, decl }
    }

    /// A type.
    pub fn ty(self, kind: TypeKind) -> Type {
        Type { kind, span: self.span }
    }

    /// `0..high`
    pub fn up_to(self, high: Expr) -> Type {
        self.ty(TypeKind::Range(Box::new(self.int(0)), Box::new(high)))
    }

    /// `bool`
    pub fn ty_bool(self) -> Type {
        self.ty(TypeKind::Bool)
    }

    /// The type of a sort's members.
    pub fn of_sort(self, sort: &str) -> Type {
        self.ty(TypeKind::Named(self.id(sort)))
    }

    /// A declared name with its index places.
    pub fn indexed(self, name: &str, index: &[Binder]) -> Indexed {
        Indexed { name: self.id(name), index: index.to_vec() }
    }

    /// `var in sort`
    pub fn binder(self, var: &str, sort: &str) -> Binder {
        Binder { var: Some(self.id(var)), sort: self.id(sort) }
    }

    /// `state name[index] : type = value`
    pub fn state(
        self,
        name: &str,
        index: &[Binder],
        ty: Type,
        value: Expr,
        doc: impl Into<String>,
    ) -> Item {
        let cells = vec![self.indexed(name, index)];
        self.item(Decl::State(State { cells, ty, initial: Some(Initial::Is(value)) }), doc)
    }

    /// `define name[index] = body`
    pub fn define(self, name: &str, index: &[Binder], body: Expr, doc: impl Into<String>) -> Item {
        let define = Define { name: self.id(name), args: Vec::new(), index: index.to_vec(), body };
        self.item(Decl::Define(define), doc)
    }

    /// `choice name[index] : type by owner when p`, or `env …` without an owner.
    pub fn input(self, name: &str, index: &[Binder], ty: Type, draw: Draw, doc: String) -> Item {
        let kind = if draw.owner.is_some() { InputKind::Choice } else { InputKind::Env };
        let names = vec![self.indexed(name, index)];
        let Draw { owner, when, condition } = draw;
        let when = when.filter(|p| !matches!(&*p.kind, ExprKind::Bool(true)));
        self.item(
            Decl::Input(Input { kind, names, ty, owner, when, condition, otherwise: None }),
            doc,
        )
    }

    /// `rule name for binders when guard : updates`
    pub fn rule(
        self,
        name: &str,
        binders: &[Binder],
        guard: Expr,
        updates: Vec<Update>,
        doc: impl Into<String>,
    ) -> Item {
        let guard = Some(guard).filter(|p| !matches!(&*p.kind, ExprKind::Bool(true)));
        let rule = Rule {
            kind: RuleKind::Rule,
            name: self.id(name),
            binders: binders.to_vec(),
            overrides: Vec::new(),
            guard,
            updates,
        };
        self.item(Decl::Rule(rule), doc)
    }

    /// `cell[index]' = value`
    pub fn update(self, cell: &str, index: &[Expr], value: Expr) -> Update {
        Update {
            cell: self.id(cell),
            index: index.to_vec(),
            value: Written::Is(value),
            span: self.span,
        }
    }
}

/// Who draws an input, and within which limits.
#[derive(Clone, Debug, Default)]
pub struct Draw {
    /// The post that chooses; nature draws when absent.
    pub owner: Option<Expr>,
    /// When there is something to draw.
    pub when: Option<Expr>,
    /// Which values may be drawn.
    pub condition: Option<Expr>,
}

/// The value of a literal whole number.
pub fn literal(expr: &Expr) -> Option<u32> {
    match &*expr.kind {
        ExprKind::Int(digits) => digits.replace('_', "").parse().ok(),
        _ => None,
    }
}

/// The plain name that an expression is, if it is one.
pub fn plain_name(expr: &Expr) -> Option<&str> {
    match &*expr.kind {
        ExprKind::Name(name) => Some(&name.text),
        _ => None,
    }
}
