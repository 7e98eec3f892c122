//! Models of an institution, one for each case to be decided.
//!
//! Parameters whose value shapes the model (sizes, type bounds, deadlines) are
//! taken one value after another when all values are asked for; the others stay
//! symbolic. A verdict is for all cases together.

use itertools::Itertools;

use super::Options;
use crate::syntax::ast::{Decl, Institution};
use crate::syntax::diagnostic::Diagnostic;
use crate::syntax::source::Span;
use crate::types::core::{Claim, ClaimKind, Model, ParamId};
use crate::types::layout::value_name;
use crate::types::{self, Assignment, Checked};

/// How many cases are built before it is called too many.
const LIMIT: usize = 2000;

/// An institution with its cases; there is at least one.
pub(super) struct Group {
    first: Model,
    more: Vec<Model>,
    header: Span,
}

impl Group {
    /// All cases.
    pub(super) fn models(&self) -> impl Iterator<Item = &Model> {
        std::iter::once(&self.first).chain(&self.more)
    }

    /// The case whose names and places stand for all.
    pub(super) fn model(&self) -> &Model {
        &self.first
    }

    pub(super) fn name(&self) -> &str {
        &self.first.name
    }

    pub(super) fn title(&self) -> &str {
        &self.first.title
    }

    pub(super) fn base(&self) -> Option<&str> {
        self.first.base.as_deref()
    }

    pub(super) fn span(&self) -> Span {
        self.header
    }

    /// The claims that are wanted; lemmas always are, since others use them.
    pub(super) fn wanted(&self, options: &Options) -> Vec<usize> {
        let wanted = |claim: &Claim| {
            options.claims.is_empty()
                || claim.kind == ClaimKind::Lemma
                || options.claims.contains(&claim.name)
        };
        self.first.claims.iter().positions(wanted).collect()
    }

    /// How many entries will come of it, about.
    pub(super) fn work(&self, options: &Options) -> usize {
        self.wanted(options).len() + 1
    }
}

/// Builds all models; nothing is verified when there is an error among the diagnostics.
pub(super) fn build(
    institutions: &[Institution],
    options: &Options,
) -> (Vec<Group>, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let mut groups = Vec::new();
    for institution in institutions {
        groups.extend(group(institution, options, &mut diagnostics));
    }
    diagnostics.extend(unknown_claims(&groups, institutions, options));
    diagnostics.dedup();
    (groups, diagnostics)
}

fn group(
    institution: &Institution,
    options: &Options,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Group> {
    let given = Assignment { values: options.set.clone(), all: options.for_all_params };
    let Checked { model, diagnostics: found } = types::check(institution, &given);
    diagnostics.extend(found);
    let first = model?;
    let open = open_parameters(institution, &first, options);
    let choices: Vec<Vec<(String, String)>> =
        open.iter().map(|param| valuations(&first, *param, diagnostics)).collect::<Option<_>>()?;
    if choices.is_empty() {
        return Some(Group { header: institution.span, first, more: Vec::new() });
    }
    let count: usize = choices.iter().map(Vec::len).product();
    if count > LIMIT {
        let names = open.iter().filter_map(|p| first.params.get(p.index())).map(|p| &p.name);
        diagnostics.push(
            Diagnostic::error(
                "too-many-cases",
                institution.span,
                format!(
                    "`{}` would have {count} cases, one for each value of {}",
                    first.name,
                    names.map(|n| format!("`{n}`")).join(", ")
                ),
            )
            .note("a parameter that shapes sizes, type bounds or deadlines is taken value by value")
            .help("give some of them a value with `--set`, or narrow their types"),
        );
        return None;
    }
    let mut models = choices.into_iter().multi_cartesian_product().filter_map(|values| {
        let mut given = given.clone();
        given.values.extend(values);
        types::check(institution, &given).model
    });
    let first = models.next().unwrap_or(first);
    Some(Group { header: institution.span, more: models.collect(), first })
}

/// Structural parameters that are to take all their values.
fn open_parameters(institution: &Institution, model: &Model, options: &Options) -> Vec<ParamId> {
    let has_default = |name: &str| {
        institution.items.iter().any(|item| match &item.decl {
            Decl::Param(p) => p.name.text == name && p.value.is_some(),
            _ => false,
        })
    };
    (0..)
        .zip(&model.params)
        .filter(|(_, p)| p.structural && !options.set.contains_key(&p.name))
        .filter(|(_, p)| options.for_all_params || !has_default(&p.name))
        .map(|(n, _)| ParamId(n))
        .collect()
}

fn valuations(
    model: &Model,
    param: ParamId,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Vec<(String, String)>> {
    let declared = model.params.get(param.index())?;
    match types::domain(model, param) {
        Some(values) => {
            let pairs = values.iter().map(|v| (declared.name.clone(), value_name(model, v)));
            Some(pairs.collect())
        }
        None => {
            diagnostics.push(
                Diagnostic::error(
                    "parameter-needs-value",
                    declared.span,
                    format!("`{}` shapes the model and has no finite range", declared.name),
                )
                .help(format!("give it a value with `--set {}=…` or a range type", declared.name)),
            );
            None
        }
    }
}

/// Claims asked for that no institution has.
fn unknown_claims(
    groups: &[Group],
    institutions: &[Institution],
    options: &Options,
) -> Vec<Diagnostic> {
    let known: Vec<&str> = groups
        .iter()
        .flat_map(|group| &group.model().claims)
        .map(|claim| claim.name.as_str())
        .unique()
        .collect();
    let place = institutions.first().map(|i| i.span).unwrap_or_default();
    let unknown = options.claims.iter().filter(|name| !known.contains(&name.as_str()));
    unknown
        .map(|name| {
            let near =
                known.iter().max_by(|a, b| strsim::jaro(a, name).total_cmp(&strsim::jaro(b, name)));
            let message = format!("there is no claim, scenario or lemma `{name}`");
            let diagnostic = Diagnostic::error("unknown-claim", place, message);
            match near {
                Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
                None => diagnostic,
            }
        })
        .collect()
}
