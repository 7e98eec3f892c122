//! Claims of knowledge by their definition: all runs to a depth, grouped by what they showed a judge.
//!
//! No monitors, no belief sets, no rewriting: a property is evaluated on a run as the language
//! reference says, and `C knows p` by looking at every run that has the same views.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::ControlFlow;

use yamen::interp::beginnings::beginnings;
use yamen::interp::evaluate::{Known, Reading, Scope};
use yamen::interp::observe::seen;
use yamen::interp::progress::ground::instances;
use yamen::interp::step::Interpreter;
use yamen::interp::valuations::{Fixed, valuations};
use yamen::types::core::{
    Binary, Deadline, Domain, Expr, ExprKind, Level, Model, Property, Quant, SortId, TickId, Unary,
    Value,
};
use yamen::types::level::level;
use yamen::types::trace::Inputs;
use yamen::types::visit::substitute;

/// Most runs that are enumerated.
const MOST: usize = 400;

type Post = (SortId, u32);
/// When, with which views, who, and what.
type Question = (usize, String, Post, String);

/// A state at the end of a run.
struct Node {
    state: Vec<Value>,
    /// The period before, and by which of its steps.
    by: Option<(usize, usize)>,
    depth: usize,
    steps: Vec<(Inputs, Vec<Value>)>,
}

/// A point of a run: its last state, and the step taken from it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Point {
    node: usize,
    step: Option<usize>,
}

/// All runs of a model to a depth.
pub struct Enumerated<'m> {
    model: &'m Model,
    interpreter: Interpreter<'m>,
    params: Vec<Value>,
    nodes: Vec<Node>,
    depth: usize,
    views: RefCell<HashMap<(usize, Post), String>>,
    alike: RefCell<HashMap<(usize, String, Post), Vec<usize>>>,
    known: RefCell<HashMap<Question, Option<bool>>>,
}

impl<'m> Enumerated<'m> {
    /// Enumerates them; `None` if they are too many.
    pub fn new(model: &'m Model, depth: usize) -> Option<Enumerated<'m>> {
        let interpreter = Interpreter::new(model);
        let params: Vec<Value> =
            model.params.iter().map(|p| p.value.clone()).collect::<Option<_>>()?;
        let mut nodes = Vec::new();
        let mut visit = |state: &[Value]| {
            nodes.push(Node { state: state.to_vec(), by: None, depth: 0, steps: Vec::new() });
            nodes.len() < MOST
        };
        beginnings(&interpreter, &params, &mut visit).ok()?;
        let mut at = 0;
        while at < nodes.len() {
            let mut found = Vec::new();
            let mut visit = |inputs: &Inputs, step: Result<yamen::interp::step::Step, _>| {
                if let Ok(step) = step {
                    found.push((inputs.clone(), step.next));
                }
                ControlFlow::Continue(())
            };
            let state = nodes[at].state.clone();
            valuations(&interpreter, &params, &state, &Fixed::default(), 20_000, &mut visit)
                .ok()?;
            let goes_on = nodes[at].depth + 1 < depth;
            for (inputs, next) in found {
                let step = nodes[at].steps.len();
                if goes_on {
                    let (by, depth) = (Some((at, step)), nodes[at].depth + 1);
                    nodes.push(Node { state: next.clone(), by, depth, steps: Vec::new() });
                }
                nodes[at].steps.push((inputs, next));
            }
            if nodes.len() > MOST {
                return None;
            }
            at += 1;
        }
        Some(Enumerated {
            model,
            interpreter,
            params,
            nodes,
            depth,
            views: RefCell::default(),
            alike: RefCell::default(),
            known: RefCell::default(),
        })
    }

    /// The length of a shortest run that violates the property (reaches what is possible), among
    /// those enumerated; the outer `None` for properties that this does not evaluate.
    pub fn violation(&self, property: &Expr) -> Option<Option<usize>> {
        let (property, reaches) = match &*property.kind {
            ExprKind::Property(Property::Possible(p)) => (p, true),
            _ => (property, false),
        };
        for length in 1..=self.depth {
            for node in (0..self.nodes.len()).filter(|n| self.nodes[*n].depth + 1 == length) {
                let steps = self.nodes[node].steps.len();
                for step in std::iter::once(None).chain((0..steps).map(Some)) {
                    let end = Point { node, step };
                    let found = match reaches {
                        true => self.at(property, end, end) == Some(true),
                        false => self.claimed(property, end) == Some(false),
                    };
                    if found {
                        return Some(Some(length));
                    }
                }
            }
        }
        self.is_evaluated(property).then_some(None)
    }

    /// A property of a whole run, of which this is the beginning.
    fn claimed(&self, e: &Expr, end: Point) -> Option<bool> {
        match &*e.kind {
            // Of a run, and not of its first period alone.
            ExprKind::Property(Property::Deniable(f, judge)) => {
                let denied = self.knows(judge, &once(f), end).map(|known| !known);
                if denied == Some(false) { denied } else { None }
            }
            ExprKind::Quantified(Quant::All, local, domain, body) => {
                let parts = instances(self.model, domain);
                let parts = parts.iter().map(|v| substitute(body, &[(*local, v.clone())]));
                all(parts.map(|part| self.claimed(&part, end)))
            }
            _ => self.at(e, self.points(end)[0], end),
        }
    }

    fn is_evaluated(&self, e: &Expr) -> bool {
        !matches!(
            &*e.kind,
            ExprKind::Property(
                Property::Recurs(_) | Property::Settles(_) | Property::LeadsTo(_, _, None)
            )
        )
    }

    /// The points of a run, from its first to this one.
    fn points(&self, end: Point) -> Vec<Point> {
        let mut points = vec![end];
        let mut at = end.node;
        while let Some((node, step)) = self.nodes[at].by {
            points.push(Point { node, step: Some(step) });
            at = node;
        }
        points.reverse();
        points
    }

    /// The truth of a property at a point of the run that ends so; `None` if that depends on what
    /// comes, or on inputs that are not there.
    fn at(&self, e: &Expr, point: Point, end: Point) -> Option<bool> {
        if level(self.model, e) < Level::Temporal {
            return self.value(e, point);
        }
        match &*e.kind {
            ExprKind::Unary(Unary::Not, p) => self.at(p, point, end).map(|b| !b),
            ExprKind::Binary(op, a, b) => {
                let (a, b) = (self.at(a, point, end), self.at(b, point, end));
                match op {
                    Binary::And => both(a, b),
                    Binary::Or => either(a, b),
                    Binary::Implies => either(a.map(|a| !a), b),
                    Binary::Iff | Binary::Eq => Some(a? == b?),
                    _ => Some(a? != b?),
                }
            }
            ExprKind::If(c, t, f) => match self.at(c, point, end)? {
                true => self.at(t, point, end),
                false => self.at(f, point, end),
            },
            ExprKind::Quantified(quant, local, domain, body) => {
                let parts = instances(self.model, domain);
                let parts: Vec<Expr> =
                    parts.iter().map(|v| substitute(body, &[(*local, v.clone())])).collect();
                let truths = parts.iter().map(|part| self.at(part, point, end));
                if *quant == Quant::All { all(truths) } else { some(truths) }
            }
            ExprKind::Property(property) => self.property(property, point, end),
            _ => None,
        }
    }

    fn value(&self, e: &Expr, point: Point) -> Option<bool> {
        let node = &self.nodes[point.node];
        let reading = self.interpreter.reading(&self.params, &node.state);
        let value = match point.step {
            None if level(self.model, e) > Level::State => return None,
            None => reading.holds(e, &mut Scope::default()),
            Some(step) => {
                let (inputs, next) = &node.steps[step];
                let known = Known(next);
                let reading =
                    Reading { inputs: Some(&inputs.inputs), next: Some(&known), ..reading };
                reading.holds(e, &mut Scope::default())
            }
        };
        value.ok()
    }

    fn property(&self, property: &Property, point: Point, end: Point) -> Option<bool> {
        let from = |point: Point| {
            let points = self.points(end);
            let at = points.iter().position(|p| p.node == point.node).unwrap();
            points[at..].to_vec()
        };
        let unless_false = |truth: Option<bool>| truth.filter(|truth| !truth);
        match property {
            Property::Always(p) => {
                unless_false(all(from(point).into_iter().map(|at| self.at(p, at, end))))
            }
            Property::Never(p) => {
                unless_false(all(from(point).into_iter().map(|at| self.at(p, at, end).map(|b| !b))))
            }
            Property::Next(p) => self.at(p, *from(point).get(1)?, end),
            Property::Within(deadline, p) => self.within(deadline, p, &from(point), end),
            Property::LeadsTo(p, q, Some(deadline)) => {
                unless_false(all(from(point).into_iter().map(|at| {
                    let due = self.within(deadline, q, &from(at), end);
                    either(self.at(p, at, end).map(|b| !b), due)
                })))
            }
            Property::Detects(judge, f, Some(deadline)) => {
                unless_false(all(from(point).into_iter().map(|at| {
                    let due =
                        self.due(deadline, &from(at), end, &|at| self.knows(judge, &once(f), at));
                    either(self.at(f, at, end).map(|b| !b), due)
                })))
            }
            Property::Once(p) => some(self.points(point).into_iter().map(|at| self.at(p, at, end))),
            Property::Historically(p) => {
                all(self.points(point).into_iter().map(|at| self.at(p, at, end)))
            }
            Property::Previously(p) => match self.points(point).iter().rev().nth(1) {
                Some(before) => self.at(p, *before, end),
                None => Some(false),
            },
            Property::Since(p, q) => {
                let mut since = Some(false);
                for at in self.points(point) {
                    since = either(self.at(q, at, end), both(self.at(p, at, end), since));
                }
                since
            }
            Property::Knows(judge, p) => self.knows(judge, p, point),
            Property::Deniable(f, judge) => self.knows(judge, &once(f), point).map(|b| !b),
            Property::Attributes { judge, culprit, sort, fault, within } => {
                let most = (*within)? as usize;
                let guilty: Vec<Expr> = instances(self.model, &Domain::Sort(*sort))
                    .into_iter()
                    .map(|member| once(&substitute(fault, &[(*culprit, member)])))
                    .collect();
                let named = |at: Point| self.named(judge, &guilty, most, at);
                unless_false(all(from(point).into_iter().map(named)))
            }
            _ => None,
        }
    }

    /// If it is known that somebody is guilty, at most so many may be.
    fn named(&self, judge: &Expr, guilty: &[Expr], most: usize, at: Point) -> Option<bool> {
        let post = self.post(judge)?;
        let of = |node: usize| -> Vec<Vec<bool>> {
            let steps = 0..self.nodes[node].steps.len();
            let points = steps.map(|step| Point { node, step: Some(step) });
            let truths =
                |at: Point| guilty.iter().map(|g| self.at(g, at, at) == Some(true)).collect();
            points.map(truths).collect()
        };
        let all: Vec<Vec<bool>> = self.alike(at.node, post).into_iter().flat_map(of).collect();
        let known = all.iter().all(|run| run.contains(&true));
        let suspects = (0..guilty.len()).filter(|n| all.iter().any(|run| run[*n]));
        Some(!known || suspects.count() <= most)
    }

    fn within(&self, deadline: &Deadline, p: &Expr, points: &[Point], end: Point) -> Option<bool> {
        self.due(deadline, points, end, &|at| self.at(p, at, end))
    }

    fn due(
        &self,
        deadline: &Deadline,
        points: &[Point],
        _: Point,
        holds: &dyn Fn(Point) -> Option<bool>,
    ) -> Option<bool> {
        let mut left = deadline.bound;
        let mut missed = Some(false);
        for at in points {
            missed = either(missed, holds(*at));
            if missed == Some(true) {
                return missed;
            }
            if left == 0 {
                return missed;
            }
            let ticked = deadline.tick.map_or(Some(true), |tick| self.ticks(tick, *at));
            match ticked {
                Some(true) => left -= 1,
                Some(false) => {}
                None => return None,
            }
        }
        None
    }

    fn ticks(&self, tick: TickId, at: Point) -> Option<bool> {
        at.step?;
        self.value(&self.model.ticks[tick.index()].when, at)
    }

    fn post(&self, judge: &Expr) -> Option<Post> {
        let reading = self.interpreter.reading(&self.params, &[]);
        match reading.value(judge, &mut Scope::default()) {
            Ok(Value::Member(sort, member)) => Some((sort, member)),
            _ => None,
        }
    }

    /// Every run of the same length with the same views has it, whatever step it takes.
    fn knows(&self, judge: &Expr, p: &Expr, at: Point) -> Option<bool> {
        let post = self.post(judge)?;
        let (depth, history) = (self.nodes[at.node].depth, self.history(at.node, post));
        let key = (depth, history, post, format!("{p:?}"));
        if let Some(known) = self.known.borrow().get(&key) {
            return *known;
        }
        let runs = self.alike(at.node, post).into_iter().flat_map(|node| {
            let steps = self.nodes[node].steps.len();
            (0..steps).map(move |step| Point { node, step: Some(step) })
        });
        let known = all(runs.map(|at| self.at(p, at, at)));
        self.known.borrow_mut().insert(key, known);
        known
    }

    fn alike(&self, node: usize, post: Post) -> Vec<usize> {
        let depth = self.nodes[node].depth;
        let history = self.history(node, post);
        let key = (depth, history.clone(), post);
        if let Some(known) = self.alike.borrow().get(&key) {
            return known.clone();
        }
        let same = |n: &usize| self.nodes[*n].depth == depth && self.history(*n, post) == history;
        let found: Vec<usize> = (0..self.nodes.len()).filter(same).collect();
        self.alike.borrow_mut().insert(key, found.clone());
        found
    }

    /// All that a post saw before a state.
    fn history(&self, node: usize, post: Post) -> String {
        if let Some(known) = self.views.borrow().get(&(node, post)) {
            return known.clone();
        }
        let history = match self.nodes[node].by {
            None => String::new(),
            Some((before, step)) => {
                let (inputs, next) = &self.nodes[before].steps[step];
                let known = Known(next);
                let reading = self.interpreter.reading(&self.params, &self.nodes[before].state);
                let reading =
                    Reading { inputs: Some(&inputs.inputs), next: Some(&known), ..reading };
                format!("{}|{:?}", self.history(before, post), seen(&reading, post.0, post.1))
            }
        };
        self.views.borrow_mut().insert((node, post), history.clone());
        history
    }
}

fn once(f: &Expr) -> Expr {
    Expr { kind: Box::new(ExprKind::Property(Property::Once(f.clone()))), ..f.clone() }
}

fn both(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    match (a, b) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

fn either(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    both(a.map(|a| !a), b.map(|b| !b)).map(|b| !b)
}

fn all(truths: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut all = Some(true);
    for truth in truths {
        all = both(all, truth);
        if all == Some(false) {
            return all;
        }
    }
    all
}

fn some(truths: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    truths.fold(Some(false), either)
}
