//! What is accepted, and what it becomes.

use super::super::core::{
    Binary, Chosen, Conversion, Domain, ExprKind, Level, Quant, SortKind, Type, Value,
};
use super::super::{children, level, reads};
use super::good;

#[test]
fn empty_institution() {
    let model = good("institution nothing \"Nothing at all\"");
    assert_eq!((model.name.as_str(), model.title.as_str()), ("nothing", "Nothing at all"));
}

#[test]
fn order_of_declaration_does_not_matter() {
    let model = good(
        "define late = early + 1 define early = n
         state x : 0..late = 0 param n : 1..5 = 3",
    );
    assert_eq!(model.cells[0].ty, Type::Range(0, 4));
    assert_eq!(model.defines[0].name, "early");
    assert_eq!(model.defines[1].name, "late");
    assert!(model.params[0].structural);
}

#[test]
fn ranges_become_whole_numbers() {
    let model = good("state x, y : 0..5 = 0  rule r when x < y : x' = y");
    let ExprKind::Binary(Binary::Lt, left, _) = &*model.rules[0].guard.kind else { panic!() };
    assert!(matches!(&*left.kind, ExprKind::Convert(Conversion::RangeToInt, _)));
    let Chosen::Is(value) = &model.rules[0].updates[0].value else { panic!() };
    assert_eq!(value.ty, Type::Int);
}

#[test]
fn literals_become_real() {
    let model = good("param p : real = 1/2 param q : real = 0.25 define d = p * 2 > q + 1/4");
    assert_eq!(model.params[0].value.as_ref().unwrap(), &Value::Real("1/2".parse().unwrap()));
    let ExprKind::Binary(Binary::Gt, left, right) = &*model.defines[0].body.kind else { panic!() };
    assert_eq!((left.ty, right.ty), (Type::Real, Type::Real));
    let ExprKind::Binary(Binary::Add, _, quarter) = &*right.kind else { panic!() };
    let ExprKind::Binary(Binary::Div, one, _) = &*quarter.kind else { panic!("{quarter:?}") };
    assert_eq!(one.ty, Type::Real);
}

#[test]
fn quotients_are_exact_where_reals_are() {
    let model = good(
        "state n, m : int = 3 state x : real = 0
         rule r : x' = n / m
         define met = n / m * x define compared = if x < n / 2 then n / 2 else x
         define whole = n / m > 1 and n mod 2 = 0 define rest = x + n mod 2",
    );
    let mut whole = Vec::new();
    for define in &model.defines {
        super::super::walk(&define.body, &mut |e| {
            if let ExprKind::Binary(Binary::Div | Binary::Mod, ..) = &*e.kind {
                whole.push((define.name.as_str(), e.ty == Type::Int));
            }
        });
    }
    let expected = [
        ("met", false),
        ("compared", false),
        ("compared", false),
        ("whole", true),
        ("whole", true),
        ("rest", true),
    ];
    assert_eq!(whole, expected);
    let Chosen::Is(value) = &model.rules[0].updates[0].value else { panic!() };
    assert!(matches!(&*value.kind, ExprKind::Binary(Binary::Div, ..)));
}

#[test]
fn shared_enumerators_are_told_apart_by_type() {
    let model = good(
        "enum Colour { red, green } enum Light { green, amber, red }
         state c : Colour = red state l : Light in {red, amber}
         define d = l = green and green != c
         rule r when d : l' = if c = red then green else amber, c' in {green}
         define e = Light.red = l and Colour.red in {c, green}",
    );
    let Chosen::In(_) = model.cells[1].initial.as_ref().unwrap() else { panic!() };
    let ExprKind::Binary(_, light, _) = &*model.defines[0].body.kind else { panic!() };
    let ExprKind::Binary(_, _, green) = &*light.kind else { panic!() };
    assert!(matches!(&*green.kind, ExprKind::Const(Value::Member(_, 0))));
}

#[test]
fn enumerator_wins_where_its_enum_is_expected() {
    let model = good(
        "enum Phase { idle, busy } state phase : Phase = idle state idle : bool = false
         define d = phase = idle and idle",
    );
    let ExprKind::Binary(_, same, bare) = &*model.defines[0].body.kind else { panic!() };
    let ExprKind::Binary(_, _, idle) = &*same.kind else { panic!() };
    assert!(matches!(&*idle.kind, ExprKind::Const(_)));
    assert!(matches!(&*bare.kind, ExprKind::Cell { .. }));
}

#[test]
fn members_count_from_nought() {
    let model = good(
        "position County[3] state tie[County] : 0..5 = 0
         rule r for c in County when c != 0 and c + 1 < 3 : tie[c]' = tie[c - 1] + 1
         define second = tie[1] define own = tie[County[2]]",
    );
    let define = |i: usize| model.defines[i].body.clone();
    let ExprKind::Convert(_, second) = &*define(0).kind else { panic!() };
    let ExprKind::Cell { index, .. } = &*second.kind else { panic!() };
    assert!(matches!(&*index[0].kind, ExprKind::Const(Value::Member(_, 1))));
    let Chosen::Is(value) = &model.rules[0].updates[0].value else { panic!() };
    let ExprKind::Binary(_, before, _) = &*value.kind else { panic!() };
    let ExprKind::Convert(_, before) = &*before.kind else { panic!() };
    let ExprKind::Cell { index, .. } = &*before.kind else { panic!() };
    assert!(matches!(&*index[0].kind, ExprKind::Convert(Conversion::IntToMember(_), _)));
}

#[test]
fn single_posts_are_their_own_member() {
    let model = good(
        "hierarchy Centre > Province[2] > County[3]
         state known[Centre] : bool = false
         define d = known[Centre] and superior(Province[1]) = Centre
         define e = all c in County : superior(superior(c)) = Centre and level(c) = 2
         define f = under(County[5], Province[1]) and under(County[0], Centre)",
    );
    let sizes: Vec<u32> = model.sorts.iter().map(super::super::core::Sort::size).collect();
    assert_eq!(sizes, [1, 2, 6]);
    assert!(matches!(model.sorts[0].kind, SortKind::Index { single: true, under: None, .. }));
    assert!(matches!(model.sorts[2].kind, SortKind::Index { single: false, under: Some(_), .. }));
}

#[test]
fn chain_of_command() {
    let model = good(
        "chain Layer[4] define d = all l in Layer : l != 0 implies superior(l) = l - 1
         define e = under(Layer[3], Layer[1])",
    );
    let mut table = None;
    super::super::walk(&model.defines[0].body, &mut |e| {
        if let ExprKind::Table(t, _) = &*e.kind {
            table = Some(t.clone());
        }
    });
    let table = table.unwrap();
    assert_eq!(table[0], None);
    assert!(matches!(table[3], Some(Value::Member(_, 2))));
}

#[test]
fn posts_declared_apart_from_their_hierarchy() {
    let model = good(
        "position Province[2], County[6] hierarchy Province > County
         define d = superior(County[4]) = Province[1]",
    );
    let ExprKind::Binary(_, left, right) = &*model.defines[0].body.kind else { panic!() };
    assert_eq!(left.kind.const_value(), right.kind.const_value());
}

#[test]
fn templates_are_made_per_call_types() {
    let model = good(
        "enum E { a, b } position P[2] state x : 0..9 = 0 state e : E = a
         define same(u, v) = u = v
         define d = same(x, 3) and same(e, e) and same(P[0], P[1]) and same(x, x + 1)
         define typed(p : P, n : 0..3) = p = n
         define f = typed(0, x) and typed(P[1], 2)",
    );
    let same = model.defines.iter().filter(|d| d.name == "same").count();
    assert_eq!(same, 3);
    assert!(
        model.defines.iter().position(|d| d.name == "same").unwrap()
            < model.defines.iter().position(|d| d.name == "d").unwrap()
    );
}

#[test]
fn indexed_definitions() {
    good(
        "position County[2] state tie[County] : 0..3 = 0
         define busy[c in County] = tie[c] > 1
         define any = some c in County : busy[c]
         define first = busy[0]",
    );
}

#[test]
fn choices_of_families() {
    let model = good(
        "position Centre, County[2]
         state on : bool = false
         choice report[County] : 0..3 by County when on where report < 3
         choice join[c in County] : bool by c when not on else true
         choice open : bool by Centre
         choice far[c in County] : bool by Centre
         env shock, wave : bool where shock implies not wave",
    );
    let report = &model.inputs[0];
    assert!(
        matches!(&*report.owner.as_ref().unwrap().kind, ExprKind::Local(l) if *l == report.binders[0])
    );
    assert!(
        matches!(report.otherwise.as_ref().unwrap().kind.const_value(), Some(Value::Int(n)) if *n == 0.into())
    );
    assert!(matches!(
        model.inputs[1].otherwise.as_ref().unwrap().kind.const_value(),
        Some(Value::Bool(true))
    ));
    assert!(model.inputs[2].otherwise.is_none());
    assert_eq!(model.inputs.len(), 6);
}

#[test]
fn holder_by_the_sort_of_its_index() {
    let model = good(
        "position Province, County[2] person Official[4]
         state holder.Province[Province] : Official
         state holder.County[c in County] : Official
         init holder[Province] != holder[County[0]]
         rule up for c in County when c = 0 : holder[Province]' = holder[c], holder[c]' in Official
         define d = all c in County : holder[c] != Official[3]",
    );
    assert_eq!(model.rules[0].updates.len(), 2);
    assert!(matches!(&model.rules[0].updates[1].value, Chosen::In(_)));
}

#[test]
fn rules_and_ticks_are_events() {
    let model = good(
        "position County[2] state x : 0..3 = 0 state k[County] : bool = false
         rule visit when x = 1 : x' = 0
         rule learn for c in County when x = c : k[c]' = true
         tick visit when x = 1
         tick both when visit and learn[0]
         claim a : never (visit and learn[0] and learn[1])
         claim b : always (learn implies within 1 visit (k[0]))",
    );
    let mut kinds = Vec::new();
    super::super::walk(&model.claims[1].property, &mut |e| match &*e.kind {
        ExprKind::Quantified(Quant::Some, ..) => kinds.push("some"),
        ExprKind::Fired(..) => kinds.push("fired"),
        _ => {}
    });
    assert_eq!(kinds, ["some", "fired"]);
    assert_eq!(reads(&model, &model.claims[1].property).ticks.len(), 1);
}

#[test]
fn sets_of_all_kinds() {
    let model = good(
        "enum E { a, b, c } position P[3] state e : E = a state n : int = 0 state r : real = 0
         param m : 0..4 = 2
         define d = e in {a, c} and n in 0..m and n in {1, 2} and r in 0..1 and 2 in {n, m}
         define q = (all x in 0..m : x < 9) and (some y in {1, n} : y = 0) and (all z in E : z = e)
         define s = count(p in P : p > 0) + sum(i in 1..3 : i * i) - max(p in P : p) + min(n, 3, m)
         define g = all i in 1..0 : n = i
         rule w : n' in 0..n + 1, e' in {a, b}",
    );
    assert!(model.params[0].structural);
    let q = model.defines.iter().find(|d| d.name == "q").unwrap();
    let mut ranges = Vec::new();
    super::super::walk(&q.body, &mut |e| {
        if let ExprKind::Quantified(_, _, Domain::Range(lo, hi), _) = &*e.kind {
            ranges.push((*lo, *hi));
        }
    });
    assert_eq!(ranges, [(0, 2)]);
}

#[test]
fn saturation_and_functions() {
    let model = good(
        "param top : 1..9 = 6 state t : 0..6 = 0 rule r : t' = saturate(t + 1, 0..top)
         define d = abs(t - 3) + max(t, 2) mod 2",
    );
    assert!(model.params[0].structural);
    let Chosen::Is(value) = &model.rules[0].updates[0].value else { panic!() };
    assert!(matches!(&*value.kind, ExprKind::Saturate(_, 0, 6)));
}

#[test]
fn whole_families_are_seen_member_by_member() {
    let model = good(
        "enum E { a, b } position Centre, County[2]
         state report[County] : bool state map[E] : 0..2 state x : bool
         sees Centre : report, x, map, report'
         sees c in County : report[c]
         sees County[1] : x, map[a] > 1 or not x",
    );
    let names: Vec<&str> = model.sees[0].seen.iter().map(|(n, _)| n.as_str()).collect();
    let expected = ["report[0]", "report[1]", "x", "map[a]", "map[b]", "report[0]'", "report[1]'"];
    assert_eq!(names, expected);
    assert_eq!(model.sees[1].seen[0].0, "report[c]");
    assert_eq!(model.sees[2].only, Some(1));
    assert_eq!(model.sees[2].seen[1].0, "map[a] > 1 or not x");
}

#[test]
fn payoffs_count_truth() {
    let model = good(
        "position Site, Inspector[2] choice collude : bool by Site state caught : bool
         param fine : real = 1.5
         payoff Site = 2 * collude - fine * caught
         payoff i in Inspector = if collude then i else 0
         payoff Inspector[1] = caught",
    );
    assert_eq!(model.payoffs[0].value.ty, Type::Real);
    assert!(matches!(&*model.payoffs[2].value.kind, ExprKind::If(..)));
}

#[test]
fn levels() {
    let model = good(
        "param p : 0..3 = 1 position P state x : bool choice c : bool by P
         define a = p > 1 define b = x and a define d = c or b define e = x'
         define f = always b",
    );
    let found: Vec<Level> = model.defines.iter().map(|d| level(&model, &d.body)).collect();
    let expected = [Level::Rigid, Level::State, Level::Step, Level::Step, Level::Temporal];
    assert_eq!(found, expected);
    assert_eq!(children(&model.defines[1].body).len(), 2);
}

#[test]
fn documents_and_quotes_are_kept() {
    let model = good(
        "source zhou \"An interview\"
         /// How far things went.
         state x : bool
         claim c \"A title\" quote zhou \"have to\" wording \"have to\"
           assume calm : not x
           never x
           expect refuted when 1 > 2",
    );
    assert_eq!(model.cells[0].doc.as_deref(), Some("How far things went."));
    let claim = &model.claims[0];
    assert_eq!(claim.quotes, [("zhou".to_owned(), "have to".to_owned())]);
    assert_eq!(claim.assumes.len(), 1);
    assert!(claim.expect.as_ref().unwrap().when.is_some());
}

#[test]
fn overrides_fairness_and_assumptions() {
    let model = good(
        "env e : bool state x : 0..2 = 0
         rule a : x' = 1
         practice b overrides a when e : x' = 2
         assume calm : not e or x' = 2
         fair f : infinitely often b
         fair g : if infinitely often e then infinitely often x = 2",
    );
    assert_eq!(model.rules[1].overrides, [super::super::core::RuleId(0)]);
    assert!(model.fairness[1].premise.is_some());
}

impl ExprKind {
    fn const_value(&self) -> Option<&Value> {
        if let ExprKind::Const(value) = self { Some(value) } else { None }
    }
}
