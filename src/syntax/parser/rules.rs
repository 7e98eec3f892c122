//! Rules, practices and their updates.

use super::super::ast::{Decl, Rule, RuleKind, Update, Written};
use super::super::diagnostic::Diagnostic;
use super::super::token::Kind;
use super::cursor::{Parse, Parser};

impl Parser<'_> {
    /// `rule name for c in County overrides other when p : updates`
    pub(super) fn rule(&mut self, kind: RuleKind) -> Parse<Decl> {
        let name = self.name("the rule's name")?;
        let (binders, overrides, updates) = (Vec::new(), Vec::new(), Vec::new());
        let mut rule = Rule { kind, name, binders, overrides, guard: None, updates };
        loop {
            if self.eat(Kind::For) {
                rule.binders.extend(self.binders()?);
            } else if self.eat_word("overrides") {
                rule.overrides.extend(self.names("the name of a rule")?);
            } else if self.is(Kind::When) {
                if rule.guard.is_some() {
                    return self.twice("when");
                }
                self.bump();
                let outer = std::mem::replace(&mut self.in_guard, true);
                let guard = self.expression();
                self.in_guard = outer;
                rule.guard = Some(guard?);
            } else {
                break;
            }
        }
        self.rule_colon(&rule)?;
        rule.updates = self.updates(&rule.name.text, kind)?;
        Ok(Decl::Rule(rule))
    }

    fn rule_colon(&mut self, rule: &Rule) -> Parse<()> {
        if self.eat(Kind::Colon) {
            return Ok(());
        }
        let after = if rule.guard.is_some() {
            format!("the condition of rule `{}`", rule.name.text)
        } else {
            format!("`rule {}`", rule.name.text)
        };
        let (found, span) = (self.found(), self.span_at(self.at));
        let missing = |message: String| {
            Diagnostic::error("missing-colon", span, message)
                .help("the form is `rule NAME when CONDITION : CELL' = VALUE`")
        };
        if self.token_at(self.at).foreign {
            self.report(missing(format!("expected `:` after {after}, found {found}")));
            self.skip();
            return Ok(());
        }
        if self.begins_update(self.at) || self.begins_unprimed_update(self.at) {
            self.report(missing(format!("missing `:` after {after}")));
            return Ok(());
        }
        self.stop(missing(format!("expected `:` after {after}, found {found}")))
    }

    /// Updates, separated by commas or by nothing.
    fn updates(&mut self, rule: &str, kind: RuleKind) -> Parse<Vec<Update>> {
        let mut updates = Vec::new();
        while self.begins_any_update(self.at, kind) {
            let update = if self.begins_best_reply(self.at) && kind == RuleKind::Practice {
                self.best_reply()
            } else {
                self.update(kind)
            };
            updates.push(update?);
            let goes_on = self.begins_any_update(self.at + 1, kind);
            if self.is(Kind::Comma) || (self.is(Kind::Semicolon) && goes_on) {
                self.skip();
            }
        }
        if updates.is_empty() {
            let found = self.found();
            let diagnostic = Diagnostic::error(
                "unexpected-token",
                self.span_at(self.at),
                format!("expected what rule `{rule}` writes, found {found}"),
            )
            .help("a rule writes at least one cell: `CELL' = VALUE` or `CELL' in {A, B}`");
            return self.stop(diagnostic);
        }
        Ok(updates)
    }

    fn begins_any_update(&self, at: usize, kind: RuleKind) -> bool {
        self.begins_update(at)
            || self.begins_unprimed_update(at)
            || kind == RuleKind::Practice && self.begins_best_reply(at)
    }

    /// `best reply choice`
    fn begins_best_reply(&self, at: usize) -> bool {
        let words = self.is_word_at(at, "best") && self.is_word_at(at + 1, "reply");
        words && self.kind_at(at + 2) == Kind::Name
    }

    /// `best reply choice[…] ties to e`
    fn best_reply(&mut self) -> Parse<Update> {
        let start = self.at;
        self.skip();
        self.skip();
        let cell = self.take_name();
        let index = self.index()?;
        let ties = match self.eat_word("ties") {
            true => {
                self.expect_word("to")?;
                Some(self.expression()?)
            }
            false => None,
        };
        let (value, span) = (Written::BestReply(ties), self.span_since(start));
        Ok(Update { cell, index, value, span })
    }

    /// `cell'`, `cell[…]'`, `cell'[…]`
    pub(super) fn begins_update(&self, at: usize) -> bool {
        self.kind_at(at) == Kind::Name
            && match self.kind_at(at + 1) {
                Kind::Prime => true,
                Kind::OpenSquare => {
                    self.mate(at + 1).is_some_and(|mate| self.kind_at(mate + 1) == Kind::Prime)
                }
                _ => false,
            }
    }

    /// `cell = …`, `cell[…] = …`, where `'` was forgotten.
    fn begins_unprimed_update(&self, at: usize) -> bool {
        let writes = |at: usize| matches!(self.kind_at(at), Kind::Eq | Kind::In);
        self.kind_at(at) == Kind::Name
            && match self.kind_at(at + 1) {
                Kind::OpenSquare => self.mate(at + 1).is_some_and(|mate| writes(mate + 1)),
                _ => writes(at + 1),
            }
    }

    /// `=>` where `:` was meant: an update follows.
    pub(super) fn is_arrow_before_update(&self) -> bool {
        self.token_at(self.at).foreign && self.begins_update(self.at + 1)
    }

    /// In a practice, `name = e` without `'` prescribes a choice.
    fn update(&mut self, kind: RuleKind) -> Parse<Update> {
        let start = self.at;
        let cell = self.take_name();
        let mut primed = self.eat(Kind::Prime);
        let index = self.index()?;
        primed |= !primed && self.eat(Kind::Prime);
        if !primed
            && kind == RuleKind::Practice
            && self.is(Kind::Eq)
            && !self.token_at(self.at).foreign
        {
            self.skip();
            let value = Written::Chosen(self.expression()?);
            return Ok(Update { cell, index, value, span: self.span_since(start) });
        }
        if !primed {
            let written = self.span_since(start);
            let diagnostic = Diagnostic::error(
                "missing-prime",
                written,
                format!("a rule writes `{}'`, its value at the end of the period", cell.text),
            )
            .help(if index.is_empty() {
                format!("write `{}' = …`", cell.text)
            } else {
                format!("write `{}[…]' = …`", cell.text)
            });
            self.report(diagnostic);
        }
        let value = if self.eat(Kind::In) {
            Written::In(self.set()?)
        } else if self.is(Kind::Eq) {
            // `:=` without `'` is one mistake, not two.
            if primed {
                self.bump()
            } else {
                self.skip()
            }
            Written::Is(self.expression()?)
        } else {
            return self.unexpected("`=` and a value, or `in` and a set");
        };
        Ok(Update { cell, index, value, span: self.span_since(start) })
    }
}
