//! Names and values as words: `new_course` is "new course", `County[2]` is "county 2".
//!
//! English is kept to forms that are right for any name: only the first words of choices that are
//! well-known verbs are bent ("the site colludes"); all others are said yes or no to.

use serde_json::Value;

use crate::report::values;

/// Verbs that choices are named after; all of them form their third person by rule.
const VERBS: &[&str] = &[
    "accept",
    "act",
    "adapt",
    "alert",
    "allow",
    "announce",
    "answer",
    "appeal",
    "appoint",
    "approve",
    "ask",
    "attack",
    "audit",
    "begin",
    "betray",
    "block",
    "borrow",
    "bribe",
    "cancel",
    "cheat",
    "check",
    "collude",
    "comply",
    "conceal",
    "consent",
    "cooperate",
    "correct",
    "cover",
    "defect",
    "delay",
    "demote",
    "deny",
    "deviate",
    "disclose",
    "dismiss",
    "drop",
    "exclude",
    "execute",
    "exit",
    "follow",
    "grant",
    "guard",
    "hide",
    "hire",
    "ignore",
    "impose",
    "inform",
    "inspect",
    "investigate",
    "join",
    "launch",
    "leave",
    "loosen",
    "move",
    "obey",
    "object",
    "pack",
    "pass",
    "pause",
    "pay",
    "petition",
    "pick",
    "promote",
    "propose",
    "protest",
    "punish",
    "push",
    "put",
    "rebel",
    "recall",
    "refuse",
    "reject",
    "repeal",
    "replace",
    "report",
    "resign",
    "resist",
    "retaliate",
    "reveal",
    "reverse",
    "revoke",
    "rotate",
    "sanction",
    "seize",
    "send",
    "shirk",
    "sign",
    "stop",
    "strike",
    "submit",
    "suppress",
    "surrender",
    "suspend",
    "sweep",
    "tell",
    "tighten",
    "transfer",
    "veto",
    "violate",
    "visit",
    "vote",
    "wait",
    "warn",
    "watch",
    "withdraw",
];

/// A name as words, in small letters.
pub(super) fn human(name: &str) -> String {
    let mut words = String::new();
    let mut before = ' ';
    for c in name.chars() {
        if c == '_' || c == '.' {
            words.push(' ');
        } else {
            if c.is_uppercase() && before.is_lowercase() {
                words.push(' ');
            }
            words.extend(c.to_lowercase());
        }
        before = c;
    }
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `known[2, 3]` as `known` and `2`, `3`.
pub(super) fn split(name: &str) -> (&str, Vec<&str>) {
    match name.strip_suffix(']').and_then(|name| name.split_once('[')) {
        Some((base, inside)) => (base, inside.split(", ").collect()),
        None => (name, Vec::new()),
    }
}

/// A post: "the centre", "county 2".
pub(super) fn post(name: &str) -> String {
    match split(name) {
        (base, member) if member.is_empty() => format!("the {}", human(base)),
        (base, member) => format!("{} {}", human(base), member.join(", ")),
    }
}

/// A value: "yes", "3", "push", "official 2".
pub(super) fn value(value: &Value) -> String {
    match value {
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::String(text) => match split(text) {
            (base, member) if member.is_empty() => human(base),
            _ => post(text),
        },
        other => values::words(other),
    }
}

/// "a", "a and b", "a, b and c"
pub(super) fn list(items: &[String], last: &str) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., end] => format!("{} {last} {end}", most.join(", ")),
    }
}

/// The same with its first letter large.
pub(super) fn capital(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    first + characters.as_str()
}

/// How a sentence goes on from a name: the words before a verb's object, or none if it is no verb.
fn verb(name: &str) -> Option<(&str, &str)> {
    let (first, rest) = name.split_once(' ').unwrap_or((name, ""));
    VERBS.binary_search(&first).is_ok().then_some((first, rest))
}

/// "launches", "puts", "complies"
fn third_person(verb: &str) -> String {
    let consonant = |c: char| !"aeiou".contains(c);
    match verb.strip_suffix('y') {
        Some(stem) if stem.ends_with(consonant) => format!("{stem}ies"),
        _ if ["s", "x", "ch", "sh", "o"].iter().any(|end| verb.ends_with(end)) => {
            format!("{verb}es")
        }
        _ => format!("{verb}s"),
    }
}

/// What became of something that one may do or not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Done {
    Yes,
    No,
    /// Not any more.
    Ceased,
}

/// "launches", "does not collude", "no longer colludes", "says yes to new course"
pub(super) fn act(name: &str, object: &str, done: Done) -> String {
    let name = human(name);
    let object = if object.is_empty() { String::new() } else { format!(" {object}") };
    match (verb(&name), done) {
        (Some((verb, rest)), Done::Yes) => joined(&third_person(verb), rest) + &object,
        (Some(_), Done::No) => format!("does not {name}{object}"),
        (Some((verb, rest)), Done::Ceased) => {
            format!("no longer {}{object}", joined(&third_person(verb), rest))
        }
        (None, Done::Yes) => format!("says yes to {name}{}", of(&object)),
        (None, Done::No) => format!("says no to {name}{}", of(&object)),
        (None, Done::Ceased) => format!("no longer says yes to {name}{}", of(&object)),
    }
}

/// "the site colludes", if that is what the name of a choice says.
pub(super) fn deed(who: &str, name: &str) -> Option<String> {
    let name = human(name);
    verb(&name).map(|(verb, rest)| format!("{who} {}", joined(&third_person(verb), rest)))
}

/// "the site does not collude"
pub(super) fn no_deed(who: &str, name: &str) -> Option<String> {
    let name = human(name);
    verb(&name).map(|_| format!("{who} does not {name}"))
}

/// "never chose to collude", "never said yes to fault"
pub(super) fn never(name: &str) -> String {
    let name = human(name);
    match verb(&name) {
        Some(_) => format!("never chose to {name}"),
        None => format!("never said yes to {name}"),
    }
}

fn joined(verb: &str, rest: &str) -> String {
    if rest.is_empty() { verb.to_owned() } else { format!("{verb} {rest}") }
}

fn of(object: &str) -> String {
    if object.is_empty() { String::new() } else { format!(" of{object}") }
}

/// An expression's text with its signs as words, for texts that are there only as text.
pub(super) fn spelt(text: &str) -> String {
    let words = text.split_whitespace();
    words
        .map(|word| sign(word).map_or_else(|| part(word), str::to_owned))
        .collect::<Vec<_>>()
        .join(" ")
}

/// A sign of comparison or arithmetic in words.
fn sign(word: &str) -> Option<&'static str> {
    Some(match word {
        "=" => "is",
        "!=" => "is not",
        "<" => "is less than",
        "<=" => "is at most",
        ">" => "is more than",
        ">=" => "is at least",
        "+" => "plus",
        "-" => "minus",
        "*" => "times",
        "/" => "divided by",
        _ => return None,
    })
}

/// A word of an expression: names are made human, numbers are kept.
fn part(word: &str) -> String {
    match split(word) {
        (base, member) if !member.is_empty() => format!("{} {}", human(base), member.join(", ")),
        _ if word.starts_with(|c: char| c.is_ascii_digit()) => word.to_owned(),
        _ => word.replace(['_', '.'], " "),
    }
}

/// A remark of the report: what stands between backticks, and signs, as words.
pub(super) fn remark(text: &str) -> String {
    let parts = text.split('`').enumerate();
    let spelt: String =
        parts.map(|(n, part)| if n % 2 == 1 { spelt(part) } else { part.to_owned() }).collect();
    let words =
        spelt.split(' ').map(|word| sign(word).map_or(word.replace('_', " "), str::to_owned));
    sentence(&capital(&words.collect::<Vec<_>>().join(" ")))
}

/// A name with its value: "notice is 1", "captured does not hold".
pub(super) fn valued(name: &str, of: &Value) -> String {
    let name = human(name);
    match of {
        Value::Bool(true) => format!("{name} holds"),
        Value::Bool(false) => format!("{name} does not hold"),
        of if name.ends_with(" is") => format!("{name} {}", value(of)),
        of => format!("{name} is {}", value(of)),
    }
}

/// Phrases that begin alike, said once: "says yes to a and b".
pub(super) fn merged(phrases: Vec<String>) -> Vec<String> {
    let mut merged: Vec<(Option<&str>, Vec<String>)> = Vec::new();
    for phrase in phrases {
        let opening = ["says yes to ", "says no to ", "no longer says yes to "]
            .into_iter()
            .find(|opening| phrase.starts_with(opening) && !phrase.contains(','));
        let rest = opening.and_then(|opening| phrase.strip_prefix(opening)).unwrap_or(&phrase);
        match merged.iter_mut().find(|(other, _)| opening.is_some() && *other == opening) {
            Some((_, rests)) => rests.push(rest.to_owned()),
            None => merged.push((opening, vec![rest.to_owned()])),
        }
    }
    let told = |(opening, rests): (Option<&str>, Vec<String>)| {
        let last = if opening == Some("says yes to ") { "and" } else { "or" };
        format!("{}{}", opening.unwrap_or_default(), list(&rests, last))
    };
    merged.into_iter().map(told).collect()
}

/// The same with its first letter small.
pub(super) fn small(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|c| c.to_lowercase().to_string()).unwrap_or_default();
    first + characters.as_str()
}

/// A documentation as one sentence or several, with no backticks and a full stop.
pub(super) fn sentence(doc: &str) -> String {
    let text = doc.split_whitespace().collect::<Vec<_>>().join(" ").replace('`', "");
    if text.is_empty() || text.ends_with(['.', '!', '?']) { text } else { format!("{text}.") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verbs_are_in_order() {
        assert!(VERBS.is_sorted(), "they are searched by halves");
    }

    #[test]
    fn names_become_words() {
        assert_eq!(human("rectify.new_course"), "rectify new course");
        assert_eq!(human("TaxOffice"), "tax office");
        assert_eq!(post("County[2]"), "county 2");
        assert_eq!(post("Centre"), "the centre");
        assert_eq!(spelt("drift <= 3 and known[2]"), "drift is at most 3 and known 2");
    }

    #[test]
    fn acts_are_bent_only_where_that_is_safe() {
        assert_eq!(act("launch", "", Done::Yes), "launches");
        assert_eq!(act("deny", "", Done::Yes), "denies");
        assert_eq!(act("pass_on", "", Done::Yes), "passes on");
        assert_eq!(act("dismiss", "official 2", Done::Yes), "dismisses official 2");
        assert_eq!(act("collude", "", Done::No), "does not collude");
        assert_eq!(act("collude", "", Done::Ceased), "no longer colludes");
        assert_eq!(act("new_course", "", Done::Yes), "says yes to new course");
        assert_eq!(act("fault", "site 1", Done::No), "says no to fault of site 1");
    }

    #[test]
    fn lists_are_read_aloud() {
        let three = ["a", "b", "c"].map(str::to_owned);
        assert_eq!(list(&three, "and"), "a, b and c");
        assert_eq!(list(&three[..1], "and"), "a");
    }
}
