//! Random specs: well typed, finite, and small enough to search.
//!
//! A spec is a function of its seed alone. Expressions are made by type over the names in scope;
//! writes are mostly kept in range and mostly one rule writes one cell, so that about half of the
//! specs are free of defects and the other half shows all kinds of them.

pub mod knowing;

use std::fmt::Write;

/// SplitMix64 (Steele, Lea and Flood 2014).
pub struct Random(u64);

impl Random {
    /// A stream of numbers that depends on the seed alone.
    pub fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }

    /// True in so many of a hundred cases.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        let n = self.below(of.len());
        &of[n]
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Bool,
    Range(i64),
    Colour,
    Post,
}

impl Kind {
    fn written(self) -> String {
        match self {
            Kind::Bool => "bool".to_owned(),
            Kind::Range(hi) => format!("0..{hi}"),
            Kind::Colour => "Colour".to_owned(),
            Kind::Post => "Post".to_owned(),
        }
    }
}

#[derive(Clone, Debug)]
struct Name {
    text: String,
    kind: Kind,
    family: bool,
}

/// What an expression may read.
#[derive(Clone, Default)]
struct Scope {
    inputs: usize,
    primes: bool,
    ticks: bool,
    locals: Vec<String>,
    defines: usize,
    faults: bool,
}

struct Spec {
    random: Random,
    posts: usize,
    colours: usize,
    cells: Vec<Name>,
    inputs: Vec<Name>,
    defines: Vec<Name>,
    text: String,
    /// Indexes within indexes so far.
    nested: usize,
}

const COLOURS: [&str; 3] = ["red", "green", "blue"];

/// The spec of a seed.
pub fn spec(seed: u64) -> String {
    written(seed, Spec::claims)
}

/// The spec of a seed, with fairness and with claims about infinite runs.
pub fn temporal(seed: u64) -> String {
    written(seed, Spec::temporal_claims)
}

fn written(seed: u64, claims: fn(&mut Spec)) -> String {
    let mut random = Random::new(seed);
    let (posts, colours) = (1 + random.below(3), 2 + random.below(2));
    let mut spec = Spec {
        random,
        posts,
        colours,
        cells: Vec::new(),
        inputs: Vec::new(),
        defines: Vec::new(),
        text: String::new(),
        nested: 0,
    };
    spec.write();
    claims(&mut spec);
    spec.text
}

impl Spec {
    fn line(&mut self, text: String) {
        writeln!(self.text, "{text}").unwrap();
    }

    fn write(&mut self) {
        self.line("institution random \"A random institution\"".to_owned());
        let colours = COLOURS[..self.colours].join(", ");
        self.line(format!("enum Colour {{ {colours} }}"));
        self.line(format!("position Centre, Post[{}]", self.posts));
        self.states();
        self.draws();
        self.definitions();
        if self.random.chance(60) {
            let when = self.truth(2, &self.step(false));
            self.line(format!("tick beat when {when}"));
        } else {
            self.line("tick beat when true".to_owned());
        }
        self.rules();
        if self.random.chance(20) {
            let scope = Scope { defines: 0, ..Scope::default() };
            let p = self.truth(2, &scope);
            self.line(format!("init {p}"));
        }
        if self.random.chance(25) {
            let scope = if self.random.chance(50) { self.step(true) } else { Scope::default() };
            let scope = Scope { faults: false, ..scope };
            let p = self.truth(2, &scope);
            self.line(format!("assume usual : {p}"));
        }
    }

    /// All that a step reads.
    fn step(&self, primes: bool) -> Scope {
        Scope {
            inputs: self.inputs.len(),
            primes,
            ticks: false,
            locals: Vec::new(),
            defines: self.defines.len(),
            faults: false,
        }
    }

    fn kind(&mut self) -> Kind {
        match self.random.below(10) {
            0..=3 => Kind::Bool,
            4..=6 => Kind::Range(1 + self.random.below(3) as i64),
            7..=8 => Kind::Colour,
            _ => Kind::Post,
        }
    }

    fn constant(&mut self, kind: Kind) -> String {
        match kind {
            Kind::Bool => ["true", "false"][self.random.below(2)].to_owned(),
            Kind::Range(hi) => self.random.below(hi as usize + 1).to_string(),
            Kind::Colour => COLOURS[self.random.below(self.colours)].to_owned(),
            Kind::Post => format!("Post[{}]", self.random.below(self.posts)),
        }
    }

    fn states(&mut self) {
        for n in 0..2 + self.random.below(4) {
            let (kind, family) = (self.kind(), self.random.chance(30));
            let name = format!("x{n}");
            let index = if family { "[Post]" } else { "" };
            let first = match self.random.below(10) {
                0 => String::new(),
                1 if matches!(kind, Kind::Range(_)) => " in 0..1".to_owned(),
                1 => format!(" in {{{}, {}}}", self.constant(kind), self.constant(kind)),
                _ => format!(" = {}", self.constant(kind)),
            };
            self.line(format!("state {name}{index} : {}{first}", kind.written()));
            self.cells.push(Name { text: name, kind, family });
        }
    }

    fn draws(&mut self) {
        for n in 0..1 + self.random.below(3) {
            let (kind, family) = (self.kind(), self.random.chance(25));
            let name = format!("c{n}");
            let env = self.random.chance(25);
            let mut line = match (env, family) {
                (true, true) => format!("env {name}[k in Post] : {}", kind.written()),
                (true, false) => format!("env {name} : {}", kind.written()),
                (false, true) => format!("choice {name}[k in Post] : {} by k", kind.written()),
                (false, false) => format!("choice {name} : {} by Centre", kind.written()),
            };
            let locals = if family { vec!["k".to_owned()] } else { Vec::new() };
            let scope = Scope { inputs: self.inputs.len(), locals, ..Scope::default() };
            if self.random.chance(30) {
                let when = self.truth(1, &scope);
                write!(line, " when {when}").unwrap();
                if self.random.chance(40) {
                    let otherwise = self.constant(kind);
                    write!(line, " else {otherwise}").unwrap();
                }
            }
            self.inputs.push(Name { text: name, kind, family });
            if self.random.chance(20) {
                let scope = Scope { inputs: self.inputs.len(), ..scope };
                let condition = self.truth(2, &scope);
                write!(line, " where {condition}").unwrap();
            }
            self.line(line);
        }
    }

    fn definitions(&mut self) {
        for n in 0..self.random.below(3) {
            let name = format!("d{n}");
            let family = self.random.chance(40);
            let number = self.random.chance(40);
            let locals = if family { vec!["k".to_owned()] } else { Vec::new() };
            let scope = Scope { locals, defines: self.defines.len(), ..self.step(false) };
            let body = if number { self.number(2, &scope) } else { self.truth(2, &scope) };
            let index = if family { "[k in Post]" } else { "" };
            self.line(format!("define {name}{index} = {body}"));
            let kind = if number { Kind::Range(0) } else { Kind::Bool };
            self.defines.push(Name { text: name, kind, family });
        }
    }

    fn rules(&mut self) {
        let count = 1 + self.random.below(self.cells.len() + 1);
        for n in 0..count {
            // Mostly one rule for each cell, so that contradictions stay rare.
            let first = if self.random.chance(70) {
                n % self.cells.len()
            } else {
                self.random.below(self.cells.len())
            };
            let targets = [first, (first + 1) % self.cells.len()];
            let used = if self.random.chance(25) && self.cells.len() > 1 { 2 } else { 1 };
            let bound = self.cells[first].family || self.random.chance(15);
            let binder = if bound { " for i in Post" } else { "" };
            let locals = if bound { vec!["i".to_owned()] } else { Vec::new() };
            let faults = self.random.chance(15);
            let scope = Scope { locals, faults, ..self.step(false) };
            let guard = self.truth(2, &scope);
            let overrides = match n {
                1.. if self.random.chance(30) => format!(" overrides r{}", self.random.below(n)),
                _ => String::new(),
            };
            let word = if self.random.chance(80) { "rule" } else { "practice" };
            let primes = self.random.chance(15);
            let scope = Scope { primes, ..scope };
            let updates: Vec<String> =
                targets[..used].iter().map(|t| self.update(*t, &scope)).collect();
            let updates = updates.join(", ");
            self.line(format!("{word} r{n}{binder}{overrides} when {guard} : {updates}"));
        }
    }

    fn update(&mut self, target: usize, scope: &Scope) -> String {
        let cell = self.cells[target].clone();
        let place = if cell.family { format!("[{}]", self.place(scope)) } else { String::new() };
        let written = format!("{}{place}'", cell.text);
        if self.random.chance(15) {
            let set = match cell.kind {
                Kind::Range(hi) => match self.random.below(4) {
                    0 => format!("0..{}", self.number(1, scope)),
                    1 => format!("0..{}", hi + i64::from(self.random.chance(20))),
                    _ => format!("{{{}, {}}}", self.constant(cell.kind), self.constant(cell.kind)),
                },
                kind => format!("{{{}, {}}}", self.of(kind, 1, scope), self.constant(kind)),
            };
            return format!("{written} in {set}");
        }
        let value = match cell.kind {
            Kind::Range(hi) if self.random.chance(85) => {
                format!("saturate({}, 0..{hi})", self.number(2, scope))
            }
            Kind::Range(_) => self.number(1, scope),
            kind => self.of(kind, 2, scope),
        };
        format!("{written} = {value}")
    }

    fn of(&mut self, kind: Kind, depth: usize, scope: &Scope) -> String {
        match kind {
            Kind::Bool => self.truth(depth, scope),
            Kind::Range(_) => self.number(depth, scope),
            Kind::Colour | Kind::Post => self.member(kind, depth, scope),
        }
    }

    /// An index of the family.
    fn place(&mut self, scope: &Scope) -> String {
        let roll = if self.nested > 1 { self.random.below(9) } else { self.random.below(10) };
        self.nested += 1;
        let place = self.named_place(roll, scope);
        self.nested -= 1;
        place
    }

    fn named_place(&mut self, roll: usize, scope: &Scope) -> String {
        match roll {
            0..=5 if !scope.locals.is_empty() => self.random.one(&scope.locals.clone()).clone(),
            0..=8 => self.random.below(self.posts).to_string(),
            _ if scope.faults => format!("{} - 1", self.number(1, scope)),
            _ => self.member(Kind::Post, 1, scope),
        }
    }

    /// A name of a kind that is in scope, read.
    fn read(&mut self, wanted: impl Fn(Kind) -> bool, scope: &Scope) -> Option<String> {
        let mut names: Vec<(Name, bool)> =
            self.cells.iter().map(|name| (name.clone(), scope.primes)).collect();
        names.extend(self.inputs[..scope.inputs].iter().map(|name| (name.clone(), false)));
        names.extend(self.defines[..scope.defines].iter().map(|name| (name.clone(), false)));
        names.retain(|(name, _)| wanted(name.kind));
        if names.is_empty() {
            return None;
        }
        let (name, primed) = self.random.one(&names).clone();
        let place = if name.family { format!("[{}]", self.place(scope)) } else { String::new() };
        let prime = if primed && self.random.chance(40) { "'" } else { "" };
        Some(format!("{}{place}{prime}", name.text))
    }

    fn member(&mut self, kind: Kind, depth: usize, scope: &Scope) -> String {
        match self.random.below(6) {
            0 if depth > 0 => {
                let condition = self.truth(depth - 1, scope);
                let (a, b) =
                    (self.member(kind, depth - 1, scope), self.member(kind, depth - 1, scope));
                format!("(if {condition} then {a} else {b})")
            }
            1..=2 if kind == Kind::Post && !scope.locals.is_empty() => {
                self.random.one(&scope.locals.clone()).clone()
            }
            1..=4 => {
                let constant = self.constant(kind);
                self.read(|k| k == kind, scope).unwrap_or(constant)
            }
            _ => self.constant(kind),
        }
    }

    fn number(&mut self, depth: usize, scope: &Scope) -> String {
        if depth == 0 || self.random.chance(25) {
            if !scope.locals.is_empty() && self.random.chance(20) {
                let local = self.random.one(&scope.locals.clone()).clone();
                return format!("({local} + 0)");
            }
            let constant = self.random.below(4).to_string();
            let read = self.read(|k| matches!(k, Kind::Range(_)), scope);
            return if self.random.chance(70) { read.unwrap_or(constant) } else { constant };
        }
        let d = depth - 1;
        match self.random.below(12) {
            0..=2 => format!("({} + {})", self.number(d, scope), self.number(d, scope)),
            3..=4 => format!("({} - {})", self.number(d, scope), self.number(d, scope)),
            5 => format!("({} * {})", self.number(d, scope), self.number(d, scope)),
            6 => {
                let op = *self.random.one(&["/", "mod"]);
                let divisor = if scope.faults {
                    self.number(0, scope)
                } else {
                    (1 + self.random.below(3)).to_string()
                };
                format!("({} {op} {divisor})", self.number(d, scope))
            }
            7 => {
                let f = *self.random.one(&["min", "max"]);
                format!("{f}({}, {})", self.number(d, scope), self.number(d, scope))
            }
            8 => format!("abs({})", self.number(d, scope)),
            9 => {
                let inner = self.inside(scope);
                format!(
                    "count({} in Post : {})",
                    inner.locals.last().unwrap(),
                    self.truth(d, &inner)
                )
            }
            10 => {
                let inner = self.inside(scope);
                let f = *self.random.one(&["sum", "min", "max"]);
                format!(
                    "{f}({} in Post : {})",
                    inner.locals.last().unwrap(),
                    self.number(d, &inner)
                )
            }
            _ => {
                let condition = self.truth(d, scope);
                let (a, b) = (self.number(d, scope), self.number(d, scope));
                format!("(if {condition} then {a} else {b})")
            }
        }
    }

    fn inside(&self, scope: &Scope) -> Scope {
        let mut inner = scope.clone();
        inner.locals.push(format!("q{}", inner.locals.len()));
        inner
    }

    fn truth(&mut self, depth: usize, scope: &Scope) -> String {
        if depth == 0 || self.random.chance(15) {
            let constant = self.constant(Kind::Bool);
            if scope.ticks && self.random.chance(20) {
                return "beat".to_owned();
            }
            return self.read(|k| k == Kind::Bool, scope).unwrap_or(constant);
        }
        let d = depth - 1;
        match self.random.below(14) {
            0..=1 => format!("({} and {})", self.truth(d, scope), self.truth(d, scope)),
            2..=3 => format!("({} or {})", self.truth(d, scope), self.truth(d, scope)),
            4 => format!("({} implies {})", self.truth(d, scope), self.truth(d, scope)),
            5 => format!("({} iff {})", self.truth(d, scope), self.truth(d, scope)),
            6 => format!("(not {})", self.truth(d, scope)),
            7..=9 => {
                let op = *self.random.one(&["=", "!=", "<", "<=", ">", ">="]);
                format!("({} {op} {})", self.number(d, scope), self.number(d, scope))
            }
            10 => {
                let kind = if self.random.chance(60) { Kind::Colour } else { Kind::Post };
                let op = *self.random.one(&["=", "!="]);
                let left = self.read(|k| k == kind, scope);
                let left = left.unwrap_or_else(|| match kind {
                    Kind::Colour => format!("Colour.{}", self.constant(kind)),
                    _ => self.constant(kind),
                });
                format!("({left} {op} {})", self.member(kind, d, scope))
            }
            11 => {
                let quantifier = *self.random.one(&["all", "some"]);
                let inner = self.inside(scope);
                let local = inner.locals.last().unwrap().clone();
                format!("({quantifier} {local} in Post : {})", self.truth(d, &inner))
            }
            12 => {
                let hi = self.random.below(3);
                format!("({} in 0..{hi})", self.number(d, scope))
            }
            _ => {
                let (condition, a, b) =
                    (self.truth(d, scope), self.truth(d, scope), self.truth(d, scope));
                format!("(if {condition} then {a} else {b})")
            }
        }
    }

    /// A state predicate or one that reads the period's draws as well.
    fn predicate(&mut self) -> String {
        let scope = if self.random.chance(50) {
            Scope { ticks: true, ..self.step(self.random.0 & 1 == 0) }
        } else {
            Scope::default()
        };
        self.truth(1 + (self.random.0 & 1) as usize, &scope)
    }

    fn claims(&mut self) {
        for n in 0..2 + self.random.below(3) {
            let property = self.property();
            self.line(format!("claim p{n} {property}"));
        }
        let goal = self.predicate();
        self.line(format!("scenario s : possible ({goal})"));
    }

    fn property(&mut self) -> String {
        let (p, q) = (self.predicate(), self.predicate());
        let k = self.random.below(4);
        let tick = if self.random.chance(40) { " beat" } else { "" };
        match self.random.below(14) {
            0..=2 => format!("always ({p})"),
            3 => format!("never ({p} and {q})"),
            4..=5 => format!("({p}) leads to ({q}) within {k}{tick}"),
            6 => format!("always (({p}) implies within {k}{tick} ({q}))"),
            7 => format!("always (({p}) implies next ({q}))"),
            8 => format!("always (({p}) implies once ({q}))"),
            9 => format!("always (({p}) implies historically ({q}))"),
            10 => format!("always (previously ({p}) implies ({q}))"),
            11 => format!("always (({p}) implies (({q}) since ({p})))"),
            12 => format!("always (({p}) implies within {k} (({q}) and next ({p})))"),
            _ => format!("all k in Post : always (({p}) implies within {k}{tick} (k = 0 or {q}))"),
        }
    }

    fn temporal_claims(&mut self) {
        for n in 0..self.random.below(4) {
            let (p, q) = (self.predicate(), self.predicate());
            let condition = match self.random.below(3) {
                0 => format!("if infinitely often ({p}) then infinitely often ({q})"),
                _ => format!("infinitely often ({q})"),
            };
            self.line(format!("fair f{n} : {condition}"));
        }
        for n in 0..3 {
            let property = self.common();
            self.line(format!("claim t{n} {property}"));
        }
        let property = self.timed(3);
        self.line(format!("claim t3 {property}"));
        let goal = self.past();
        self.line(format!("claim s always possible ({goal})"));
    }

    /// What institutions are asked.
    fn common(&mut self) -> String {
        let (p, q) = (self.past(), self.past());
        match self.random.below(9) {
            0 => format!("eventually ({p})"),
            1 => format!("recurs ({p})"),
            2 => format!("settles ({p})"),
            3..=4 => format!("({p}) leads to ({q})"),
            5 => format!("({p}) until ({q})"),
            6 => format!("recurs ({p}) and recurs ({q})"),
            7 => format!("all k in Post : ((k = 0 or {p}) leads to ({q}))"),
            _ => format!("always (({p}) implies eventually ({q}))"),
        }
    }

    /// About the present, or the past as well.
    fn past(&mut self) -> String {
        let p = self.predicate();
        match self.random.below(12) {
            0 => format!("once ({p})"),
            1 => format!("historically ({p})"),
            2 => format!("previously ({p})"),
            3 => {
                let q = self.predicate();
                format!("(({p}) since ({q}))")
            }
            _ => p,
        }
    }

    /// Any nesting.
    fn timed(&mut self, depth: usize) -> String {
        if depth == 0 {
            return format!("({})", self.past());
        }
        let p = self.timed(depth - 1);
        match self.random.below(14) {
            0 => format!("(not {p})"),
            1 => format!("({p} and {})", self.timed(depth - 1)),
            2 => format!("({p} or {})", self.timed(depth - 1)),
            3 => format!("({p} implies {})", self.timed(depth - 1)),
            4 => format!("({p} iff {})", self.timed(1)),
            5 => format!("(always {p})"),
            6 => format!("(eventually {p})"),
            7 => format!("(next {p})"),
            8..=9 => format!("({p} until {})", self.timed(depth - 1)),
            10 => format!("(recurs {p})"),
            11 => format!("(settles {p})"),
            12 => format!("({p} leads to {})", self.timed(1)),
            _ => {
                let tick = if self.random.chance(60) { " beat" } else { "" };
                format!("(within {}{tick} {p})", self.random.below(4))
            }
        }
    }
}
