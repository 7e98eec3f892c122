//! What belongs together: institutions with their trees and models, claims with their verdicts, and the
//! page of each.
//!
//! A page's name keeps what is harmless of the name of its subject; what is left out, too long or taken
//! already is made up for by a number, so that no two subjects share a page on any file system.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::Material;
use crate::report::narrative::Story;
use crate::report::outcome::{Entry, EntryKind, InstitutionReport, Report};
use crate::report::phase::Phase;
use crate::report::without::Table;
use crate::syntax::ast::{self, Decl};
use crate::syntax::source::SourceMap;
use crate::types::core::{self, Model};

/// Longer names of pages are cut.
const LONGEST_SLUG: usize = 80;

/// The whole report, ordered for reading.
pub struct Book<'a> {
    /// The verdicts.
    pub report: &'a Report,
    /// The files.
    pub sources: &'a SourceMap,
    /// The institutions, in the order read.
    pub houses: Vec<House<'a>>,
}

/// An institution.
pub struct House<'a> {
    /// What the report says of it.
    pub told: &'a InstitutionReport,
    /// How it is written.
    pub written: Option<&'a ast::Institution>,
    /// Its model.
    pub model: Option<&'a Model>,
    /// What becomes of its claims without each part, where that was tried.
    pub without: Option<&'a Table>,
    /// Its page.
    pub page: String,
    /// The beginning of the names of the files with the data behind its pictures.
    pub data: String,
    /// The folder it stands in, as a heading.
    pub family: String,
    /// What was decided of it.
    pub cases: Vec<Case<'a>>,
}

/// A claim, scenario, lemma or defect.
pub struct Case<'a> {
    /// What was decided.
    pub entry: &'a Entry,
    /// How it is written.
    pub written: Option<&'a ast::Claim>,
    /// Its documentation.
    pub doc: Option<&'a str>,
    /// Its declaration.
    pub item: Option<&'a ast::Item>,
    /// The verdict told as prose.
    pub story: Option<&'a Story>,
    /// Its sweeps.
    pub phases: Vec<&'a Phase>,
    /// What was checked.
    pub typed: Option<&'a core::Claim>,
    /// Its page.
    pub page: String,
    /// The file with all that was decided of it.
    pub data: String,
    /// The beginning of the names of the files with the cells of its sweeps.
    cells: String,
}

impl Case<'_> {
    /// The file with the cells of the nth sweep.
    pub fn cells(&self, n: usize) -> String {
        format!("{}.{n}.csv", self.cells)
    }
}

impl<'a> Book<'a> {
    /// Puts together what belongs together.
    pub fn new(material: Material<'a>) -> Book<'a> {
        let mut taken = BTreeSet::new();
        let mut entries: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
        for entry in &material.report.entries {
            entries.entry(&entry.institution).or_default().push(entry);
        }
        let houses = material.report.institutions.iter().map(|told| {
            let own = entries.remove(told.name.as_str()).unwrap_or_default();
            House::new(told, &own, material, &mut taken)
        });
        let houses = houses.collect();
        Book { report: material.report, sources: material.sources, houses }
    }

    /// The families, sorted, each with its institutions.
    pub fn families(&self) -> BTreeMap<&str, Vec<&House<'a>>> {
        let mut families: BTreeMap<&str, Vec<&House<'a>>> = BTreeMap::new();
        for house in &self.houses {
            families.entry(&house.family).or_default().push(house);
        }
        families
    }

    /// The institution of that name.
    pub fn house(&self, name: &str) -> Option<&House<'a>> {
        self.houses.iter().find(|house| house.told.name == name)
    }

    /// An institution with its reforms, itself first.
    pub fn variants(&self, house: &House<'a>) -> Vec<&House<'a>> {
        let root = self.root(house);
        let is_variant = |other: &&House<'a>| self.root(other) == root;
        self.houses.iter().filter(is_variant).collect()
    }

    /// The name of the institution that all its bases lead to.
    fn root<'b>(&'b self, house: &'b House<'a>) -> &'b str {
        let mut at = house;
        for _ in 0..self.houses.len() {
            match at.told.base.as_deref().and_then(|base| self.house(base)) {
                Some(base) => at = base,
                None => break,
            }
        }
        &at.told.name
    }
}

impl<'a> House<'a> {
    fn new(
        told: &'a InstitutionReport,
        entries: &[&'a Entry],
        material: Material<'a>,
        taken: &mut BTreeSet<String>,
    ) -> House<'a> {
        let written = material.written.iter().find(|one| one.name.text == told.name);
        let model = material.models.iter().find(|model| model.name == told.name);
        let without = material.without.iter().find(|table| table.institution == told.name);
        let slug = slug(&told.name, taken);
        let page = format!("institution/{slug}.html");
        let data = format!("data/institution/{slug}");
        let family = family(&told.file);
        let cases = Vec::new();
        let mut house = House { told, written, model, without, page, data, family, cases };
        house.cases = entries.iter().map(|entry| house.case(entry, material, taken)).collect();
        house
    }

    fn case(
        &self,
        entry: &'a Entry,
        material: Material<'a>,
        taken: &mut BTreeSet<String>,
    ) -> Case<'a> {
        let told = |story: &&Story| story.institution == entry.institution && story.id == entry.id;
        let story = material.stories.iter().find(told).filter(|_| entry.kind != EntryKind::Defect);
        let slug = slug(&format!("{}.{}", self.told.name, entry.id), taken);
        let items = self.written.map(|written| written.items.as_slice()).unwrap_or_default();
        let item = items.iter().find(|item| claimed(item).is_some_and(|c| c.name.text == entry.id));
        let item = item.filter(|_| entry.kind != EntryKind::Defect);
        let swept =
            |phase: &&Phase| phase.institution == entry.institution && phase.claim == entry.id;
        let typed = self.model.and_then(|model| model.claims.iter().find(|c| c.name == entry.id));
        Case {
            entry,
            written: item.and_then(claimed),
            doc: item.and_then(|item| item.doc.as_deref()),
            item,
            story,
            phases: material.phases.iter().filter(swept).filter(|_| item.is_some()).collect(),
            typed: typed.filter(|_| item.is_some()),
            page: format!("claim/{slug}.html"),
            data: format!("data/{slug}.json"),
            cells: format!("data/cells/{slug}"),
        }
    }
}

/// What an item claims.
fn claimed(item: &ast::Item) -> Option<&ast::Claim> {
    match &item.decl {
        Decl::Claim(claim) | Decl::Scenario(claim) | Decl::Lemma(claim) => Some(claim),
        _ => None,
    }
}

/// The folder of a file in words.
fn family(file: &str) -> String {
    let folder = Path::new(file).parent().and_then(Path::file_name);
    let name = folder.map(|name| name.to_string_lossy().replace(['_', '-'], " "));
    name.filter(|name| !name.is_empty()).unwrap_or_else(|| "specs".to_owned())
}

/// The name of a page that no other page has, whatever the file system thinks of capitals.
fn slug(name: &str, taken: &mut BTreeSet<String>) -> String {
    let harmless = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let plain: String = name.chars().filter(|c| harmless(*c)).take(LONGEST_SLUG).collect();
    let plain = plain.trim_matches('.');
    let base = if plain.is_empty() { "page" } else { plain };
    let exact = base == name;
    let mut slug = if exact { base.to_owned() } else { format!("{base}-1") };
    for n in 2.. {
        if taken.insert(slug.to_lowercase()) {
            break;
        }
        slug = format!("{base}-{n}");
    }
    slug
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn no_two_pages_share_a_name() {
        let mut taken = BTreeSet::new();
        let mut slug = |name: &str| slug(name, &mut taken);
        assert_eq!(slug("upward.acc_1"), "upward.acc_1");
        assert_eq!(slug("Upward.acc_1"), "Upward.acc_1-2");
        assert_eq!(slug("../../etc"), "etc-1");
        assert_eq!(slug("<script>"), "script-1");
        assert_eq!(slug("衙门"), "page-1");
        assert_eq!(slug("县"), "page-2");
        assert!(slug(&"x".repeat(5000)).len() < 100);
    }

    #[test]
    fn families_are_folders() {
        assert_eq!(family("specs/rational_legal/at_will.yamen"), "rational legal");
        assert_eq!(family("alone.yamen"), "specs");
    }
}
