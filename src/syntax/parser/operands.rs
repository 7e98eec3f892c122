//! Operands: names, numbers, calls, members, `if`, quantifiers, parentheses.

use super::super::ast::{Expr, ExprKind, Name, Quantifier, Set};
use super::super::diagnostic::Diagnostic;
use super::super::token::Kind;
use super::cursor::{Parse, Parser};
use super::expressions::level;

impl Parser<'_> {
    /// What operators join.
    pub(super) fn primary(&mut self) -> Parse<Expr> {
        let start = self.at;
        match self.kind() {
            // The expression was left out, and the next declaration begins.
            Kind::Name if self.declares_on_a_new_line() => self.unexpected_operand(),
            Kind::Name => self.name_or_property(),
            Kind::Int => self.number(ExprKind::Int),
            Kind::Real => self.number(ExprKind::Real),
            Kind::True | Kind::False => {
                let value = self.is(Kind::True);
                self.skip();
                Ok(self.leaf(ExprKind::Bool(value), start))
            }
            Kind::OpenRound => self.parenthesised(),
            Kind::OpenCurly => self.force_by_named(),
            Kind::If => self.conditional(),
            Kind::Some if self.is_coalition(self.at) => self.force_by_some(),
            Kind::All => self.quantified(Quantifier::All),
            Kind::Some => self.quantified(Quantifier::Some),
            Kind::Count => self.aggregate(Quantifier::Count),
            Kind::Sum => self.aggregate(Quantifier::Sum),
            Kind::Min => self.aggregate_or_call(Quantifier::Min),
            Kind::Max => self.aggregate_or_call(Quantifier::Max),
            Kind::Abs => self.reserved_call(),
            _ => self.unexpected_operand(),
        }
    }

    fn unexpected_operand<T>(&mut self) -> Parse<T> {
        let found = self.found();
        let error = |parser: &Self, message: String| {
            Diagnostic::error("unexpected-token", parser.span_at(parser.at), message)
        };
        let diagnostic = match self.kind() {
            Kind::Text => error(self, "a text is no value".to_string())
                .help("values are numbers, `true`, `false` and names; texts are titles and quotes"),
            Kind::When | Kind::Where | Kind::By | Kind::For | Kind::Then | Kind::Else => {
                error(self, format!("expected an expression before {found}"))
                    .help(format!("write what belongs before {found}, or delete what is too much"))
            }
            _ => return self.unexpected("an expression"),
        };
        self.stop(diagnostic)
    }

    fn number(&mut self, kind: fn(String) -> ExprKind) -> Parse<Expr> {
        let start = self.at;
        let word = self.word_at(start);
        // A malformed number was reported by the lexer; its digits stand for it.
        let digits = word.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(word.len());
        let number = word.get(..digits).unwrap_or("0").to_string();
        self.skip();
        Ok(self.leaf(kind(number), start))
    }

    fn parenthesised(&mut self) -> Parse<Expr> {
        let start = self.at;
        let error = self.error_here();
        let inner = self.bracketed(|| error, Self::expression)?;
        if self.is(Kind::Prime) {
            let diagnostic = Diagnostic::error(
                "misplaced-prime",
                self.span_at(self.at),
                "`'` belongs to a cell, not to an expression",
            )
            .help("write `'` after each cell whose value at the end of the period is meant");
            self.report(diagnostic);
            self.skip();
        }
        Ok(Expr { span: self.span_since(start), ..inner })
    }

    /// A node that stands for what cannot be read.
    pub(super) fn error_here(&self) -> Expr {
        Expr { kind: Box::new(ExprKind::Error), span: self.span_at(self.at) }
    }

    fn conditional(&mut self) -> Parse<Expr> {
        let start = self.at;
        self.bump();
        let condition = self.expression()?;
        let mut height = self.height;
        if !self.eat(Kind::Then) {
            return self.unexpected("`then`");
        }
        let yes = self.expression()?;
        height = height.max(self.height);
        if !self.is(Kind::Else) {
            let found = self.found();
            let diagnostic = Diagnostic::error(
                "missing-else",
                self.span_at(self.at),
                format!("expected `else`, found {found}"),
            )
            .also(self.span_at(start), "this `if` needs an `else`")
            .help("write `if CONDITION then VALUE else VALUE`; for a bare condition, `implies`");
            return self.stop(diagnostic);
        }
        self.bump();
        let no = self.expression()?;
        height = height.max(self.height);
        self.built(ExprKind::If(condition, yes, no), start, height)
    }

    // --- Names, members, calls -------------------------------------------

    /// A name with what may follow it: `[…]`, `(…)`, `'`.
    pub(super) fn reference(&mut self) -> Parse<Expr> {
        let start = self.at;
        let name = self.take_name();
        if self.is_call(start) {
            return self.call(name, start);
        }
        let mut primed = self.eat(Kind::Prime);
        let index = self.index()?;
        let height = if index.is_empty() { 0 } else { self.height };
        primed |= !index.is_empty() && !primed && self.eat(Kind::Prime);
        let kind =
            if index.is_empty() { ExprKind::Name(name) } else { ExprKind::Index(name, index) };
        let expr = self.built(kind, start, height)?;
        if !primed {
            return Ok(expr);
        }
        if self.is(Kind::Prime) {
            let diagnostic = Diagnostic::error(
                "misplaced-prime",
                self.span_at(self.at),
                "a second `'` says nothing: `x'` is the value at the end of this period",
            )
            .help("write one `'`; the period after the next is reached by `next`");
            self.report(diagnostic);
            while self.is(Kind::Prime) {
                self.skip();
            }
        }
        self.wrap(ExprKind::Prime(expr), start)
    }

    /// Is the name at this token called: `(` on its line, and in a bound, right behind it?
    fn is_call(&self, at: usize) -> bool {
        self.kind_at(at + 1) == Kind::OpenRound
            && !self.first_on_line(at + 1)
            && (self.adjacent(at + 1) || !self.in_bound)
    }

    fn call(&mut self, name: Name, start: usize) -> Parse<Expr> {
        let ranges = name.text == "saturate";
        let arguments = self.bracketed(Vec::new, |parser| parser.arguments(ranges))?;
        self.wrap(ExprKind::Call(name, arguments), start)
    }

    fn arguments(&mut self, ranges: bool) -> Parse<Vec<Expr>> {
        self.height = 0;
        if self.is(Kind::CloseRound) {
            return Ok(Vec::new());
        }
        self.expressions(Kind::CloseRound, |parser| {
            let start = parser.at;
            let low = parser.expression()?;
            if !parser.is(Kind::DotDot) {
                return Ok(low);
            }
            if !ranges {
                let diagnostic = Diagnostic::error(
                    "misplaced-range",
                    parser.span_at(parser.at),
                    "a range is no value here",
                )
                .help("write `x in lo..hi` to ask whether `x` lies in it; `saturate(e, lo..hi)` takes one");
                return parser.stop(diagnostic);
            }
            let height = parser.height;
            parser.bump();
            let high = parser.operand(level::ADD)?;
            parser.built(ExprKind::Range(low, high), start, height.max(parser.height))
        })
    }

    /// `[e, e]`, or several of them in a row; empty if none stands on this line.
    pub(super) fn index(&mut self) -> Parse<Vec<Expr>> {
        let mut index = Vec::new();
        let mut height = 0;
        while self.is(Kind::OpenSquare) && !self.first_on_line(self.at) {
            let error = self.error_here();
            index.extend(self.bracketed(
                || vec![error],
                |parser| parser.expressions(Kind::CloseSquare, Self::expression),
            )?);
            height = height.max(self.height);
        }
        self.height = height;
        Ok(index)
    }

    /// Expressions separated by commas, up to a closing bracket.
    pub(super) fn expressions(
        &mut self,
        close: Kind,
        mut one: impl FnMut(&mut Self) -> Parse<Expr>,
    ) -> Parse<Vec<Expr>> {
        let mut list = vec![one(self)?];
        let mut height = self.height;
        while self.eat(Kind::Comma) && !self.is(close) {
            list.push(one(self)?);
            height = height.max(self.height);
        }
        self.height = height;
        Ok(list)
    }

    /// `abs(e)`, `min(a, b)`.
    fn reserved_call(&mut self) -> Parse<Expr> {
        let start = self.at;
        let name = Name { text: self.word_at(start).to_string(), span: self.span_at(start) };
        self.bump();
        if !self.is(Kind::OpenRound) {
            return self.unexpected(&format!("`(` after `{}`", name.text));
        }
        self.call(name, start)
    }

    // --- Quantifiers and sets --------------------------------------------

    /// `all x in S, y in T : p`
    fn quantified(&mut self, quantifier: Quantifier) -> Parse<Expr> {
        let start = self.at;
        self.bump();
        self.quantifier_body(quantifier, start)
    }

    /// `count(x in S : p)`
    fn aggregate(&mut self, quantifier: Quantifier) -> Parse<Expr> {
        let start = self.at;
        self.bump();
        if !self.is(Kind::OpenRound) {
            return self.unexpected(&format!("`(` after `{}`", self.word_at(start)));
        }
        let error = self.error_here();
        let inner = self.bracketed(|| error, |parser| parser.quantifier_body(quantifier, start))?;
        Ok(Expr { span: self.span_since(start), ..inner })
    }

    fn aggregate_or_call(&mut self, quantifier: Quantifier) -> Parse<Expr> {
        let binds = self.kind_at(self.at + 1) == Kind::OpenRound
            && self.kind_at(self.at + 2) == Kind::Name
            && self.kind_at(self.at + 3) == Kind::In;
        if binds { self.aggregate(quantifier) } else { self.reserved_call() }
    }

    /// `x in S, y in T : body`; `x, y in S` binds both over `S`.
    fn quantifier_body(&mut self, quantifier: Quantifier, start: usize) -> Parse<Expr> {
        let mut binders = Vec::new();
        let mut height = 0;
        loop {
            let mut names = vec![self.name("the name of a member")?];
            while self.eat(Kind::Comma) {
                names.push(self.name("the name of a member")?);
            }
            if !self.eat(Kind::In) {
                return self.unexpected("`in` and what the name runs over");
            }
            let set = self.set()?;
            height = height.max(self.height);
            binders.extend(names.into_iter().map(|name| (name, set.clone())));
            if !self.eat(Kind::Comma) {
                break;
            }
        }
        if !self.is(Kind::Colon) {
            let word = self.word_at(start);
            let found = self.found();
            let diagnostic = Diagnostic::error(
                "missing-colon",
                self.span_at(self.at),
                format!("expected `:` after the set, found {found}"),
            )
            .help(format!("write `{word} x in S : …`; several names stand as `x in S, y in T`"));
            return self.stop(diagnostic);
        }
        self.bump();
        let body = self.expression()?;
        height = height.max(self.height);
        self.bind(quantifier, binders, body, start, height)
    }

    /// One quantifier for each name. Pairs are counted as the sum of counts.
    fn bind(
        &mut self,
        quantifier: Quantifier,
        binders: Vec<(Name, Set)>,
        body: Expr,
        start: usize,
        mut height: usize,
    ) -> Parse<Expr> {
        let mut inner = body;
        let mut at = quantifier;
        for (name, set) in binders.into_iter().rev() {
            inner = self.built(ExprKind::Quantified(at, name, set, inner), start, height)?;
            height = self.height;
            if quantifier == Quantifier::Count {
                at = Quantifier::Sum;
            }
        }
        Ok(inner)
    }

    /// `{a, b}`, `lo..hi`, or a sort.
    pub(super) fn set(&mut self) -> Parse<Set> {
        let start = self.at;
        if self.is(Kind::OpenCurly) {
            let elements = self.elements()?;
            return Ok(Set::Elements(elements, self.span_since(start)));
        }
        let low = self.operand(level::ADD)?;
        if self.is(Kind::DotDot) {
            let height = self.height;
            self.bump();
            let high = self.operand(level::ADD)?;
            self.height = height.max(self.height);
            return Ok(Set::Range(Box::new(low), Box::new(high)));
        }
        match *low.kind {
            ExprKind::Name(name) => Ok(Set::Sort(name)),
            _ => {
                let diagnostic = Diagnostic::error("not-a-set", low.span, "this is not a set")
                    .help("a set is `{a, b}`, a range `lo..hi`, an enum or a family");
                self.stop(diagnostic)
            }
        }
    }

    /// `{a, b}`
    pub(super) fn elements(&mut self) -> Parse<Vec<Expr>> {
        self.bracketed(Vec::new, |parser| {
            if parser.is(Kind::CloseCurly) {
                return parser.unexpected("at least one element");
            }
            parser.expressions(Kind::CloseCurly, Self::expression)
        })
    }
}
