//! Expressions by precedence climbing (Pratt 1973).
//!
//! Loosest first: `leads to`; `iff`; `implies` (to the right); `or`; `and`;
//! `not` and the temporal words; `until`, `since`; comparisons, `in`, `knows`
//! and its kin; `+ -`; `* / mod`; unary `-`. A temporal word that begins an
//! expression reaches as far right as it can, since `always p implies q` is
//! meant so; after an operator it binds like `not`.

use super::super::ast::{BinaryOp, Expr, ExprKind, UnaryOp};
use super::super::depth::{chain, is_associative};
use super::super::diagnostic::Diagnostic;
use super::super::token::Kind;
use super::cursor::{Parse, Parser, Stop};

/// How tightly operators bind.
pub(in crate::syntax) mod level {
    pub const ANY: u8 = 0;
    pub const LEADS_TO: u8 = 1;
    pub const IFF: u8 = 2;
    pub const IMPLIES: u8 = 3;
    pub const OR: u8 = 4;
    pub const AND: u8 = 5;
    pub const NOT: u8 = 6;
    pub const UNTIL: u8 = 7;
    pub const COMPARE: u8 = 8;
    pub const ADD: u8 = 9;
    pub const MULTIPLY: u8 = 10;
    pub const NEGATE: u8 = 11;
}

/// What joins an expression to what follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Infix {
    Operator(BinaryOp),
    In,
    Knows,
    Detects,
    Deniable,
    Attributes,
    LeadsTo,
}

impl Infix {
    fn level(self) -> u8 {
        use BinaryOp::{
            Add, And, Div, Eq, Ge, Gt, Iff, Implies, Le, Lt, Mod, Mul, Ne, Or, Since, Sub, Until,
        };
        match self {
            Infix::LeadsTo => level::LEADS_TO,
            Infix::Operator(Iff) => level::IFF,
            Infix::Operator(Implies) => level::IMPLIES,
            Infix::Operator(Or) => level::OR,
            Infix::Operator(And) => level::AND,
            Infix::Operator(Until | Since) => level::UNTIL,
            Infix::Operator(Eq | Ne | Lt | Le | Gt | Ge) => level::COMPARE,
            Infix::In | Infix::Knows | Infix::Detects => level::COMPARE,
            Infix::Deniable | Infix::Attributes => level::COMPARE,
            Infix::Operator(Add | Sub) => level::ADD,
            Infix::Operator(Mul | Div | Mod) => level::MULTIPLY,
        }
    }

    /// Operators of which two in a row need parentheses to be understood.
    fn stands_alone(self) -> bool {
        matches!(self.level(), level::COMPARE | level::UNTIL | level::LEADS_TO)
            && matches!(self, Infix::Operator(_) | Infix::In | Infix::LeadsTo)
    }
}

impl Parser<'_> {
    /// A whole expression, up to whatever cannot belong to it.
    pub(super) fn expression(&mut self) -> Parse<Expr> {
        self.descend(|parser| parser.climb(level::ANY, true))
    }

    /// An operand of an operator of the level below.
    pub(super) fn operand(&mut self, level: u8) -> Parse<Expr> {
        self.descend(|parser| parser.climb(level, false))
    }

    /// An expression whose operators bind at least as tightly as `level`.
    fn climb(&mut self, level: u8, leading: bool) -> Parse<Expr> {
        let start = self.at;
        let mut left = self.prefix(leading)?;
        let mut before: Option<Infix> = None;
        let mut reported = false;
        while let Some(infix) = self.infix() {
            if infix.level() < level {
                break;
            }
            let again = before.is_some_and(|before| {
                before.level() == infix.level() && before.stands_alone() && infix.stands_alone()
            });
            if again && !std::mem::replace(&mut reported, true) {
                self.report_chained(infix);
            }
            left = self.join(left, infix, start)?;
            before = Some(infix);
        }
        Ok(left)
    }

    /// A prefix with its operand, or an operand alone.
    fn prefix(&mut self, leading: bool) -> Parse<Expr> {
        let (op, extends) = match self.kind() {
            Kind::Minus => return self.negation(),
            Kind::Within => return self.within(),
            Kind::Not => (UnaryOp::Not, false),
            Kind::Next => (UnaryOp::Next, false),
            Kind::Once => (UnaryOp::Once, false),
            Kind::Historically => (UnaryOp::Historically, false),
            Kind::Previously => (UnaryOp::Previously, false),
            Kind::Always if self.kind_at(self.at + 1) == Kind::Possible => {
                (UnaryOp::AlwaysPossible, true)
            }
            Kind::Always => (UnaryOp::Always, true),
            Kind::Never => (UnaryOp::Never, true),
            Kind::Eventually => (UnaryOp::Eventually, true),
            Kind::Recurs => (UnaryOp::Recurs, true),
            Kind::Settles => (UnaryOp::Settles, true),
            Kind::Possible => (UnaryOp::Possible, true),
            Kind::Valid => (UnaryOp::Valid, true),
            Kind::Name if self.begins_sometimes() => (UnaryOp::Possible, true),
            _ => return self.primary(),
        };
        let start = self.at;
        self.bump();
        if op == UnaryOp::AlwaysPossible {
            self.skip();
        }
        let operand =
            if extends && leading { self.expression()? } else { self.operand(level::NOT)? };
        if op == UnaryOp::Not {
            self.remark_negated(&operand, start);
        }
        self.wrap(ExprKind::Unary(op, operand), start)
    }

    /// `not p until q` denies the whole, which many a reader takes for `(not p) until q`.
    fn remark_negated(&mut self, operand: &Expr, start: usize) {
        let ExprKind::Binary(op @ (BinaryOp::Until | BinaryOp::Since), first, _) = &*operand.kind
        else {
            return;
        };
        // An operand in parentheses begins before its first part.
        if first.span.start != operand.span.start {
            return;
        }
        let word = if *op == BinaryOp::Until { "until" } else { "since" };
        let message = format!("this `not` denies the whole `… {word} …`");
        let help = format!("write `not (p {word} q)` if it is meant so, else `(not p) {word} q`");
        let diagnostic = Diagnostic::warning("negated-until", self.span_since(start), message);
        self.report(diagnostic.help(help));
    }

    fn negation(&mut self) -> Parse<Expr> {
        let start = self.at;
        self.bump();
        let operand = self.operand(level::NEGATE)?;
        self.wrap(ExprKind::Unary(UnaryOp::Neg, operand), start)
    }

    /// The operator that comes next, if one does.
    fn infix(&self) -> Option<Infix> {
        use BinaryOp::{
            Add, And, Div, Eq, Ge, Gt, Iff, Implies, Le, Lt, Mod, Mul, Ne, Or, Since, Sub, Until,
        };
        let op = match self.kind() {
            // `or else` begins the sanction of a norm.
            Kind::Or if self.kind_at(self.at + 1) == Kind::Else => return None,
            Kind::Implies if self.in_guard && self.is_arrow_before_update() => return None,
            Kind::Or => Or,
            Kind::And => And,
            Kind::Implies => Implies,
            Kind::Iff => Iff,
            Kind::Until => Until,
            Kind::Since => Since,
            Kind::Eq => Eq,
            Kind::Ne => Ne,
            Kind::Lt => Lt,
            Kind::Le => Le,
            Kind::Gt => Gt,
            Kind::Ge => Ge,
            Kind::Plus => Add,
            Kind::Minus => Sub,
            Kind::Star => Mul,
            Kind::Slash => Div,
            Kind::Mod => Mod,
            Kind::In => return Some(Infix::In),
            Kind::Name => return self.word_infix(self.at),
            _ => return None,
        };
        Some(Infix::Operator(op))
    }

    /// Is this word an infix one, followed by what it needs?
    pub(super) fn word_infix(&self, at: usize) -> Option<Infix> {
        match self.word_at(at) {
            "leads" if self.is_word_at(at + 1, "to") => Some(Infix::LeadsTo),
            "deniable" if self.is_word_at(at + 1, "to") => Some(Infix::Deniable),
            "knows" if self.begins_expression(at + 1) => Some(Infix::Knows),
            "detects" if self.begins_expression(at + 1) => Some(Infix::Detects),
            "attributes" if self.begins_expression(at + 1) => Some(Infix::Attributes),
            _ => None,
        }
    }

    /// Reads the operator and its right side.
    fn join(&mut self, left: Expr, infix: Infix, start: usize) -> Parse<Expr> {
        let height = self.height;
        let op = match infix {
            Infix::Operator(op) if is_associative(op) => return self.chain(left, op, infix, start),
            Infix::Operator(op) => op,
            Infix::In => {
                self.bump();
                let set = self.set()?;
                return self.built(ExprKind::In(left, set), start, height.max(self.height));
            }
            word => return self.property_infix(left, word, start),
        };
        self.bump();
        // `implies` groups to the right, all others to the left.
        let right = if op == BinaryOp::Implies {
            self.operand(level::IMPLIES)?
        } else {
            self.operand(infix.level() + 1)?
        };
        self.built(ExprKind::Binary(op, left, right), start, height.max(self.height))
    }

    /// `a and b and c …`, all operands at once.
    fn chain(&mut self, left: Expr, op: BinaryOp, infix: Infix, start: usize) -> Parse<Expr> {
        let mut height = self.height;
        let mut operands = vec![left];
        while self.infix() == Some(infix) {
            self.bump();
            operands.push(self.operand(infix.level() + 1)?);
            height = height.max(self.height);
        }
        let Some((joined, levels)) = chain(op, operands) else { return Err(Stop) };
        self.grow_to(height + levels)?;
        Ok(Expr { span: self.span_since(start), ..joined })
    }

    fn report_chained(&mut self, infix: Infix) {
        let word = self.word_at(self.at);
        let help = match infix {
            Infix::LeadsTo => "write parentheses: `p leads to (q leads to r)`",
            Infix::Operator(BinaryOp::Until | BinaryOp::Since) => {
                "write parentheses: `p until (q until r)`"
            }
            Infix::Operator(BinaryOp::Eq) if self.in_param => {
                "a default stands before `where`: `param n : int = 3 where n > 0`"
            }
            _ => "write `a < b and b < c`, or parentheses if a truth value is compared",
        };
        let message = format!("a second `{word}` needs parentheses or `and`");
        let diagnostic =
            Diagnostic::error("chained-comparison", self.span_at(self.at), message).help(help);
        self.report(diagnostic);
    }

    // --- Building --------------------------------------------------------

    /// An expression without parts.
    pub(super) fn leaf(&mut self, kind: ExprKind, start: usize) -> Expr {
        self.height = 1;
        Expr { kind: Box::new(kind), span: self.span_since(start) }
    }

    /// An expression around the one just read.
    pub(super) fn wrap(&mut self, kind: ExprKind, start: usize) -> Parse<Expr> {
        self.built(kind, start, self.height)
    }

    /// An expression whose highest part has this height.
    pub(super) fn built(&mut self, kind: ExprKind, start: usize, height: usize) -> Parse<Expr> {
        let expr = Expr { kind: Box::new(kind), span: self.span_since(start) };
        self.grow_to(height + 1)?;
        Ok(expr)
    }
}
