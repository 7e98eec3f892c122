//! Definitions, calls of them, and the functions of the language.
//!
//! A definition whose arguments have no types is a template: each call with
//! new argument types makes an instance. Instances are finished before whoever
//! calls them, so that in the model a definition refers only to earlier ones.

use crate::syntax::ast::{self, Name};
use crate::syntax::diagnostic::Diagnostic;
use crate::syntax::source::Span;

use super::core::{Binary, Define, DefineId, Expr, ExprKind, SortId, Type, Unary, Value};
use super::messages::{Why, suggest};
use super::names::Symbol;
use super::params::literal;
use super::{Checker, Demand};

/// An argument's type, in an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ArgType {
    Bool,
    Int,
    Real,
    Finite(SortId),
}

impl ArgType {
    /// A range is passed as the number it holds.
    fn of(ty: Type) -> ArgType {
        match ty {
            Type::Bool => ArgType::Bool,
            Type::Int | Type::Range(..) => ArgType::Int,
            Type::Real => ArgType::Real,
            Type::Finite(sort) => ArgType::Finite(sort),
        }
    }

    fn ty(self) -> Type {
        match self {
            ArgType::Bool => Type::Bool,
            ArgType::Int => Type::Int,
            ArgType::Real => Type::Real,
            ArgType::Finite(sort) => Type::Finite(sort),
        }
    }
}

/// A call, being checked.
struct Applied<'e> {
    name: &'e Name,
    args: &'e [ast::Expr],
    span: Span,
}

impl<'a> Checker<'a> {
    fn define_source(&self, define: u32) -> Option<(&'a ast::Item, &'a ast::Define)> {
        self.names.defines.get(define as usize).copied()
    }

    /// A definition applied to what stands in brackets or parentheses.
    pub(crate) fn apply_define(
        &mut self,
        define: u32,
        name: &Name,
        args: &[ast::Expr],
        bracket: Option<char>,
        span: Span,
    ) -> Option<Expr> {
        let (_, source) = self.define_source(define)?;
        let wanted = source.args.len() + source.index.len();
        let own_bracket = if source.index.is_empty() { '(' } else { '[' };
        let mismatch = bracket.is_some_and(|b| wanted > 0 && b != own_bracket);
        if wanted != args.len() || mismatch {
            return self.wrong_call(source, name, args.len(), span);
        }
        let applied = Applied { name, args, span };
        let args = if own_bracket == '[' {
            self.index_args(source, &applied)?
        } else {
            self.call_args(source, &applied)?
        };
        let types: Vec<ArgType> = args.iter().map(|e| ArgType::of(e.ty)).collect();
        let id = self.instance(define, types)?;
        let ty = self.model.defines.get(id.index()).map(|d| d.body.ty)?;
        Some(Self::node(ExprKind::Call(id, args), ty, span))
    }

    fn index_args(&mut self, source: &ast::Define, call: &Applied<'_>) -> Option<Vec<Expr>> {
        let sorts: Option<Vec<SortId>> = source
            .index
            .iter()
            .map(|binder| {
                let sort = self.sort(&binder.sort)?;
                self.size(sort).map(|_| sort)
            })
            .collect();
        self.index_places(call.name, &sorts?, call.args, call.span)
    }

    fn call_args(&mut self, source: &ast::Define, call: &Applied<'_>) -> Option<Vec<Expr>> {
        let mut typed = Vec::new();
        for (arg, e) in source.args.iter().zip(call.args) {
            let why = Why::new(arg.name.span, "the argument's type");
            typed.push(match &arg.ty {
                Some(ty) => match self.type_of(ty) {
                    Some(Type::Finite(sort)) if self.is_index(sort) => self.index(e, sort, why),
                    Some(ty) => self.expect(e, ty, why),
                    None => None,
                },
                None => match self.infer(e, None) {
                    Some(e) => {
                        let ty = ArgType::of(e.ty).ty();
                        self.coerce(e, ty, why)
                    }
                    None => None,
                },
            });
        }
        typed.into_iter().collect()
    }

    fn wrong_call<T>(
        &mut self,
        source: &ast::Define,
        name: &Name,
        given: usize,
        span: Span,
    ) -> Option<T> {
        let text = &name.text;
        let args: Vec<&str> = source.args.iter().map(|a| a.name.text.as_str()).collect();
        let index: Vec<&str> = source.index.iter().map(|b| b.sort.text.as_str()).collect();
        let (wanted, spelling) = match (args.is_empty(), index.is_empty()) {
            (true, true) => (0, text.clone()),
            (_, false) => (index.len(), format!("{text}[{}]", index.join(", "))),
            (false, _) => (args.len(), format!("{text}({})", args.join(", "))),
        };
        let message = if wanted == given {
            format!("`{text}` is written `{spelling}`")
        } else {
            format!("`{text}` takes {wanted} arguments, not {given}")
        };
        self.problems.fail(
            Diagnostic::error("wrong-arguments", span, message)
                .also(source.name.span, "defined here")
                .help(format!("write it as `{spelling}`")),
        )
    }

    /// The instance of a definition for argument types.
    fn instance(&mut self, define: u32, types: Vec<ArgType>) -> Option<DefineId> {
        if self.demanded.iter().any(|(demand, ..)| *demand == Demand::Define(define)) {
            return self.cycle(Demand::Define(define));
        }
        let key = (define, types);
        if let Some(id) = self.instances.get(&key) {
            return *id;
        }
        let (_, source) = self.define_source(define)?;
        let types = key.1.clone();
        let id = self.demand(Demand::Define(define), &source.name.text, source.name.span, |c| {
            c.work_out_define(define, &types)
        });
        self.instances.insert(key, id);
        id
    }

    fn work_out_define(&mut self, define: u32, types: &[ArgType]) -> Option<DefineId> {
        let (item, source) = self.define_source(define)?;
        let names = source
            .args
            .iter()
            .map(|arg| Some(&arg.name))
            .chain(source.index.iter().map(|binder| binder.var.as_ref()));
        let args = names
            .zip(types)
            .map(|(name, ty)| match name {
                Some(name) => (self.bind(&name.text, ty.ty()), ty.ty()),
                None => (self.fresh(), ty.ty()),
            })
            .collect();
        let body = self.infer(&source.body, None)?;
        let body = match body.ty {
            Type::Range(..) => self.coerce(body, Type::Int, Why::new(source.name.span, ""))?,
            _ => body,
        };
        Some(self.add_define(Define {
            name: source.name.text.clone(),
            args,
            body,
            doc: item.doc.clone(),
            span: item.span,
        }))
    }

    /// Checks every definition that needs no call to be checked.
    pub(crate) fn declare_defines(&mut self) {
        for define in 0..u32::try_from(self.names.defines.len()).unwrap_or(u32::MAX) {
            let Some((_, source)) = self.define_source(define) else { continue };
            let types: Option<Option<Vec<ArgType>>> = self.apart(|c| c.declared_types(source));
            match types {
                Some(Some(types)) => drop(self.instance(define, types)),
                Some(None) => {}
                None => self.problems.poisoned = true,
            }
        }
    }

    /// The argument types as written; the inner `None` if some are left to the calls.
    fn declared_types(&mut self, source: &ast::Define) -> Option<Option<Vec<ArgType>>> {
        let mut types = Vec::new();
        for arg in &source.args {
            let Some(ty) = &arg.ty else { return Some(None) };
            types.push(ArgType::of(self.type_of(ty)?));
        }
        for binder in &source.index {
            let sort = self.sort(&binder.sort)?;
            self.size(sort)?;
            types.push(ArgType::Finite(sort));
        }
        Some(Some(types))
    }

    /// `f(x)`: a function of the language or a definition.
    pub(crate) fn call(
        &mut self,
        name: &Name,
        args: &[ast::Expr],
        hint: Option<Type>,
        span: Span,
    ) -> Option<Expr> {
        if let Some((Symbol::Define(define), _)) = self.names.values.get(name.text.as_str()) {
            return self.apply_define(*define, name, args, Some('('), span);
        }
        match (name.text.as_str(), args) {
            ("min", [first, rest @ ..]) if !rest.is_empty() => {
                self.extremum(Binary::Min, first, rest, hint, span)
            }
            ("max", [first, rest @ ..]) if !rest.is_empty() => {
                self.extremum(Binary::Max, first, rest, hint, span)
            }
            ("abs", [e]) => {
                let e = self.infer(e, hint)?;
                let e = self.number(e, Why::new(span, "`abs` takes a number"))?;
                let ty = e.ty;
                Some(Self::node(ExprKind::Unary(Unary::Abs, e), ty, span))
            }
            ("saturate", [e, range]) => self.saturate(e, range, span),
            ("superior", [post]) => {
                let (post, sort) = self.post(post)?;
                let (table, above) = self.superior_table(sort, span)?;
                Some(Self::look_up(&table, post, Type::Finite(above), span))
            }
            ("level", [post]) => {
                let (post, sort) = self.post(post)?;
                let table = self.level_table(sort, span)?;
                Some(Self::look_up(&table, post, Type::Int, span))
            }
            ("under", [low, high]) => self.under(low, high, span),
            _ => self.no_function(name, args.len(), span),
        }
    }

    fn extremum(
        &mut self,
        op: Binary,
        first: &ast::Expr,
        rest: &[ast::Expr],
        hint: Option<Type>,
        span: Span,
    ) -> Option<Expr> {
        let hint = hint.filter(|ty| *ty == Type::Real);
        let mut so_far = self.infer(first, hint);
        for e in rest {
            let next = self.infer(e, hint);
            so_far = match (so_far, next) {
                (Some(a), Some(b)) => self.join_numbers(op, a, b, span),
                _ => None,
            };
        }
        so_far
    }

    fn saturate(&mut self, e: &ast::Expr, range: &ast::Expr, span: Span) -> Option<Expr> {
        let ast::ExprKind::Range(lo, hi) = &*range.kind else {
            return self.problems.fail(
                Diagnostic::error("wrong-arguments", range.span, "expected a range `lo..hi`")
                    .help("write `saturate(e, lo..hi)`"),
            );
        };
        let e = self.expect_int(e);
        let (low, high) =
            (self.small(lo, "the bound of `saturate`"), self.small(hi, "the bound of `saturate`"));
        let (e, low, high) = (e?, low?, high?);
        if low > high {
            let message = format!("no number lies in {low}..{high}");
            return self.problems.fail(Diagnostic::error("empty-range", range.span, message));
        }
        Some(Self::node(ExprKind::Saturate(e, low, high), Type::Int, span))
    }

    /// A post, and its sort.
    pub(crate) fn post(&mut self, e: &ast::Expr) -> Option<(Expr, SortId)> {
        let typed = self.infer(e, None)?;
        if let Type::Finite(sort) = typed.ty
            && self.is_index(sort)
        {
            return Some((typed, sort));
        }
        let found = super::messages::describe(&self.model, typed.ty);
        let mut diagnostic =
            Diagnostic::error("not-a-post", e.span, format!("expected a post, found {found}"));
        if let Some(Value::Int(n)) = literal(&typed) {
            diagnostic = diagnostic.help(format!("name the family: `Post[{n}]`"));
        }
        self.problems.fail(diagnostic)
    }

    fn under(&mut self, low: &ast::Expr, high: &ast::Expr, span: Span) -> Option<Expr> {
        let (low, high) = (self.post(low), self.post(high));
        let ((low, low_sort), (high, high_sort)) = (low?, high?);
        let table = self.under_table(low_sort, high_sort, span)?;
        Some(Self::node(ExprKind::Table(table, vec![low, high]), Type::Bool, span))
    }

    fn no_function(&mut self, name: &Name, given: usize, span: Span) -> Option<Expr> {
        let text = name.text.as_str();
        let built_in = [
            ("min", "min(a, b)"),
            ("max", "max(a, b)"),
            ("abs", "abs(e)"),
            ("saturate", "saturate(e, lo..hi)"),
            ("superior", "superior(x)"),
            ("level", "level(x)"),
            ("under", "under(x, y)"),
        ];
        if let Some((_, spelling)) = built_in.iter().find(|(name, _)| *name == text) {
            let message = format!("`{text}` does not take {given} arguments");
            return self.problems.fail(
                Diagnostic::error("wrong-arguments", span, message)
                    .help(format!("write `{spelling}`")),
            );
        }
        if let Some((symbol, _)) = self.names.values.get(text) {
            let message = format!("`{text}` is {}, which takes no arguments", symbol.what());
            return self.problems.fail(
                Diagnostic::error("wrong-arguments", span, message)
                    .help(format!("a member of a family is written `{text}[…]`")),
            );
        }
        let defines = self.names.defines.iter().map(|(_, d)| d.name.text.as_str());
        let candidates = defines.chain(built_in.iter().map(|(name, _)| *name));
        let message = format!("there is no function `{text}`");
        let diagnostic = suggest(
            Diagnostic::error("unknown-name", name.span, message),
            text,
            candidates,
            "declare it: `define f(x) = …`",
        );
        self.problems.unknown(text, diagnostic)
    }
}
