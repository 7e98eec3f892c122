//! Tables against coalitions that do not see everything: what the game's solver finds has one that holds, on random
//! games of every kind of goal; one that was changed is rejected, with the place named; and none holds in a
//! game that the coalition can win, whatever game it was made for.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

use support::random::Random;
use yamen::evidence::spoiling::{Facts, Stage, show};
use yamen::evidence::worlds::Fault;
use yamen::govern;
use yamen::govern::load::load_text;
use yamen::interp::evaluate::Scope;
use yamen::interp::game::goal::{Aim, Label};
use yamen::interp::game::spoil::{Row, Spoiler};
use yamen::interp::game::{self, Force, Played};
use yamen::interp::step::Interpreter;
use yamen::report::events::Silent;
use yamen::report::outcome::{Entry, Verdict};
use yamen::solver::z3::{Encoding, Z3};
use yamen::types::core::{Model, Value};
use yamen::verify::{Options, verify};

/// Random games in the default run.
fn cases(default: u64) -> u64 {
    std::env::var("YAMEN_GAMES").ok().and_then(|n| n.parse().ok()).unwrap_or(default)
}

/// A claim's game, as it was played.
struct Stand {
    model: Model,
    force: Force,
    played: Played,
}

impl Stand {
    /// Where nobody can say who wins, or nothing begins, there is none.
    fn new(text: &str, claim: usize) -> Stand {
        let mut model = support::model(text);
        let force = game::questions(&model, &model.claims[claim].property).unwrap().remove(0);
        let limits = support::limits(1 << 20);
        let answer = game::decide(&model, &force, &[], &limits, &mut |_| {}).unwrap().unwrap();
        let played = answer.shown;
        assert!(played.replay.is_ok(), "{:?}\n{text}", played.replay);
        model.claims.clear();
        Stand { model, force, played }
    }

    fn spoiler(&self) -> Result<Spoiler, String> {
        game::spoiler(&self.model, &self.force, &[], &self.played, &support::limits(1 << 20))
    }

    fn check(&self, spoiler: &Spoiler) -> Result<usize, String> {
        let goal = &self.force.goal;
        let stage = Stage::new(&self.model, &self.played.owned, goal, &self.played.sights).unwrap();
        let facts = Facts { stage: &stage, goal, spoiler };
        let encoding = if stage.is_finite() { Encoding::Bits } else { Encoding::Words };
        match show(&facts, &mut |_| Z3::new(encoding, false, 0)) {
            Ok(count) => Ok(count),
            Err(Fault::Wrong(place)) => Err(place),
            Err(Fault::Open(reason)) => panic!("{reason}"),
        }
    }

    /// A table made for another game, told in the words of this one's goal and of what is seen before the move.
    fn told(&self, spoiler: &Spoiler) -> Spoiler {
        let interpreter = Interpreter::new(&self.model);
        let goal = &self.force.goal;
        let mut told = spoiler.clone();
        for row in &mut told.rows {
            for world in &mut row.worlds {
                let reading = interpreter.reading(&[], &world.cells);
                let holds = |p| reading.holds(p, &mut Scope::default()).unwrap();
                world.truths = goal.states.iter().map(holds).collect();
                world.owes &= !goal.mark(&world.truths);
            }
            let reading = interpreter.reading(&[], &row.worlds[0].cells);
            let before = self.played.sights.iter().filter(|sight| sight.before);
            let seen =
                before.map(|sight| reading.value(&sight.expr, &mut Scope::default()).unwrap());
            row.before = seen.collect();
            let lost = |world: &yamen::interp::game::spoil::World| {
                goal.label(&world.truths, world.left) == Label::Lost
            };
            row.lost = row.worlds.iter().all(lost);
            if row.lost {
                row.replies.clear();
            }
        }
        told
    }
}

/// A clerk guesses which of two doors is open and sees the outcome of the last guess; the door is drawn anew when a
/// guess was right. The clerk wants to have been right, or to keep from being wrong, or to be right ever again.
const DOORS: &str = "institution doors\nposition Clerk, Porter\n\
    state open : 0..1\nstate right : bool = false\nstate wrong : bool = false\nstate tired : bool = false\n\
    choice guess : 0..1 by Clerk when not tired\nchoice rest : bool by Porter\n\
    choice move : 0..1 by Porter when right\n\
    rule hit : right' = not tired and guess = open\n\
    rule miss when not tired and guess != open : wrong' = true\n\
    rule tire : tired' = rest\n\
    rule draw when right : open' = move\n\
    tick rested when rest\n\
    sees Clerk : tired, rest, right'\n\
    claim hits {Clerk} cannot force right unseen\n\
    claim soon {Clerk} cannot force right within 2 unseen\n\
    claim safe {Clerk} cannot force always not wrong unseen\n\
    claim again {Clerk} cannot force recurs right unseen\n\
    claim often {Clerk} cannot force recurs right within 3 unseen\n\
    claim till {Clerk} cannot force ((not wrong) until right) unseen\n\
    claim rests {Clerk} cannot force right within 1 rested unseen\n";

fn doors() -> impl Iterator<Item = (String, Stand, Spoiler)> {
    let model = support::model(DOORS);
    let names = model.claims.iter().map(|claim| claim.name.clone()).collect::<Vec<_>>();
    names.into_iter().enumerate().map(|(n, name)| {
        let stand = Stand::new(DOORS, n);
        assert!(!stand.played.wins, "{name}");
        let spoiler = stand.spoiler().unwrap();
        (name, stand, spoiler)
    })
}

#[test]
fn tables_of_every_kind_of_goal_hold() {
    let mut largest = 0;
    for (name, stand, spoiler) in doors() {
        let count = stand.check(&spoiler).unwrap_or_else(|place| panic!("{name}: {place}"));
        assert!(count >= spoiler.worlds(), "{name}: {count}");
        largest = spoiler.rows.iter().map(|row| row.worlds.len()).fold(largest, usize::max);
    }
    assert!(largest > 1, "the clerk cannot tell some worlds apart");
}

/// A change to a table, and what a rejection of it says; `None` if the change does not apply.
type Change = (&'static str, fn(&mut Spoiler, usize) -> Option<()>, &'static [&'static str]);

/// The nth place of some kind.
fn nth<'s, T>(places: impl Iterator<Item = T> + 's, n: usize) -> Option<T> {
    let mut places = places;
    places.nth(n)
}

fn other(value: &Value) -> Value {
    match value {
        Value::Bool(b) => Value::Bool(!b),
        Value::Int(n) => Value::Int(if *n == 0.into() { 1.into() } else { n - 1 }),
        other => panic!("{other:?}"),
    }
}

fn replies(rows: &mut [Row]) -> impl Iterator<Item = &mut yamen::interp::game::spoil::Reply> {
    rows.iter_mut().flat_map(|row| row.replies.iter_mut())
}

const CHANGES: [Change; 16] = [
    (
        "a reply is left out",
        |s, n| {
            let row = nth(s.rows.iter_mut().filter(|row| !row.replies.is_empty()), n)?;
            row.replies.remove(n % row.replies.len());
            Some(())
        },
        &["no other plan is possible"],
    ),
    (
        "a plan is another",
        |s, n| {
            let planned = replies(&mut s.rows).filter_map(|reply| reply.plan[0].as_mut());
            let value = nth(planned, n)?;
            *value = other(value);
            Some(())
        },
        &["leads to world", "no other plan is possible"],
    ),
    (
        "nothing is planned where there is a choice",
        |s, n| {
            *nth(replies(&mut s.rows).filter(|reply| reply.plan[0].is_some()), n)? =
                yamen::interp::game::spoil::Reply {
                    plan: vec![None],
                    ..nth(replies(&mut s.rows.clone()).filter(|r| r.plan[0].is_some()), n)?.clone()
                };
            Some(())
        },
        &["leads to world"],
    ),
    (
        "a plan tells of no choice",
        |s, n| {
            nth(replies(&mut s.rows), n)?.plan.clear();
            Some(())
        },
        &["does not tell of every choice"],
    ),
    (
        "something else is seen before the move",
        |s, n| {
            let row = nth(s.rows.iter_mut(), n)?;
            row.before[0] = other(&row.before[0]);
            Some(())
        },
        &["looks like row"],
    ),
    (
        "something else is seen after it",
        |s, n| {
            let reply = nth(replies(&mut s.rows).filter(|reply| reply.after.len() == 2), n)?;
            // Whether the guess was right is told by the world that comes next.
            reply.after[1] = other(&reply.after[1]);
            Some(())
        },
        &["leads to world"],
    ),
    (
        "something else is true of the goal",
        |s, n| {
            let world = nth(s.rows.iter_mut().flat_map(|row| row.worlds.iter_mut()), n)?;
            world.truths[0] = !world.truths[0];
            Some(())
        },
        &["looks like row", "is decided otherwise", "owes nothing", "the countdown of"],
    ),
    (
        "a play is lost that is not, or the other way round",
        |s, n| {
            let row = nth(s.rows.iter_mut(), n)?;
            row.lost = !row.lost;
            Some(())
        },
        &["is decided otherwise", "nothing is to be answered"],
    ),
    (
        "there is no world",
        |s, n| {
            nth(s.rows.iter_mut(), n)?.worlds.clear();
            Some(())
        },
        &["has no world", "not each world has one before it", "is not there"],
    ),
    (
        "a world comes from nowhere",
        |s, n| {
            nth(replies(&mut s.rows), n)?.from.pop()?;
            Some(())
        },
        &["not each world has one before it"],
    ),
    (
        "what leads to a world is not there",
        |s, n| {
            nth(replies(&mut s.rows), n)?.from[0].world = 99;
            Some(())
        },
        &["is not there"],
    ),
    (
        "a reply leads nowhere",
        |s, n| {
            nth(replies(&mut s.rows), n)?.row = 9999;
            Some(())
        },
        &["leads nowhere"],
    ),
    (
        "a world lacks a cell",
        |s, n| {
            nth(s.rows.iter_mut(), n)?.worlds[0].cells.pop();
            Some(())
        },
        &["does not give every cell"],
    ),
    (
        "a wrong guess is forgotten, or remembered too early",
        |s, n| {
            let world = nth(s.rows.iter_mut().flat_map(|row| row.worlds.iter_mut()), n)?;
            // It is told by all that has happened.
            world.cells[1] = other(&world.cells[1]);
            Some(())
        },
        &["leads to world", "is a first state", "looks like row", "no other plan is possible"],
    ),
    (
        "the countdown is another",
        |s, n| {
            let world = nth(s.rows.iter_mut().flat_map(|row| row.worlds.iter_mut()), n)?;
            world.left += 1;
            Some(())
        },
        &["the countdown of", "is no beginning", "is decided otherwise"],
    ),
    (
        "there is no row",
        |s, n| {
            s.rows.clear();
            (n == 0).then_some(())
        },
        &["there is no row"],
    ),
];

#[test]
fn changed_tables_are_rejected() {
    let mut tried: BTreeMap<&str, usize> = BTreeMap::new();
    for (name, stand, spoiler) in doors() {
        for (what, change, places) in CHANGES {
            for n in 0..12 {
                let mut changed = spoiler.clone();
                if change(&mut changed, n).is_none() || changed == spoiler {
                    continue;
                }
                *tried.entry(what).or_default() += 1;
                let place = match stand.check(&changed) {
                    Err(place) => place,
                    Ok(_) => panic!("{name}, {what}, {n}: {changed:#?}"),
                };
                let named = places.iter().any(|expected| place.contains(expected));
                assert!(named, "{name}, {what}, {n}: {place}");
            }
        }
    }
    assert_eq!(tried.len(), CHANGES.len(), "{tried:?}");
}

/// Where measures have to fall, or owing to be handed on, they are looked at.
#[test]
fn plays_that_never_end_are_rejected() {
    let (mut far, mut owing) = (0, 0);
    for (name, stand, spoiler) in doors() {
        for row in &spoiler.rows {
            for to in row.replies.iter().map(|reply| reply.row) {
                if spoiler.rows[to].measure < row.measure {
                    let mut changed = spoiler.clone();
                    changed.rows[to].measure = row.measure + 1;
                    let place = stand.check(&changed).expect_err(&name);
                    assert!(place.contains("is too far"), "{name}: {place}");
                    far += 1;
                }
            }
        }
        if stand.force.goal.aim() != Aim::Recur {
            continue;
        }
        for n in 0..spoiler.rows.len() {
            let mut changed = spoiler.clone();
            changed.rows[n].worlds.iter_mut().for_each(|world| world.owes = false);
            if changed != spoiler {
                let place = stand.check(&changed).expect_err(&name);
                assert!(place.contains("is too far") || place.contains("owes"), "{name}: {place}");
                owing += 1;
            }
        }
    }
    assert!(far > 3 && owing > 0, "{far} {owing}");
}

/// A random game: next states are linear in everything, modulo a small number; a choice may be restricted, or lapse
/// where the state, or what others choose, says so.
fn arena(random: &mut Random) -> String {
    let n = 3 + random.below(3);
    let mut text = format!(
        "institution g\nposition A, B, C\nstate s : 0..{} in {{0, {}}}\nstate h : 0..1 in {{0, {}}}\n",
        n - 1,
        random.below(n),
        random.below(2),
    );
    let when = match random.below(5) {
        0 => format!(" when s != {}", random.below(n)),
        1 => " when h = 0".to_owned(),
        2 => " when e = 0".to_owned(),
        _ => String::new(),
    };
    let limit = if random.chance(15) { " where s != 1 or a = 1" } else { "" };
    let _ = writeln!(text, "env e : 0..1\nchoice a : 0..1 by A{when}{limit}");
    let by = ["A", "B", "C"][random.below(3)];
    let condition = match random.below(4) {
        0 => format!(" where s != {} or c = 1", random.below(n)),
        1 => " where h = 0 or c != a".to_owned(),
        _ => String::new(),
    };
    let _ = writeln!(text, "choice c : 0..1 by {by}{condition}\nchoice b : 0..1 by B");
    let terms: Vec<String> = ["s", "a", "b", "c", "e", "h", "s * a", "a * h", "a * b"]
        .iter()
        .map(|name| (name, random.below(3)))
        .filter(|(_, factor)| *factor > 0)
        .map(|(name, factor)| format!("{factor} * {name}"))
        .collect();
    let sum = if terms.is_empty() { "s + 1".to_owned() } else { terms.join(" + ") };
    let _ = writeln!(text, "rule go : s' = ({sum} + {}) mod {n}", random.below(n));
    match random.below(3) {
        0 => text.push_str("rule hide : h' in {0, 1}\n"),
        1 => text.push_str("rule hide when e = 1 : h' = 1 - h\n"),
        _ => text.push_str("rule hide when s != 0 : h' in 0..a\n"),
    }
    let _ = writeln!(text, "tick t when s = {} or e = 1 and b = 1", random.below(n));
    for post in ["A", "C"] {
        let sights = ["s", "h", "s > 1", "b", "e", "s' > 0", "a + h"];
        let seen: Vec<&str> = sights.iter().copied().filter(|_| random.chance(30)).collect();
        if !seen.is_empty() {
            let _ = writeln!(text, "sees {post} : {}", seen.join(", "));
        }
    }
    text
}

fn goal(random: &mut Random) -> String {
    let p = |random: &mut Random| match random.below(4) {
        0 => format!("(s = {})", random.below(3)),
        1 => format!("(s > {})", random.below(2)),
        2 => format!("(s != {})", random.below(3)),
        _ => format!("(s != {} or h = 1)", random.below(3)),
    };
    let one = p(random);
    match random.below(4) {
        0 => one,
        1 => format!("always {one}"),
        2 => format!("{one} until {}", p(random)),
        _ => format!("recurs {one}"),
    }
}

fn within(random: &mut Random) -> String {
    match random.below(4) {
        0 => format!(" within {}", random.below(4)),
        1 => format!(" within {} t", 1 + random.below(2)),
        _ => String::new(),
    }
}

fn coalition(random: &mut Random) -> &'static str {
    ["{A}", "{A}", "{A, C}", "{A, B}"][random.below(4)]
}

/// Most worlds of a table that is checked here.
const LARGEST: usize = 60;

#[test]
fn every_coalition_that_cannot_has_a_table() {
    let (mut forms, mut worlds): (BTreeMap<String, usize>, usize) = (BTreeMap::new(), 0);
    for seed in 0..cases(160) {
        let mut random = Random::new(seed);
        let text = arena(&mut random);
        let (who, goal, within) = (coalition(&mut random), goal(&mut random), within(&mut random));
        let text = format!("{text}claim x {who} cannot force ({goal}){within} unseen\n");
        let stand = Stand::new(&text, 0);
        if stand.played.wins {
            continue;
        }
        let spoiler = match stand.spoiler() {
            Err(reason) if reason == "a choice that may lapse is restricted" => {
                *forms.entry(reason).or_default() += 1;
                continue;
            }
            spoiler => spoiler.unwrap_or_else(|reason| panic!("seed {seed}: {reason}\n{text}")),
        };
        if spoiler.worlds() > LARGEST {
            continue;
        }
        let checked = stand.check(&spoiler);
        assert!(checked.is_ok(), "seed {seed}: {checked:?}\n{text}\n{spoiler:#?}");
        worlds = worlds.max(spoiler.rows.iter().map(|row| row.worlds.len()).max().unwrap());
        *forms.entry(format!("{:?}", stand.force.goal.aim())).or_default() += 1;
    }
    println!("tables: {forms:?}, up to {worlds} worlds in a row");
    assert!(forms.len() >= 5 && worlds > 2, "{forms:?} {worlds}");
    let lapsing = forms.get("a choice that may lapse is restricted").copied().unwrap_or(0);
    assert!(10 * lapsing < forms.values().sum(), "{forms:?}");
}

/// Whether a table for one goal, told in the words of another, holds for it; then the other cannot be forced either.
fn holds_elsewhere(one: &Stand, other: &Stand) -> Option<bool> {
    let spoiler = one.spoiler().ok().filter(|spoiler| spoiler.worlds() <= LARGEST)?;
    Some(other.check(&other.told(&spoiler)).is_ok())
}

#[test]
fn no_table_holds_where_the_coalition_can() {
    let (mut held, mut rejected) = (0, 0);
    for seed in 0..cases(60) {
        let mut random = Random::new(1000 + seed);
        let mut text = arena(&mut random);
        let who = coalition(&mut random);
        let p = format!("(s != {})", random.below(3));
        for goal in ["", "always ", "recurs "] {
            for within in ["", " within 1", " within 2"] {
                let _ = writeln!(text, "claim x {who} cannot force ({goal}{p}){within} unseen");
            }
        }
        let text = numbered(&text);
        let stands: Vec<Stand> = (0..9).map(|claim| Stand::new(&text, claim)).collect();
        for (n, one) in stands.iter().enumerate().filter(|(_, stand)| !stand.played.wins) {
            for (m, other) in stands.iter().enumerate().filter(|(m, _)| *m != n) {
                match holds_elsewhere(one, other) {
                    Some(true) => {
                        held += 1;
                        assert!(!other.played.wins, "seed {seed}: {n} for {m}\n{text}");
                    }
                    Some(false) => rejected += 1,
                    None => {}
                }
            }
        }
    }
    println!("tables told elsewhere: {held} hold, {rejected} do not");
    assert!(held > 10 && rejected > 10, "{held} {rejected}");
}

#[test]
fn no_table_holds_for_those_who_see_enough() {
    let (mut held, mut rejected, mut saved) = (0, 0, 0);
    for seed in 0..cases(60) {
        let mut random = Random::new(2000 + seed);
        let text = arena(&mut random);
        let text: String =
            text.lines().filter(|l| !l.starts_with("sees")).map(|l| format!("{l}\n")).collect();
        let (goal, within) = (goal(&mut random), within(&mut random));
        let sees = ["", "sees A : s\n", "sees A : h\n", "sees A : s > 1\n", "sees A : s, h\n"];
        let stand = |sees: &str| {
            let claim = format!("claim x {{A}} cannot force ({goal}){within} unseen\n");
            Stand::new(&format!("{text}{sees}{claim}"), 0)
        };
        let stands: Vec<Stand> = sees.iter().map(|sees| stand(sees)).collect();
        for one in stands.iter().filter(|stand| !stand.played.wins) {
            for other in &stands {
                match holds_elsewhere(one, other) {
                    Some(true) => {
                        held += 1;
                        assert!(!other.played.wins, "seed {seed}\n{text}");
                    }
                    Some(false) => {
                        rejected += 1;
                        saved += usize::from(other.played.wins);
                    }
                    None => {}
                }
            }
        }
    }
    println!("tables for other sights: {held} hold, {rejected} do not, {saved} where it can");
    assert!(held > 10 && rejected > 10 && saved > 3, "{held} {rejected} {saved}");
}

/// The claims of a text, with names of their own.
fn numbered(text: &str) -> String {
    let mut n = 0;
    let line = |line: &str| match line.strip_prefix("claim x ") {
        Some(rest) => {
            n += 1;
            format!("claim x{n} {rest}\n")
        }
        None => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}

fn entries(text: &str) -> Vec<Entry> {
    let files = govern::files::Memory::default();
    let loaded = load_text(Path::new("test.yamen"), text, &files);
    let options = Options { certificates: true, needs: false, ..Options::default() };
    let verified =
        verify(&loaded.sources, &loaded.institutions, &options, &Silent, &|| false).unwrap();
    verified.report.entries
}

/// The game knows no plan for a file that cannot be had, by which the clerk would be late; a solver would. Such a
/// claim has no table, and says so.
#[test]
fn restricted_choices_that_lapse_have_no_table() {
    let text = "institution lapse\nposition Clerk\nenv late : bool\nstate done : bool = false\n\
        choice file : 0..1 by Clerk when not late where file = 0\n\
        rule close when late : done' = true\n\
        claim x {Clerk} cannot force done unseen\n";
    let reason = "a choice that may lapse is restricted";
    assert_eq!(Stand::new(text, 0).spoiler().unwrap_err(), reason);
    let entries = entries(text);
    let certificate = entries
        .iter()
        .find_map(|entry| entry.certificate.as_ref().filter(|_| entry.id == "x"))
        .unwrap();
    assert!(certificate.checked && certificate.obligations.is_empty());
    assert!(certificate.detail.as_ref().unwrap().ends_with(reason), "{certificate:?}");
}

/// A claim that rests on several games has what shows all of them: in two cases, three coalitions or two parts.
#[test]
fn every_game_of_a_claim_is_written_down() {
    let text = "institution lots\nparam lots : 1..2\nposition Clerk[2]\nstate lot : 0..lots\n\
        state hit : bool = false\nchoice guess[x in Clerk] : 0..lots by x\n\
        rule hit when some x in Clerk : guess[x] = lot : hit' = true\n\
        rule draw : lot' in 0..lots\n\
        claim one no coalition of Clerk up to 1 can force hit within 1 unseen\n\
        claim both {Clerk[0]} cannot force hit within 1 unseen and {Clerk[1]} cannot force hit within 2 unseen\n\
        claim mixed {Clerk[0]} can force always lot <= 2 unseen and {Clerk[1]} cannot force hit unseen\n";
    let entries = entries(text);
    for (claim, games) in [("one", 6), ("both", 4), ("mixed", 4)] {
        let entry = entries.iter().find(|entry| entry.id == claim).expect(claim);
        assert_eq!(entry.verdict, Verdict::Proved, "{claim}: {:?}", entry.reason);
        let certificate = entry.certificate.as_ref().expect(claim);
        let game = |name: &str| {
            let (case, rest) = name.split_once("game-").expect(claim);
            format!("{case}{}", rest.split('-').next().unwrap())
        };
        let scripts = certificate.obligations.iter();
        let all: BTreeSet<String> = scripts.map(|script| game(&script.name)).collect();
        assert_eq!(all.len(), games, "{claim}: {:?}: {all:?}", certificate.detail);
    }
}
