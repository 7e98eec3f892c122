//! The grid: the swept parameters, their values, and the cells in a fixed order.
//!
//! Cells are ordered by their places on the axes, the first axis slowest; cells one step beyond an end
//! of an axis come in the same order after all others. The order is a function of the values alone, so
//! that shards and resumed runs agree on it without numbering anything. Whether a cell exists, because
//! the parameters' `where` allows it, is the checker's word.

use std::collections::{BTreeMap, HashSet};

use indexmap::IndexMap;
use itertools::Itertools;
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use serde_json::Value as Json;

use crate::report::values;
use crate::syntax::ast::{Decl, Institution};
use crate::syntax::diagnostic::{Diagnostic, Severity};
use crate::syntax::source::Span;
use crate::types::core::{Model, ParamId, Type};
use crate::types::{self, Assignment, params};

/// The most cells a grid may have.
pub const MOST_CELLS: usize = 100_000;
/// The most cells beyond the grid's ends that are decided as well.
const MOST_OUTSIDE: usize = 64;
/// The code of the diagnostic that says that a parameter's `where` does not hold.
pub(super) const LEFT_OUT: &str = "parameter-condition";
/// The code of the diagnostic that says that a value is not of its parameter's type.
const NO_VALUE: &str = "bad-parameter-value";

/// The values of the swept parameters at one cell, in the order of the axes.
pub type Params = IndexMap<String, Json>;

/// A parameter to sweep over, as asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Over {
    /// The parameter.
    pub name: String,
    /// Which values.
    pub values: Values,
}

/// Which values a swept parameter takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Values {
    /// All of its type.
    All,
    /// Integers from and to.
    Range(i64, i64),
    /// These, as written.
    Listed(Vec<String>),
}

/// The cells to decide, and what there is to know about them beforehand.
#[derive(Clone, Debug)]
pub struct Grid {
    /// The swept parameters with their values.
    pub over: IndexMap<String, Vec<Json>>,
    /// The cells that exist, in order.
    pub cells: Vec<Params>,
    /// Cells one step beyond an end of an axis, where types and conditions allow.
    pub outside: Vec<Params>,
    /// How many cells the conditions of the parameters rule out.
    pub left_out: usize,
    /// The model of some cell: names and claims are those of all.
    pub model: Model,
}

/// What the checker says of a cell.
enum Standing {
    Exists,
    LeftOut,
    Faulty(Vec<Diagnostic>),
}

impl Standing {
    /// What is wrong, if the value of the parameter that is declared at this place is not of its type.
    fn no_value(&self, place: Span) -> Option<&Vec<Diagnostic>> {
        let Standing::Faulty(found) = self else { return None };
        let is_of_type = |d: &Diagnostic| d.code == NO_VALUE && d.primary.0 == place;
        found.iter().any(is_of_type).then_some(found)
    }
}

/// Lays out the grid of an institution.
///
/// # Errors
/// Not a single cell can be checked, or there are too many.
pub fn lay_out(
    institution: &Institution,
    over: &[Over],
    set: &BTreeMap<String, String>,
    beyond: bool,
) -> Result<Grid, Vec<Diagnostic>> {
    let known = types::check(institution, &Assignment { values: set.clone(), all: false });
    let mut axes: IndexMap<String, Vec<Json>> = IndexMap::new();
    for axis in over {
        let values = values_of(institution, known.model.as_ref(), axis).map_err(|d| vec![*d])?;
        axes.insert(axis.name.clone(), values);
    }
    let size = axes.values().try_fold(1usize, |size, values| size.checked_mul(values.len()));
    if size.is_none_or(|size| size > MOST_CELLS) {
        return Err(vec![too_large(institution)]);
    }
    let standing = |params: Params| {
        let standing = check(institution, set, &params);
        (params, standing)
    };
    let all: Vec<Params> = product(&axes);
    let all: Vec<_> = all.into_par_iter().map(standing).collect();
    if let Some(wrong) = no_value(institution, &axes, &all) {
        return Err(wrong);
    }
    let mut grid = kept(institution, set, axes, all)?;
    if beyond {
        let outside = beyond_the_ends(&grid);
        let outside: Vec<_> = outside.into_par_iter().map(standing).collect();
        let exist = |(params, standing)| matches!(standing, Standing::Exists).then_some(params);
        grid.outside = thinned(outside.into_iter().filter_map(exist).collect(), MOST_OUTSIDE);
    }
    Ok(grid)
}

/// What the checker says of a value on an axis that is of the parameter's type in no cell: a slip in the question, and
/// no finding. The type may depend on other parameters, so that only all cells together can say so.
fn no_value(
    institution: &Institution,
    axes: &IndexMap<String, Vec<Json>>,
    all: &[(Params, Standing)],
) -> Option<Vec<Diagnostic>> {
    axes.keys().find_map(|name| {
        let place = institution.items.iter().find_map(|item| match &item.decl {
            Decl::Param(param) if param.name.text == *name => Some(param.name.span),
            _ => None,
        })?;
        let value = |params: &Params| params.get(name).map(values::words);
        let (wrong, right): (Vec<_>, Vec<_>) =
            all.iter().partition(|(_, standing)| standing.no_value(place).is_some());
        let right: HashSet<Option<String>> =
            right.iter().map(|(params, _)| value(params)).collect();
        let (_, standing) =
            wrong.into_iter().find(|(params, _)| !right.contains(&value(params)))?;
        standing.no_value(place).cloned()
    })
}

/// Sorts out the cells that exist; those with errors of their own stay, to be told as such.
fn kept(
    institution: &Institution,
    set: &BTreeMap<String, String>,
    over: IndexMap<String, Vec<Json>>,
    all: Vec<(Params, Standing)>,
) -> Result<Grid, Vec<Diagnostic>> {
    let (mut cells, mut left_out, mut first, mut faults) = (Vec::new(), 0, None, Vec::new());
    for (params, standing) in all {
        match standing {
            Standing::LeftOut => {
                left_out += 1;
                continue;
            }
            Standing::Exists => first = first.or(Some(params.clone())),
            Standing::Faulty(found) if faults.is_empty() => faults = found,
            Standing::Faulty(_) => {}
        }
        cells.push(params);
    }
    let given = |params| Assignment { values: assigned(set, &params), all: false };
    match first.and_then(|params| types::check(institution, &given(params)).model) {
        Some(model) => Ok(Grid { over, cells, outside: Vec::new(), left_out, model }),
        None if faults.is_empty() => Err(vec![Diagnostic::error(
            "empty-grid",
            institution.name.span,
            "the conditions of the parameters leave no cell of the grid",
        )]),
        None => Err(faults),
    }
}

fn too_large(institution: &Institution) -> Diagnostic {
    let message = format!("the grid has more than {MOST_CELLS} cells");
    Diagnostic::error("grid-too-large", institution.name.span, message)
        .help("sweep over fewer values, and give the other parameters theirs with `--set`")
}

/// The values of an axis, spelled as in the report.
fn values_of(
    institution: &Institution,
    model: Option<&Model>,
    axis: &Over,
) -> Result<Vec<Json>, Box<Diagnostic>> {
    let param = model.and_then(|model| {
        let place = model.params.iter().position(|param| param.name == axis.name)?;
        Some((model, ParamId(u32::try_from(place).ok()?)))
    });
    let ty = param.and_then(|(model, id)| model.params.get(id.index()).map(|p| p.ty));
    match &axis.values {
        Values::Range(low, high) => Ok((*low..=*high).map(Json::from).collect()),
        Values::Listed(texts) => {
            let read = |text: &String| {
                let value = param.zip(ty).and_then(|((m, _), ty)| {
                    params::parse(m, ty, text).map(|value| values::json(m, &value))
                });
                value.unwrap_or_else(|| guessed(text))
            };
            Ok(texts.iter().map(read).unique_by(values::words).collect())
        }
        Values::All => {
            let all = param.and_then(|(model, id)| {
                Some(types::domain(model, id)?.iter().map(|v| values::json(model, v)).collect())
            });
            all.ok_or_else(|| {
                let message = format!("the values of `{}` cannot be listed", axis.name);
                let help = format!("say which: `--over {}=LO..HI` or `=A,B,C`", axis.name);
                let place = institution.name.span;
                Box::new(Diagnostic::error("which-values", place, message).help(help))
            })
        }
    }
}

/// A value whose type is not known before a cell is checked.
fn guessed(text: &str) -> Json {
    match (text.parse::<bool>(), text.parse::<i64>()) {
        (Ok(truth), _) => Json::Bool(truth),
        (_, Ok(number)) => Json::from(number),
        _ => Json::String(text.to_owned()),
    }
}

/// All combinations, the first axis slowest.
fn product(axes: &IndexMap<String, Vec<Json>>) -> Vec<Params> {
    let values = axes.values().map(|values| values.iter().cloned());
    let named = |values: Vec<Json>| axes.keys().cloned().zip(values).collect();
    values.multi_cartesian_product().map(named).collect()
}

/// The values of a cell as the checker takes them, besides those that are set.
pub fn assigned(set: &BTreeMap<String, String>, params: &Params) -> BTreeMap<String, String> {
    let mut all = set.clone();
    all.extend(params.iter().map(|(name, value)| (name.clone(), values::words(value))));
    all
}

/// A cell's values as texts, to look it up by.
pub fn key(params: &Params) -> Vec<String> {
    params.values().map(Json::to_string).collect()
}

fn check(institution: &Institution, set: &BTreeMap<String, String>, params: &Params) -> Standing {
    let given = Assignment { values: assigned(set, params), all: false };
    let checked = types::check(institution, &given);
    let errors = || checked.diagnostics.iter().filter(|d| d.severity == Severity::Error);
    match checked.model {
        Some(_) if errors().next().is_none() => Standing::Exists,
        _ if errors().next().is_some() && errors().all(|d| d.code == LEFT_OUT) => Standing::LeftOut,
        _ => Standing::Faulty(checked.diagnostics),
    }
}

/// Cells with one parameter a step below or above all its values, and the others on the grid.
fn beyond_the_ends(grid: &Grid) -> Vec<Params> {
    let mut found = Vec::new();
    for (name, values) in &grid.over {
        let declared = grid.model.params.iter().find(|param| param.name == *name);
        let Some(numbers) = values.iter().map(Json::as_i64).collect::<Option<Vec<i64>>>() else {
            continue;
        };
        let (Some(least), Some(most)) = (numbers.iter().min(), numbers.iter().max()) else {
            continue;
        };
        let ends = [least.checked_sub(1), most.checked_add(1)];
        let fits = |end: &i64| match declared.map(|param| param.ty) {
            Some(Type::Range(low, high)) => (low..=high).contains(end),
            Some(Type::Int | Type::Real) => true,
            _ => false,
        };
        for end in ends.into_iter().flatten().filter(fits) {
            let mut axes = grid.over.clone();
            axes.insert(name.clone(), vec![Json::from(end)]);
            found.extend(product(&axes));
        }
    }
    found.sort_by_key(|params| order(&grid.over, params));
    thinned(found, 4 * MOST_OUTSIDE)
}

/// At most so many, spread evenly.
fn thinned<T>(all: Vec<T>, most: usize) -> Vec<T> {
    let count = all.len();
    let kept = |n: usize| count <= most || (n * most) / count != ((n + 1) * most) / count;
    all.into_iter().enumerate().filter(|(n, _)| kept(*n)).map(|(_, one)| one).collect()
}

/// Where a cell stands: first whether it is beyond an end, then its place on each axis.
pub fn order(over: &IndexMap<String, Vec<Json>>, params: &Params) -> (bool, Vec<i64>) {
    let places = over.iter().map(|(name, values)| {
        let value = params.get(name);
        match values.iter().position(|one| Some(one) == value) {
            Some(place) => i64::try_from(place).unwrap_or(i64::MAX),
            None => {
                let least = values.iter().filter_map(Json::as_i64).min();
                if value.and_then(Json::as_i64) < least { -1 } else { i64::MAX }
            }
        }
    });
    let places: Vec<i64> = places.collect();
    (places.iter().any(|place| *place == -1 || *place == i64::MAX), places)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use super::*;
    use crate::govern;
    use crate::govern::files::Memory;
    use crate::govern::load::load;

    fn institution(text: &str) -> Institution {
        let files = Memory::new([("a.yamen", text)]);
        let loaded = load(&["a.yamen".into()], &files);
        govern::elaborate(&loaded.institutions[0]).0
    }

    const SPEC: &str = "institution a\nparam stake : 0..4 = 1 where stake < quorum\n\
                        param quorum : 1..5 = 4\nparam open : bool = false\nclaim c always true";

    fn laid_out(over: &[(&str, Values)]) -> Grid {
        let over: Vec<Over> = over
            .iter()
            .map(|(name, values)| Over { name: (*name).to_owned(), values: values.clone() })
            .collect();
        lay_out(&institution(SPEC), &over, &BTreeMap::new(), true).unwrap()
    }

    #[test]
    fn cells_outside_the_conditions_are_left_out_and_counted() {
        let grid = laid_out(&[("stake", Values::Range(0, 2)), ("quorum", Values::Range(1, 3))]);
        assert_eq!((grid.cells.len(), grid.left_out), (6, 3));
        assert_eq!(
            grid.cells[0],
            Params::from_iter([("stake".into(), 0.into()), ("quorum".into(), 1.into())])
        );
        assert!(grid.cells.iter().chain(&grid.outside).is_sorted_by_key(|p| order(&grid.over, p)));
    }

    #[test]
    fn cells_beyond_the_ends_keep_to_the_types() {
        let grid = laid_out(&[("quorum", Values::Range(3, 5)), ("open", Values::All)]);
        assert_eq!(grid.cells.len(), 6);
        let beyond: Vec<_> = grid.outside.iter().map(|p| p["quorum"].clone()).collect();
        assert_eq!(beyond, [Json::from(2), Json::from(2)]);
    }

    #[test]
    fn a_value_that_is_none_of_the_type_is_named() {
        let listed = |values: [&str; 2]| Values::Listed(values.map(str::to_owned).to_vec());
        for values in [listed(["4", "9"]), listed(["4", "few"]), Values::Range(4, 6)] {
            let over = [
                Over { name: "quorum".to_owned(), values },
                Over { name: "open".to_owned(), values: Values::All },
            ];
            let wrong = lay_out(&institution(SPEC), &over, &BTreeMap::new(), true).unwrap_err();
            assert_eq!(wrong[0].code, NO_VALUE);
            assert!(wrong[0].message.contains("quorum"), "{}", wrong[0].message);
        }
    }

    /// A type may have a value at some cells only; these are then cells that cannot be checked.
    #[test]
    fn a_value_that_is_one_elsewhere_is_a_faulty_cell() {
        let spec = institution(
            "institution a\nparam most : 1..5 = 4\nparam fee : 0..most = 0\nclaim c always true",
        );
        let over = [("most", 2, 3), ("fee", 2, 3)].map(|(name, low, high)| Over {
            name: name.to_owned(),
            values: Values::Range(low, high),
        });
        assert_eq!(lay_out(&spec, &over, &BTreeMap::new(), true).unwrap().cells.len(), 4);
    }

    #[test]
    fn thinning_spreads_evenly() {
        assert_eq!(thinned((0..6).collect(), 3), [1, 3, 5]);
        assert_eq!(thinned((0..3).collect(), 3), [0, 1, 2]);
    }
}
