//! The posts of an institution, who stands above whom, and which values are whose.
//!
//! Of a sort with `s` members under one with `m`, number `k` stands under number `k / (s / m)`; in a chain
//! every post stands under the one before it. The table that claims read is made by the same rule.

use std::collections::BTreeMap;

use crate::types::core::Value;
use crate::types::core::{Model, SortId, SortKind};
use crate::types::layout::{Layout, Slot, value_name};

/// A post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Post {
    /// As the spec spells it: `County[2]`.
    pub name: String,
    /// The one above it, by its place in the list.
    pub superior: Option<usize>,
    /// How many are above it.
    pub level: usize,
}

/// All posts, sort by sort.
pub fn posts(model: &Model) -> Vec<Post> {
    let mut posts: Vec<Post> = Vec::new();
    let mut places: BTreeMap<(SortId, u32), usize> = BTreeMap::new();
    for (id, size) in sorts_of_posts(model) {
        for k in 0..size {
            places.insert((id, k), posts.len());
            posts.push(Post { name: post_name(model, id, k), superior: None, level: 0 });
        }
    }
    for ((id, k), place) in &places {
        let superior = superior(model, *id, *k).and_then(|above| places.get(&above).copied());
        if let Some(post) = posts.get_mut(*place) {
            post.superior = superior;
        }
    }
    let levels: Vec<usize> = (0..posts.len()).map(|at| level(&posts, at)).collect();
    for (post, level) in posts.iter_mut().zip(levels) {
        post.level = level;
    }
    posts
}

fn sorts_of_posts(model: &Model) -> impl Iterator<Item = (SortId, u32)> {
    (0..).zip(&model.sorts).filter_map(|(n, sort)| match sort.kind {
        SortKind::Index { size, person: false, .. } => Some((SortId(n), size)),
        _ => None,
    })
}

/// The name of a member of a sort.
pub fn post_name(model: &Model, sort: SortId, k: u32) -> String {
    value_name(model, &Value::Member(sort, k))
}

fn superior(model: &Model, sort: SortId, k: u32) -> Option<(SortId, u32)> {
    let size = |sort: SortId| model.sorts.get(sort.index()).map(|sort| sort.size());
    let SortKind::Index { under: Some(above), .. } = model.sorts.get(sort.index())?.kind else {
        return None;
    };
    if above == sort {
        return Some((sort, k.checked_sub(1)?));
    }
    let share = size(sort)?.checked_div(size(above)?).filter(|share| *share > 0)?;
    Some((above, k / share))
}

fn level(posts: &[Post], at: usize) -> usize {
    let up = |at: &usize| posts.get(*at).and_then(|post| post.superior);
    std::iter::successors(Some(at), up).take(posts.len()).count() - 1
}

/// The post that each cell and choice over a family of posts belongs to, by the spec's spelling.
pub fn owners(model: &Model) -> BTreeMap<String, String> {
    let layout = Layout::new(model);
    let mut owners = BTreeMap::new();
    for slot in &layout.cells {
        let index = model.cells.get(slot.of.index()).map(|cell| cell.index.as_slice());
        own(model, slot, index.unwrap_or_default(), &mut owners);
    }
    for slot in &layout.inputs {
        let index = model.inputs.get(slot.of.index()).map(|input| input.index.as_slice());
        own(model, slot, index.unwrap_or_default(), &mut owners);
    }
    owners
}

fn own<Id>(
    model: &Model,
    slot: &Slot<Id>,
    index: &[SortId],
    owners: &mut BTreeMap<String, String>,
) {
    if let Some(owner) = owner(model, index, &slot.member) {
        owners.insert(slot.name.clone(), owner);
    }
}

/// The first post among the places of a member.
pub fn owner(model: &Model, index: &[SortId], member: &[u32]) -> Option<String> {
    let is_post = |sort: SortId| sorts_of_posts(model).any(|(id, _)| id == sort);
    let (sort, k) = index.iter().zip(member).find(|(sort, _)| is_post(**sort))?;
    Some(post_name(model, *sort, *k))
}
