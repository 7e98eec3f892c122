//! Who sits in which post: `person Official[4]`, `holds Province, County by Official`.
//!
//! One cell `holder` tells it where one sort of posts is held, else one cell
//! `holder.Post` for each sort, and `holder[x]` means the one of `x`'s sort. At
//! first the posts of each sort of persons are filled in order: post `i` by
//! person `i`.

use super::make::{Make, literal, plain_name};
use super::output::Output;
use super::subject::Who;
use super::table::{SortKind, Table};
use super::walk::{self, Bound};
use crate::syntax::ast::{BinaryOp, Binder, Decl, Expr, ExprKind, Item, Name, Quantifier};
use crate::syntax::diagnostic::Diagnostic;

/// Writes `holds posts by person` out.
pub fn elaborate(posts: &[Name], person: &Name, item: &Item, table: &Table, out: &mut Output) {
    check(posts, person, table, out);
    for post in posts {
        let make = Make { span: item.span };
        let sort = &post.text;
        let who = indexed(sort, make, table);
        // A number, so that it may index another sort than the post's own.
        let number =
            make.binary(BinaryOp::Add, who.me.clone(), before(sort, &person.text, table, make));
        let first = make.at(&person.text, &[number]);
        let doc = out.doc(item, format!("holds `{sort}`: who sits in it"));
        let ty = make.of_sort(&person.text);
        out.push(make.state(&table.holder(sort), &who.binders, ty, first, doc));
    }
}

/// A post's place in its holder cell, which is indexed even for a single post.
pub fn indexed(sort: &str, make: Make, table: &Table) -> Who {
    let var = make.id(table.fresh(sort));
    let me = make.expr(ExprKind::Name(var.clone()));
    let binders = vec![Binder { var: Some(var), sort: make.id(sort) }];
    Who { sort: sort.to_owned(), binders, place: vec![me.clone()], me }
}

/// How many posts the same persons hold that come before this sort.
fn before(sort: &str, person: &str, table: &Table, make: Make) -> Expr {
    table
        .held
        .iter()
        .take_while(|(post, _)| post != sort)
        .filter(|(_, by)| by == person)
        .fold(make.int(0), |sum, (post, _)| make.plus(sum, size(post, table, make)))
}

fn size(sort: &str, table: &Table, make: Make) -> Expr {
    let size = table.sorts.get(sort).and_then(|s| s.size.clone());
    size.unwrap_or_else(|| make.int(1))
}

fn check(posts: &[Name], person: &Name, table: &Table, out: &mut Output) {
    if let Some(sort) = table.sorts.get(&person.text)
        && sort.kind != SortKind::Person
    {
        let message = format!("`{}` is a sort of posts, not of persons", person.text);
        out.report(
            Diagnostic::error("holder-not-a-person", person.span, message)
                .also(sort.span, "declared here")
                .help("declare `person Official[4]` and write `holds County by Official`"),
        );
    }
    for post in posts {
        if table.held.iter().filter(|(held, _)| *held == post.text).count() > 1 {
            let message = format!("`{}` is held more than once", post.text);
            out.report(
                Diagnostic::error("held-twice", post.span, message)
                    .help("name each sort of posts in one `holds` only"),
            );
        }
    }
    enough(person, table, out);
}

/// Every post has a holder, so there are at least as many persons as posts.
fn enough(person: &Name, table: &Table, out: &mut Output) {
    let make = Make { span: person.span };
    let held = table.held.iter().filter(|(_, by)| *by == person.text);
    let posts = held.fold(make.int(0), |sum, (post, _)| make.plus(sum, size(post, table, make)));
    let persons = size(&person.text, table, make);
    let (Some(posts), Some(persons)) = (literal(&posts), literal(&persons)) else { return };
    if !table.sorts.contains_key(&person.text) || persons >= posts {
        return;
    }
    let text = &person.text;
    let message = format!("{persons} of `{text}` cannot hold {posts} posts");
    let diagnostic = Diagnostic::error("too-few-persons", person.span, message)
        .note("every post always has a holder, and nobody holds two")
        .help(format!("declare at least `person {text}[{posts}]`"));
    if !out.diagnostics.contains(&diagnostic) {
        out.report(diagnostic);
    }
}

/// A person holds no post: `holder[x] != person` for every post `x` that such persons hold, save
/// those of which `free` says that they do not count.
pub fn in_no_post(
    person: &Expr,
    persons: &str,
    make: Make,
    table: &Table,
    mut free: impl FnMut(&str, &Expr) -> Expr,
) -> Expr {
    let sorts = table.held.iter().filter(|(_, by)| by == persons);
    make.and(sorts.map(|(sort, _)| {
        let var = table.word(&format!("other_{}", sort.to_lowercase()));
        let single = table.single(sort);
        let other = make.name(if single { sort } else { &var });
        let holder = make.at(table.holder(sort), std::slice::from_ref(&other));
        let elsewhere = make.binary(BinaryOp::Ne, holder, person.clone());
        let body = make.or([free(sort, &other), elsewhere]);
        if single { body } else { make.quantified(Quantifier::All, &var, sort, body) }
    }))
}

/// The sorts of names, to tell which `holder` is meant.
pub struct Holders<'a> {
    table: &'a Table,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl<'a> Holders<'a> {
    /// A resolver of `holder[x]`; it has nothing to do unless several sorts are held.
    pub fn new(table: &'a Table, diagnostics: &'a mut Vec<Diagnostic>) -> Self {
        Holders { table, diagnostics }
    }

    /// Gives every `holder[x]` of a declaration the cell of `x`'s sort.
    pub fn resolve(&mut self, decl: &mut Decl) {
        if self.table.held.len() < 2 || self.table.states.contains_key("holder") {
            return;
        }
        if let Decl::Rule(rule) = decl {
            let scope = walk::bound(&rule.binders);
            for update in rule.updates.iter_mut().filter(|u| u.cell.text == "holder") {
                if let [index] = update.index.as_slice() {
                    let name = self.cell_of(index, &scope, &update.cell);
                    update.cell = name;
                }
            }
        }
        walk::expressions(decl, &mut |expr, scope| self.rewrite(expr, scope));
    }

    fn rewrite(&mut self, expr: &mut Expr, scope: &[Bound]) {
        walk::children(expr, scope, &mut |child, scope| self.rewrite(child, scope));
        if let ExprKind::Index(name, index) = &*expr.kind
            && name.text == "holder"
            && let [post] = index.as_slice()
        {
            let cell = self.cell_of(post, scope, name);
            *expr.kind = ExprKind::Index(cell, index.clone());
        }
    }

    fn cell_of(&mut self, post: &Expr, scope: &[Bound], holder: &Name) -> Name {
        let text = match self.sort_of(post, scope) {
            Some(sort) if self.table.persons_in(&sort).is_some() => self.table.holder(&sort),
            Some(sort) => {
                self.unclear(post, &format!("nobody holds `{sort}`"));
                holder.text.clone()
            }
            None => {
                self.unclear(post, "whose post this is cannot be told from its words");
                holder.text.clone()
            }
        };
        Name { text, span: holder.span }
    }

    fn unclear(&mut self, post: &Expr, label: &str) {
        let cells: Vec<String> =
            self.table.held.iter().map(|(sort, _)| format!("`holder.{sort}[…]`")).collect();
        let diagnostic = Diagnostic::error(
            "holder-unclear",
            post.span,
            "several sorts of posts are held, and `holder` must know which is meant",
        );
        self.diagnostics
            .push(diagnostic.label(label).help(format!("write one of {}", cells.join(", "))));
    }

    /// The sort of a post, where its words show it.
    fn sort_of(&self, post: &Expr, scope: &[Bound]) -> Option<String> {
        match &*post.kind {
            ExprKind::Name(name) => match scope.iter().rev().find(|b| b.name == name.text) {
                Some(bound) => bound.sort.clone(),
                None => self.table.sorts.contains_key(&name.text).then(|| name.text.clone()),
            },
            ExprKind::Index(name, _) => {
                self.table.sorts.contains_key(&name.text).then(|| name.text.clone())
            }
            ExprKind::Call(function, arguments) if function.text == "superior" => {
                let below = self.sort_of(arguments.first()?, scope)?;
                self.table.sorts.get(&below)?.above.clone()
            }
            ExprKind::If(_, yes, no) => {
                self.sort_of(yes, scope).or_else(|| self.sort_of(no, scope))
            }
            _ => None,
        }
    }
}

/// The sort above each sort, for whoever must know where a promotion leads.
pub fn target_sort(to: &Expr, from: &str, table: &Table) -> Option<String> {
    let mut none = Vec::new();
    let holders = Holders::new(table, &mut none);
    let scope: Vec<Bound> = match &*to.kind {
        ExprKind::Call(_, arguments) => arguments
            .iter()
            .filter_map(plain_name)
            .map(|name| Bound { name: name.to_owned(), sort: Some(from.to_owned()) })
            .filter(|bound| !table.sorts.contains_key(&bound.name))
            .collect(),
        ExprKind::Name(name) if !table.sorts.contains_key(&name.text) => {
            vec![Bound { name: name.text.clone(), sort: Some(from.to_owned()) }]
        }
        _ => Vec::new(),
    };
    holders.sort_of(to, &scope)
}
