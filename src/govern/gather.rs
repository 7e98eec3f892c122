//! Gathering: which declarations make up an institution.
//!
//! A file is a list of declarations, cut by its `institution` headers. Those
//! before the first header are its parts, which every institution of the file
//! begins with. A `reform` stands for itself, wherever it stands; its base is
//! an institution or reform of the same file, or of one that the file uses.

use std::collections::BTreeSet;

use super::reform;
use super::suggest::suggest;
use crate::syntax::ast::{Decl, Institution, Item, Name, Reform, Text};
use crate::syntax::diagnostic::Diagnostic;
use crate::syntax::source::{FileId, Span};

/// Every file read, with its links.
#[derive(Clone, Debug, Default)]
pub struct Library {
    files: Vec<Shelf>,
}

#[derive(Clone, Debug)]
struct Shelf {
    id: FileId,
    items: Vec<Item>,
    /// Where a `use` stands, and the file it leads to.
    links: Vec<(Span, Option<usize>)>,
}

/// A model found by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    file: usize,
    item: usize,
}

impl Library {
    /// Adds a file.
    pub fn add(&mut self, id: FileId, items: Vec<Item>) -> usize {
        self.files.push(Shelf { id, items, links: Vec::new() });
        self.files.len() - 1
    }

    /// The declarations of a file, once they are known.
    pub fn fill(&mut self, file: usize, items: Vec<Item>) {
        if let Some(shelf) = self.files.get_mut(file) {
            shelf.items = items;
        }
    }

    /// Notes where a `use` leads.
    pub fn link(&mut self, file: usize, span: Span, used: Option<usize>) {
        if let Some(shelf) = self.files.get_mut(file) {
            shelf.links.push((span, used));
        }
    }

    /// The identity of a file.
    pub fn id(&self, file: usize) -> Option<FileId> {
        self.files.get(file).map(|shelf| shelf.id)
    }

    /// The institutions and reforms of some files.
    pub fn institutions(
        &self,
        roots: &[usize],
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Vec<Institution> {
        let mut all = Vec::new();
        for root in roots {
            self.check_names(*root, diagnostics);
            for place in self.models(*root) {
                let mut problems = Vec::new();
                all.extend(self.build(place, &mut Vec::new(), &mut problems));
                problems.retain(|problem| !diagnostics.contains(problem));
                diagnostics.extend(problems);
            }
        }
        all
    }

    fn items(&self, file: usize) -> &[Item] {
        self.files.get(file).map_or(&[], |shelf| shelf.items.as_slice())
    }

    fn models(&self, file: usize) -> impl Iterator<Item = Place> {
        let headers = self.items(file).iter().enumerate().filter(|(_, it)| model(it).is_some());
        headers.map(move |(item, _)| Place { file, item })
    }

    fn item(&self, place: Place) -> Option<&Item> {
        self.items(place.file).get(place.item)
    }

    fn name(&self, place: Place) -> Option<&Name> {
        model(self.item(place)?)
    }

    /// No two institutions of a file may share a name.
    fn check_names(&self, file: usize, diagnostics: &mut Vec<Diagnostic>) {
        let mut seen: Vec<&Name> = Vec::new();
        for name in self.models(file).filter_map(|place| self.name(place)) {
            if let Some(first) = seen.iter().find(|s| s.text == name.text) {
                let message = format!("this file has two institutions named `{}`", name.text);
                diagnostics.push(
                    Diagnostic::error("duplicate-institution", name.span, message)
                        .also(first.span, "the first")
                        .help("rename one of them"),
                );
            }
            seen.push(name);
        }
    }

    fn build(
        &self,
        place: Place,
        above: &mut Vec<Place>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Institution> {
        let item = self.item(place)?;
        match &item.decl {
            Decl::Institution { name, title } => {
                let items = self.institution(place);
                Some(named(name, title.as_ref(), item, None, items))
            }
            Decl::Reform(reform) => self.reform(reform, item, place, above, diagnostics),
            _ => None,
        }
    }

    fn reform(
        &self,
        reform: &Reform,
        item: &Item,
        place: Place,
        above: &mut Vec<Place>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Institution> {
        above.push(place);
        let base = self.resolve(&reform.base, place);
        let Some(base) = base else {
            diagnostics.push(self.unknown_base(reform, place.file));
            return None;
        };
        if above.contains(&base) {
            if above.first() == Some(&base) {
                diagnostics.push(cycle(reform));
            }
            return None;
        }
        let base =
            stacker::maybe_grow(64 * 1024, 1024 * 1024, || self.build(base, above, diagnostics))?;
        let mut items = base.items;
        let mut taken = spans(&items);
        self.parts(place.file, &mut BTreeSet::new(), &mut taken, &mut items);
        let items = reform::apply(reform, items, diagnostics);
        Some(named(&reform.name, reform.title.as_ref(), item, Some(&reform.base), items))
    }

    /// The parts of an institution's file, then its own declarations up to the next header.
    fn institution(&self, place: Place) -> Vec<Item> {
        let mut items = Vec::new();
        let mut taken = BTreeSet::new();
        let mut seen = BTreeSet::new();
        self.parts(place.file, &mut seen, &mut taken, &mut items);
        let own = self.items(place.file).iter().skip(place.item + 1);
        let own = own.take_while(|item| !matches!(item.decl, Decl::Institution { .. }));
        self.splice(own, place.file, &mut seen, &mut taken, &mut items);
        items
    }

    /// The declarations before the first header, those of used files in their places.
    fn parts(
        &self,
        file: usize,
        seen: &mut BTreeSet<usize>,
        taken: &mut BTreeSet<Span>,
        items: &mut Vec<Item>,
    ) {
        if seen.insert(file) {
            let loose = self.items(file).iter();
            let loose = loose.take_while(|item| !matches!(item.decl, Decl::Institution { .. }));
            self.splice(loose, file, seen, taken, items);
        }
    }

    fn splice<'a>(
        &'a self,
        from: impl Iterator<Item = &'a Item>,
        file: usize,
        seen: &mut BTreeSet<usize>,
        taken: &mut BTreeSet<Span>,
        items: &mut Vec<Item>,
    ) {
        for item in from {
            match &item.decl {
                Decl::Use { .. } => {
                    if let Some(used) = self.used(file, item.span) {
                        stacker::maybe_grow(64 * 1024, 1024 * 1024, || {
                            self.parts(used, seen, taken, items);
                        });
                    }
                }
                Decl::Reform(_) | Decl::Institution { .. } | Decl::Error => {}
                _ if taken.insert(item.span) => items.push(item.clone()),
                _ => {}
            }
        }
    }

    fn used(&self, file: usize, span: Span) -> Option<usize> {
        let shelf = self.files.get(file)?;
        shelf.links.iter().find(|(at, _)| *at == span)?.1
    }

    /// The files that can be reached from one by `use`, itself first, nearest first.
    fn reachable(&self, file: usize) -> Vec<usize> {
        let mut found = vec![file];
        let mut next = 0;
        while let Some(shelf) = found.get(next).and_then(|file| self.files.get(*file)) {
            for used in shelf.links.iter().filter_map(|(_, used)| *used) {
                if !found.contains(&used) {
                    found.push(used);
                }
            }
            next += 1;
        }
        found
    }

    /// The base of a reform; a reform of its own name can only mean another file's institution.
    fn resolve(&self, base: &Name, from: Place) -> Option<Place> {
        let files = self.reachable(from.file);
        let mut places = files.into_iter().flat_map(|file| self.models(file));
        let fits = |place: &Place| self.name(*place).is_some_and(|name| name.text == base.text);
        let all: Vec<Place> = places.by_ref().filter(fits).collect();
        all.iter().find(|place| **place != from).or(all.first()).copied()
    }

    fn unknown_base(&self, reform: &Reform, file: usize) -> Diagnostic {
        let base = &reform.base;
        let message = format!("there is no institution named `{}` to reform", base.text);
        let files = self.reachable(file);
        let known = files.into_iter().flat_map(|file| self.models(file));
        let known =
            known.filter_map(|place| self.name(place)).filter(|name| name.text != reform.name.text);
        let unknown = Diagnostic::error("unknown-base", base.span, message)
            .note("a reform's base stands in the same file, or in one that this file uses");
        suggest(unknown, &base.text, known.map(|name| name.text.as_str()))
    }
}

fn model(item: &Item) -> Option<&Name> {
    match &item.decl {
        Decl::Institution { name, .. } => Some(name),
        Decl::Reform(reform) => Some(&reform.name),
        _ => None,
    }
}

fn named(
    name: &Name,
    title: Option<&Text>,
    item: &Item,
    base: Option<&Name>,
    items: Vec<Item>,
) -> Institution {
    Institution {
        name: name.clone(),
        title: title.cloned(),
        doc: item.doc.clone(),
        base: base.map(|base| base.text.clone()),
        items,
        span: name.span,
    }
}

fn spans(items: &[Item]) -> BTreeSet<Span> {
    items.iter().map(|item| item.span).collect()
}

fn cycle(reform: &Reform) -> Diagnostic {
    let message = format!("`{}` is, in the end, a reform of itself", reform.name.text);
    Diagnostic::error("cyclic-reform", reform.base.span, message)
        .help("base one of the reforms on an `institution`")
}
