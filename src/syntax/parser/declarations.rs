//! Declarations of the core: sorts, parameters, state, inputs, definitions.

use super::super::ast::{Arg, Decl, Define, Initial, Input, InputKind, Name, Param, RuleKind};
use super::super::ast::{State, Type, TypeKind};
use super::super::diagnostic::Diagnostic;
use super::super::token::Kind;
use super::cursor::{Parse, Parser};
use super::expressions::level;
use super::words::{form_of, is_declaration_word, meant_declaration, nearest};

/// What begins a change of a reform besides declarations.
const CHANGES: [&str; 3] = ["drop", "override", "expect"];

impl Parser<'_> {
    /// A declaration, by the word it begins with.
    pub(super) fn declaration(&mut self) -> Parse<Decl> {
        let word = if self.is(Kind::Name) { self.word_at(self.at) } else { "" };
        self.form = form_of(word);
        if !is_declaration_word(word) {
            return self.no_declaration();
        }
        self.skip();
        match word {
            "institution" => self.institution(),
            "source" => self.source(),
            "use" => Ok(Decl::Use { path: self.text("the path of a file, in quotes")? }),
            "param" => self.param(),
            "enum" => self.enumeration(),
            "position" => Ok(Decl::Position { posts: self.listed(Self::family)? }),
            "hierarchy" => self.hierarchy(),
            "chain" => Ok(Decl::Chain { family: self.family()? }),
            "person" => Ok(Decl::Person { family: self.family()? }),
            "holds" => self.holds(),
            "state" => self.state(),
            "init" => self.init(),
            "define" => self.define(),
            "choice" => self.input(InputKind::Choice),
            "env" => self.input(InputKind::Env),
            "sees" => self.sees(),
            "rule" => self.rule(RuleKind::Rule),
            "practice" => self.rule(RuleKind::Practice),
            "norm" => self.norm(),
            "accountability" => self.accountability(),
            "promotion" => self.promotion(),
            "rotate" => self.rotate(),
            "campaign" => self.campaign(),
            "tick" => self.tick(),
            "payoff" => self.payoff(),
            "assume" => Ok(Decl::Assume(self.named()?)),
            "fair" => self.fair(),
            "lemma" => Ok(Decl::Lemma(self.claim("lemma")?)),
            "scenario" => Ok(Decl::Scenario(self.claim("scenario")?)),
            "claim" => Ok(Decl::Claim(self.claim("claim")?)),
            _ => self.reform(),
        }
    }

    /// The word that is meant where a line such as `sate b : bool` begins.
    pub(super) fn misspelt_declaration(&self, at: usize) -> Option<&'static str> {
        if self.begins_as_declaration(at) { meant_declaration(self.word_at(at)) } else { None }
    }

    /// Does a name follow a word here?
    fn begins_as_declaration(&self, at: usize) -> bool {
        self.kind_at(at) == Kind::Name && matches!(self.kind_at(at + 1), Kind::Name | Kind::Text)
    }

    /// Says why no declaration begins here.
    fn no_declaration<T>(&mut self) -> Parse<T> {
        let found = self.found();
        let span = self.span_at(self.at);
        let error = |code, message: String| Diagnostic::error(code, span, message);
        let diagnostic = match self.kind() {
            Kind::Name => {
                let changes = self.in_reform && self.begins_as_declaration(self.at);
                let change = nearest(self.word_at(self.at), CHANGES.iter().copied());
                if let Some(change) = change.filter(|_| changes) {
                    let diagnostic =
                        error("unknown-declaration", format!("{found} begins no change"))
                            .help(format!("did you mean `{change}`?"));
                    return self.stop(diagnostic);
                }
                match self.misspelt_declaration(self.at) {
                    Some(word) => {
                        error("unknown-declaration", format!("{found} begins no declaration"))
                            .help(format!("did you mean `{word}`? its form is `{}`", form_of(word)))
                    }
                    None if self.begins_claim_clause(self.at) => {
                        error("misplaced-clause", format!("{found} belongs to a claim"))
                            .help("write it right before or after the property of the claim")
                    }
                    None => error("unknown-declaration", format!("{found} begins no declaration"))
                        .help("is an operator or a `,` missing before it? else a declaration begins with a word such as `state`, `rule` or `claim`"),
                }
            }
            Kind::When | Kind::Where | Kind::By | Kind::For => {
                error("misplaced-clause", format!("{found} cannot stand here"))
                    .help("clauses of a rule stand before its `:`, as in `rule NAME when CONDITION : CELL' = VALUE`")
            }
            Kind::CloseRound | Kind::CloseSquare => {
                error("unexpected-token", format!("this {found} closes nothing"))
                    .help(format!("delete {found}, or write the bracket it belongs to"))
            }
            Kind::Prime => error("misplaced-prime", "`'` cannot stand here".to_string())
                .help("`'` follows the name of a cell; texts stand in double quotes"),
            _ => error("unexpected-token", format!("expected a declaration, found {found}"))
                .help("a declaration begins with a word such as `state`, `rule` or `claim`"),
        };
        self.stop(diagnostic)
    }

    fn institution(&mut self) -> Parse<Decl> {
        let name = self.name("the institution's name")?;
        let title = self.optional_text()?;
        if self.in_reform {
            return self.not_in_reform(name, "an institution");
        }
        if self.is(Kind::OpenCurly) {
            let diagnostic = Diagnostic::error(
                "unexpected-token",
                self.span_at(self.at),
                "an institution has no braces",
            )
            .help("delete `{` and its `}`: everything up to the next `institution` belongs to it");
            self.report(diagnostic);
            self.skip();
        }
        Ok(Decl::Institution { name, title })
    }

    /// Says that a declaration cannot be part of a reform.
    pub(super) fn not_in_reform<T>(&mut self, name: Name, what: &str) -> Parse<T> {
        let diagnostic = Diagnostic::error(
            "misplaced-declaration",
            name.span,
            format!("{what} cannot stand in a reform"),
        )
        .help("close the reform with `}` first");
        self.stop(diagnostic)
    }

    fn source(&mut self) -> Parse<Decl> {
        let name = self.name("the source's name")?;
        self.eat(Kind::Colon);
        Ok(Decl::Source { name, title: self.text("the source's title, a text in quotes")? })
    }

    fn param(&mut self) -> Parse<Decl> {
        let name = self.name("the parameter's name")?;
        let ty = if self.eat(Kind::Colon) { Some(self.ty()?) } else { None };
        let value = if self.eat(Kind::Eq) { Some(self.expression()?) } else { None };
        self.in_param = value.is_none();
        let condition = if self.eat(Kind::Where) { Some(self.expression()) } else { None };
        self.in_param = false;
        let condition = condition.transpose()?;
        if ty.is_none() && value.is_none() {
            return self.unexpected("`:` and a type");
        }
        Ok(Decl::Param(Param { name, ty, value, condition }))
    }

    fn enumeration(&mut self) -> Parse<Decl> {
        let name = self.name("the enum's name")?;
        self.eat(Kind::Eq);
        if !self.is(Kind::OpenCurly) {
            return self.unexpected("`{` and the members");
        }
        let members = self.bracketed(Vec::new, Self::members)?;
        Ok(Decl::Enum { name, members })
    }

    fn members(&mut self) -> Parse<Vec<Name>> {
        let mut members = vec![self.name("the name of a member")?];
        while !self.is(Kind::CloseCurly) {
            if !self.eat(Kind::Comma) {
                if !self.is(Kind::Name) || self.begins_declaration(self.at) {
                    break;
                }
                self.report_missing(
                    "missing-comma",
                    format!("expected `,` before {}", self.found()),
                    "separate the members by `,`".to_string(),
                );
            }
            if self.is(Kind::CloseCurly) {
                break;
            }
            members.push(self.name("the name of a member")?);
        }
        Ok(members)
    }

    fn state(&mut self) -> Parse<Decl> {
        let cells = self.listed(Self::indexed)?;
        let ty = self.typed()?;
        let initial = if self.eat(Kind::Eq) {
            Some(Initial::Is(self.expression()?))
        } else if self.eat(Kind::In) {
            Some(Initial::In(self.set()?))
        } else {
            None
        };
        Ok(Decl::State(State { cells, ty, initial }))
    }

    fn init(&mut self) -> Parse<Decl> {
        let named = self.is(Kind::Name) && self.kind_at(self.at + 1) == Kind::Colon;
        let name = named.then(|| self.take_name());
        if named || self.is(Kind::Colon) {
            self.skip();
        }
        Ok(Decl::Init { name, condition: self.expression()? })
    }

    fn define(&mut self) -> Parse<Decl> {
        let name = self.name("the definition's name")?;
        let args = if self.is(Kind::OpenRound) {
            self.bracketed(Vec::new, Self::parameters)?
        } else {
            Vec::new()
        };
        let index = self.index_places()?;
        if !self.is(Kind::Eq) {
            return self.unexpected("`=` and what the name stands for");
        }
        self.bump();
        Ok(Decl::Define(Define { name, args, index, body: self.expression()? }))
    }

    fn parameters(&mut self) -> Parse<Vec<Arg>> {
        if self.is(Kind::CloseRound) {
            return Ok(Vec::new());
        }
        self.listed(|parser| {
            let name = parser.name("the name of an argument")?;
            let ty = if parser.eat(Kind::Colon) {
                Some(parser.ty()?)
            } else if parser.eat(Kind::In) {
                let sort = parser.name("the name of a sort")?;
                Some(Type { span: sort.span, kind: TypeKind::Named(sort) })
            } else {
                None
            };
            Ok(Arg { name, ty })
        })
    }

    fn input(&mut self, kind: InputKind) -> Parse<Decl> {
        let names = self.listed(Self::indexed)?;
        let ty = self.typed()?;
        let (owner, when, condition, otherwise) = (None, None, None, None);
        let mut input = Input { kind, names, ty, owner, when, condition, otherwise };
        loop {
            let (place, word) = match self.kind() {
                Kind::By => (&mut input.owner, "by"),
                Kind::When => (&mut input.when, "when"),
                Kind::Where => (&mut input.condition, "where"),
                Kind::Else => (&mut input.otherwise, "else"),
                _ => return Ok(Decl::Input(input)),
            };
            if place.is_some() {
                return self.twice(word);
            }
            self.bump();
            *place =
                Some(if word == "by" { self.operand(level::ADD)? } else { self.expression()? });
        }
    }

    /// Says that a clause stands there already.
    pub(super) fn twice<T>(&mut self, word: &str) -> Parse<T> {
        let message = format!("a second `{word}`");
        let help = match word {
            "when" | "where" => format!("join the conditions by `and` in one `{word}`"),
            _ => format!("keep one `{word}`"),
        };
        let diagnostic =
            Diagnostic::error("repeated-clause", self.span_at(self.at), message).help(help);
        self.stop(diagnostic)
    }

    fn tick(&mut self) -> Parse<Decl> {
        let name = self.name("the tick's name")?;
        if !self.eat(Kind::When) && !self.eat(Kind::Colon) {
            return self.unexpected("`when` and a condition");
        }
        Ok(Decl::Tick { name, when: self.expression()? })
    }

    fn payoff(&mut self) -> Parse<Decl> {
        let owner = self.subject()?;
        self.expect(Kind::Eq, "`=` and a value")?;
        Ok(Decl::Payoff { owner, value: self.expression()? })
    }

    fn sees(&mut self) -> Parse<Decl> {
        let judge = self.subject()?;
        self.expect(Kind::Colon, "`:` and what it sees")?;
        Ok(Decl::Sees { judge, seen: self.listed(Self::expression)? })
    }
}
