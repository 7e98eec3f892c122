//! A claim that joins several, each decided on its own as well.
//!
//! `p and q` says two things at once, often two sentences of a source. That it fails says little until one
//! knows which of them fails; so each is put in the claim's place and decided like any other claim.

use std::collections::BTreeMap;

use crate::report::events::Silent;
use crate::report::narrative::conjuncts;
use crate::report::outcome::Entry;
use crate::syntax::ast::{Claim, Decl, Expr, Institution};
use crate::syntax::source::SourceMap;

use super::{Options, verify};

/// What becomes of each part of the claims that join several, by the claim's name. Claims of which a part
/// could not be put are left out.
pub fn decided(
    sources: &SourceMap,
    core: &Institution,
    claims: &[String],
    options: &Options,
    cancel: &(dyn Fn() -> bool + Sync),
) -> BTreeMap<String, Vec<Entry>> {
    let joined = core.items.iter().filter_map(|item| match &item.decl {
        Decl::Claim(claim) if claims.contains(&claim.name.text) => Some(claim),
        _ => None,
    });
    let part = |claim: &Claim, property: &Expr| {
        let options = Options {
            claims: vec![claim.name.text.clone()],
            needs: false,
            certificates: false,
            ..options.clone()
        };
        let alone = [with(core, &claim.name.text, property)];
        let report = verify(sources, &alone, &options, &Silent, cancel).ok()?.report;
        report.entries.into_iter().find(|entry| entry.id == claim.name.text)
    };
    let all = joined.filter_map(|claim| {
        let parts = conjuncts(&claim.property);
        if parts.len() < 2 {
            return None;
        }
        let entries = parts.into_iter().map(|property| part(claim, property));
        Some((claim.name.text.clone(), entries.collect::<Option<Vec<_>>>()?))
    });
    all.collect()
}

/// The institution with another property in a claim's place.
fn with(core: &Institution, claim: &str, property: &Expr) -> Institution {
    let mut changed = core.clone();
    for item in &mut changed.items {
        if let Decl::Claim(one) = &mut item.decl
            && one.name.text == claim
        {
            one.property = property.clone();
            one.expect = None;
        }
    }
    changed
}
