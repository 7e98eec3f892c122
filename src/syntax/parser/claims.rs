//! Claims, scenarios, lemmas, fairness and reforms.

use super::super::ast::{Change, Claim, Decl, Expect, Expected, Fair, Item, Named, Reform};
use super::super::diagnostic::Diagnostic;
use super::super::token::Kind;
use super::cursor::{Parse, Parser};
use super::words::nearest;

impl Parser<'_> {
    /// `name : condition`
    pub(super) fn named(&mut self) -> Parse<Named> {
        let name = self.name("a name, by which verdicts refer to it")?;
        self.expect(Kind::Colon, "`:` and a condition")?;
        Ok(Named { name, condition: self.expression()? })
    }

    /// `name : [if infinitely often p then] infinitely often q`
    pub(super) fn fair(&mut self) -> Parse<Decl> {
        let name = self.name("a name, by which verdicts refer to it")?;
        self.expect(Kind::Colon, "`:` and a condition")?;
        let mut premise = None;
        if self.eat(Kind::If) {
            self.infinitely_often()?;
            premise = Some(self.expression()?);
            self.expect(Kind::Then, "`then infinitely often`")?;
        }
        self.infinitely_often()?;
        Ok(Decl::Fair(Fair { name, premise, recurs: self.expression()? }))
    }

    fn infinitely_often(&mut self) -> Parse<()> {
        if !self.is_word("infinitely") || !self.is_word_at(self.at + 1, "often") {
            return self.unexpected("`infinitely often`");
        }
        self.skip();
        self.skip();
        Ok(())
    }

    // --- Claims ----------------------------------------------------------

    /// `name "title"`, then clauses in any order around the property.
    pub(super) fn claim(&mut self, word: &str) -> Parse<Claim> {
        let start = self.at.saturating_sub(1);
        let name = self.name(&format!("the {word}'s name"))?;
        self.eat(Kind::Colon);
        let title = self.optional_text()?;
        self.eat(Kind::Colon);
        let property = self.error_here();
        let (quotes, assumes) = (Vec::new(), Vec::new());
        let mut claim = Claim {
            name,
            title,
            quotes,
            wording: None,
            assumes,
            property,
            solve: None,
            expect: None,
        };
        let mut stated = false;
        loop {
            if self.claim_clause(&mut claim)? {
                continue;
            }
            let assumes = self.is_word("assume") && self.begins_declaration(self.at);
            if stated {
                if assumes {
                    self.warn_late_assume(&claim, start);
                }
                return Ok(claim);
            }
            if assumes {
                self.skip();
                claim.assumes.push(self.named()?);
                continue;
            }
            if self.begins_declaration(self.at) || !self.begins_expression(self.at) {
                return self.no_property(&claim, word);
            }
            claim.property = self.expression()?;
            stated = true;
        }
    }

    fn no_property<T>(&mut self, claim: &Claim, word: &str) -> Parse<T> {
        let found = self.found();
        let message = format!("expected what {word} `{}` says, found {found}", claim.name.text);
        let diagnostic = Diagnostic::error("missing-property", self.span_at(self.at), message)
            .also(claim.name.span, "this has no property yet")
            .help("write a property, such as `always p`, `p leads to q` or `possible p`");
        self.stop(diagnostic)
    }

    /// An `assume` after the property is a declaration, whatever its place on the line suggests.
    fn warn_late_assume(&mut self, claim: &Claim, start: usize) {
        let declared = self.indentation(start).unwrap_or(0);
        if self.indentation(self.at).is_some_and(|indentation| indentation <= declared) {
            return;
        }
        let diagnostic = Diagnostic::warning(
            "assume-after-property",
            self.span_at(self.at),
            "this assumption stands after the property, so it holds for the whole institution",
        )
        .help(format!(
            "to assume it for `{}` alone, write it before the property",
            claim.name.text
        ));
        self.report(diagnostic);
    }

    /// Reads one of `quote`, `wording`, `expect`, if it stands here.
    fn claim_clause(&mut self, claim: &mut Claim) -> Parse<bool> {
        if !self.begins_claim_clause(self.at) || self.begins_change(self.at) {
            return Ok(false);
        }
        match self.word_at(self.at) {
            "expect" => {
                if claim.expect.is_some() {
                    return self.twice("expect");
                }
                claim.expect = Some(self.expectation()?);
            }
            "solve" => {
                if claim.solve.is_some() {
                    return self.twice("solve for");
                }
                self.skip();
                self.skip();
                claim.solve = Some(self.name("the name of a parameter")?);
            }
            "quote" => {
                self.skip();
                let source = self.name("the name of a source")?;
                claim.quotes.push((source, self.text("the quoted words, a text in quotes")?));
            }
            _ => {
                if claim.wording.is_some() {
                    return self.twice("wording");
                }
                self.skip();
                claim.wording = Some(self.text("the words, a text in quotes")?);
            }
        }
        Ok(true)
    }

    /// `expect proved|refuted|vacuous [when p]`
    fn expectation(&mut self) -> Parse<Expect> {
        let start = self.at;
        self.skip();
        self.verdict(start)
    }

    fn verdict(&mut self, start: usize) -> Parse<Expect> {
        let Some(verdict) = verdict_of(self.word_at(self.at)) else {
            let found = self.found();
            let near = nearest(self.word_at(self.at), VERDICTS.iter().copied());
            let help = match near {
                Some(word) => format!("did you mean `{word}`?"),
                None => "a verdict is `proved`, `refuted` or `vacuous`".to_string(),
            };
            let diagnostic = Diagnostic::error(
                "unknown-verdict",
                self.span_at(self.at),
                format!("expected a verdict, found {found}"),
            )
            .help(help);
            return self.stop(diagnostic);
        };
        self.skip();
        let when = if self.eat(Kind::When) { Some(self.expression()?) } else { None };
        Ok(Expect { verdict, when, span: self.span_since(start) })
    }

    // --- Reforms ---------------------------------------------------------

    /// `name of base "title" { … }`
    pub(super) fn reform(&mut self) -> Parse<Decl> {
        let name = self.name("the reform's name")?;
        if self.in_reform {
            return self.not_in_reform(name, "another reform");
        }
        self.expect_word("of")?;
        let base = self.name("the name of the institution it varies")?;
        let title = self.optional_text()?;
        if !self.is(Kind::OpenCurly) {
            return self.unexpected("`{` and what changes");
        }
        self.in_reform = true;
        let changes = self.bracketed(Vec::new, Self::changes);
        self.in_reform = false;
        Ok(Decl::Reform(Reform { name, base, title, changes: changes? }))
    }

    fn changes(&mut self) -> Parse<Vec<Change>> {
        let mut changes = Vec::new();
        loop {
            self.separators();
            if matches!(self.kind(), Kind::CloseCurly | Kind::End) {
                return Ok(changes);
            }
            if self.is_word("drop") && self.kind_at(self.at + 1) == Kind::Name {
                self.drop_change(&mut changes)?;
            } else if self.is_word("override") && self.kind_at(self.at + 1) == Kind::Name {
                let doc = self.doc();
                self.skip();
                let item = self.item();
                changes.push(Change::Override(Item { doc: doc.or(item.doc), ..item }));
            } else if self.begins_change(self.at) {
                let start = self.at;
                self.skip();
                let claim = self.name("the name of a claim")?;
                let expect = self.verdict(start)?;
                changes.push(Change::Expect { claim, expect });
            } else {
                changes.push(Change::Add(self.item()));
            }
        }
    }

    /// `drop rule a, b`
    fn drop_change(&mut self, changes: &mut Vec<Change>) -> Parse<()> {
        self.skip();
        let kind = self.name("the kind of declaration")?;
        loop {
            let name = self.name(&format!("the name of the {} to drop", kind.text))?;
            changes.push(Change::Drop { kind: kind.clone(), name });
            let after = self.at + 1;
            let goes_on = self.is(Kind::Comma)
                && self.kind_at(after) == Kind::Name
                && !self.begins_declaration(after)
                && !self.begins_change(after);
            if !goes_on {
                return Ok(());
            }
            self.skip();
        }
    }

    /// A change of a reform that is no declaration: `drop rule r`, `override …`, `expect c proved`.
    pub(super) fn begins_change(&self, at: usize) -> bool {
        self.in_reform
            && self.kind_at(at + 1) == Kind::Name
            && match self.word_at(at) {
                "drop" | "override" => true,
                "expect" => verdict_of(self.word_at(at + 2)).is_some(),
                _ => false,
            }
    }
}

const VERDICTS: [&str; 3] = ["proved", "refuted", "vacuous"];

fn verdict_of(word: &str) -> Option<Expected> {
    match word {
        "proved" => Some(Expected::Proved),
        "refuted" => Some(Expected::Refuted),
        "vacuous" => Some(Expected::Vacuous),
        _ => None,
    }
}
