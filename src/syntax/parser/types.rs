//! Types, families, index places and subjects.

use super::super::ast::{Binder, Expr, ExprKind, Family, Indexed, Name, Subject, Type, TypeKind};
use super::super::diagnostic::Diagnostic;
use super::super::token::Kind;
use super::cursor::{Parse, Parser};
use super::expressions::level;

impl Parser<'_> {
    /// `bool`, `int`, `real`, `lo..hi`, or the name of a sort.
    pub(super) fn ty(&mut self) -> Parse<Type> {
        let start = self.at;
        if !self.begins_expression(start) {
            return self.unexpected("a type (`bool`, `int`, `real`, `lo..hi`, or a sort)");
        }
        let low = self.operand(level::ADD)?;
        let kind = if self.is(Kind::DotDot) {
            self.bump();
            let high = self.operand(level::ADD)?;
            TypeKind::Range(Box::new(low), Box::new(high))
        } else {
            self.named_type(low)?
        };
        Ok(Type { kind, span: self.span_since(start) })
    }

    fn named_type(&mut self, read: Expr) -> Parse<TypeKind> {
        let span = read.span;
        match *read.kind {
            ExprKind::Name(name) => Ok(match name.text.as_str() {
                "bool" => TypeKind::Bool,
                "int" => TypeKind::Int,
                "real" => TypeKind::Real,
                _ => TypeKind::Named(name),
            }),
            ExprKind::Error => Ok(TypeKind::Error),
            _ => {
                let diagnostic = Diagnostic::error("not-a-type", span, "this is not a type").help(
                    "a type is `bool`, `int`, `real`, a range `lo..hi`, or an enum, post or person sort",
                );
                self.stop(diagnostic)
            }
        }
    }

    /// `: TYPE`
    pub(super) fn typed(&mut self) -> Parse<Type> {
        self.expect(Kind::Colon, "`:` and a type")?;
        self.ty()
    }

    /// `County[n]`, `Centre`
    pub(super) fn family(&mut self) -> Parse<Family> {
        let name = self.name("a name")?;
        let mut size = None;
        if self.is(Kind::OpenSquare) {
            let error = self.error_here();
            size = Some(self.bracketed(|| error, Self::expression)?);
        } else if self.is(Kind::OpenRound) && self.adjacent(self.at) {
            let diagnostic = Diagnostic::error(
                "unexpected-token",
                self.span_at(self.at),
                "the size of a family stands in square brackets",
            )
            .help(format!("write `{}[SIZE]`", name.text));
            return self.stop(diagnostic);
        }
        Ok(Family { name, size })
    }

    /// `one, one`; a comma before the next declaration is let pass.
    pub(super) fn listed<T>(
        &mut self,
        mut one: impl FnMut(&mut Self) -> Parse<T>,
    ) -> Parse<Vec<T>> {
        let mut list = vec![one(self)?];
        while self.eat(Kind::Comma) {
            if self.begins_declaration(self.at)
                || matches!(self.kind(), Kind::End | Kind::CloseCurly)
            {
                break;
            }
            list.push(one(self)?);
        }
        Ok(list)
    }

    pub(super) fn names(&mut self, what: &str) -> Parse<Vec<Name>> {
        self.listed(|parser| parser.name(what))
    }

    /// A name with index places.
    pub(super) fn indexed(&mut self) -> Parse<Indexed> {
        let name = self.name("a name")?;
        Ok(Indexed { name, index: self.index_places()? })
    }

    /// `[County]`, `[c in County, d in Site]`; empty if none stands here.
    pub(super) fn index_places(&mut self) -> Parse<Vec<Binder>> {
        if !self.is(Kind::OpenSquare) {
            return Ok(Vec::new());
        }
        self.bracketed(Vec::new, |parser| parser.listed(Self::index_place))
    }

    fn index_place(&mut self) -> Parse<Binder> {
        if self.is(Kind::Int) {
            let diagnostic = Diagnostic::error(
                "index-not-a-sort",
                self.span_at(self.at),
                format!("a family runs over a sort, not over the number {}", self.found()),
            )
            .help("declare `position Site[3]`, say, and index by `Site`");
            return self.stop(diagnostic);
        }
        let name = self.name("the name of a sort")?;
        if self.eat(Kind::In) {
            return Ok(Binder { var: Some(name), sort: self.name("the name of a sort")? });
        }
        Ok(Binder { var: None, sort: name })
    }

    /// `c in County, d in Site`
    pub(super) fn binders(&mut self) -> Parse<Vec<Binder>> {
        self.listed(|parser| {
            let var = parser.name("the name of a member")?;
            if !parser.is(Kind::In) {
                let found = parser.found();
                let diagnostic = Diagnostic::error(
                    "unexpected-token",
                    parser.span_at(parser.at),
                    format!("expected `in`, found {found}"),
                )
                .help(format!("name the member: `for x in {}`", var.text));
                return parser.stop(diagnostic);
            }
            parser.bump();
            Ok(Binder { var: Some(var), sort: parser.name("the name of a sort")? })
        })
    }

    /// `County`, `c in County`, `for c in County`, `County[c]`, `County[2]`
    pub(super) fn subject(&mut self) -> Parse<Subject> {
        self.eat(Kind::For);
        let name = self.name("the name of a post or family")?;
        if self.eat(Kind::In) {
            let sort = self.name("the name of a family")?;
            return Ok(Subject { var: Some(name), sort, member: None });
        }
        if !self.is(Kind::OpenSquare) {
            return Ok(Subject { var: None, sort: name, member: None });
        }
        let error = self.error_here();
        let member = self.bracketed(|| error, Self::expression)?;
        Ok(match *member.kind {
            ExprKind::Name(var) => Subject { var: Some(var), sort: name, member: None },
            kind => {
                let member = Expr { kind: Box::new(kind), span: member.span };
                Subject { var: None, sort: name, member: Some(member) }
            }
        })
    }
}
