//! Where each value of a state or a period is kept, and what it is called.
//!
//! A state is one flat vector of values, a period's inputs another. Families
//! take consecutive slots in row-major order. This numbering is the only thing,
//! besides the typed core itself, that the interpreter and the symbolic road
//! share, so that a trace made by one can be read by the other.

use super::core::{CellId, InputId, Model, RuleId, SortId, SortKind, Type, Value};

/// One slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot<Id> {
    /// What it belongs to.
    pub of: Id,
    /// Which member, one number per index place.
    pub member: Vec<u32>,
    /// Its name as the spec spells it: `known[2]`, `holder[Mayor]`.
    pub name: String,
    /// The type of its values.
    pub ty: Type,
}

/// A nondeterministic write: update number `update` of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DrawId {
    /// The rule.
    pub rule: RuleId,
    /// Which of its updates.
    pub update: u32,
}

/// The numbering of a model's slots.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    /// Slots of a state.
    pub cells: Vec<Slot<CellId>>,
    /// Slots of a period's choices and environment.
    pub inputs: Vec<Slot<InputId>>,
    /// Slots of a period's nondeterministic writes, one per rule instance.
    pub draws: Vec<Slot<DrawId>>,
    cell_base: Vec<usize>,
    input_base: Vec<usize>,
    draw_base: std::collections::BTreeMap<DrawId, usize>,
}

impl Layout {
    /// Numbers the slots of a model.
    pub fn new(model: &Model) -> Layout {
        let mut layout = Layout::default();
        for (n, cell) in (0..).zip(&model.cells) {
            layout.cell_base.push(layout.cells.len());
            layout.cells.extend(slots(model, CellId(n), &cell.name, &cell.index, cell.ty));
        }
        for (n, input) in (0..).zip(&model.inputs) {
            layout.input_base.push(layout.inputs.len());
            layout.inputs.extend(slots(model, InputId(n), &input.name, &input.index, input.ty));
        }
        for (n, rule) in (0..).zip(&model.rules) {
            let sorts: Vec<SortId> = rule.binders.iter().map(|(_, sort)| *sort).collect();
            for (u, update) in (0..).zip(&rule.updates) {
                let super::core::Chosen::In(_) = update.value else { continue };
                let Some(cell) = model.cells.get(update.cell.index()) else { continue };
                let id = DrawId { rule: RuleId(n), update: u };
                layout.draw_base.insert(id, layout.draws.len());
                let name = format!("{}.{}", rule.name, cell.name);
                layout.draws.extend(slots(model, id, &name, &sorts, cell.ty));
            }
        }
        layout
    }

    /// The first slot of a cell.
    pub fn cell(&self, cell: CellId) -> usize {
        self.cell_base.get(cell.index()).copied().unwrap_or(usize::MAX)
    }

    /// The first slot of an input.
    pub fn input(&self, input: InputId) -> usize {
        self.input_base.get(input.index()).copied().unwrap_or(usize::MAX)
    }

    /// The first slot of a nondeterministic write.
    pub fn draw(&self, draw: DrawId) -> usize {
        self.draw_base.get(&draw).copied().unwrap_or(usize::MAX)
    }
}

/// All members of a product of sorts in row-major order; one empty member for no sort.
pub fn members(model: &Model, sorts: &[SortId]) -> Vec<Vec<u32>> {
    sorts.iter().fold(vec![Vec::new()], |members, sort| {
        let size = model.sorts.get(sort.index()).map_or(0, super::core::Sort::size);
        members
            .into_iter()
            .flat_map(|member| {
                (0..size).map(move |i| member.iter().copied().chain([i]).collect::<Vec<u32>>())
            })
            .collect()
    })
}

/// The offset of a member from a family's first slot.
pub fn offset(model: &Model, sorts: &[SortId], member: &[u32]) -> usize {
    sorts.iter().zip(member).fold(0, |at, (sort, &i)| {
        at * model.sorts.get(sort.index()).map_or(0, |s| s.size() as usize) + i as usize
    })
}

/// How the spec spells a member of a sort inside brackets: `2`, `Mayor`, or an enum member.
pub fn member_name(model: &Model, sort: SortId, i: u32) -> String {
    match model.sorts.get(sort.index()).map(|s| (&s.name, &s.kind)) {
        Some((_, SortKind::Enum(names))) => names.get(i as usize).cloned().unwrap_or_default(),
        Some((name, SortKind::Index { single: true, .. })) => name.clone(),
        _ => i.to_string(),
    }
}

/// How the spec spells a value: `true`, `3`, `collude`, `Official[2]`, `1/2`.
pub fn value_name(model: &Model, value: &Value) -> String {
    match value {
        Value::Bool(b) => b.to_string(),
        Value::Int(n) => n.to_string(),
        Value::Real(r) => r.to_string(),
        Value::Member(sort, i) => match model.sorts.get(sort.index()).map(|s| (&s.name, &s.kind)) {
            Some((name, SortKind::Index { single: false, .. })) => format!("{name}[{i}]"),
            _ => member_name(model, *sort, *i),
        },
    }
}

fn slots<Id: Copy>(model: &Model, of: Id, name: &str, sorts: &[SortId], ty: Type) -> Vec<Slot<Id>> {
    members(model, sorts)
        .into_iter()
        .map(|member| {
            let inside: Vec<String> =
                sorts.iter().zip(&member).map(|(s, &i)| member_name(model, *s, i)).collect();
            let name = if inside.is_empty() {
                name.to_owned()
            } else {
                format!("{name}[{}]", inside.join(", "))
            };
            Slot { of, member, name, ty }
        })
        .collect()
}
