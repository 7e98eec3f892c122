//! Families folded: `known[0] = false, known[1] = false` becomes `known[0..1] = false`.
//!
//! Folding only joins neighbours that say the same of consecutive members, and it writes the
//! span as the language writes ranges, both ends included; nothing is left out.

/// Something said of a named member, perhaps of a post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Whose it is: `County[2]`.
    pub owner: Option<String>,
    /// Of which member: `report[2]`.
    pub name: String,
    /// What is said: ` = false`.
    pub text: String,
}

impl Item {
    /// Said of nobody's member.
    pub fn new(name: &str, text: String) -> Item {
        Item { owner: None, name: name.to_owned(), text }
    }

    /// The same, of a post's.
    pub fn owned(self, owner: Option<&String>) -> Item {
        Item { owner: owner.cloned(), ..self }
    }
}

/// Joins neighbours; each result is a line such as `County[0..2]: report[0..2] = false`.
pub fn fold(items: &[Item]) -> Vec<String> {
    let mut lines = Vec::new();
    let mut rest = items;
    while let Some((first, _)) = rest.split_first() {
        let length = run(rest);
        lines.push(joined(first, rest.get(length - 1).unwrap_or(first)));
        rest = rest.get(length..).unwrap_or_default();
    }
    lines
}

/// How many items from the first on say the same of consecutive members; at least 1.
fn run(items: &[Item]) -> usize {
    1 + items.windows(2).take_while(|pair| matches!(pair, [a, b] if follows(a, b))).count()
}

/// Whether `b` says of the next member what `a` says.
fn follows(a: &Item, b: &Item) -> bool {
    let next = |a: &str, b: &str| match (numbered(a), numbered(b)) {
        (Some((before, n)), Some((after, m))) => before == after && m == n + 1,
        _ => false,
    };
    let same_owner = match (&a.owner, &b.owner) {
        (Some(a), Some(b)) => a == b || next(a, b),
        (None, None) => true,
        _ => false,
    };
    a.text == b.text && same_owner && next(&a.name, &b.name)
}

/// What stands before the last index, and the index: `pair[0, 2]` is `pair[0, ` and 2.
fn numbered(name: &str) -> Option<(&str, u64)> {
    let inside = name.strip_suffix(']')?;
    let start = inside.rfind(|c: char| !c.is_ascii_digit())? + 1;
    let before = inside.get(..start)?;
    let number = inside.get(start..)?.parse().ok()?;
    (before.ends_with('[') || before.ends_with(", ")).then_some((before, number))
}

/// The line for a run from `first` to `last`.
fn joined(first: &Item, last: &Item) -> String {
    let name = span(&first.name, &last.name);
    match (&first.owner, &last.owner) {
        (Some(a), Some(b)) => format!("{}: {name}{}", span(a, b), first.text),
        _ => format!("{name}{}", first.text),
    }
}

/// `known[0]` to `known[2]` is `known[0..2]`; a name to itself is itself.
fn span(first: &str, last: &str) -> String {
    match (numbered(first), numbered(last)) {
        (Some((before, n)), Some((_, m))) if n != m => format!("{before}{n}..{m}]"),
        _ => first.to_owned(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use super::*;

    fn item(owner: &str, name: &str, text: &str) -> Item {
        let owner = (!owner.is_empty()).then(|| owner.to_owned());
        Item { owner, name: name.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn neighbours_with_one_value_are_joined() {
        let items = ["known[0]", "known[1]", "known[2]", "known[4]", "tie[5]"]
            .map(|name| item("", name, " = 0"));
        assert_eq!(fold(&items), ["known[0..2] = 0", "known[4] = 0", "tie[5] = 0"]);
    }

    #[test]
    fn values_and_places_are_told_apart() {
        let items = [
            item("", "m[0, 0]", " = 1"),
            item("", "m[0, 1]", " = 1"),
            item("", "m[1, 2]", " = 1"),
            item("", "tie[Mayor]", " = 1"),
            item("", "plain", " = 1"),
            item("", "plain2", " = 1"),
        ];
        let lines = ["m[0, 0..1] = 1", "m[1, 2] = 1", "tie[Mayor] = 1", "plain = 1", "plain2 = 1"];
        assert_eq!(fold(&items), lines);
    }

    #[test]
    fn owners_are_folded_along() {
        let own = [item("County[0]", "act[0]", " = a"), item("County[1]", "act[1]", " = a")];
        assert_eq!(fold(&own), ["County[0..1]: act[0..1] = a"]);
        let one = [item("Top", "act[0]", " = a"), item("Top", "act[1]", " = a")];
        assert_eq!(fold(&one), ["Top: act[0..1] = a"]);
        let other = [item("Top", "act[0]", " = a"), item("Chief", "act[1]", " = a")];
        assert_eq!(fold(&other), ["Top: act[0] = a", "Chief: act[1] = a"]);
    }
}
