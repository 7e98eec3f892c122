//! Claims that join several sentences: which of them holds by itself, here and in the other variants.

use crate::report::outcome::{Entry, Verdict};
use crate::syntax::ast::{BinaryOp, Expr, ExprKind};

use super::reading::reading;
use super::words::list;
use super::{Part, Teller};

const ORDINALS: [&str; 6] = ["first", "second", "third", "fourth", "fifth", "sixth"];

impl Teller<'_> {
    /// The sentences of a claim that joins several, one by one.
    pub(super) fn one_by_one(&self) -> Option<Part> {
        let parts = self.parts_of(&self.entry.institution)?;
        let claim = self.glossary.claim(&self.entry.id)?;
        let properties = conjuncts(&claim.property);
        let quotes = &self.entry.quotes;
        let mut paragraphs: Vec<String> = Vec::new();
        for (n, (part, property)) in parts.iter().zip(&properties).enumerate() {
            let said = match quotes.get(n).filter(|_| quotes.len() == parts.len()) {
                Some((_, quote)) => format!("“{quote}”, that is, "),
                None => String::new(),
            };
            let which = ORDINALS.get(n).copied().unwrap_or("next");
            let property = reading(property, self.glossary);
            paragraphs.push(format!("The {which}: {said}{property}. By itself {}.", fate(part)));
        }
        let variants = self.variants();
        if self.entry.verdict == Verdict::Proved && variants.is_empty() {
            return None;
        }
        paragraphs.extend(variants);
        paragraphs.extend(self.all_told());
        Some(Part { heading: "The sentences one by one", paragraphs })
    }

    fn parts_of(&self, institution: &str) -> Option<&[Entry]> {
        let key = (institution.to_owned(), self.entry.id.clone());
        self.conjuncts.get(&key).map(Vec::as_slice)
    }

    /// The variants in which the sentences fare otherwise.
    fn variants(&self) -> Vec<String> {
        let here = self.parts_of(&self.entry.institution).unwrap_or_default();
        let fates =
            |parts: &[Entry]| parts.iter().map(|e| (e.verdict, e.vacuous)).collect::<Vec<_>>();
        let told = |(name, parts): (&str, &[Entry])| {
            let institution = self.institution(name)?;
            if fates(parts) == fates(here) {
                return None;
            }
            let each = parts.iter().enumerate().map(|(n, part)| {
                let which = ORDINALS.get(n).copied().unwrap_or("next");
                format!("the {which}: {}", fate(part))
            });
            let each: Vec<String> = each.collect();
            Some(format!("In “{}”, {}.", institution.title, each.join("; ")))
        };
        self.others().into_iter().filter_map(told).collect()
    }

    /// Where all of them hold, if each does somewhere.
    fn all_told(&self) -> Option<String> {
        let here = self.parts_of(&self.entry.institution)?;
        let mut all = vec![(self.entry.institution.as_str(), here)];
        all.extend(self.others());
        let holds = |part: &Entry| part.verdict == Verdict::Proved;
        let each = (0..here.len()).all(|n| {
            all.iter().any(|(_, parts)| parts.get(n).is_some_and(|p| holds(p) && !p.vacuous))
        });
        if !each || all.len() < 2 || here.iter().all(holds) {
            return None;
        }
        let decided =
            all.iter().all(|(_, parts)| parts.iter().all(|part| part.verdict.is_decided()));
        let keeping = all.iter().filter(|(_, parts)| parts.iter().all(holds));
        let keeping: Vec<String> = keeping
            .map(|(name, parts)| {
                let title = self.institution(name).map_or(*name, |one| one.title.as_str());
                let empty = parts.iter().all(|part| part.vacuous);
                format!(
                    "“{title}”{}",
                    if empty { ", where what they speak of never comes about" } else { "" }
                )
            })
            .collect();
        match (keeping.as_slice(), decided) {
            ([], true) => Some(
                "Each of these sentences holds in some variant of the institution, and no variant keeps \
                 them all: as far as these variants go, they contradict each other."
                    .to_owned(),
            ),
            ([], false) => None,
            (keeping, _) => Some(format!(
                "Each of these sentences holds in some variant of the institution; all of them hold only in \
                 {}.",
                list(keeping, "and")
            )),
        }
    }

    /// The other institutions in which this claim joins the same number of sentences.
    fn others(&self) -> Vec<(&str, &[Entry])> {
        let here = self.parts_of(&self.entry.institution).unwrap_or_default();
        let other = |((institution, id), parts): (&'_ (String, String), &'_ Vec<Entry>)| {
            *id == self.entry.id
                && *institution != self.entry.institution
                && parts.len() == here.len()
        };
        let found = self.conjuncts.iter().filter(|pair| other(*pair));
        found.map(|((institution, _), parts)| (institution.as_str(), parts.as_slice())).collect()
    }
}

fn fate(part: &Entry) -> &'static str {
    match part.verdict {
        Verdict::Proved if part.vacuous => "it holds, but is empty",
        Verdict::Proved => "it holds",
        Verdict::Refuted => "it fails",
        Verdict::HoldsToDepth(_) | Verdict::Unknown => "it was not decided",
    }
}

/// What a property joins by `and`, in order; the property alone if it joins nothing.
pub fn conjuncts(property: &Expr) -> Vec<&Expr> {
    match &*property.kind {
        ExprKind::Binary(BinaryOp::And, a, b) => {
            let mut all = conjuncts(a);
            all.extend(conjuncts(b));
            all
        }
        _ => vec![property],
    }
}
