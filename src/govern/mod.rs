//! Governance words, written out in the core language.
//!
//! Norms, accountability, promotion, rotation, campaigns and persons elaborate
//! to state, choices, definitions and rules of the same syntax tree, before any
//! type is checked: there is one checker, and `yamen expand` prints what it
//! sees. Nothing after this folder knows these words. The elaboration trusts
//! nothing: whatever it writes is checked like what the user wrote, at the
//! user's own words.
//!
//! Every generated declaration is documented by a first line that names its
//! origin, `campaign \`rectify\`: …`.

pub mod accountability;
pub mod campaign;
pub mod counting;
pub mod events;
pub mod files;
pub mod gather;
pub mod holding;
pub mod load;
pub mod make;
pub mod moves;
pub mod norm;
pub mod output;
pub mod promotion;
pub mod reform;
pub mod rotation;
pub mod subject;
pub mod suggest;
pub mod table;
pub mod ties;
pub mod walk;

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]
mod tests;

use crate::syntax::ast::{Decl, File, Institution, Item, Name};
use crate::syntax::diagnostic::Diagnostic;
use crate::syntax::printer::print;

use output::Output;
use table::Table;

/// Writes the governance words of an institution out.
pub fn elaborate(institution: &Institution) -> (Institution, Vec<Diagnostic>) {
    let items = &institution.items;
    let table = Table::of(items);
    let accounts = accountability::accounts(items, &table);
    let mut out = Output::default();
    for item in items {
        let before = out.items.len();
        write_out(item, items, &table, &accounts, &mut out);
        if is_governance(&item.decl) {
            let written = out.items.iter_mut().skip(before);
            written.for_each(|item| events::write_out(&mut item.decl, &table));
        }
    }
    crown(&mut out);
    let mut core = Institution { items: out.items, ..institution.clone() };
    let mut diagnostics = out.diagnostics;
    for item in &mut core.items {
        walk::expressions(&mut item.decl, &mut |expr, _| {
            accountability::write_claims(expr, &accounts, &mut diagnostics);
        });
        holding::Holders::new(&table, &mut diagnostics).resolve(&mut item.decl);
    }
    (core, diagnostics)
}

/// Prints an elaborated institution as a spec of its own. A reform becomes a whole institution.
pub fn expand(core: &Institution) -> String {
    let Institution { name, title, doc, base, items, span } = core;
    let decl = Decl::Institution { name: name.clone(), title: title.clone() };
    let header = Item { doc: doc.clone(), span: *span, decl };
    let items = std::iter::once(header).chain(items.iter().cloned()).collect();
    let text = print(&File { items });
    match base {
        Some(base) => format!("// The reform `{}` of `{base}`, written out.\n\n{text}", name.text),
        None => text,
    }
}

fn is_governance(decl: &Decl) -> bool {
    matches!(decl, Decl::Norm(_) | Decl::Accountability(_) | Decl::Promotion(_) | Decl::Campaign(_))
}

fn write_out(
    item: &Item,
    items: &[Item],
    table: &Table,
    accounts: &accountability::Accounts,
    out: &mut Output,
) {
    match &item.decl {
        Decl::Norm(norm) => norm::elaborate(norm, item, table, out),
        Decl::Accountability(a) => accountability::elaborate(a, item, table, accounts, out),
        Decl::Promotion(promotion) => promotion::elaborate(promotion, item, items, table, out),
        Decl::Rotate(rotate) => rotation::elaborate(rotate, item, table, out),
        Decl::Campaign(campaign) => campaign::elaborate(campaign, item, items, table, out),
        Decl::Holds { posts, person } => holding::elaborate(posts, person, item, table, out),
        _ => out.push(item.clone()),
    }
}

/// Lets the rules that end a tie void whatever else writes to it.
fn crown(out: &mut Output) {
    let writes: Vec<(Name, Vec<String>)> = out
        .items
        .iter()
        .filter_map(|item| match &item.decl {
            Decl::Rule(rule) => {
                let cells = rule.updates.iter().map(|u| u.cell.text.clone()).collect();
                Some((rule.name.clone(), cells))
            }
            _ => None,
        })
        .filter(|(name, _)| !out.supreme.contains(&name.text))
        .collect();
    for item in &mut out.items {
        let Decl::Rule(rule) = &mut item.decl else { continue };
        if !out.supreme.contains(&rule.name.text) {
            continue;
        }
        let cells = rule.updates.iter().map(|u| u.cell.text.as_str());
        let voided = |cells_written: &[String]| {
            cells.clone().any(|cell| cells_written.iter().any(|written| written == cell))
        };
        let names = writes
            .iter()
            .filter(|(_, cells)| voided(cells))
            .map(|(name, _)| Name { text: name.text.clone(), span: item.span });
        rule.overrides = names.collect();
    }
}
