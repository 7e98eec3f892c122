//! The report as pages for a browser: the claims, the institutions they speak of, the runs as pictures.
//!
//! Pages are plain files that need no network: one style sheet and one script lie beside them, and
//! without the script everything can be read all the same. Whatever comes from a spec goes through
//! `maud`, which escapes it; nothing from a spec is ever written as markup. The pages say only what
//! the [`Report`] says; institutions are told from the tree as their authors wrote it, and from the typed model.

mod assumptions;
mod book;
mod chart;
mod claim;
mod front;
mod institution;
mod layers;
mod lean;
mod matrix;
mod messages;
mod norms;
mod page;
mod phase;
mod posts;
mod reading;
mod run;
mod states;
mod stepper;
mod strategy;
mod swimlane;
mod tracks;
mod twin;
mod words;

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use crate::report::outcome::Report;
use crate::report::phase::Phase;
use crate::report::without::{self, Table};
use crate::syntax::ast::Institution;
use crate::syntax::source::SourceMap;
use crate::types::core::Model;

use super::json;
use super::narrative::Story;
use book::{Book, House};
use states::States;

/// What the pages are made from.
#[derive(Clone, Copy, Debug)]
pub struct Material<'a> {
    /// The verdicts.
    pub report: &'a Report,
    /// The institutions as written, governance words and all.
    pub written: &'a [Institution],
    /// The typed models of those that have one.
    pub models: &'a [Model],
    /// The verdicts told as prose, where that is wanted.
    pub stories: &'a [Story],
    /// Sweeps of claims, where there are any.
    pub phases: &'a [Phase],
    /// What becomes of claims without each part of their institution, where that was tried.
    pub without: &'a [Table],
    /// The files they are written in.
    pub sources: &'a SourceMap,
}

/// A file of the report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Where it belongs, relative to the report's folder, with `/` between folders.
    pub path: String,
    /// What stands in it.
    pub text: String,
}

const STYLE: &str = include_str!("assets/report.css");
const SCRIPT: &str = include_str!("assets/report.js");

/// All files of the report; `index.html` is the one to open.
pub fn pages(material: Material<'_>) -> Vec<Page> {
    let book = Book::new(material);
    let page = |path: &str, text: String| Page { path: path.to_owned(), text };
    let mut pages = vec![
        page("report.css", STYLE.to_owned()),
        page("report.js", SCRIPT.to_owned()),
        page("index.html", front::page(&book)),
    ];
    let rest: Vec<Vec<Page>> = book.houses.par_iter().map(|house| of(&book, house)).collect();
    pages.extend(rest.into_iter().flatten());
    pages
}

/// The pages of an institution and of its claims, and the data behind them.
fn of(book: &Book<'_>, house: &House<'_>) -> Vec<Page> {
    let page = |path: &str, text: String| Page { path: path.to_owned(), text };
    let states = States::of(house);
    let mut pages = vec![page(&house.page, institution::page(book, house, states.as_ref()))];
    let own = |states: &States<'_>| institution::states_of(book, house, states).is_none();
    if let Some(states) = states.filter(own) {
        pages.push(page(&institution::states(house), states.json()));
    }
    let posts = house.model.map(posts::posts).filter(|posts| !posts.is_empty());
    if let Some(posts) = posts.filter(|_| institution::posts_of(book, house).is_none()) {
        pages.push(page(&institution::posts(house), chart::csv(&posts)));
    }
    if let Some(table) = house.without {
        pages.push(page(&claim::trials(house), without::json(std::slice::from_ref(table)) + "\n"));
    }
    for case in &house.cases {
        pages.push(page(&case.page, claim::page(book, house, case)));
        pages.push(page(&case.data, json::line(case.entry) + "\n"));
        for (n, phase) in case.phases.iter().enumerate() {
            pages.push(page(&case.cells(n), phase.csv.clone()));
        }
    }
    pages
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]
mod tests;
