//! What all pages share: head, way back, foot.

use maud::{DOCTYPE, Markup, html};

use super::lean::lean;
use crate::report::outcome::Report;

/// A page that stands at some depth below the report's folder.
pub struct Frame<'a> {
    /// What the browser calls it.
    pub title: &'a str,
    /// How it gets to the report's folder: empty, or `../`.
    pub up: &'a str,
    /// The pages above it: words and address.
    pub trail: Vec<(String, String)>,
}

impl Frame<'_> {
    /// The whole page around its contents.
    pub fn around(&self, report: &Report, contents: &Markup) -> String {
        let up = self.up;
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    title { (self.title) " – Yamen report" }
                    link rel="icon" href="data:,";
                    link rel="stylesheet" href={ (up) "report.css" };
                    script src={ (up) "report.js" } defer {}
                }
                body {
                    a.skip href="#main" { "Skip to the contents" }
                    header.top { (self.way()) }
                    main id="main" { (contents) }
                    footer { (foot(report, up.is_empty())) }
                }
            }
        };
        lean(&page.into_string())
    }

    fn way(&self) -> Markup {
        html! {
            nav aria-label="Where you are" {
                a.brand href={ (self.up) "index.html" } { "Yamen report" }
                @for (words, address) in &self.trail {
                    a href=(address) { bdi { (words) } }
                }
            }
        }
    }
}

/// What a verdict is worth, and on the front page what all were made with.
fn foot(report: &Report, whole: bool) -> Markup {
    html! {
        p {
            "Each verdict holds in a model; whether the model fits the world is for its readers to judge."
        }
        @if whole { p.muted {
            "Written by yamen " (report.yamen)
            @if !report.solver.is_empty() { " with " (report.solver) }
            ", seed " (report.seed) "."
        } }
    }
}
