//! Reports made by hand, one for each thing a reader must be able to tell.

use indexmap::IndexMap;
use serde_json::{Value, json};
use yamen::report::outcome::*;
use yamen::syntax::ast::{Expected, RuleKind};

/// `{"a": 1}` as an ordered map.
pub fn map(object: Value) -> IndexMap<String, Value> {
    object.as_object().unwrap().iter().map(|(k, v)| (k.clone(), v.clone())).collect()
}

pub fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

pub fn institution(name: &str, title: &str) -> InstitutionReport {
    InstitutionReport {
        name: name.to_owned(),
        title: title.to_owned(),
        file: format!("specs/{name}/{name}.yamen"),
        ..InstitutionReport::default()
    }
}

pub fn report(institution: InstitutionReport, entries: Vec<Entry>) -> Report {
    Report {
        yamen: "0.1.0".to_owned(),
        solver: "z3 5.4.1".to_owned(),
        institutions: vec![institution],
        entries,
        seconds: 0.87,
        ..Report::default()
    }
}

fn fired(name: &str, kind: RuleKind, origin: Option<&str>) -> FiredRule {
    FiredRule { name: name.to_owned(), kind, origin: origin.map(str::to_owned), ties: Vec::new() }
}

fn entry(id: &str, title: &str, line: usize) -> Entry {
    Entry {
        institution: "inspection".to_owned(),
        id: id.to_owned(),
        title: Some(title.to_owned()),
        file: "specs/inspection/inspection.yamen".to_owned(),
        line,
        column: 1,
        params: map(json!({"notice": 1, "shelf": 2})),
        engine: Some("k-induction".to_owned()),
        seconds: 0.0412,
        as_expected: true,
        ..Entry::default()
    }
}

pub fn proved() -> Entry {
    Entry {
        verdict: Verdict::Proved,
        expected: Some(Expected::Proved),
        premise: Some(Premise::CanOccur),
        needs: Some(Needs {
            rules: names(&["visit", "rectify.advance"]),
            practices: names(&["cover"]),
            assumptions: names(&["calm"]),
            fairness: Vec::new(),
        }),
        certificate: Some(Certificate {
            kind: "k-induction".to_owned(),
            checked: true,
            by: names(&["z3", "the interpreter"]),
            detail: Some("k = 3".to_owned()),
            ..Certificate::default()
        }),
        quotes: vec![(
            "Interview on The Logic of Governance in China".to_owned(),
            "The discrepancies between what is said and what is done have to be covered up by \
             collusive behavior"
                .to_owned(),
        )],
        wording: Some("have to".to_owned()),
        ..entry("det_1", "collusion in force at a launch is known after one visit", 41)
    }
}

pub fn vacuous() -> Entry {
    Entry {
        verdict: Verdict::Proved,
        vacuous: true,
        premise: Some(Premise::CannotOccur),
        as_expected: false,
        ..entry("det_2", "a launch without notice finds what there is", 47)
    }
}

fn period(state: Value, choices: Value, env: Value, rules: Vec<FiredRule>) -> PeriodReport {
    let choices = map(choices);
    let owner = |name: &String| match name.find('[') {
        Some(at) => format!("County{}", &name[at..]),
        None => "Site".to_owned(),
    };
    PeriodReport {
        state: map(state),
        owners: choices.keys().map(|name| (name.clone(), owner(name))).collect(),
        choices,
        env: map(env),
        rules,
        ..PeriodReport::default()
    }
}

pub fn path() -> TraceReport {
    let state = |phase: &str, known: [bool; 3], tie: i64| {
        json!({"rectify.phase": phase, "known[0]": known[0], "known[1]": known[1],
               "known[2]": known[2], "tie": tie})
    };
    let choices = |collude: bool, report: [bool; 3]| {
        json!({"collude": collude, "report[0]": report[0], "report[1]": report[1],
               "report[2]": report[2]})
    };
    let mut second = period(
        state("announced", [false; 3], 1),
        choices(false, [true, true, false]),
        json!({"shock": true}),
        vec![
            fired("learn[0]", RuleKind::Rule, None),
            fired("learn[1]", RuleKind::Rule, None),
            fired("cover", RuleKind::Practice, None),
        ],
    );
    second.draws = map(json!({"cover.tie": 4}));
    second.ticks = names(&["visit"]);
    TraceReport {
        periods: vec![
            period(
                state("idle", [false; 3], 1),
                choices(true, [false; 3]),
                json!({"shock": false}),
                vec![fired("rectify.launch", RuleKind::Rule, Some("campaign `rectify`"))],
            ),
            second,
            period(state("active", [true, true, false], 4), json!({}), json!({}), Vec::new()),
        ],
        replayed: true,
        ..TraceReport::default()
    }
}

pub fn refuted() -> Entry {
    Entry {
        verdict: Verdict::Refuted,
        expected: Some(Expected::Proved),
        as_expected: false,
        depth: Some(2),
        engine: Some("bmc".to_owned()),
        trace: Some(path()),
        ..entry("det_3", "no county is known to the centre", 52)
    }
}

pub fn scenario() -> Entry {
    let mut trace = path();
    trace.periods.truncate(2);
    trace.kind = TraceKind::PairLasso;
    trace.loop_start = Some(1);
    for period in &mut trace.periods {
        let sees = map(json!({"launch": true, "report[0]": false, "report[1]": false}));
        period.seen.insert("Centre".to_owned(), sees);
    }
    Entry {
        kind: EntryKind::Scenario,
        verdict: Verdict::Proved,
        title: None,
        engine: Some("explicit".to_owned()),
        trace: Some(trace),
        ..entry("cover_up", "", 60)
    }
}

pub fn unknown() -> Entry {
    Entry {
        verdict: Verdict::Unknown,
        reason: Some("timed out after 60 s at depth 41".to_owned()),
        expected: Some(Expected::Proved),
        as_expected: false,
        engine: None,
        seconds: 60.02,
        ..entry("det_4", "the centre comes to know", 63)
    }
}

pub fn bounded() -> Entry {
    Entry {
        verdict: Verdict::HoldsToDepth(12),
        as_expected: false,
        engine: Some("bmc".to_owned()),
        notes: names(&["with `tie` saturated at 0..6 the verdict is refuted"]),
        ..entry("det_5", "ties stay below four", 66)
    }
}

pub fn core() -> Entry {
    Entry {
        verdict: Verdict::Proved,
        expected: Some(Expected::Proved),
        core: Some(names(&["local_initiative", "uniform_rules"])),
        engine: Some("solver".to_owned()),
        ..entry("ref_3", "the three aims exclude one another", 70)
    }
}

pub fn defect() -> Entry {
    Entry {
        kind: EntryKind::Defect,
        verdict: Verdict::Refuted,
        reason: Some("rules `visit` and `cover` write 0 and 4 to `tie`".to_owned()),
        as_expected: false,
        title: None,
        params: IndexMap::new(),
        engine: Some("explicit".to_owned()),
        trace: Some(path()),
        ..entry("contradictory_writes", "", 33)
    }
}

pub fn obligation(id: &str) -> Entry {
    Entry { kind: EntryKind::Defect, verdict: Verdict::Proved, ..entry(id, "", 1) }
}

/// A run of so many periods, in which a counter counts.
pub fn long(periods: usize) -> Entry {
    let one = |i: usize| {
        let rules = vec![fired("count", RuleKind::Rule, None)];
        period(json!({"n": i, "still": "yes"}), json!({}), json!({}), rules)
    };
    let mut all: Vec<PeriodReport> = (0..periods).map(one).collect();
    if let Some(last) = all.last_mut() {
        last.rules.clear();
    }
    let trace = TraceReport { periods: all, replayed: true, ..TraceReport::default() };
    Entry { trace: Some(trace), ..refuted() }
}

/// A run over a family of so many members with long names.
pub fn wide(members: usize) -> Entry {
    let state = |from: usize| {
        let cell = |i: usize| (format!("conduct_of_the_local_government[{i}]"), json!(i >= from));
        Value::Object((0..members).map(cell).collect())
    };
    let choice =
        |i: usize| (format!("report_to_the_superior_office[{i}]"), json!(i.is_multiple_of(5)));
    let choices = Value::Object((0..members).map(choice).collect());
    let rules = vec![fired("pass_on_what_is_known[3]", RuleKind::Practice, None)];
    let env = json!({"an_unforeseen_shock_to_the_economy": true});
    let trace = TraceReport {
        periods: vec![
            period(state(0), choices, env, rules),
            period(state(7), json!({}), json!({}), Vec::new()),
        ],
        replayed: true,
        ..TraceReport::default()
    };
    Entry { trace: Some(trace), ..refuted() }
}

/// Two runs that look alike.
pub fn pair() -> Entry {
    let mut trace = path();
    trace.kind = TraceKind::Pair;
    trace.judges = names(&["Centre"]);
    for period in &mut trace.periods {
        period.seen = [("Centre".to_owned(), map(json!({"report": false, "launch": true})))].into();
    }
    let mut twin = trace.periods.clone();
    twin[0].choices.insert("collude".to_owned(), json!(false));
    twin[1].state.insert("tie".to_owned(), json!(0));
    trace.twin = Some(twin);
    Entry { trace: Some(trace), ..refuted() }
}

/// One of each.
pub fn everything() -> Report {
    let entries = vec![
        proved(),
        vacuous(),
        refuted(),
        scenario(),
        unknown(),
        bounded(),
        core(),
        defect(),
        pair(),
    ];
    Report {
        obligations: vec![obligation("stuck_period"), obligation("range_overrun")],
        ..report(institution("inspection", "Inspection campaigns"), entries)
    }
}
