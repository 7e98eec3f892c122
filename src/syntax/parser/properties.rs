//! Properties whose words are no operators: deadlines, knowledge, coalitions.

use super::super::ast::{Coalition, Deadline, Expr, ExprKind, Name};
use super::super::diagnostic::Diagnostic;
use super::super::token::Kind;
use super::cursor::{Parse, Parser};
use super::expressions::{Infix, level};

impl Parser<'_> {
    /// A name, or a property that begins with a word of its own.
    pub(super) fn name_or_property(&mut self) -> Parse<Expr> {
        let at = self.at;
        match self.word_at(at) {
            "accountable" if self.begins_accountable(at) => self.accountable(),
            "smallest" if self.begins_smallest(at) => self.smallest(),
            "smallest" if self.is_smallest_of_a_set(at) => self.smallest_of_a_set(),
            "no" if self.is_coalition(at) => self.force_by_none(),
            "no" if self.is_word_at(at + 1, "deviation") => self.no_deviation(),
            "consistent" if self.kind_at(at + 1) == Kind::OpenCurly => {
                self.consistency(ExprKind::Consistent)
            }
            "inconsistent" if self.kind_at(at + 1) == Kind::OpenCurly => {
                self.consistency(ExprKind::Inconsistent)
            }
            _ => self.reference(),
        }
    }

    fn begins_accountable(&self, at: usize) -> bool {
        self.is_word_at(at + 1, "sound") || self.is_word_at(at + 1, "complete")
    }

    fn begins_smallest(&self, at: usize) -> bool {
        self.kind_at(at + 1) == Kind::Name && self.kind_at(at + 2) == Kind::Colon
    }

    /// `smallest k in 0..3 : p`, which somebody writes who thinks of `some`.
    fn is_smallest_of_a_set(&self, at: usize) -> bool {
        self.kind_at(at + 1) == Kind::Name && self.kind_at(at + 2) == Kind::In
    }

    fn smallest_of_a_set(&mut self) -> Parse<Expr> {
        let message = "`smallest` names its bound without a range";
        let diagnostic = Diagnostic::error("unexpected-token", self.span_at(self.at + 2), message);
        self.stop(
            diagnostic
                .help("the form is `smallest k : p`, with `k` the bound of a deadline in `p`"),
        )
    }

    /// `some coalition of …`, `no coalition of …`
    pub(super) fn is_coalition(&self, at: usize) -> bool {
        self.is_word_at(at + 1, "coalition") && self.is_word_at(at + 2, "of")
    }

    /// `sometimes f deniable to Centre`
    pub(super) fn begins_sometimes(&self) -> bool {
        let next = self.at + 1;
        self.is_word("sometimes")
            && match self.kind_at(next) {
                Kind::Name => self.word_infix(next).is_none() && !self.begins_declaration(next),
                Kind::OpenRound => !self.adjacent(next) && !self.first_on_line(next),
                _ => false,
            }
    }

    /// Does one of the above begin here, so that the name is not just a name?
    fn begins_word_property(&self, at: usize) -> bool {
        match self.word_at(at) {
            "accountable" => self.begins_accountable(at),
            "smallest" => self.begins_smallest(at),
            "no" => self.is_coalition(at) || self.is_word_at(at + 1, "deviation"),
            "consistent" | "inconsistent" => self.kind_at(at + 1) == Kind::OpenCurly,
            _ => false,
        }
    }

    // --- Deadlines -------------------------------------------------------

    /// `within b [TICK] q`
    pub(super) fn within(&mut self) -> Parse<Expr> {
        let start = self.at;
        self.bump();
        let bound = self.bound()?;
        let height = self.height;
        let tick = self.begins_tick().then(|| self.take_name());
        let body = self.operand(level::NOT)?;
        let deadline = Deadline { bound, tick };
        self.built(ExprKind::Within(deadline, body), start, height.max(self.height))
    }

    /// How many periods or ticks; `n (q)` is no call here.
    fn bound(&mut self) -> Parse<Expr> {
        let outer = std::mem::replace(&mut self.in_bound, true);
        let bound = self.operand(level::ADD);
        self.in_bound = outer;
        bound
    }

    /// Is the name here a tick, followed by what is due?
    fn begins_tick(&self) -> bool {
        let next = self.at + 1;
        if !self.is(Kind::Name) || self.begins_word_property(self.at) {
            return false;
        }
        match self.kind_at(next) {
            Kind::OpenRound => !self.adjacent(next) && !self.first_on_line(next),
            Kind::Minus => false,
            Kind::Name => {
                self.word_infix(next).is_none()
                    && !self.begins_declaration(next)
                    && !self.begins_claim_clause(next)
                    && self.word_at(next) != "unseen"
                    // A misspelt declaration: what is due does not begin with two names.
                    && !(self.first_on_line(next)
                        && matches!(self.kind_at(next + 1), Kind::Name | Kind::Text)
                        && self.word_infix(next + 1).is_none())
            }
            _ => self.begins_expression(next),
        }
    }

    /// `within b [TICK]` behind what is due; `None` if it does not stand here.
    pub(super) fn deadline(&mut self) -> Parse<Option<Deadline>> {
        if !self.eat(Kind::Within) {
            self.height = 0;
            return Ok(None);
        }
        let bound = self.bound()?;
        let tick = self.trailing_name();
        Ok(Some(Deadline { bound, tick }))
    }

    /// A bare name that ends a clause, unless something else begins with it.
    pub(super) fn trailing_name(&mut self) -> Option<Name> {
        let at = self.at;
        let next = self.kind_at(at + 1);
        let other = !self.is(Kind::Name)
            || self.word_infix(at).is_some()
            || self.begins_declaration(at)
            || self.begins_claim_clause(at)
            || self.begins_update(at)
            || self.begins_change(at)
            || matches!(self.word_at(at), "unseen" | "ties")
            // A misspelt declaration: the name of a tick is not followed by a name.
            || (self.first_on_line(at) && matches!(next, Kind::Name | Kind::Text));
        if other { None } else { Some(self.take_name()) }
    }

    // --- Words between ---------------------------------------------------

    /// `leads to`, `knows`, `detects`, `deniable to`, `attributes … to`
    pub(super) fn property_infix(&mut self, left: Expr, infix: Infix, start: usize) -> Parse<Expr> {
        let mut height = self.height;
        self.skip();
        if matches!(infix, Infix::LeadsTo | Infix::Deniable) {
            self.skip();
        }
        let right_level = match infix {
            Infix::LeadsTo => level::IFF,
            Infix::Deniable | Infix::Attributes => level::ADD,
            _ => level::COMPARE,
        };
        let right = self.operand(right_level)?;
        height = height.max(self.height);
        let kind = match infix {
            Infix::LeadsTo => ExprKind::LeadsTo(left, right, self.deadline()?),
            Infix::Detects => ExprKind::Detects(left, right, self.deadline()?),
            Infix::Deniable => ExprKind::Deniable(left, right),
            Infix::Attributes => self.attributes(left, right)?,
            _ => ExprKind::Knows(left, right),
        };
        let deadline = matches!(kind, ExprKind::LeadsTo(..) | ExprKind::Detects(..))
            || matches!(kind, ExprKind::Attributes { .. });
        let height = if deadline { height.max(self.height) } else { height };
        self.built(kind, start, height)
    }

    fn attributes(&mut self, judge: Expr, fault: Expr) -> Parse<ExprKind> {
        self.expect_word("to")?;
        let culprit = self.name("the culprit's name")?;
        self.height = 0;
        let within = if self.eat(Kind::Within) { Some(self.bound()?) } else { None };
        Ok(ExprKind::Attributes { judge, fault, culprit, within })
    }

    // --- Words before ----------------------------------------------------

    fn accountable(&mut self) -> Parse<Expr> {
        let start = self.at;
        self.skip();
        let sound = self.is_word("sound");
        self.skip();
        let name = self.trailing_name();
        let kind = if sound {
            ExprKind::AccountableSound(name)
        } else {
            ExprKind::AccountableComplete(name)
        };
        Ok(self.leaf(kind, start))
    }

    fn smallest(&mut self) -> Parse<Expr> {
        let start = self.at;
        self.skip();
        let name = self.take_name();
        self.expect(Kind::Colon, "`:`")?;
        let property = self.expression()?;
        self.wrap(ExprKind::Smallest(name, property), start)
    }

    fn consistency(&mut self, kind: fn(Vec<Expr>) -> ExprKind) -> Parse<Expr> {
        let start = self.at;
        self.skip();
        let elements = self.elements()?;
        self.wrap(kind(elements), start)
    }

    fn no_deviation(&mut self) -> Parse<Expr> {
        let start = self.at;
        self.skip();
        self.skip();
        self.expect(Kind::By, "`by` and who deviates")?;
        let coalition = if self.is(Kind::OpenCurly) {
            self.elements()?
        } else {
            vec![self.operand(level::ADD)?]
        };
        let mut height = self.height;
        self.expect_word("pays")?;
        let Some(within) = self.deadline()? else {
            return self.unexpected("`within` and the number of periods");
        };
        height = height.max(self.height);
        let mut margin = None;
        if self.eat(Kind::By) {
            self.expect_word("more")?;
            self.expect_word("than")?;
            margin = Some(self.operand(level::ADD)?);
            height = height.max(self.height);
        }
        self.built(ExprKind::NoDeviation { coalition, within, margin }, start, height)
    }

    // --- Coalitions ------------------------------------------------------

    /// `{A, B} can force p`
    pub(super) fn force_by_named(&mut self) -> Parse<Expr> {
        let start = self.at;
        let members = self.elements()?;
        if !self.is_word("can") && !self.is_word("cannot") {
            let diagnostic = super::super::diagnostic::Diagnostic::error(
                "misplaced-set",
                self.span_since(start),
                "a set `{…}` stands after `in`, or before `can force`",
            )
            .help("write `x in {a, b}`, or parentheses `(…)` to group");
            return self.stop(diagnostic);
        }
        self.force(Coalition::Named(members), start)
    }

    pub(super) fn force_by_some(&mut self) -> Parse<Expr> {
        let start = self.at;
        let (family, size) = self.coalition()?;
        self.force(Coalition::SomeOf(family, size), start)
    }

    fn force_by_none(&mut self) -> Parse<Expr> {
        let start = self.at;
        let (family, size) = self.coalition()?;
        self.force(Coalition::NoneOf(family, size), start)
    }

    /// `some coalition of County up to 2`
    fn coalition(&mut self) -> Parse<(Name, Expr)> {
        self.bump();
        self.skip();
        self.skip();
        let family = self.name("the name of a family")?;
        self.expect_word("up")?;
        self.expect_word("to")?;
        Ok((family, self.operand(level::ADD)?))
    }

    /// `can force p [within b [TICK]] [unseen]`
    fn force(&mut self, coalition: Coalition, start: usize) -> Parse<Expr> {
        let mut height = self.height;
        let mut can = self.is_word("can");
        if !can && !self.is_word("cannot") {
            return self.unexpected("`can force` or `cannot force`");
        }
        self.skip();
        if can && self.eat(Kind::Not) {
            can = false;
        }
        self.expect_word("force")?;
        let goal = self.expression()?;
        height = height.max(self.height);
        let mut unseen = self.eat_word("unseen");
        let within = self.deadline()?;
        height = height.max(self.height);
        unseen |= self.eat_word("unseen");
        self.built(ExprKind::Force { coalition, can, goal, within, unseen }, start, height)
    }
}
