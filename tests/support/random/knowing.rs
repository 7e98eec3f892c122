//! Random views, and claims about what can be known.

use super::{Scope, Spec, written};

/// The spec of a seed, with what posts see and with claims about what they know.
pub fn knowledge(seed: u64) -> String {
    written(seed, |spec| {
        spec.views();
        spec.knowledge_claims();
    })
}

/// The same with fairness and claims about infinite runs.
pub fn knowledge_at_last(seed: u64) -> String {
    written(seed, |spec| {
        spec.views();
        for n in 0..spec.random.below(2) {
            let p = spec.predicate();
            spec.line(format!("fair f{n} : infinitely often ({p})"));
        }
        for n in 0..2 {
            let property = spec.some_day();
            spec.line(format!("claim e{n} {property}"));
        }
    })
}

impl Spec {
    fn views(&mut self) {
        for (judge, scope) in [("Centre", Vec::new()), ("k in Post", vec!["k".to_owned()])] {
            if self.random.chance(15) {
                continue;
            }
            let scope = Scope { locals: scope, ..self.step(false) };
            let mut seen = Vec::new();
            for _ in 0..1 + self.random.below(2) {
                seen.push(match self.random.below(4) {
                    0 => self.truth(1, &scope),
                    _ => self.read(|_| true, &scope).unwrap_or_else(|| "true".to_owned()),
                });
            }
            let seen = seen.join(", ");
            self.line(format!("sees {judge} : {seen}"));
        }
    }

    fn judge(&mut self) -> String {
        match self.random.below(3) {
            0 => format!("Post[{}]", self.random.below(self.posts)),
            _ => "Centre".to_owned(),
        }
    }

    /// Something about the present, or about the past as well.
    fn fact(&mut self) -> String {
        let p = if self.random.chance(60) {
            self.truth(1, &Scope::default())
        } else {
            self.predicate()
        };
        match self.random.below(5) {
            0 => format!("once ({p})"),
            1 => format!("previously ({p})"),
            2 => format!("historically ({p})"),
            _ => format!("({p})"),
        }
    }

    fn known(&mut self) -> String {
        let (judge, fact) = (self.judge(), self.fact());
        match self.random.below(8) {
            0 => {
                let other = self.judge();
                format!("({judge} knows ({other} knows {fact}))")
            }
            1 => {
                let other = self.judge();
                format!("({judge} knows not ({other} knows {fact}))")
            }
            _ => format!("({judge} knows {fact})"),
        }
    }

    fn knowledge_claims(&mut self) {
        for n in 0..4 {
            let property = self.knowing();
            self.line(format!("claim k{n} {property}"));
        }
        let known = self.known();
        self.line(format!("scenario s : possible {known}"));
    }

    fn knowing(&mut self) -> String {
        let (p, judge, q) = (self.predicate(), self.judge(), self.predicate());
        let (known, other) = (self.known(), self.known());
        let (k, tick) = (self.random.below(3), if self.random.chance(40) { " beat" } else { "" });
        match self.random.below(13) {
            0..=1 => format!("always (({p}) implies {known})"),
            2 => format!("never {known}"),
            3 => format!("always (({p}) implies within {k}{tick} {known})"),
            4 => format!("always (({p}) implies within {k}{tick} ({judge} knows once ({q})))"),
            5 => format!("{judge} detects ({p}) within {k}{tick}"),
            6 => format!("({p}) deniable to {judge}"),
            7 => format!("all k in Post : always (({p}) implies not (k knows ({q})))"),
            8 => format!("always ({known} implies {other})"),
            9 => format!("always (once {known} implies {other})"),
            10 => format!("always ({known} or {other})"),
            11 => {
                let families =
                    self.cells.iter().filter(|c| c.family && c.kind == super::Kind::Bool);
                let names: Vec<String> = families.map(|c| c.text.clone()).collect();
                match names.first() {
                    Some(name) => format!("{judge} attributes {name}[i] to i within {k}"),
                    None => format!("never ({known} and {other})"),
                }
            }
            _ => format!("always (({p}) implies next {known})"),
        }
    }

    fn some_day(&mut self) -> String {
        let (p, known) = (self.predicate(), self.known());
        match self.random.below(5) {
            0 => format!("eventually {known}"),
            1..=2 => format!("({p}) leads to {known}"),
            3 => format!("recurs {known}"),
            _ => format!("recurs not {known}"),
        }
    }
}
